"""What a job knows of a call that another one served before it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from livekit.agents.llm import ChatContext
from sqlalchemy import select

from agent.journal.leftovers import deliver_leftovers
from agent.journal.spool import SUFFIX, spool_folder
from agent.resumption.memory import remember
from agent.resumption.story import tell
from domain.calls import log as calls
from domain.calls.events import (
    AssistantSaid,
    CallAnswered,
    Event,
    FloorChanged,
    JournalEntry,
    PersonRung,
    RingEnded,
    StaffJoined,
    StaffLeft,
    TransferEnded,
    TransferStarted,
)
from domain.claims.deeds import CallDeeds
from domain.database import Database
from domain.messages.models import Message
from tools.context import CallMemory

READ_SECONDS: Final = 2.0
"""The caller hears silence while the journal is read."""
SPOOL_SECONDS: Final = 0.6
POLL_SECONDS: Final = 0.05

log = logging.getLogger("reception.agent.resumption")


@dataclass(frozen=True, kw_only=True)
class Resumption:
    """The call as its journal tells it. Empty where the journal could not be read: the caller is told of the
    interruption all the same."""

    story: ChatContext = field(default_factory=ChatContext.empty)
    kinds: Counter[str] = field(default_factory=Counter)
    """How often each type of event was told."""
    memory: CallMemory = field(default_factory=CallMemory)
    deeds: CallDeeds = field(default_factory=CallDeeds)
    """What was done, and may be said to have been."""
    answered: bool = True
    """The caller has heard something."""
    notices: frozenset[str] = frozenset()
    """What they were told to the end before the greeting."""
    assistant_seconds: float = 0.0
    """How long the assistant has had the floor."""
    speaker: str = ""
    """Of staff: the participant who had the floor."""
    staff: Mapping[str, UUID] = field(default_factory=dict)
    """Who of the console's staff was there: users by participant."""
    attempts: int = 0
    """Telephones of staff that were rung."""
    ringing: tuple[int, ...] = ()
    """Those of which no end was told."""
    connecting: bool = False
    """A person was being sought for the caller."""


@dataclass(frozen=True)
class Journal:
    """What the database holds of a call."""

    entries: Sequence[JournalEntry]
    messages: Sequence[Message]


async def fetch(
    database: Database, *, home: Path, call_id: UUID, business_id: UUID
) -> Journal | None:
    """Read a call's journal, with what the dead job has left in its spool on this machine; None when it cannot
    be read: better to go on knowing nothing than to leave the caller in silence."""
    await deliver_spools(database, home=home, call_id=call_id)
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await _fetch(database, call_id, business_id)
    except Exception as error:
        log.error("journal not read", extra={"error": type(error).__name__})
        return None


async def fetch_of_room(
    database: Database, *, home: Path, room: str, call_id: UUID
) -> Journal | None:
    """The same before the call's business is known: it is found by the room."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            found = await calls.call_by_room(database, room)
    except Exception as error:
        log.error("call not found", extra={"error": type(error).__name__})
        found = None
    if found is None or found[0] != call_id:
        return None
    return await fetch(database, home=home, call_id=call_id, business_id=found[1])


async def load(
    database: Database, *, home: Path, call_id: UUID, business_id: UUID, time_zone: str
) -> Resumption:
    """`fetch`, and what it tells."""
    journal = await fetch(database, home=home, call_id=call_id, business_id=business_id)
    return resume(journal, time_zone=time_zone, now=database.seam.now())


def resume(journal: Journal | None, *, time_zone: str, now: datetime) -> Resumption:
    """What a journal tells; of one that could not be read, nothing."""
    if journal is None:
        return Resumption()
    return read(journal.entries, messages=journal.messages, time_zone=time_zone, now=now)


async def _fetch(database: Database, call_id: UUID, business_id: UUID) -> Journal:
    async with database.scope(business_id=business_id) as scope:
        entries = await calls.events(scope, call_id=call_id)
        taken = select(Message).where(Message.call_id == call_id)
        return Journal(entries, (await scope.session.scalars(taken)).all())


async def deliver_spools(database: Database, *, home: Path, call_id: UUID | None = None) -> None:
    """What dead jobs of this machine have left reaches the database before it is read: that of the call, or
    whatever there is. The worker goes on trying where this fails."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SPOOL_SECONDS):
            await deliver_leftovers(database, home=home, call_id=call_id)
            # The worker may be delivering it in this moment, and a frozen job keeps its own.
            while call_id is not None and any(spool_folder(home).glob(f"{call_id}.*{SUFFIX}")):
                await asyncio.sleep(POLL_SECONDS)
                await deliver_leftovers(database, home=home, call_id=call_id)


def read(
    entries: Sequence[JournalEntry],
    *,
    messages: Sequence[Message] = (),
    time_zone: str,
    now: datetime,
) -> Resumption:
    """What the events tell."""
    events = [entry.event for entry in entries]
    floors = [entry for entry in entries if isinstance(entry.event, FloorChanged)]
    rung = [event.attempt for event in events if isinstance(event, PersonRung)]
    over = {event.attempt for event in events if isinstance(event, RingEnded)}
    sought = sum(isinstance(event, TransferStarted) for event in events)
    found = sum(isinstance(event, TransferEnded) for event in events)
    last = floors[-1].event if floors else None
    return Resumption(
        story=tell(entries, time_zone=time_zone),
        kinds=Counter(event.type for event in events),
        memory=remember(events, messages=messages),
        deeds=CallDeeds.of(events),
        answered=any(isinstance(event, CallAnswered) for event in events),
        notices=frozenset(
            event.text
            for event in events
            if isinstance(event, AssistantSaid) and event.kind == "notice" and not event.interrupted
        ),
        assistant_seconds=_assistant_seconds(floors, now=now),
        speaker=last.identity if isinstance(last, FloorChanged) and last.after == "person" else "",
        staff=_staff(events),
        attempts=max(rung, default=0),
        ringing=tuple(attempt for attempt in rung if attempt not in over),
        connecting=sought > found,
    )


def _assistant_seconds(floors: Sequence[JournalEntry], *, now: datetime) -> float:
    total = 0.0
    ends = [*(entry.at for entry in floors), now][1:]
    for entry, end in zip(floors, ends, strict=True):
        if isinstance(entry.event, FloorChanged) and entry.event.after == "assistant":
            total += max(0.0, (end - entry.at).total_seconds())
    return total


def _staff(events: Sequence[Event]) -> dict[str, UUID]:
    there: dict[str, UUID] = {}
    for event in events:
        if isinstance(event, StaffJoined):
            there[event.identity] = event.user_id
        elif isinstance(event, StaffLeft):
            there.pop(event.identity, None)
    return there
