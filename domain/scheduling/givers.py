"""Who gives a service, when they work and what of their time is taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from domain.database import Scope
from domain.errors import NotFound
from domain.hours.models import Closure, WeeklyHours
from domain.people.models import Person
from domain.scheduling.availability import DaysOff, DaySpan, Length, Span, Taken, Timetable
from domain.scheduling.models import Appointment, AppointmentResource
from domain.scheduling.rules import Rules
from domain.services.models import Service, ServicePerson

LONGEST = timedelta(days=1, hours=8)
"""No appointment takes longer, buffers included (the bounds of `services`)."""


@dataclass(frozen=True, kw_only=True)
class Giver:
    """A person who gives a service."""

    person_id: UUID
    resource_id: int
    name: str
    timetable: Timetable


async def read_service(scope: Scope, service_id: UUID) -> Service:
    """The service, if it can be booked. Raises NotFound otherwise."""
    service = await scope.session.get(Service, service_id)
    if service is None or not service.active:
        raise NotFound("service")
    return service


def length_of(service: Service) -> Length:
    return Length(
        service=timedelta(minutes=service.duration_minutes),
        before=timedelta(minutes=service.buffer_before_minutes),
        after=timedelta(minutes=service.buffer_after_minutes),
    )


async def read_givers(
    scope: Scope, *, service_id: UUID, rules: Rules, person_id: UUID | None = None
) -> list[Giver]:
    """The active people who give the service, by id: those listed for it, or everybody if none is.

    With `person_id`, that person alone, if they are among them.
    """
    listed = select(ServicePerson.person_id).where(ServicePerson.service_id == service_id)
    query = (
        select(Person)
        .where(
            Person.active,
            or_(Person.id.in_(listed), ~exists().where(ServicePerson.service_id == service_id)),
        )
        .order_by(Person.id)
    )
    if person_id is not None:
        query = query.where(Person.id == person_id)
    people = (await scope.session.scalars(query)).all()
    timetables = await _timetables(scope, [person.id for person in people], rules)
    return [
        Giver(
            person_id=person.id,
            resource_id=person.resource_id,
            name=person.name,
            timetable=timetables[person.id],
        )
        for person in people
    ]


async def _timetables(
    scope: Scope, person_ids: Sequence[UUID], rules: Rules
) -> dict[UUID, Timetable]:
    if not person_ids:
        return {}
    hours: dict[UUID | None, list[DaySpan]] = defaultdict(list)
    for spans in await scope.session.scalars(
        select(WeeklyHours).where(_of_business_or(WeeklyHours.person_id, person_ids))
    ):
        hours[spans.person_id].append(
            DaySpan(weekday=spans.weekday, opens=spans.opens, closes=spans.closes)
        )
    days_off: dict[UUID | None, list[DaysOff]] = defaultdict(list)
    for closure in await scope.session.scalars(
        select(Closure).where(
            _of_business_or(Closure.person_id, person_ids),
            Closure.last_day >= rules.today - timedelta(days=1),
        )
    ):
        days_off[closure.person_id].append(
            DaysOff(first_day=closure.first_day, last_day=closure.last_day)
        )
    return {
        person_id: Timetable(
            zone=rules.zone,
            business=tuple(hours[None]),
            own=tuple(hours[person_id]),
            days_off=(*days_off[None], *days_off[person_id]),
        )
        for person_id in person_ids
    }


def _of_business_or(
    column: InstrumentedAttribute[UUID | None], person_ids: Sequence[UUID]
) -> ColumnElement[bool]:
    return or_(column.is_(None), column.in_(person_ids))


async def read_taken(scope: Scope, givers: Iterable[Giver], *, during: Span) -> dict[UUID, Taken]:
    """What is taken of each giver's time within `during`: bookings and holds that still hold.

    Reads by person and start, not by overlap: under row-level security PostgreSQL uses an index
    only for leakproof comparisons, and range overlap is none, so that asking the exclusion
    constraint's own index would read the whole table.
    """
    resources = {giver.resource_id: giver.person_id for giver in givers}
    taken: dict[UUID, list[Span]] = {person_id: [] for person_id in resources.values()}
    rows = await scope.session.execute(
        select(AppointmentResource.resource_id, AppointmentResource.during)
        .join(Appointment, Appointment.id == AppointmentResource.appointment_id)
        .where(
            Appointment.person_id.in_(resources.values()),
            Appointment.starts_at > during[0] - LONGEST,
            Appointment.starts_at < during[1] + LONGEST,
            holds_at(scope.seam.now()),
        )
    )
    for resource_id, occupied in rows:
        if resource_id in resources and occupied.lower < during[1] and occupied.upper > during[0]:
            taken[resources[resource_id]].append((occupied.lower, occupied.upper))
    return {person_id: Taken(spans) for person_id, spans in taken.items()}


def holds_at(now: datetime) -> ColumnElement[bool]:
    """Whether a row of `appointment_resources` keeps others out at `now`: a hold that has passed
    does not, though the constraint keeps its row until the next booking clears it."""
    return or_(
        AppointmentResource.state == "booked",
        and_(AppointmentResource.state == "held", AppointmentResource.held_until > now),
    )
