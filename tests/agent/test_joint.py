"""What is still to be said of an answer that broke off."""

from __future__ import annotations

import pytest

from agent.chain.joint import Joint, rest_of


def joined(said: str, *pieces: str) -> str:
    joint = Joint(said)
    return said + "".join(joint.feed(piece) for piece in pieces) + joint.finish()


@pytest.mark.parametrize(
    ("said", "pieces", "whole"),
    [
        ("", ["We are", " open."], "We are open."),
        ("We are op", ["We are", " open until", " five."], "We are open until five."),
        ("We are open", ["we are open, until five."], "We are open until five."),
        ("We are ", ["open until five."], "We are open until five."),
        ("We are", ["open."], "We are open."),
        ("I have ", ["I"], "I have I"),
        ("We are open.", ["We are open."], "We are open."),
        ("नमस्ते, हम ", ["नमस्ते, हम खुले", " हैं।"], "नमस्ते, हम खुले हैं।"),
    ],
)
def test_an_answer_told_again_goes_on_where_it_broke_off(
    said: str, pieces: list[str], whole: str
) -> None:
    assert joined(said, *pieces) == whole


@pytest.mark.parametrize(
    ("spoken", "rest"),
    [
        ("", "On Monday, at ten. Or Tuesday?"),
        ("On Monday", "at ten. Or Tuesday?"),
        ("On Mon", "Monday, at ten. Or Tuesday?"),
        ("On Monday, at ten. ", "Or Tuesday?"),
        ("On Monday, at ten. Or Tuesday", ""),
        ("On Monday, at ten. Or Tuesday?", ""),
    ],
)
def test_a_word_that_was_cut_is_said_again_whole_and_nothing_else(spoken: str, rest: str) -> None:
    text = "On Monday, at ten. Or Tuesday?"
    assert rest_of(text, spoken=spoken, seconds=0.0).strip() == rest


def test_a_vendor_that_does_not_tell_its_words_is_believed_by_the_clock() -> None:
    text = "word " * 40
    rest = rest_of(text, spoken="", seconds=2.0)
    assert 30 < len(rest.split()) < 36
