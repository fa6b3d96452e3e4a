"""A call made into a test: the caller's turns, spoken again to the sandbox, and the tools and deeds that came of
them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain.calls.events import (
    AssistantSaid,
    CallerSaid,
    CallStarted,
    DigitPressed,
    Event,
    ToolCalled,
)
from reception.errors import ReceptionError
from reception.replay.finding import FoundCall
from reception.replay.masking import Mask

DEEDS: Final = (
    "appointment_held",
    "appointment_booked",
    "appointment_moved",
    "appointment_cancelled",
    "attendance_confirmed",
    "waiting_list_joined",
    "contact_saved",
    "message_taken",
    "transfer_started",
)
"""What may come of a call, and has to come of it again."""

STAND_IN_NAME: Final = "jordan smith"
STAND_IN_NUMBER: Final = "two zero two five five five zero one four three"


class NoTest(ReceptionError):
    """No test can be made of the call, or it cannot be written; the message says why."""


@dataclass(frozen=True)
class CallerTurn:
    """What the caller said, or the keys they pressed, before an answer."""

    said: str = ""
    pressed: str = ""


def turns_of(events: Sequence[Event]) -> list[CallerTurn]:
    """The caller's turns. What was said in several pieces before an answer came is one turn."""
    turns: list[CallerTurn] = []
    said: list[str] = []
    pressed = ""

    def over() -> None:
        nonlocal pressed
        if said:
            turns.append(CallerTurn(said=" ".join(said)))
        if pressed:
            turns.append(CallerTurn(pressed=pressed))
        said.clear()
        pressed = ""

    for event in events:
        match event:
            case CallerSaid():
                said.append(event.text)
            case DigitPressed():
                pressed += event.digit
            case AssistantSaid(kind="reply" | "notice"):
                over()
    over()
    return turns


def as_test(found: FoundCall, *, mask: Mask) -> str:
    """The source of a test module for `tests/calls/`. Raises NoTest when the caller said nothing."""
    events = [entry.event for entry in found.entries]
    turns = turns_of(events)
    if not turns:
        raise NoTest("no test: the caller neither said anything nor pressed a key")
    started = next((event for event in events if isinstance(event, CallStarted)), None)
    known = started is not None and started.contact_id is not None and bool(found.names)
    name = _plain(mask.text(found.names[0])) if known else ""
    tools = [(event.name, event.outcome) for event in events if isinstance(event, ToolCalled)]
    deeds = [event.type for event in events if event.type in DEEDS]
    masked = "Names and numbers are stand-ins." if mask.on else "Holds what a caller said."
    return _SOURCE.format(
        call_id=found.call_id,
        began=f"{found.entries[0].at:%Y-%m-%d}",
        masked=masked,
        turns=_tuple(_turn(turn, mask) for turn in turns),
        tools=_tuple(repr(one) for one in tools),
        deeds=_tuple(repr(one) for one in deeds),
        name=repr(name),
        id=found.call_id.hex[-12:],
    ).replace("'", '"')


def write_test(found: FoundCall, folder: Path, *, mask: Mask) -> Path:
    """Write the test into `folder`, which exists. Raises NoTest."""
    path = folder / f"test_replayed_{found.call_id.hex[-12:]}.py"
    source = as_test(found, mask=mask)
    try:
        with path.open("x") as file:
            file.write(source)
    except FileExistsError:
        raise NoTest(f"--folder: {path} is there already") from None
    except OSError as error:
        raise NoTest(f"--folder: {folder} cannot be written ({error.strerror})") from None
    return path


def _turn(turn: CallerTurn, mask: Mask) -> str:
    if turn.pressed:
        return f"Press({turn.pressed!r})"
    return f"Say({_plain(mask.text(turn.said))!r})"


def _plain(text: str) -> str:
    """As one line without quotation marks, which nobody hears."""
    return " ".join(text.replace('"', "").replace("'", "\u2019").split())


def _tuple(items: object) -> str:
    lines = "".join(f"{item},\n" for item in items)  # type: ignore[attr-defined]
    return f"(\n{textwrap.indent(lines, '    ')})" if lines else "()"


_SOURCE: Final = '''"""Call {call_id} of {began}, made into a test by `reception replay --as-test`. {masked}

The caller says the same to the sandbox vendors; the same tools have to be used, and the same deeds done.
"""

from __future__ import annotations

import pytest

from domain.demo import DEMO_NUMBER
from tests.calls.conftest import Line
from tests.calls.replayed import Press, Say, replay

__all__ = ["Press", "Say"]

pytestmark = [pytest.mark.call, pytest.mark.long, pytest.mark.timeout(400)]

CALLER_TURNS = {turns}
TOOLS = {tools}
DEEDS = {deeds}
CALLER_NAME = {name}
"""Under which the caller's number was known, if it was."""


async def test_call_{id}(line: Line) -> None:
    replayed = await replay(line, DEMO_NUMBER, CALLER_TURNS, caller_name=CALLER_NAME)
    assert replayed.tools == TOOLS, replayed.dialogue
    assert replayed.deeds == DEEDS, replayed.dialogue
'''
