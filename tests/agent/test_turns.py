"""How long a turn is held when the detector is unsure."""

from __future__ import annotations

import pytest

from agent.turns import FINISHED_HOLD, OPEN_HOLD, hold


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("I would like to book a cleaning.", FINISHED_HOLD),
        ("Is there parking nearby?", FINISHED_HOLD),
        ("Yes.", FINISHED_HOLD),
        ("No!", FINISHED_HOLD),
        ("I would like to book a cleaning for.", OPEN_HOLD),
        ("My number is.", OPEN_HOLD),
        ("two zero two", OPEN_HOLD),
        ("David.", OPEN_HOLD),
        ("Five.", OPEN_HOLD),
        ("", OPEN_HOLD),
        ("...", OPEN_HOLD),
    ],
)
def test_an_open_sentence_is_held_longer(text: str, seconds: float) -> None:
    assert hold(text) == seconds
