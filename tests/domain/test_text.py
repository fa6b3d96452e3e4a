"""Free text and e-mail addresses from outside."""

from __future__ import annotations

import pytest

from domain.email import parse_email
from domain.errors import Invalid
from domain.text import clean_line, clean_text


def test_text_is_trimmed_and_keeps_its_lines() -> None:
    assert clean_text("  one\r\n\ttwo ", field="x", longest=20) == "one\n\ttwo"
    assert clean_line(" Jane \n Doe ", field="x", longest=20) == "Jane Doe"
    assert clean_line(" ", field="x", longest=20, required=False) == ""


@pytest.mark.parametrize("text", ["", " \n", "x" * 21, "nul\x00", "\x1b[31mred", "half \ud800"])
def test_text_that_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        clean_text(text, field="note", longest=20)
    assert refusal.value.field == "note"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Jane.Doe+x@Example.COM ", "Jane.Doe+x@example.com"),
        ("jane@bücher.example", "jane@xn--bcher-kva.example"),
    ],
)
def test_an_address_is_kept_in_one_spelling(typed: str, kept: str) -> None:
    assert parse_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "jane",
        "@example.com",
        "jane@",
        "jane@host",
        "jane@-x.com",
        "jane@example..com",
        "ja ne@example.com",
        ".jane@example.com",
        "jane@example.com\x00",
        "j" * 65 + "@example.com",
        "jane@" + "a" * 64 + ".com",
        "jane@" + ".".join(["a" * 50] * 5) + ".com",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_email(typed)
    assert refusal.value.field == "email"
    assert not typed or typed not in str(refusal.value) or typed == "jane"
