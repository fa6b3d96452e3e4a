"""A time that is about to be booked, with all that is needed to take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from domain.database import Scope
from domain.errors import Conflict, Invalid, NotFound
from domain.people.models import Person
from domain.scheduling.availability import Length
from domain.scheduling.givers import read_plan, read_service
from domain.scheduling.local_time import epoch
from domain.scheduling.models import Offer
from domain.scheduling.plan import Giver, Plan, RoomSeats, ServiceRules, notice_of
from domain.services.models import Service


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A time with all that is needed to take it."""

    service: Service
    rules: ServiceRules
    giver: Giver
    length: Length
    starts_at: datetime
    needs_room: bool = False
    rooms: Sequence[RoomSeats] = ()
    """The rooms that it may be given in, in the order in which they are tried."""
    over_busy: bool = False
    """Whether it is taken though an outside calendar says that the person is busy."""
    over_limits: bool = False
    """Whether it is taken though the person or the service has reached a limit."""

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + self.length.service

    @property
    def day(self) -> date:
        """The local date at its place."""
        return self.starts_at.astimezone(self.giver.timetable.zone).date()


def is_work(giver: Giver, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether all of [starts_at, ends_at) lies in hours of the person at the place."""
    timetable = giver.timetable
    # An end within a second counts as its whole second: hours are whole minutes.
    ends = epoch(ends_at) + (ends_at.microsecond > 0)
    return timetable.works(epoch(starts_at), ends, day=starts_at.astimezone(timetable.zone).date())


async def offered_slot(scope: Scope, offer: Offer) -> Slot:
    """The offered time, if the rules that allowed it still do.

    The notice counts from when it was offered: a caller who takes a minute to say yes is not too
    late. Its length is what was told, even if the service's has changed since. Raises Conflict.
    """
    plan = await _plan_for(scope, offer.service_id, offer.person_id, offer.starts_at)
    if offer.starts_at <= plan.rules.now:
        raise Conflict("the time has passed")
    if plan.service is None:
        raise Conflict("the service is not given any more")
    if offer.starts_at - offer.created_at < notice_of(plan.service, plan.rules):
        raise Conflict("the time is too soon to be booked")
    giver = plan.giver_at(offer.person_id, offer.place_id)
    if giver is None:
        raise Conflict("the person does not give this service any more")
    if not is_work(giver, offer.starts_at, offer.ends_at):
        raise Conflict("the time is outside working hours now")
    rooms = plan.rooms_at(giver.place_id)
    if plan.needs_room and not rooms:
        raise Conflict("there is no room for the service there any more")
    service = await read_service(scope, offer.service_id)
    length = plan.service.length
    told = Length(service=offer.ends_at - offer.starts_at, before=length.before, after=length.after)
    return Slot(
        service=service,
        rules=plan.service,
        giver=giver,
        length=told,
        starts_at=offer.starts_at,
        needs_room=plan.needs_room,
        rooms=rooms,
    )


async def staff_slot(
    scope: Scope,
    *,
    service_id: UUID,
    person_id: UUID,
    starts_at: datetime,
    outside_hours: bool,
    place_id: UUID | None = None,
    over_busy: bool = False,
) -> Slot:
    """A time that staff choose. `outside_hours` lets neither hours nor limits bind them, `over_busy`
    no outside calendar.

    Without `place_id` it is where the person works at that time, or else the place that is theirs; the
    business's own id means its main address. Raises Invalid naming the field, NotFound for unknown ids.
    """
    if starts_at.tzinfo is None:
        raise Invalid("starts_at", "needs an offset from UTC")
    service = await read_service(scope, service_id)
    active = select(Person.id).where(Person.id == person_id, Person.active)
    if await scope.session.scalar(active) is None:
        raise NotFound("person")
    plan = await _plan_for(scope, service_id, person_id, starts_at)
    if plan.service is None:
        raise NotFound("service")
    if place_id is not None and not plan.has_place(place_id):
        raise NotFound("place")
    length = plan.service.length
    giver = _giver_for_staff(plan, person_id, place_id, starts_at, starts_at + length.service)
    if giver is None:
        raise Invalid("person_id", "does not give this service")
    rooms = plan.rooms_at(giver.place_id)
    if plan.needs_room and not rooms:
        raise Invalid("place_id", "has no room for this service")
    slot = Slot(
        service=service,
        rules=plan.service,
        giver=giver,
        length=length,
        starts_at=starts_at,
        needs_room=plan.needs_room,
        rooms=rooms,
        over_busy=over_busy,
        over_limits=outside_hours,
    )
    if slot.ends_at <= plan.rules.now:
        raise Invalid("starts_at", "has passed")
    if not outside_hours and not is_work(giver, slot.starts_at, slot.ends_at):
        raise Invalid("starts_at", "is outside working hours")
    return slot


def _giver_for_staff(
    plan: Plan, person_id: UUID, place_id: UUID | None, starts_at: datetime, ends_at: datetime
) -> Giver | None:
    if place_id is not None:
        return plan.giver_at(person_id, plan.place_meant_by(place_id))
    givers = plan.givers()
    working = [giver for giver in givers if is_work(giver, starts_at, ends_at)]
    return next(iter([*working, *filter(None, [plan.home_of(person_id)]), *givers]), None)


async def _plan_for(scope: Scope, service_id: UUID, person_id: UUID, at: datetime) -> Plan:
    around = timedelta(days=1)  # wherever on earth the place is
    return await read_plan(
        scope,
        service_id=service_id,
        person_id=person_id,
        first_day=at.date() - around,
        last_day=at.date() + around,
    )
