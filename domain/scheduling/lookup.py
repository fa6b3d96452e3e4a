"""Finding appointments that are there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select, tuple_

from domain.contacts.models import Contact
from domain.database import Scope
from domain.errors import Invalid
from domain.paging import Position, check_limit
from domain.places.models import Place
from domain.scheduling.availability import instant
from domain.scheduling.codes import normalise_code
from domain.scheduling.models import Appointment, AppointmentResource
from domain.scheduling.rules import read_rules

State = Literal["held", "booked", "cancelled"]

_MOST = 20


async def find(
    scope: Scope,
    *,
    contact_id: UUID | None = None,
    code: str | None = None,
    phone: str | None = None,
) -> Sequence[Appointment]:
    """Booked appointments that are not over, the next first: of a contact, of everybody with this
    number (E.164), or the one with this code. Exactly one of the three is given."""
    query = _coming(scope)
    if contact_id is not None:
        query = query.where(Appointment.contact_id == contact_id)
    elif code is not None:
        query = query.where(Appointment.code == normalise_code(code))
    elif phone is not None:
        same_number = select(Contact.id).where(
            Contact.phone_index == scope.blind_index("phone", phone)
        )
        query = query.where(Appointment.contact_id.in_(same_number))
    else:
        raise Invalid("code", "is missing")
    return (await scope.session.scalars(query)).all()


async def find_of_contacts(scope: Scope, *, contact_ids: Collection[UUID]) -> Sequence[Appointment]:
    """Booked appointments of these contacts that are not over, the next first."""
    if not contact_ids:
        return ()
    query = _coming(scope).where(Appointment.contact_id.in_(contact_ids))
    return (await scope.session.scalars(query)).all()


def _coming(scope: Scope) -> Select[tuple[Appointment]]:
    return (
        select(Appointment)
        .where(Appointment.state == "booked", Appointment.ends_at > scope.seam.now())
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(_MOST)
    )


async def held_until(scope: Scope, *, appointments: Sequence[Appointment]) -> dict[UUID, datetime]:
    """When the holds among `appointments` pass."""
    held = [one.id for one in appointments if one.state == "held"]
    if not held:
        return {}
    rows = await scope.session.execute(
        select(AppointmentResource.appointment_id, func.min(AppointmentResource.held_until))
        .where(AppointmentResource.appointment_id.in_(held), AppointmentResource.state == "held")
        .group_by(AppointmentResource.appointment_id)
    )
    return {row[0]: row[1] for row in rows}


async def zone_at(scope: Scope, place_id: UUID | None) -> ZoneInfo:
    """The zone of a place; None is the business's main address."""
    place = None if place_id is None else await scope.session.get(Place, place_id)
    return (await read_rules(scope)).zone if place is None else ZoneInfo(place.time_zone)


async def booked_on_call(scope: Scope, *, call_id: UUID) -> Sequence[Appointment]:
    """What was booked on this call and still is, the next first."""
    query = (
        select(Appointment)
        .where(Appointment.call_id == call_id, Appointment.state == "booked")
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return (await scope.session.scalars(query)).all()


async def list_appointments(
    scope: Scope,
    *,
    first_day: date | None = None,
    last_day: date | None = None,
    person_id: UUID | None = None,
    contact_id: UUID | None = None,
    service_id: UUID | None = None,
    place_id: UUID | None = None,
    series_id: UUID | None = None,
    state: State | None = None,
    limit: int = 50,
    after: Position | None = None,
) -> Sequence[Appointment]:
    """Appointments by start, the earliest first; days are the business's own, both included.

    The business's own id as `place_id` means its main address. `after` is where the last page ended. Raises Invalid naming the field.
    """
    query = select(Appointment).order_by(Appointment.starts_at, Appointment.id)
    begins, ends = await _instants(scope, first_day, last_day)
    if begins is not None:
        query = query.where(Appointment.starts_at >= begins)
    if ends is not None:
        query = query.where(Appointment.starts_at < ends)
    for column, wanted in (
        (Appointment.person_id, person_id),
        (Appointment.contact_id, contact_id),
        (Appointment.service_id, service_id),
        (Appointment.series_id, series_id),
        (Appointment.state, state),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if place_id is not None:
        query = query.where(
            Appointment.place_id.is_(None)
            if place_id == scope.business_id
            else Appointment.place_id == place_id
        )
    if after is not None:
        query = query.where(tuple_(Appointment.starts_at, Appointment.id) > (after.at, after.id))
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


async def _instants(
    scope: Scope, first_day: date | None, last_day: date | None
) -> tuple[datetime | None, datetime | None]:
    if first_day is None and last_day is None:
        return None, None
    if first_day is not None and last_day is not None and last_day < first_day:
        raise Invalid("last_day", "is before first_day")
    zone = (await read_rules(scope)).zone
    midnight = datetime.min.time()
    return (
        None if first_day is None else instant(datetime.combine(first_day, midnight), zone),
        None
        if last_day is None
        else instant(datetime.combine(last_day + timedelta(days=1), midnight), zone),
    )
