"""What staff see of the outside calendars: how they are, and where they contradict our bookings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import and_, func, select

from domain.calendars.entries import count_waiting
from domain.calendars.models import BusyTime, Calendar, CalendarEntry
from domain.database import Scope
from domain.paging import check_limit
from domain.people.models import Person
from domain.scheduling.models import Appointment

ConflictKind = Literal["overlap", "moved_outside", "removed_outside"]


@dataclass(frozen=True, kw_only=True)
class CalendarHealth:
    """How one calendar is. `error` is in words, with nothing private in it; `waiting` counts changes of
    ours that it has not been told yet, `refused` those among them that failed, `conflicts` entries that
    somebody changed there, `unreadable` its events that could not be understood."""

    calendar_id: UUID
    person_id: UUID
    name: str
    kind: str
    state: str
    error: str
    failing_since: datetime | None
    imported_at: datetime | None
    next_at: datetime
    waiting: int
    refused: int
    conflicts: int
    unreadable: int


@dataclass(frozen=True, kw_only=True)
class CalendarConflict:
    """A booked appointment that an outside calendar contradicts. `busy_from` and `busy_until` are set
    for an overlap. Nothing resolves it but people: nobody's event is ever deleted for it."""

    kind: ConflictKind
    calendar_id: UUID
    person_id: UUID
    appointment_id: UUID
    starts_at: datetime
    ends_at: datetime
    busy_from: datetime | None = None
    busy_until: datetime | None = None


async def health(
    scope: Scope, *, calendar_ids: Sequence[UUID] | None = None
) -> list[CalendarHealth]:
    """Each calendar of the business, or each of `calendar_ids`, in the order they were connected."""
    query = select(Calendar).order_by(Calendar.id)
    if calendar_ids is not None:
        query = query.where(Calendar.id.in_(calendar_ids))
    calendars = (await scope.session.scalars(query)).all()
    waiting = await count_waiting(scope) if calendars else {}
    counted = {
        row.calendar_id: row
        for row in await scope.session.execute(
            select(
                CalendarEntry.calendar_id,
                func.count().filter(CalendarEntry.error != "").label("refused"),
                func.count().filter(CalendarEntry.conflict != "").label("conflicts"),
            )
            .where(CalendarEntry.calendar_id.in_([calendar.id for calendar in calendars]))
            .group_by(CalendarEntry.calendar_id)
        )
    }
    return [
        CalendarHealth(
            calendar_id=calendar.id,
            person_id=calendar.person_id,
            name=calendar.name,
            kind=calendar.kind,
            state=calendar.state,
            error=calendar.error,
            failing_since=calendar.failing_since,
            imported_at=calendar.imported_at,
            next_at=calendar.next_at,
            waiting=waiting.get(calendar.id, 0),
            refused=counted[calendar.id].refused if calendar.id in counted else 0,
            conflicts=counted[calendar.id].conflicts if calendar.id in counted else 0,
            unreadable=calendar.unreadable,
        )
        for calendar in calendars
    ]


async def conflicts(scope: Scope, *, limit: int = 50) -> list[CalendarConflict]:
    """Appointments still to come that an outside calendar contradicts, the soonest first: those during
    which their person is busy outside, and those whose entry somebody moved or removed there."""
    now = scope.seam.now()
    booked = and_(Appointment.state == "booked", Appointment.ends_at > now)
    overlapping = await scope.session.execute(
        select(Appointment, BusyTime)
        .join(Person, Person.id == Appointment.person_id)
        .join(BusyTime, BusyTime.resource_id == Person.resource_id)
        .where(
            booked,
            BusyTime.begins_at < Appointment.ends_at,
            BusyTime.ends_at > Appointment.starts_at,
            BusyTime.ends_at > now,
        )
        .order_by(Appointment.starts_at, Appointment.id, BusyTime.begins_at)
        .limit(check_limit(limit))
    )
    found = [
        CalendarConflict(
            kind="overlap",
            calendar_id=busy.calendar_id,
            person_id=appointment.person_id,
            appointment_id=appointment.id,
            starts_at=appointment.starts_at,
            ends_at=appointment.ends_at,
            busy_from=busy.begins_at,
            busy_until=busy.ends_at,
        )
        for appointment, busy in overlapping
    ]
    changed = await scope.session.execute(
        select(Appointment, CalendarEntry)
        .join(CalendarEntry, CalendarEntry.appointment_id == Appointment.id)
        .where(booked, CalendarEntry.conflict != "")
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(limit)
    )
    found += [
        CalendarConflict(
            kind="moved_outside" if entry.conflict == "moved" else "removed_outside",
            calendar_id=entry.calendar_id,
            person_id=appointment.person_id,
            appointment_id=appointment.id,
            starts_at=appointment.starts_at,
            ends_at=appointment.ends_at,
        )
        for appointment, entry in changed
    ]
    found.sort(key=lambda conflict: (conflict.starts_at, conflict.appointment_id, conflict.kind))
    return found[:limit]
