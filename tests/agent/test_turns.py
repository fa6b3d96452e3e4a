"""How long a turn is held: what was said, and what it answers."""

from __future__ import annotations

import pytest

from agent.turns import (
    ANSWER_HOLD,
    DICTATION_DELAY,
    DICTATION_HOLD,
    FINISHED_HOLD,
    MINIMUM_DELAY,
    OPEN_HOLD,
    hold,
)
from agent.utterance import Asked


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("I would like to book a cleaning.", FINISHED_HOLD),
        ("Is there parking nearby?", FINISHED_HOLD),
        ("Yes.", FINISHED_HOLD),
        ("No!", FINISHED_HOLD),
        ("I would like to book a cleaning for.", OPEN_HOLD),
        ("My number is.", OPEN_HOLD),
        ("David.", OPEN_HOLD),
        ("Five.", OPEN_HOLD),
        ("Quisiera una cita para.", OPEN_HOLD),
        ("", OPEN_HOLD),
        ("...", OPEN_HOLD),
    ],
)
def test_an_open_sentence_is_held_longer(text: str, seconds: float) -> None:
    assert hold(text) == {"min_delay": MINIMUM_DELAY, "max_delay": seconds}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Yes, please.", "yes_no"),
        ("No.", "yes_no"),
        ("Tuesday.", "yes_no"),
    ],
)
def test_the_answer_to_a_yes_or_no_is_held_shortest(text: str, asked: Asked) -> None:
    assert hold(text, asked)["max_delay"] == ANSWER_HOLD


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Two zero two five five five.", "number"),
        ("It's two zero two.", "anything"),
        ("Five.", "number"),
        ("john dot smith at", "mail"),
        ("It's john smith at gmail.", "mail"),
        ("It is anna dot lee.", "anything"),
        ("It is anna dot lee at gmail.", "anything"),
        ("Es ana punto gil arroba", "anything"),
        ("D A V", "name"),
    ],
)
def test_nobody_is_cut_off_in_the_middle_of_what_they_dictate(text: str, asked: Asked) -> None:
    assert hold(text, asked) == {"min_delay": DICTATION_DELAY, "max_delay": DICTATION_HOLD}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("It's two zero two five five five zero one zero zero.", "number"),
        ("My number is 202-555-0100.", "number"),
        ("six double five, double zero one, two three four", "number"),
        ("john dot smith at gmail dot com", "mail"),
        ("It is john.smith@gmail.com.", "mail"),
        ("I don't have one.", "mail"),
        ("You can use this number.", "number"),
        ("At ten would be fine.", "anything"),
    ],
)
def test_what_was_dictated_whole_is_not_waited_for(text: str, asked: Asked) -> None:
    assert hold(text, asked) == {"min_delay": MINIMUM_DELAY, "max_delay": FINISHED_HOLD}
