"""Who gives a service, and which of the rooms it needs one of."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute

from domain.database import Scope
from domain.errors import Invalid, NotFound
from domain.people.models import Person
from domain.rooms.models import Room, ServiceRoom
from domain.services.capacity import fit_seats
from domain.services.models import Service, ServicePerson

Link = TypeVar("Link", ServicePerson, ServiceRoom)


async def set_people(scope: Scope, *, service_id: UUID, person_ids: Collection[UUID]) -> None:
    """Say who gives the service; nobody named means everybody active.

    Raises NotFound for the service, Invalid naming the entry (`person_ids[1]`) for a person.
    """
    await _require_service(scope, service_id)
    wanted = await known_people(scope, person_ids)
    await scope.session.execute(delete(ServicePerson).where(ServicePerson.service_id == service_id))
    scope.session.add_all(
        ServicePerson(service_id=service_id, person_id=person_id, business_id=scope.business_id)
        for person_id in wanted
    )
    await scope.session.flush()
    await fit_seats(scope)


async def set_rooms(scope: Scope, *, service_id: UUID, room_ids: Collection[UUID]) -> None:
    """Say which rooms the service needs one of; none named means that it needs none.

    Raises NotFound for the service, Invalid naming the entry (`room_ids[1]`) for a room.
    """
    await _require_service(scope, service_id)
    wanted = await known_rooms(scope, room_ids)
    await scope.session.execute(delete(ServiceRoom).where(ServiceRoom.service_id == service_id))
    scope.session.add_all(
        ServiceRoom(service_id=service_id, room_id=room_id, business_id=scope.business_id)
        for room_id in wanted
    )
    await scope.session.flush()


async def people_of(scope: Scope, *, service_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The people listed for each service; an empty list means everybody active."""
    return await _listed(scope, ServicePerson, ServicePerson.person_id, service_ids)


async def rooms_of(scope: Scope, *, service_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The rooms listed for each service; an empty list means that it needs none."""
    return await _listed(scope, ServiceRoom, ServiceRoom.room_id, service_ids)


async def known_people(scope: Scope, person_ids: Collection[UUID]) -> list[UUID]:
    """Each of `person_ids` once. Raises Invalid naming the entry that is nobody here."""
    return await _known(scope, person_ids, Person.id, "person_ids", "a person")


async def known_rooms(scope: Scope, room_ids: Collection[UUID]) -> list[UUID]:
    """Each of `room_ids` once. Raises Invalid naming the entry that is no room here."""
    return await _known(scope, room_ids, Room.id, "room_ids", "a room")


async def _known(
    scope: Scope,
    ids: Collection[UUID],
    column: InstrumentedAttribute[UUID],
    field: str,
    noun: str,
) -> list[UUID]:
    wanted = list(dict.fromkeys(ids))
    # The foreign key alone would accept another business's row: its check sees every one.
    known = set(await scope.session.scalars(select(column).where(column.in_(wanted))))
    for place, one in enumerate(wanted):
        if one not in known:
            raise Invalid(f"{field}[{place}]", f"is not {noun} of this business")
    return wanted


async def _listed(
    scope: Scope,
    link: type[Link],
    column: InstrumentedAttribute[UUID],
    service_ids: Collection[UUID],
) -> dict[UUID, list[UUID]]:
    listed: dict[UUID, list[UUID]] = {service_id: [] for service_id in service_ids}
    rows = await scope.session.execute(
        select(link.service_id, column).where(link.service_id.in_(listed)).order_by(column)
    )
    for service_id, one in rows:
        listed[service_id].append(one)
    return listed


async def _require_service(scope: Scope, service_id: UUID) -> None:
    found = select(Service.id).where(Service.id == service_id)
    if await scope.session.scalar(found) is None:
        raise NotFound("service")
