"""Calls that only their events tell of: what the console shows of a call, without a room for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from domain.calls.events import (
    AssistantSaid,
    CallAnswered,
    CallerSaid,
    CallStarted,
    Event,
    FloorChanged,
    JournalEntry,
    ToolCalled,
    TurnLatency,
)
from domain.calls.record import append
from tests.console.conftest import Console


@dataclass
class ToldCall:
    """A call of the console's business; `tell` lets something happen on it."""

    console: Console
    id: UUID
    at: datetime
    told: int = field(default=0)
    epoch: int = field(default=1)

    def another_process(self) -> None:
        """The job that served the call is lost, and another one goes on."""
        self.epoch += 1
        self.told = 0

    async def tell(self, *events: Event) -> None:
        entries = []
        for event in events:
            self.told += 1
            self.at += timedelta(seconds=3)
            entries.append(
                JournalEntry(
                    call_id=self.id, epoch=self.epoch, seq=self.told, at=self.at, event=event
                )
            )
        async with self.console.database.scope(business_id=self.console.business_id) as scope:
            await append(scope, entries)


async def begin_call(
    console: Console, *, caller: str = "+12025550111", minutes_ago: float = 0.5
) -> ToldCall:
    """A call that the assistant has answered."""
    seam = console.database.seam
    call = ToldCall(console, seam.new_id(), seam.now() - timedelta(minutes=minutes_ago))
    await call.tell(
        CallStarted(
            room=f"call-{seam.token(8)}", channel="sip", dialled="+12025550100", caller=caller
        ),
        CallAnswered(setup_seconds=0.3, greeting_ready=True),
        FloorChanged(before="answering", after="assistant"),
        AssistantSaid(
            text="Thank you for calling Riverside Dental. How can I help you today?",
            kind="greeting",
        ),
    )
    return call


async def talk(call: ToldCall) -> None:
    """A caller who asks for a time, and is offered one."""
    await call.tell(
        CallerSaid(text="Hello, I would like to book a cleaning, please."),
        ToolCalled(
            name="find_times",
            arguments={},
            result="Monday at nine",
            outcome="done",
            seconds=0.2,
        ),
        _answer("I have Monday at nine o'clock with Elena Rossi.", total=0.82),
        CallerSaid(text="Is there anything later in the week?"),
        _answer("Of course. Thursday at two, or Friday at ten thirty?", total=1.46),
    )


def _answer(text: str, *, total: float) -> AssistantSaid:
    latency = TurnLatency(end_of_turn=0.31, model=0.28, speech=0.17, total=total)
    return AssistantSaid(text=text, latency=latency)
