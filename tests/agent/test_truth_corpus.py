"""What a receptionist says passes, what is not true does not: a corpus of both in the assistant's languages.

The part of each file after `# held out` was written before the grammar was tried on any of it. The table is
printed; `docs/truth.md` holds the last one, and the figures on the Schema-Guided Dialogue corpus.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from livekit.agents.llm import ChatChunk, ChoiceDelta, FunctionToolCall

from agent.truth.answer import Answer
from agent.truth.dump import Instructions
from domain.calls.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentHeld,
    AppointmentMoved,
    AttendanceConfirmed,
    ContactSaved,
    Event,
    FloorChanged,
    MessageTaken,
    ToolCalled,
    TransferStarted,
    WaitingListJoined,
)
from domain.claims.deeds import CallDeeds
from domain.claims.kinds import Spoken

ZONE: Final = ZoneInfo("America/New_York")
NOW: Final = datetime(2026, 11, 23, 15, tzinfo=UTC)
"""Monday, ten in the morning."""
OLD: Final = datetime(2026, 11, 24, 19, tzinfo=UTC)
"""Tuesday at two."""
NEW: Final = datetime(2026, 11, 25, 15, tzinfo=UTC)
"""Wednesday at ten."""
ONE: Final = UUID(int=1)
FILES: Final = Path(__file__).parent / "claims"
MOST_HELD: Final = 0.01

_BOOKED: Final = AppointmentBooked(appointment_id=ONE, service_id=ONE, person_id=ONE, starts_at=NEW)
_TOLD: Final = ToolCalled(
    name="find_appointments",
    arguments={},
    result=f"Coming appointments: [{UUID(int=2)}] Cleaning with Dr. Lee, tomorrow, Tuesday the 24th of "
    "November, at 2 p.m., booking code K 7 M 2 P Q | Tell the caller.",
    outcome="done",
    seconds=0.1,
)
CONTEXTS: Final[dict[str, tuple[Event, ...]]] = {
    "none": (),
    "held": (
        AppointmentHeld(
            appointment_id=ONE,
            service_id=ONE,
            person_id=ONE,
            starts_at=NEW,
            held_until=datetime(2026, 11, 23, 15, 2, tzinfo=UTC),
        ),
    ),
    "booked": (ContactSaved(contact_id=ONE), _BOOKED),
    "moved": (AppointmentMoved(appointment_id=ONE, before=OLD, after=NEW),),
    "cancelled": (_BOOKED, AppointmentCancelled(appointment_id=ONE)),
    "told": (_TOLD,),
    "confirmed": (_TOLD, AttendanceConfirmed(appointment_id=UUID(int=2))),
    "sent": (MessageTaken(message_id=ONE, urgency="normal"),),
    "saved": (ContactSaved(contact_id=ONE),),
    "listed": (WaitingListJoined(entry_id=ONE, service_id=ONE),),
    "connected": (
        FloorChanged(before="assistant", after="briefing"),
        TransferStarted(reason="asked"),
    ),
}


@dataclass(frozen=True)
class Line:
    context: str
    tool: str
    text: str
    held_out: bool


def lines_of(name: str) -> Iterator[Line]:
    held_out = False
    for line in (FILES / name).read_text().splitlines():
        if line.startswith("#"):
            held_out = held_out or line == "# held out"
            continue
        context, text = line.split(" | ", 1)
        tool = context.removeprefix("call ") if context.startswith("call ") else ""
        yield Line("none" if tool else context, tool, text, held_out)


async def heard(line: Line, language: Spoken) -> tuple[str, Answer]:
    """What the caller hears of an answer that the model gives in that context."""
    deeds = CallDeeds.of(CONTEXTS[line.context])
    answer = Answer(
        language=language,
        deeds=deeds,
        instructions=Instructions(),
        now=NOW,
        zones=[ZONE],
        tools=True,
    )

    async def stream() -> AsyncIterator[ChatChunk]:
        for piece in re.findall(r"\s*\S{1,5}", line.text):
            yield ChatChunk(id="x", delta=ChoiceDelta(content=piece))
        if line.tool:
            call = FunctionToolCall(name=line.tool, arguments="{}", call_id="1")
            yield ChatChunk(id="x", delta=ChoiceDelta(tool_calls=[call]))

    said = "".join([out async for out in answer.read(stream()) if isinstance(out, str)])
    return " ".join(said.split()), answer


@pytest.mark.parametrize("language", ["en", "es", "hi"])
async def test_no_false_claim_is_heard_and_hardly_a_true_sentence_is_held(
    language: Spoken,
) -> None:
    counts: Counter[tuple[str, bool]] = Counter()
    wrong: list[str] = []
    for line in lines_of(f"true_{language}.txt"):
        said, answer = await heard(line, language)
        counts["true", line.held_out] += 1
        if answer.withheld or said != line.text:
            counts["true held", line.held_out] += 1
            wrong.append(f"held: {line.context} | {line.text} | {answer.fault}")
    for line in lines_of(f"false_{language}.txt"):
        said, answer = await heard(line, language)
        counts["false", line.held_out] += 1
        if not answer.withheld:
            counts["false heard", line.held_out] += 1
            wrong.append(f"heard: {line.context} | {line.text}")
    for held_out in (False, True):
        part = "held out" if held_out else "tuned on"
        print(
            f"\n{language} {part}: {counts['true', held_out]} true, {counts['true held', held_out]} held; "
            f"{counts['false', held_out]} false, {counts['false heard', held_out]} heard",
            end="",
        )
    print("", *wrong, sep="\n")
    true = counts["true", False] + counts["true", True]
    held = counts["true held", False] + counts["true held", True]
    assert counts["false heard", False] + counts["false heard", True] == 0
    assert held / true < MOST_HELD


def test_the_corpus_is_large_enough() -> None:
    true = sum(len(list(lines_of(f"true_{one}.txt"))) for one in ("en", "es", "hi"))
    false = sum(len(list(lines_of(f"false_{one}.txt"))) for one in ("en", "es", "hi"))
    assert true >= 500
    assert false >= 150
