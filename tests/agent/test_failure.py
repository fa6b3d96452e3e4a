"""Remedies: the caller is never left in silence, and a blip does not end a call."""

from __future__ import annotations

import pytest

from agent.failure import HEARING_GRACE, FailurePolicy


@pytest.mark.parametrize("kind", ["model", "speech"])
def test_the_first_lost_answer_is_asked_for_again_and_the_second_is_not(kind: str) -> None:
    policy = FailurePolicy(can_transfer=False)
    assert policy.failed(kind) == "retry_keys"  # type: ignore[arg-type]
    assert policy.failed(kind) == "message"  # type: ignore[arg-type]


def test_an_answer_in_between_starts_the_count_again() -> None:
    policy = FailurePolicy(can_transfer=False)
    policy.failed("model")
    policy.worked("model")
    assert policy.failed("model") == "retry_keys"


def test_a_person_is_preferred_to_a_message() -> None:
    policy = FailurePolicy(can_transfer=True)
    policy.failed("model")
    assert policy.failed("model") == "person"
    assert policy.without_person() == "message"


def test_a_recogniser_that_is_back_soon_is_waited_for() -> None:
    policy = FailurePolicy(can_transfer=False)
    assert policy.hearing_lost(100.0) == "wait"
    assert policy.hearing_lost(100.0 + HEARING_GRACE - 1) == "wait"
    assert policy.hearing_lost(100.0 + HEARING_GRACE) == "call_back"


def test_failures_far_apart_are_not_one_outage() -> None:
    policy = FailurePolicy(can_transfer=False)
    policy.hearing_lost(100.0)
    assert policy.hearing_lost(200.0) == "wait"
    policy.worked("hearing")
    assert policy.hearing_lost(203.0) == "wait"


def test_who_is_not_understood_is_called_back() -> None:
    policy = FailurePolicy(can_transfer=False)
    assert policy.not_understood() == "say_again"
    assert policy.not_understood() == "call_back"
