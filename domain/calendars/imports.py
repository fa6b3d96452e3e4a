"""Taking in what an outside calendar says: busy times, and what became of our own entries there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select

from domain.businesses import operations as businesses
from domain.businesses.versions import current_settings
from domain.calendars.models import BusyTime, Calendar, CalendarEntry
from domain.calendars.port import Changes, OutsideEvent
from domain.database import Scope
from domain.people.models import Person
from domain.places.models import Place
from domain.scheduling.models import Appointment
from domain.scheduling.occupation import lock

_BEFORE = timedelta(days=1)
_AFTER = timedelta(days=3)
_RUNWAY = timedelta(days=2)
_KEPT = timedelta(days=60)
"""How long entries of past appointments are remembered."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """What is to be read: instants in UTC, and the person's zone. `anew`: all of it, because so many
    days have passed that the window's end has come near the furthest time that can be booked."""

    begins: datetime
    ends: datetime
    zone: str
    anew: bool


async def window_of(scope: Scope, calendar: Calendar) -> Window:
    """From yesterday to some days beyond the booking horizon. Recurring events are spelt out to the
    window's end, which moves by reading all of it anew, once a day."""
    now = scope.seam.now()
    settings, _ = await current_settings(scope)
    furthest = now + timedelta(days=settings.booking.horizon_days)
    ends = calendar.window_ends_at
    if calendar.cursor is None or ends is None or ends < furthest + _RUNWAY:
        return Window(
            begins=now - _BEFORE,
            ends=furthest + _AFTER,
            zone=await _zone(scope, calendar.person_id),
            anew=True,
        )
    zone = await _zone(scope, calendar.person_id)
    return Window(begins=now - _BEFORE, ends=ends, zone=zone, anew=False)


async def take_in(scope: Scope, calendar: Calendar, changes: Changes, *, window: Window) -> int:
    """Store what has changed and the cursor, in one: what is booked meanwhile waits for the person's
    resource and sees it. Answers how many events were told. The calendar's row must be locked."""
    now = scope.seam.now()
    resource_id = await scope.session.scalar(
        select(Person.resource_id).where(Person.id == calendar.person_id)
    )
    assert resource_id is not None  # the calendar's foreign key
    await lock(scope, [resource_id])
    foreign = await _without_ours(scope, calendar, changes, window=window)
    wanted = {
        (event.event_id, busy.begins_at, busy.ends_at)
        for event in foreign
        for busy in event.busy
        if busy.begins_at < busy.ends_at and calendar.direction != "out"
    }
    there = await _there(scope, calendar, changes)
    gone = [row_id for key, row_id in there.items() if key not in wanted]
    if gone:
        await scope.session.execute(delete(BusyTime).where(BusyTime.id.in_(gone)))
    new = [
        {
            "business_id": scope.business_id,
            "calendar_id": calendar.id,
            "resource_id": resource_id,
            "event_id": event_id,
            "begins_at": begins_at,
            "ends_at": ends_at,
        }
        for event_id, begins_at, ends_at in sorted(wanted - there.keys())
    ]
    if new:
        await scope.session.execute(insert(BusyTime), new)
    calendar.cursor = changes.cursor
    calendar.imported_at = now
    if changes.complete:
        calendar.window_ends_at = window.ends
        calendar.unreadable = changes.unreadable
        await _forget_past(scope, calendar, now=now)
    else:
        calendar.unreadable += changes.unreadable
    await scope.session.flush()
    return len(changes.events) + len(changes.removed)


async def _there(
    scope: Scope, calendar: Calendar, changes: Changes
) -> Mapping[tuple[str, datetime, datetime], int]:
    """The stored busy times that the changes speak of; all, when those are complete."""
    query = select(BusyTime).where(BusyTime.calendar_id == calendar.id)
    if not changes.complete:
        told = {event.event_id for event in changes.events} | set(changes.removed)
        query = query.where(BusyTime.event_id.in_(told))
    return {
        (row.event_id, row.begins_at, row.ends_at): row.id
        for row in await scope.session.scalars(query)
    }


async def _without_ours(
    scope: Scope, calendar: Calendar, changes: Changes, *, window: Window
) -> list[OutsideEvent]:
    """The events that are not our own entries. What happened to ours is noted in them."""
    entries = {
        row.appointment_id: row
        for row in await scope.session.scalars(
            select(CalendarEntry).where(CalendarEntry.calendar_id == calendar.id).with_for_update()
        )
    }
    appointments = await _appointments(
        scope, {event.ours for event in changes.events if event.ours} | entries.keys()
    )
    foreign = []
    for event in changes.events:
        if event.ours is None or event.ours not in appointments:
            foreign.append(event)
            continue
        entry = entries.get(event.ours)
        if entry is None:
            await _adopt(scope, calendar, event, appointments[event.ours])
        elif entry.remote_id not in (None, event.event_id):
            # Somebody's copy of our entry: a time that they keep for themselves.
            foreign.append(event)
        else:
            _compare(entry, event)
    _note_removed(entries.values(), changes, window)
    return foreign


async def _appointments(scope: Scope, ids: Iterable[UUID]) -> dict[UUID, Appointment]:
    rows = await scope.session.scalars(select(Appointment).where(Appointment.id.in_(set(ids))))
    return {row.id: row for row in rows}


async def _adopt(
    scope: Scope, calendar: Calendar, event: OutsideEvent, appointment: Appointment
) -> None:
    """An entry that an earlier connection to this calendar left there is ours to change or remove."""
    now = scope.seam.now()
    if calendar.direction == "in" or appointment.ends_at <= now:
        return
    # Two people may share one calendar: then it is the other connection's.
    others = select(CalendarEntry.calendar_id).where(
        CalendarEntry.appointment_id == appointment.id,
        CalendarEntry.remote_id == event.event_id,
    )
    if (await scope.session.scalars(others)).first() is not None:
        return
    scope.session.add(
        CalendarEntry(
            calendar_id=calendar.id,
            appointment_id=appointment.id,
            business_id=scope.business_id,
            remote_id=event.event_id,
            etag=event.etag,
            next_at=now,
            updated_at=now,
        )
    )


def _compare(entry: CalendarEntry, event: OutsideEvent) -> None:
    entry.remote_id = event.event_id
    entry.etag = event.etag
    if entry.starts_at is None:
        return
    times = [(busy.begins_at, busy.ends_at) for busy in event.busy]
    if times == [(entry.starts_at, entry.ends_at)]:
        entry.conflict, entry.moved_to = "", None
    elif times:
        entry.conflict, entry.moved_to = "moved", times[0][0]
    else:
        entry.conflict, entry.moved_to = "removed", None


def _note_removed(entries: Iterable[CalendarEntry], changes: Changes, window: Window) -> None:
    removed = set(changes.removed)
    listed = {event.event_id for event in changes.events}
    for entry in entries:
        if entry.remote_id is None:
            continue
        missing = changes.complete and entry.remote_id not in listed and _within(entry, window)
        if entry.remote_id in removed or missing:
            if entry.starts_at is not None:
                entry.conflict, entry.moved_to = "removed", None
            entry.etag = None


def _within(entry: CalendarEntry, window: Window) -> bool:
    """Whether the entry, where it was last known to stand, can be seen in the window and so be missed in
    it: days pass, and one that was moved to an earlier day leaves the window before its appointment."""
    if entry.starts_at is None or entry.ends_at is None:
        return False
    if entry.moved_to is not None:
        return window.begins <= entry.moved_to < window.ends
    return window.begins <= entry.starts_at and entry.ends_at <= window.ends


async def _forget_past(scope: Scope, calendar: Calendar, *, now: datetime) -> None:
    past = select(Appointment.id).where(
        Appointment.id == CalendarEntry.appointment_id, Appointment.ends_at < now - _KEPT
    )
    await scope.session.execute(
        delete(CalendarEntry).where(CalendarEntry.calendar_id == calendar.id, past.exists())
    )


async def _zone(scope: Scope, person_id: UUID) -> str:
    zone = await scope.session.scalar(
        select(Place.time_zone)
        .join(Person, Person.place_id == Place.id)
        .where(Person.id == person_id)
    )
    return zone or (await businesses.get(scope)).time_zone
