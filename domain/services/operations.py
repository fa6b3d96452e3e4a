"""What a business offers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import select

from domain.database import Scope
from domain.errors import Invalid, NotFound
from domain.names import free_name
from domain.paging import check_limit
from domain.scheduling import matching
from domain.services.capacity import fit_seats, lock_people
from domain.services.models import Service
from domain.services.needs import (
    known_people,
    known_rooms,
    people_of,
    rooms_of,
    set_people,
    set_rooms,
)
from domain.text import clean_line, clean_text
from domain.unset import UNSET, Unset

__all__ = [
    "BOUNDS",
    "Channel",
    "create",
    "deactivate",
    "get",
    "list_services",
    "named",
    "people_of",
    "rooms_of",
    "set_people",
    "set_rooms",
    "update",
]

Channel = Literal["in_person", "phone", "online"]

BOUNDS = {
    "duration_minutes": (5, 1440),
    "buffer_before_minutes": (0, 240),
    "buffer_after_minutes": (0, 240),
    "capacity": (1, 200),
    "daily_limit": (1, 10_000),
    "weekly_limit": (1, 10_000),
    "minimum_notice_minutes": (0, 60 * 24 * 90),
}
"""The least and the most of what is counted."""

_LONGEST_DESCRIPTION = 1000
_LONGEST_PRICE = 80


async def create(
    scope: Scope,
    *,
    name: str,
    duration_minutes: int,
    description: str = "",
    buffer_before_minutes: int = 0,
    buffer_after_minutes: int = 0,
    price: str = "",
    channel: Channel = "in_person",
    capacity: int = 1,
    new_contacts_only: bool = False,
    daily_limit: int | None = None,
    weekly_limit: int | None = None,
    minimum_notice_minutes: int | None = None,
    person_ids: Collection[UUID] = (),
    room_ids: Collection[UUID] = (),
) -> Service:
    """A new service, given by `person_ids`, or by everybody active if that is empty, in one of
    `room_ids`, or without a room if that is empty.

    Raises Invalid naming the field, Conflict when another service has the name.
    """
    values = _checked(
        {
            "description": description,
            "duration_minutes": duration_minutes,
            "buffer_before_minutes": buffer_before_minutes,
            "buffer_after_minutes": buffer_after_minutes,
            "price": price,
            "channel": channel,
            "capacity": capacity,
            "new_contacts_only": new_contacts_only,
            "daily_limit": daily_limit,
            "weekly_limit": weekly_limit,
            "minimum_notice_minutes": minimum_notice_minutes,
        }
    )
    people, rooms = await known_people(scope, person_ids), await known_rooms(scope, room_ids)
    service = Service(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        name=await free_name(scope, Service, name),
        active=True,
        created_at=scope.seam.now(),
        **values,
    )
    scope.session.add(service)
    await scope.session.flush()
    await set_rooms(scope, service_id=service.id, room_ids=rooms)
    await set_people(scope, service_id=service.id, person_ids=people)
    return service


async def update(
    scope: Scope,
    *,
    service_id: UUID,
    name: str | None = None,
    duration_minutes: int | None = None,
    description: str | None = None,
    buffer_before_minutes: int | None = None,
    buffer_after_minutes: int | None = None,
    price: str | None = None,
    channel: Channel | None = None,
    capacity: int | None = None,
    new_contacts_only: bool | None = None,
    daily_limit: int | Unset | None = UNSET,
    weekly_limit: int | Unset | None = UNSET,
    minimum_notice_minutes: int | Unset | None = UNSET,
    active: bool | None = None,
    person_ids: Collection[UUID] | None = None,
    room_ids: Collection[UUID] | None = None,
) -> Service:
    """Change what is given; a limit or a notice of None is removed. Appointments already made keep
    their times, their people, rooms and seats.

    Raises Invalid naming the field, NotFound, Conflict when another service has the name.
    """
    service = await get(scope, service_id=service_id)
    changes: dict[str, Any] = {
        "description": description,
        "duration_minutes": duration_minutes,
        "buffer_before_minutes": buffer_before_minutes,
        "buffer_after_minutes": buffer_after_minutes,
        "price": price,
        "channel": channel,
        "capacity": capacity,
        "new_contacts_only": new_contacts_only,
        "active": active,
    }
    limits = {
        "daily_limit": daily_limit,
        "weekly_limit": weekly_limit,
        "minimum_notice_minutes": minimum_notice_minutes,
    }
    values = _checked(
        {field: value for field, value in changes.items() if value is not None}
        | {field: value for field, value in limits.items() if value is not UNSET}
    )
    people = None if person_ids is None else await known_people(scope, person_ids)
    rooms = None if room_ids is None else await known_rooms(scope, room_ids)
    if name is not None:
        values["name"] = await free_name(scope, Service, name, except_for=service_id)
    if capacity is not None or people is not None:
        await lock_people(scope)
    for field, value in values.items():
        setattr(service, field, value)
    await scope.session.flush()
    if rooms is not None:
        await set_rooms(scope, service_id=service_id, room_ids=rooms)
    if people is not None:
        await set_people(scope, service_id=service_id, person_ids=people)
    elif capacity is not None:
        await fit_seats(scope)
    return service


async def deactivate(scope: Scope, *, service_id: UUID) -> Service:
    """Offer the service no more; its appointments stay. Raises NotFound."""
    return await update(scope, service_id=service_id, active=False)


async def get(scope: Scope, *, service_id: UUID) -> Service:
    """Raises NotFound."""
    service = await scope.session.scalar(select(Service).where(Service.id == service_id))
    if service is None:
        raise NotFound("service")
    return service


async def list_services(
    scope: Scope, *, limit: int = 50, after: UUID | None = None, active: bool | None = None
) -> Sequence[Service]:
    """Services in the order they were made; `after` is the id at which the last page ended."""
    query = select(Service).order_by(Service.id)
    if after is not None:
        query = query.where(Service.id > after)
    if active is not None:
        query = query.where(Service.active.is_(active))
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


async def named(scope: Scope, *, name: str) -> Service:
    """The active service that a caller means. Raises Invalid on `service`, listing what there is,
    if none or several fit."""
    services = (
        await scope.session.scalars(select(Service).where(Service.active).order_by(Service.name))
    ).all()
    found = matching.match(name, ((service.name, service) for service in services))
    if found is None:
        names = ", ".join(service.name for service in services) or "none at all"
        raise Invalid("service", f"is not one service of this business; there are: {names}")
    return found


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises Invalid naming the first wrong one."""
    return {field: _checked_one(field, value) for field, value in values.items()}


def _checked_one(field: str, value: Any) -> Any:
    match field:
        case "description":
            return clean_text(value, field=field, longest=_LONGEST_DESCRIPTION, required=False)
        case "price":
            return clean_line(value, field=field, longest=_LONGEST_PRICE, required=False)
        case "channel":
            if value not in get_args(Channel):
                raise Invalid(field, f"must be one of {', '.join(get_args(Channel))}")
    if field in BOUNDS and value is not None:
        least, most = BOUNDS[field]
        if not least <= value <= most:
            unit = " minutes" if field.endswith("_minutes") else ""
            raise Invalid(field, f"must be from {least} to {most}{unit}")
    return value
