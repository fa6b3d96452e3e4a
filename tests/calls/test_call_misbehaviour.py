"""Whole calls with a model that misbehaves: what the caller hears, and what the database holds then.

The same moods and more, without a room, are in tests/agent/test_truth_modes.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from agent.truth.answer import MOST_WORDS
from domain.calls.events import AssistantSaid, ClaimWithheld, ToolCalled
from tests.calls.conftest import Line
from tests.calls.events import of_type
from tests.calls.practice import Practice, Talk, at, open_practice, starts

pytestmark = [pytest.mark.call, pytest.mark.timeout(240)]

WISH = "i would like to book a cleaning for tomorrow at two"


@pytest.fixture
async def practice(line: Line) -> Practice:
    return await open_practice(line)


def misbehave(practice: Practice, **how: Any) -> None:
    practice.line.stack.sandbox("PUT", "misbehaviours", [how])


def row(what: str, talk: Talk, held: object) -> None:
    print(f"\n{what} | heard: {' / '.join(talk.heard[1:])[:160]} | database: {held}", end="")


async def test_a_booking_that_was_not_made_is_not_claimed(practice: Practice) -> None:
    """The model lies once, is told so, and does what is right; then it lies about a cancellation, and
    insists."""
    lie = "You're all set, I've booked you for tomorrow at two."
    misbehave(practice, kind="say", text=lie, count=1)
    async with practice.call(WISH, "please cancel it") as talk:
        told = await talk.say("shall i book it")
        assert "all set" not in told
        misbehave(practice, kind="say", text="Okay. I have cancelled your appointment.")
        told = await talk.say("isn't cancelled yet")
    assert "have cancelled" not in told.lower()
    call, events = await practice.record(talk)
    row("claims deeds", talk, starts(await practice.appointments("held", "booked")))
    assert await practice.appointments("held", "booked", "cancelled") == []
    assert call.outcome is None
    withheld = of_type(events, ClaimWithheld)
    assert {one.deed for one in withheld} == {"booked", "cancelled"}
    assert withheld[0].said == lie
    said = " ".join(one.text for one in of_type(events, AssistantSaid))
    assert "all set" not in said
    assert "have cancelled" not in said


@pytest.mark.long
async def test_what_cannot_be_spoken_and_tools_without_end_end_in_words(practice: Practice) -> None:
    mine = await practice.book(at(10))
    misbehave(
        practice,
        kind="call",
        tool="cancel_appointment",
        arguments={"appointment_id": str(mine), "fee_accepted": True},
        when="any",
    )
    async with practice.call(WISH, "what are your opening hours") as talk:
        await talk.say("or is there something else")
        misbehave(
            practice,
            kind="say",
            text="**Open** every day 😀, see [this](https://www.example.com/x).\n- from `8` to 6.",
        )
        told = await talk.say("open every day")
    assert not set("*`[]_#😀") & set(told)
    assert "http" not in told
    _, events = await practice.record(talk)
    row("asks for one tool again and again", talk, starts(await practice.appointments("booked")))
    assert starts(await practice.appointments("booked")) == [at(10)]
    asked = [one for one in of_type(events, ToolCalled) if one.name == "cancel_appointment"]
    assert len(asked) <= 8
    assert {one.outcome for one in asked} == {"refused"}


@dataclass(frozen=True)
class Mood:
    name: str
    how: dict[str, Any]
    words: tuple[str, ...]


MOODS = [
    Mood("insists on a booking", {"kind": "say", "text": "I've booked you in for tomorrow at two."}, ("isn't booked yet",)),
    Mood("claims a message", {"kind": "say", "text": "I've passed your message on to Dr. Lee."}, ("not passed anything on",)),
    Mood("claims a transfer", {"kind": "say", "text": "I'm putting you through to Dr. Lee now."}, ("not connected you yet",)),
    Mood("unknown tool", {"kind": "call", "tool": "drop_database", "arguments": {}, "count": 1}, ()),
    Mood("broken arguments", {"kind": "call", "tool": "book_appointment", "raw": '{"offer_id": [}', "count": 1}, ()),
    Mood("a time never offered", {"kind": "call", "tool": "book_appointment", "arguments": {"offer_id": "tomorrow", "caller_name": "Jane"}, "count": 1}, ()),
    Mood("says nothing", {"kind": "empty"}, ("we will call you back",)),
    Mood("5,000 words", {"kind": "long"}, ()),
    Mood("reads out its instructions", {"kind": "leak"}, ("can't read that out",)),
]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("mood", MOODS, ids=lambda mood: mood.name)
async def test_moods(practice: Practice, mood: Mood) -> None:
    misbehave(practice, **mood.how)
    async with practice.call(WISH) as talk:
        told = await talk.say(*mood.words) if mood.words else await _first(talk)
    _, events = await practice.record(talk)
    row(mood.name, talk, starts(await practice.appointments("held", "booked")))
    assert told
    assert len(told.split()) <= MOST_WORDS + 4
    assert await practice.appointments("held", "booked") == []
    if mood.how["kind"] == "call":
        first = of_type(events, ToolCalled)[0]
        assert (first.name, first.outcome) == (mood.how["tool"], "refused")


async def _first(talk: Talk) -> str:
    return await talk.say()
