"""The ports of a call's tools, for tests: a journal that really writes, a call that only remembers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, TypeVar, cast
from uuid import UUID

from livekit.agents import RunContext

from domain.businesses.profile_loader import load_profile
from domain.calls.events import CallStarted, EndReason, Event, JournalEntry, ToolCalled
from domain.calls.record import append
from domain.database import Database, Scope
from tools.context import CallContext, HandedOver, HandOver

E = TypeVar("E")


class FakeDeed:
    def __init__(self, journal: FakeJournal, scope: Scope) -> None:
        self._journal = journal
        self.scope = scope
        self.events: list[Event] = []

    async def record(self, event: Event) -> None:
        await append(self.scope, [self._journal.entry(event)])
        self.events.append(event)


class FakeJournal:
    """Deeds and their events go to the database in one transaction; facts are kept in a list."""

    def __init__(self, database: Database, *, business_id: UUID, call_id: UUID) -> None:
        self._database = database
        self._business_id = business_id
        self._call_id = call_id
        self._seq = 0
        self.facts: list[Event] = []
        """What was recorded beside deeds."""
        self.deeds: list[Event] = []
        """What was committed with deeds."""
        self.watch: Callable[[Event], None] = lambda event: None

    def record(self, event: Event, *, instead_of: Event | None = None) -> None:
        self.facts.append(event)
        self.watch(event)

    @asynccontextmanager
    async def deed(self) -> AsyncIterator[FakeDeed]:
        async with self._database.scope(business_id=self._business_id) as scope:
            opened = FakeDeed(self, scope)
            yield opened
        self.deeds.extend(opened.events)
        for event in opened.events:
            self.watch(event)

    def entry(self, event: Event) -> JournalEntry:
        self._seq += 1
        return JournalEntry(
            call_id=self._call_id,
            epoch=1,
            seq=self._seq,
            at=self._database.seam.now(),
            event=event,
        )

    @property
    def tool_calls(self) -> list[ToolCalled]:
        return [fact for fact in self.facts if isinstance(fact, ToolCalled)]

    def deeds_of(self, kind: type[E]) -> list[E]:
        return [event for event in self.deeds if isinstance(event, kind)]


@dataclass
class FakeCall:
    """A call that is never really ended or transferred."""

    reachable: bool = True
    """Whether a telephone can be rung at all."""
    with_person: bool = False
    messages_only: bool = False
    ended: list[EndReason] = field(default_factory=list)
    handed_over: list[HandOver] = field(default_factory=list)

    def end(self, reason: EndReason) -> None:
        self.ended.append(reason)

    async def hand_over(self, request: HandOver) -> HandedOver:
        self.handed_over.append(request)
        if self.reachable:
            return HandedOver(outcome="ringing")
        return HandedOver(outcome="failed", why="no telephone can be rung")


@dataclass
class Line:
    """One call as the tools see it."""

    context: CallContext
    journal: FakeJournal
    call: FakeCall

    turn: int = 0

    @property
    def run(self) -> RunContext[CallContext]:
        """What the library hands to a tool, as far as tools use it; each time it is another turn."""
        self.turn += 1
        return self.in_turn(self.turn)

    def in_turn(self, turn: int) -> RunContext[CallContext]:
        """As `run`, in that turn of the caller's."""

        @asynccontextmanager
        async def with_filler(source: str, *, delay: float) -> AsyncIterator[None]:
            yield

        async def wait_for_playout() -> None:
            return None

        return cast(
            RunContext[CallContext],
            SimpleNamespace(
                userdata=self.context,
                with_filler=with_filler,
                wait_for_playout=wait_for_playout,
                speech_handle=SimpleNamespace(id=f"turn-{turn}"),
                function_call=SimpleNamespace(call_id=f"call-{turn}"),
            ),
        )

    async def use(self, tool: Any, **arguments: object) -> str:
        """What the tool tells the model; raises ToolError as it does."""
        return str(await tool(self.run, **arguments))


async def ring(
    database: Database,
    *,
    business_id: UUID,
    caller: str = "+12025550123",
    tools_database: Database | None = None,
) -> Line:
    """A call that has begun. `tools_database`, if given, is what its tools reach."""
    call_id = database.seam.new_id()
    journal = FakeJournal(tools_database or database, business_id=business_id, call_id=call_id)
    async with database.scope(business_id=business_id) as scope:
        profile = await load_profile(scope)
        started = CallStarted(
            room=f"call-{call_id}", channel="sip", dialled="+12025550100", caller=caller
        )
        await append(scope, [journal.entry(started)])
    call = FakeCall()
    context = CallContext(
        call_id=call_id,
        profile=profile,
        database=tools_database or database,
        journal=journal,
        call=call,
        caller_phone=caller,
    )
    journal.watch = context.deeds.add
    return Line(context=context, journal=journal, call=call)
