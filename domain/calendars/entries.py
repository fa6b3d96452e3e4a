"""Which of our appointments a calendar does not show as they are, and how they should stand there.

Nothing queues these changes: they are the difference between what is booked and what was delivered, so
that none can be forgotten, whoever made it and whatever broke in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, union_all

from domain.businesses import operations as businesses
from domain.businesses.versions import current_settings
from domain.calendars.models import Calendar, CalendarEntry
from domain.calendars.port import Entry, Patient, Written
from domain.contacts.models import Contact
from domain.database import Scope
from domain.places.models import Place
from domain.scheduling.models import Appointment
from domain.services.models import Service

_LONGEST = timedelta(hours=24)
"""Of a service: what ends after now began after this long ago."""
_IN_CONFLICT = 3
"""After so many failures in a row an entry is written over whatever its ETag is: some servers give one
for every reading."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A change that the calendar has to be told. `entry` is None for one that has to go."""

    appointment_id: UUID
    entry: Entry | None
    known: Written | None


async def find_waiting(scope: Scope, calendar: Calendar, *, limit: int) -> list[Waiting]:
    """The changes that may be tried now, the soonest appointments first. Each has its row in
    `calendar_entries` afterwards, so that one whose answer is lost is known to be there perhaps."""
    now = scope.seam.now()
    due = or_(CalendarEntry.next_at.is_(None), CalendarEntry.next_at <= now)
    rows = (
        await scope.session.execute(
            _differing(now, calendar.id)
            .add_columns(_unwanted(now).label("unwanted"))
            .where(due)
            .order_by(Appointment.starts_at, Appointment.id)
            .limit(limit)
        )
    ).all()
    entries = {
        entry.appointment_id: entry
        for entry in await scope.session.scalars(
            select(CalendarEntry).where(
                CalendarEntry.calendar_id == calendar.id,
                CalendarEntry.appointment_id.in_([row.appointment_id for row in rows]),
            )
        )
    }
    wanted = await describe(
        scope,
        appointment_ids=[row.appointment_id for row in rows if not row.unwanted],
        show_names=calendar.show_names,
        with_patient=calendar.kind == "fhir",
    )
    waiting = []
    for row in rows:
        entry = entries.get(row.appointment_id)
        if entry is None:
            entry = CalendarEntry(
                calendar_id=calendar.id,
                appointment_id=row.appointment_id,
                business_id=scope.business_id,
                next_at=now,
                updated_at=now,
            )
            scope.session.add(entry)
        waiting.append(
            Waiting(
                appointment_id=row.appointment_id,
                entry=None if row.unwanted else wanted[row.appointment_id],
                known=_known(entry),
            )
        )
    await scope.session.flush()
    return waiting


async def count_waiting(scope: Scope) -> dict[UUID, int]:
    """How many changes each calendar has still to be told, those that are not to be tried yet too."""
    differing = _differing(scope.seam.now()).subquery()
    rows = await scope.session.execute(
        select(differing.c.calendar_id, func.count().label("changes")).group_by(
            differing.c.calendar_id
        )
    )
    return {row.calendar_id: row.changes for row in rows}


async def describe(
    scope: Scope,
    *,
    appointment_ids: Sequence[UUID],
    show_names: bool,
    with_patient: bool = False,
) -> dict[UUID, Entry]:
    """The appointments as they are shown outside: the service, and who comes by first name if
    `show_names`; never a note or a number, except of the patient in a practice system."""
    if not appointment_ids:
        return {}
    business = await businesses.get(scope)
    settings, _ = await current_settings(scope)
    rows = await scope.session.execute(
        select(Appointment, Service, Place, Contact)
        .join(Service, Service.id == Appointment.service_id)
        .outerjoin(Place, Place.id == Appointment.place_id)
        .outerjoin(Contact, Contact.id == Appointment.contact_id)
        .where(Appointment.id.in_(appointment_ids))
    )
    described = {}
    for appointment, service, place, contact in rows:
        address = (place.address or place.name) if place else settings.address
        described[appointment.id] = Entry(
            appointment_id=appointment.id,
            version=appointment.version,
            title=_title(service, appointment, contact) if show_names else service.name,
            starts_at=appointment.starts_at,
            ends_at=appointment.ends_at,
            zone=place.time_zone if place else business.time_zone,
            place=address if service.channel == "in_person" else "",
            patient=_patient(appointment, contact) if with_patient else None,
        )
    return described


def _differing(now: datetime, calendar_id: UUID | None = None) -> Select[Any]:
    """Appointments that a calendar (or any, by name of none) should show and does not, shows otherwise,
    or should show no more."""
    meant = Calendar.id == calendar_id if calendar_id else true()
    new = (
        select(Calendar.id.label("calendar_id"), Appointment.id.label("appointment_id"))
        .join(Appointment, Appointment.person_id == Calendar.person_id)
        .outerjoin(CalendarEntry, _of_both())
        .where(
            meant,
            Calendar.direction != "in",
            Calendar.state != "off",
            Appointment.state == "booked",
            Appointment.starts_at > now - _LONGEST,
            Appointment.ends_at > now,
            CalendarEntry.appointment_id.is_(None),
        )
    )
    changed = (
        select(Calendar.id.label("calendar_id"), Appointment.id.label("appointment_id"))
        .join(CalendarEntry, CalendarEntry.calendar_id == Calendar.id)
        .join(Appointment, Appointment.id == CalendarEntry.appointment_id)
        .where(
            meant,
            Calendar.state != "off",
            or_(
                _unwanted(now),
                and_(
                    Calendar.direction != "in",
                    CalendarEntry.delivered_version != Appointment.version,
                ),
            ),
        )
    )
    both = union_all(new, changed).subquery()
    return (
        select(both.c.calendar_id, both.c.appointment_id)
        .select_from(both)
        .join(Calendar, Calendar.id == both.c.calendar_id)
        .join(Appointment, Appointment.id == both.c.appointment_id)
        .outerjoin(CalendarEntry, _of_both())
    )


def _of_both() -> ColumnElement[bool]:
    return and_(
        CalendarEntry.calendar_id == Calendar.id, CalendarEntry.appointment_id == Appointment.id
    )


def _unwanted(now: datetime) -> ColumnElement[bool]:
    """Not to stand in the calendar any more. What is past stays as a record of the day."""
    return or_(
        Appointment.state != "booked",
        Appointment.person_id != Calendar.person_id,
        and_(Calendar.direction == "in", Appointment.ends_at > now),
    )


def _known(entry: CalendarEntry) -> Written | None:
    if entry.remote_id is None:
        return None
    compared = entry.conflict != "removed" and (entry.failures or 0) < _IN_CONFLICT
    return Written(remote_id=entry.remote_id, etag=entry.etag if compared else None)


def _title(service: Service, appointment: Appointment, contact: Contact | None) -> str:
    name = appointment.attendee or (contact.name if contact else None) or ""
    first = name.split()[0] if name.split() else ""
    return f"{service.name}: {first}" if first else service.name


def _patient(appointment: Appointment, contact: Contact | None) -> Patient | None:
    if contact is None:
        return None
    if appointment.attendee:
        # Whoever booked is another person: their number and birthday are not the patient's.
        return Patient(contact_id=contact.id, name=appointment.attendee)
    return Patient(
        contact_id=contact.id,
        name=contact.name or "",
        phone=contact.phone or "",
        date_of_birth=contact.date_of_birth or "",
    )
