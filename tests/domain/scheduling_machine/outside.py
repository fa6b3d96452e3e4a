"""Calendars elsewhere, in memory: with people who write into them, and networks that fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from connectors.calendars import Keep, Now
from domain.calendars.port import (
    CalendarAway,
    ChangedOutside,
    Changes,
    CursorGone,
    Entry,
    OutsideBusy,
    OutsideEvent,
    Written,
)


@dataclass(frozen=True, kw_only=True)
class Item:
    """An event as it stands in the calendar."""

    event_id: str
    etag: str
    begins_at: datetime
    ends_at: datetime
    ours: UUID | None = None


@dataclass(kw_only=True)
class OutsideStore:
    """One calendar. Whatever changes in it gets the next number, which serves as ETag and as cursor."""

    items: dict[str, Item] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    """The event that each number changed."""
    oldest: int = 0
    """Cursors before this are too old."""
    away: bool = False
    lose_answers: int = 0
    """So many of the next writes are done without their answer arriving."""
    tampered: set[UUID] = field(default_factory=set)
    """Entries of ours that somebody has changed or removed there."""
    foreign: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    """What people have entered themselves, as they left it: nothing of ours may touch it."""

    def put(self, event_id: str, begins: datetime, ends: datetime, *, ours: UUID | None) -> Item:
        self.log.append(event_id)
        item = Item(
            event_id=event_id,
            etag=str(len(self.log)),
            begins_at=begins,
            ends_at=ends,
            ours=ours,
        )
        self.items[event_id] = item
        return item

    def drop(self, event_id: str) -> None:
        if self.items.pop(event_id, None) is not None:
            self.log.append(event_id)

    @property
    def ours(self) -> dict[UUID, Item]:
        return {item.ours: item for item in self.items.values() if item.ours is not None}

    # What people do in it.

    def enter(self, event_id: str, begins: datetime, ends: datetime) -> None:
        self.put(event_id, begins, ends, ours=None)
        self.foreign[event_id] = begins, ends

    def leave(self, event_id: str) -> None:
        self.drop(event_id)
        self.foreign.pop(event_id, None)

    def tamper(self, appointment_id: UUID, *, move_to: datetime | None) -> None:
        """Somebody drags our entry to another time, or (None) deletes it."""
        item = self.ours[appointment_id]
        self.tampered.add(appointment_id)
        if move_to is None:
            self.drop(item.event_id)
        else:
            length = item.ends_at - item.begins_at
            self.put(item.event_id, move_to, move_to + length, ours=appointment_id)


class MemoryCalendar:
    """The port to a store (`OutsideCalendar`)."""

    def __init__(self, store: OutsideStore) -> None:
        self._store = store

    async def changes(
        self, *, cursor: str | None, begins: datetime, ends: datetime, zone: str
    ) -> Changes:
        store = self._answering()
        if cursor is None:
            told = list(store.items)
        elif int(cursor) < store.oldest:
            raise CursorGone("the cursor is too old")
        else:
            told = list(dict.fromkeys(store.log[int(cursor) :]))
        return Changes(
            events=[
                _event(store.items[event_id], begins, ends)
                for event_id in told
                if event_id in store.items
            ],
            removed=[event_id for event_id in told if event_id not in store.items],
            cursor=str(len(store.log)),
            complete=cursor is None,
        )

    async def write(self, entry: Entry, *, known: Written | None) -> Written:
        store = self._answering()
        there = store.ours.get(entry.appointment_id)
        if known is not None and known.etag is not None and (there and there.etag) != known.etag:
            raise ChangedOutside("somebody changed it")
        event_id = there.event_id if there else f"ours-{entry.appointment_id}"
        item = store.put(event_id, entry.starts_at, entry.ends_at, ours=entry.appointment_id)
        store.tampered.discard(entry.appointment_id)
        self._answer()
        return Written(remote_id=item.event_id, etag=item.etag)

    async def remove(self, appointment_id: UUID, *, known: Written | None) -> None:
        store = self._answering()
        there = store.ours.get(appointment_id)
        if there is not None:
            store.drop(there.event_id)
        store.tampered.discard(appointment_id)
        self._answer()

    async def aclose(self) -> None:
        return None

    def _answering(self) -> OutsideStore:
        if self._store.away:
            raise CalendarAway("it does not answer")
        return self._store

    def _answer(self) -> None:
        if self._store.lose_answers:
            self._store.lose_answers -= 1
            raise CalendarAway("the connection was lost")


class OutsideWorld:
    """All calendars, by their address."""

    def __init__(self) -> None:
        self.stores: dict[str, OutsideStore] = {}

    async def connect(
        self, kind: str, access: Mapping[str, Any], *, keep: Keep, now: Now
    ) -> MemoryCalendar:
        return MemoryCalendar(self.stores[access["url"]])


def _event(item: Item, begins: datetime, ends: datetime) -> OutsideEvent:
    within = item.ours is not None or (item.begins_at < ends and item.ends_at > begins)
    busy = (OutsideBusy(begins_at=item.begins_at, ends_at=item.ends_at),) if within else ()
    return OutsideEvent(event_id=item.event_id, etag=item.etag, busy=busy, ours=item.ours)


def unchanged(store: OutsideStore) -> bool:
    """Whether everything that people entered is there as they left it."""
    left = {
        item.event_id: (item.begins_at, item.ends_at)
        for item in store.items.values()
        if item.ours is None
    }
    return left == store.foreign
