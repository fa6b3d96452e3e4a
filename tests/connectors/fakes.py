"""An outside calendar in memory that keeps to the port, and fails when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from connectors.calendars import Keep, Now
from domain.calendars.port import (
    ChangedOutside,
    Changes,
    CursorGone,
    Entry,
    OutsideBusy,
    OutsideCalendar,
    OutsideEvent,
    Written,
)


@dataclass(frozen=True)
class Request:
    """What a calendar was asked for."""

    method: str
    cursor: str | None = None
    appointment_id: UUID | None = None


class MemoryCalendar:
    """Events by id; cursors are counts of changes. `fail` is raised by the next requests of a method,
    `fail_after` once the work was done: an answer that is lost."""

    def __init__(self) -> None:
        self.events: dict[str, OutsideEvent] = {}
        self.entries: dict[str, Entry] = {}
        self.changed: list[str] = []
        self.requests: list[Request] = []
        self.fail: dict[str, list[BaseException]] = {}
        self.fail_after: dict[str, list[BaseException]] = {}
        self.refuse: dict[UUID, BaseException] = {}
        self.gone_cursors: set[str] = set()
        self.hold: asyncio.Event | None = None
        self.reached = asyncio.Event()
        self.tokens: Sequence[dict[str, Any]] = ()
        self.open = 0

    async def connect(
        self, kind: str, access: Mapping[str, Any], *, keep: Keep, now: Now
    ) -> OutsideCalendar:
        for tokens in self.tokens:
            await keep({**access, **tokens})
        self.open += 1
        return self

    def put(
        self, event_id: str, *busy: tuple[datetime, datetime], ours: UUID | None = None
    ) -> None:
        """Somebody else's change."""
        self.changed.append(event_id)
        self.events[event_id] = OutsideEvent(
            event_id=event_id,
            etag=f"e{len(self.changed)}",
            busy=tuple(OutsideBusy(begins_at=begins, ends_at=ends) for begins, ends in busy),
            ours=ours,
        )

    def delete(self, event_id: str) -> None:
        self.changed.append(event_id)
        del self.events[event_id]
        self.entries.pop(event_id, None)

    async def changes(
        self, *, cursor: str | None, begins: datetime, ends: datetime, zone: str
    ) -> Changes:
        self.requests.append(Request("changes", cursor=cursor))
        self.reached.set()
        if self.hold is not None:
            await self.hold.wait()
        self._fail(self.fail, "changes")
        if cursor in self.gone_cursors:
            raise CursorGone("gone")
        now = str(len(self.changed))
        if cursor is None:
            return Changes(events=list(self.events.values()), cursor=now, complete=True)
        told = dict.fromkeys(self.changed[int(cursor) :])
        return Changes(
            events=[self.events[name] for name in told if name in self.events],
            removed=[name for name in told if name not in self.events],
            cursor=now,
        )

    async def write(self, entry: Entry, *, known: Written | None) -> Written:
        self.requests.append(Request("write", appointment_id=entry.appointment_id))
        self._fail(self.fail, "write")
        if entry.appointment_id in self.refuse:
            raise self.refuse[entry.appointment_id]
        event_id = f"e-{entry.appointment_id}"
        there = self.events.get(event_id)
        if known is not None and known.etag and (there is None or there.etag != known.etag):
            raise ChangedOutside("changed")
        self.put(event_id, (entry.starts_at, entry.ends_at), ours=entry.appointment_id)
        self.entries[event_id] = entry
        self._fail(self.fail_after, "write")
        return Written(remote_id=event_id, etag=self.events[event_id].etag)

    async def remove(self, appointment_id: UUID, *, known: Written | None) -> None:
        self.requests.append(Request("remove", appointment_id=appointment_id))
        self._fail(self.fail, "remove")
        event_id = f"e-{appointment_id}"
        if event_id in self.events:
            self.delete(event_id)
        self._fail(self.fail_after, "remove")

    async def aclose(self) -> None:
        self.open -= 1

    def move(self, event_id: str, begins: datetime, ends: datetime) -> None:
        """Somebody moves an event, ours or not."""
        ours = self.events[event_id].ours
        self.put(event_id, (begins, ends))
        self.events[event_id] = replace(self.events[event_id], ours=ours)

    @staticmethod
    def _fail(plan: dict[str, list[BaseException]], method: str) -> None:
        if plan.get(method):
            raise plan[method].pop(0)
