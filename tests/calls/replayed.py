"""A caller's turns of a call that was, said again: what `reception replay --as-test` writes tests with."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from domain.businesses.directory import business_for_number
from domain.calls.events import Event, ToolCalled
from domain.contacts import operations as contacts
from reception.caller.caller import CallEnded, NothingHeard
from reception.replay.as_test import DEEDS
from tests.calls.conftest import Line
from tests.calls.events import of_type
from tests.calls.practice import Talk, heard_as

_FILLERS = ("one moment please.", "un momento, por favor.", "एक क्षण रुकिए।")
_numbers = (f"+120255502{last:02d}" for last in itertools.count())
"""Of callers whom nobody knows yet."""


@dataclass(frozen=True)
class Say:
    """A turn that is spoken."""

    text: str


@dataclass(frozen=True)
class Press:
    """A turn of telephone keys."""

    digits: str


@dataclass
class Replayed:
    """What came of the turns this time."""

    tools: tuple[tuple[str, str], ...] = ()
    """Name and outcome, in order."""
    deeds: tuple[str, ...] = ()
    dialogue: list[str] = field(default_factory=list)


async def replay(
    line: Line, number: str, turns: Sequence[Say | Press], *, caller_name: str = ""
) -> Replayed:
    """Call `number`, and take the turns, each after an answer. `caller_name`: who the caller's number belongs
    to; nobody, if empty."""
    caller = next(_numbers)
    if caller_name:
        await _introduce(line, number, caller, caller_name)
    words = [turn.text for turn in turns if isinstance(turn, Say)]
    if words:
        line.stack.sandbox("POST", "scripts", {"lines": [heard_as(words[0])]})
    replayed = Replayed()
    async with line.call(number, caller=caller) as placed:
        talk = Talk(line.stack, placed, iter(()))
        try:
            await talk.hear()
            for turn in turns:
                await _take(talk, turn)
                await _answer(talk)
        except (CallEnded, NothingHeard):
            # The assistant said goodbye, or the caller's last words had no answer that time either.
            pass
        replayed.dialogue = list(_dialogue(turns, talk.heard))
    call = await line.ended(placed.room_name)
    events = await line.events(call)
    replayed.tools = tuple((one.name, one.outcome) for one in of_type(events, ToolCalled))
    replayed.deeds = tuple(_deeds(events))
    return replayed


async def _take(talk: Talk, turn: Say | Press) -> None:
    if isinstance(turn, Press):
        await talk.caller.press(turn.digits)
        return
    talk.prompt(turn.text)
    await talk.caller.speak(turn.text)


async def _answer(talk: Talk) -> None:
    """Hear the answer: what is said while the caller waits is none."""
    while (await talk.hear()).lower() in _FILLERS:
        pass


async def _introduce(line: Line, number: str, caller: str, name: str) -> None:
    business_id = await business_for_number(line.database, number)
    assert business_id is not None
    async with line.database.scope(business_id=business_id) as scope:
        await contacts.save(scope, phone=caller, name=name)


def _deeds(events: Sequence[Event]) -> Iterator[str]:
    return (event.type for event in events if event.type in DEEDS)


def _dialogue(turns: Sequence[Say | Press], heard: Sequence[str]) -> Iterator[str]:
    for turn, answer in itertools.zip_longest(("", *turns), heard, fillvalue=""):
        yield f"{turn} -> {answer}"
