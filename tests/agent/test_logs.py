"""Nothing private reaches a log line."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from agent.logs import MaskingFormatter, WithoutErrorText, mask_numbers


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("sip_+12025550123 joined", "sip_XXX-XXX-0123 joined"),
        ("sip_12025550123", "sip_XXX-XXX-0123"),
        ("to tel:+12025550123", "to tel:XXX-XXX-0123"),
        ("+442071234567", "XXX-XXX-4567"),
        ("room call-_12025550100_x9", "room call-_XXX-XXX-0100_x9"),
        ("pid 4194303 at 1763719547.25 +0000", "pid 4194303 at 1763719547.25 +0000"),
    ],
)
def test_telephone_numbers_are_masked_and_other_numbers_are_not(line: str, masked: str) -> None:
    assert mask_numbers(line) == masked


def test_a_record_becomes_one_line_of_json_without_what_people_said() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "linked %s", ("sip_+12025550123",), None)
    record.__dict__.update(
        {
            "participant": "sip_+12025550123",
            "lk.pii.user_transcript": "my name is Jane",
            "user_transcript": "my name is Jane",
            "text": "my name is Jane",
            "call_id": "0199",
        }
    )
    line = MaskingFormatter().format(record)
    told = json.loads(line)
    assert told["message"] == "linked sip_XXX-XXX-0123"
    assert told["call_id"] == "0199"
    assert "2025550123" not in line
    assert "Jane" not in line


def test_an_error_is_told_by_its_type_and_place_and_never_by_its_text() -> None:
    try:
        raise ValueError("Jane Doe, +12025550123, said something")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed", (), sys.exc_info())
        record.__dict__["reason"] = error
    assert WithoutErrorText().filter(record)
    line = MaskingFormatter().format(record)
    told = json.loads(line)
    assert (told["error"], told["reason"]) == ("ValueError", "ValueError")
    assert "test_logs.py" in told["at"][0]
    assert "Jane" not in line
    assert "0123" not in line
