"""Choosing what an appointment takes of a person and a room, under their locks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from domain.calendars.models import BusyTime
from domain.database import Scope
from domain.errors import Conflict
from domain.people.models import Resource
from domain.rooms.seats import set_seats
from domain.scheduling.availability import Span
from domain.scheduling.limits import read_limits
from domain.scheduling.models import Appointment, AppointmentResource
from domain.scheduling.plan import RoomSeats
from domain.scheduling.slots import Slot
from domain.scheduling.taken import holds_at
from domain.services.models import LONGEST


class TimeTaken(Conflict):
    """The time was free when it was offered and is not any more."""


@dataclass(frozen=True, kw_only=True)
class Occupant:
    """Somebody else's appointment that has one of the resources at the time."""

    resource_id: int
    service_id: UUID
    starts_at: datetime
    place_id: UUID | None
    room_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What an appointment takes."""

    resource_ids: Sequence[int]
    room_id: UUID | None


def parents_of(slot: Slot) -> set[int]:
    """The resources whose locks guard all that `slot` may take."""
    return {slot.giver.resource_id, *(room.resource_id for room in slot.rooms)}


async def choose_resources(
    scope: Scope, slot: Slot, *, seats: Mapping[int, tuple[int, ...]], appointment_id: UUID
) -> Choice:
    """What the appointment may take of the slot's person and rooms, whose locks are held; `seats` are
    those that `read_seats` gives for them. Raises TimeTaken."""
    span = slot.length.occupies(slot.starts_at)
    occupants = await _read_occupants(
        scope, [seat for every in seats.values() for seat in every], span, appointment_id
    )
    own = seats[slot.giver.resource_id]
    with_person = [one for one in occupants if one.resource_id in own]
    if any(not _same_class(slot, one) for one in with_person):
        raise TimeTaken("the time has been taken")
    if not slot.over_busy:
        await _require_not_busy(scope, slot.giver.resource_id, span)
    if not slot.over_limits:
        await _require_limits(scope, slot, appointment_id, joins=bool(with_person))
    taken = {one.resource_id for one in occupants}
    of_person = await _seats_of_person(scope, slot, own, taken)
    if not slot.needs_room:
        return Choice(resource_ids=of_person, room_id=None)
    together = next((one.room_id for one in with_person if one.room_id is not None), None)
    for room in slot.rooms:
        if together in (None, room.room_id):
            of_room = await _seats_of_room(scope, room, seats[room.resource_id], taken)
            if of_room:
                return Choice(resource_ids=(*of_person, *of_room), room_id=room.room_id)
    raise TimeTaken("no room is free at that time")


async def read_seats(scope: Scope, parent_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """The resources of each parent's seats, itself the first."""
    found: dict[int, tuple[int, ...]] = {parent_id: (parent_id,) for parent_id in parent_ids}
    rows = await scope.session.execute(
        select(Resource.parent_id, Resource.id)
        .where(Resource.parent_id.in_(found))
        .order_by(Resource.seat)
    )
    for parent_id, resource_id in rows:
        found[parent_id] += (resource_id,)
    return found


async def _read_occupants(
    scope: Scope, resource_ids: Sequence[int], span: Span, appointment_id: UUID
) -> list[Occupant]:
    rows = await scope.session.execute(
        select(
            AppointmentResource.resource_id,
            Appointment.service_id,
            Appointment.starts_at,
            Appointment.place_id,
            Appointment.room_id,
        )
        .join(Appointment, Appointment.id == AppointmentResource.appointment_id)
        .where(
            AppointmentResource.resource_id.in_(resource_ids),
            AppointmentResource.state != "cancelled",
            AppointmentResource.begins_at > span[0] - LONGEST,
            AppointmentResource.begins_at < span[1],
            AppointmentResource.ends_at > span[0],
            AppointmentResource.appointment_id != appointment_id,
            holds_at(scope.seam.now()),
        )
    )
    return [
        Occupant(
            resource_id=resource_id,
            service_id=service_id,
            starts_at=starts_at,
            place_id=place_id,
            room_id=room_id,
        )
        for resource_id, service_id, starts_at, place_id, room_id in rows
    ]


def _same_class(slot: Slot, other: Occupant) -> bool:
    return (
        slot.rules.capacity > 1
        and (other.service_id, other.starts_at) == (slot.service.id, slot.starts_at)
        and other.place_id == slot.giver.place_id
    )


async def _require_not_busy(scope: Scope, resource_id: int, span: Span) -> None:
    # Busy times stand outside the constraint: an import locks the resource as a booking does.
    busy = select(BusyTime.id).where(
        BusyTime.resource_id == resource_id,
        BusyTime.begins_at < span[1],
        BusyTime.ends_at > span[0],
    )
    if await scope.session.scalar(busy.limit(1)) is not None:
        raise TimeTaken("the person is busy then, says their own calendar")


async def _require_limits(scope: Scope, slot: Slot, appointment_id: UUID, *, joins: bool) -> None:
    limits = await read_limits(
        scope,
        service=slot.rules,
        service_id=slot.service.id,
        givers=[slot.giver],
        first_day=slot.day,
        last_day=slot.day,
        except_for=appointment_id,
    )
    if not limits.service_allows(slot.giver, slot.day):
        raise TimeTaken("the service is not given more often then")
    if not joins and not limits.person_allows(slot.giver, slot.day):
        raise TimeTaken("the person gives no more appointments then")


async def _seats_of_person(
    scope: Scope, slot: Slot, own: tuple[int, ...], taken: set[int]
) -> tuple[int, ...]:
    if slot.rules.capacity == 1:
        return own
    seats = await _with_seats(scope, own, slot.rules.capacity)
    for seat in seats:
        if seat not in taken:
            return (seat,)
    raise TimeTaken("the class is full")


async def _seats_of_room(
    scope: Scope, room: RoomSeats, every: tuple[int, ...], taken: set[int]
) -> tuple[int, ...]:
    """Nothing if it is taken."""
    if not room.shared:
        return () if taken.intersection(every) else every
    for seat in await _with_seats(scope, every, room.count):
        if seat not in taken:
            return (seat,)
    return ()


async def _with_seats(scope: Scope, seats: tuple[int, ...], count: int) -> tuple[int, ...]:
    """The first `count` seats. Those that are not there yet are made now: under the lock of their
    parent nobody else makes the same."""
    if len(seats) < count:
        await set_seats(scope, resource_id=seats[0], count=count)
        seats = (await read_seats(scope, [seats[0]]))[seats[0]]
    return seats[:count]
