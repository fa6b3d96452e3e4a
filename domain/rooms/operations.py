"""Rooms, chairs and machines that appointments need beside a person."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from domain.database import Scope
from domain.errors import Conflict, Invalid, NotFound
from domain.names import free_name
from domain.paging import check_limit
from domain.people.models import Resource
from domain.places.operations import check_place
from domain.rooms.models import Room
from domain.rooms.seats import set_seats
from domain.scheduling.models import Appointment
from domain.services.models import LONGEST
from domain.unset import UNSET, Unset

MOST_SEATS = 200


async def create(scope: Scope, *, name: str, place_id: UUID | None = None, seats: int = 1) -> Room:
    """A new room at a place (None: the main address), in which `seats` appointments can be at once.

    Raises Invalid naming the field, Conflict when another room has the name.
    """
    name = await free_name(scope, Room, name)
    place_id = await check_place(scope, place_id)
    seats = _seats(seats)
    resource = Resource(business_id=scope.business_id, kind="room")
    scope.session.add(resource)
    await scope.session.flush()
    room = Room(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        resource_id=resource.id,
        place_id=place_id,
        name=name,
        seats=seats,
        active=True,
        created_at=scope.seam.now(),
    )
    scope.session.add(room)
    await scope.session.flush()
    await set_seats(scope, resource_id=resource.id, count=seats)
    return room


async def update(
    scope: Scope,
    *,
    room_id: UUID,
    name: str | None = None,
    place_id: UUID | Unset | None = UNSET,
    seats: int | None = None,
    active: bool | None = None,
) -> Room:
    """Change what is given; appointments keep the room that they have.

    Raises Invalid naming the field, NotFound, Conflict when another room has the name, when a seat
    would go that a coming appointment takes, and when a room that is booked would be elsewhere.
    """
    room = await get(scope, room_id=room_id)
    checked_name = room.name
    if name is not None:
        checked_name = await free_name(scope, Room, name, except_for=room_id)
    checked_place = room.place_id if place_id is UNSET else await check_place(scope, place_id)
    if checked_place != room.place_id:
        await _require_not_booked(scope, room)
    if seats is not None:
        await set_seats(scope, resource_id=room.resource_id, count=_seats(seats))
        room.seats = seats
    room.name, room.place_id = checked_name, checked_place
    if active is not None:
        room.active = active
    await scope.session.flush()
    return room


async def deactivate(scope: Scope, *, room_id: UUID) -> Room:
    """Book it no more; appointments in it stay. Raises NotFound."""
    return await update(scope, room_id=room_id, active=False)


async def get(scope: Scope, *, room_id: UUID) -> Room:
    """Raises NotFound."""
    room = await scope.session.scalar(select(Room).where(Room.id == room_id))
    if room is None:
        raise NotFound("room")
    return room


async def list_rooms(
    scope: Scope,
    *,
    limit: int = 50,
    after: UUID | None = None,
    active: bool | None = None,
    place_id: UUID | None = None,
) -> Sequence[Room]:
    """Rooms in the order they were made; `after` is the id at which the last page ended. The business's
    own id as `place_id` means its main address."""
    query = select(Room).order_by(Room.id)
    if after is not None:
        query = query.where(Room.id > after)
    if active is not None:
        query = query.where(Room.active.is_(active))
    if place_id is not None:
        query = query.where(
            Room.place_id.is_(None) if place_id == scope.business_id else Room.place_id == place_id
        )
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


async def _require_not_booked(scope: Scope, room: Room) -> None:
    now = scope.seam.now()
    coming = select(Appointment.id).where(
        Appointment.room_id == room.id,
        Appointment.state != "cancelled",
        # By the index: the table may be long.
        Appointment.starts_at > now - LONGEST,
        Appointment.ends_at > now,
    )
    if await scope.session.scalar(coming.limit(1)) is not None:
        raise Conflict("appointments that are not over are booked in it where it is now")


def _seats(count: int) -> int:
    if not 1 <= count <= MOST_SEATS:
        raise Invalid("seats", f"must be from 1 to {MOST_SEATS}")
    return count
