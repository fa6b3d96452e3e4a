"""What a business offers, and who gives it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, func, select

from domain.database import Scope
from domain.errors import Conflict, Invalid, NotFound
from domain.paging import check_limit
from domain.people.models import Person
from domain.scheduling.matching import match
from domain.services.models import Service, ServicePerson
from domain.text import clean_line, clean_text

_LONGEST_NAME = 80
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
    person_ids: Collection[UUID] = (),
) -> Service:
    """A new service, given by `person_ids`, or by everybody active if that is empty.

    Raises Invalid naming the field, Conflict when another service has the name.
    """
    service = Service(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        name=await _free_name(scope, name),
        description=_description(description),
        duration_minutes=_minutes("duration_minutes", duration_minutes, 5, 1440),
        buffer_before_minutes=_minutes("buffer_before_minutes", buffer_before_minutes, 0, 240),
        buffer_after_minutes=_minutes("buffer_after_minutes", buffer_after_minutes, 0, 240),
        price=_price(price),
        active=True,
        created_at=scope.seam.now(),
    )
    scope.session.add(service)
    await scope.session.flush()
    await set_people(scope, service_id=service.id, person_ids=person_ids)
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
    active: bool | None = None,
    person_ids: Collection[UUID] | None = None,
) -> Service:
    """Change what is given; appointments already made keep their times.

    Raises Invalid naming the field, NotFound, Conflict when another service has the name.
    """
    service = await get(scope, service_id=service_id)
    if name is not None:
        service.name = await _free_name(scope, name, except_for=service_id)
    if description is not None:
        service.description = _description(description)
    if duration_minutes is not None:
        service.duration_minutes = _minutes("duration_minutes", duration_minutes, 5, 1440)
    if buffer_before_minutes is not None:
        service.buffer_before_minutes = _minutes(
            "buffer_before_minutes", buffer_before_minutes, 0, 240
        )
    if buffer_after_minutes is not None:
        service.buffer_after_minutes = _minutes(
            "buffer_after_minutes", buffer_after_minutes, 0, 240
        )
    if price is not None:
        service.price = _price(price)
    if active is not None:
        service.active = active
    await scope.session.flush()
    if person_ids is not None:
        await set_people(scope, service_id=service_id, person_ids=person_ids)
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


async def set_people(scope: Scope, *, service_id: UUID, person_ids: Collection[UUID]) -> None:
    """Say who gives the service; nobody named means everybody active.

    Raises NotFound for the service, Invalid naming the entry (`person_ids[1]`) for a person.
    """
    await get(scope, service_id=service_id)
    wanted = list(dict.fromkeys(person_ids))
    # The foreign key alone would accept another business's person: its check sees every row.
    known = set(await scope.session.scalars(select(Person.id).where(Person.id.in_(wanted))))
    for place, person_id in enumerate(wanted):
        if person_id not in known:
            raise Invalid(f"person_ids[{place}]", "is not a person of this business")
    await scope.session.execute(delete(ServicePerson).where(ServicePerson.service_id == service_id))
    scope.session.add_all(
        ServicePerson(service_id=service_id, person_id=person_id, business_id=scope.business_id)
        for person_id in wanted
    )
    await scope.session.flush()


async def people_of(scope: Scope, *, service_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The people listed for each service; an empty list means everybody active."""
    listed: dict[UUID, list[UUID]] = {service_id: [] for service_id in service_ids}
    rows = await scope.session.execute(
        select(ServicePerson.service_id, ServicePerson.person_id)
        .where(ServicePerson.service_id.in_(listed))
        .order_by(ServicePerson.person_id)
    )
    for service_id, person_id in rows:
        listed[service_id].append(person_id)
    return listed


async def named(scope: Scope, *, name: str) -> Service:
    """The active service that a caller means. Raises Invalid on `service`, listing what there is,
    if none or several fit."""
    services = (
        await scope.session.scalars(select(Service).where(Service.active).order_by(Service.name))
    ).all()
    found = match(name, ((service.name, service) for service in services))
    if found is None:
        names = ", ".join(service.name for service in services) or "none at all"
        raise Invalid("service", f"is not one service of this business; there are: {names}")
    return found


async def _free_name(scope: Scope, name: str, *, except_for: UUID | None = None) -> str:
    name = clean_line(name, field="name", longest=_LONGEST_NAME)
    # Callers say names; two that differ in case only could not be told apart.
    query = select(Service.id).where(func.lower(Service.name) == name.lower())
    if except_for is not None:
        query = query.where(Service.id != except_for)
    if await scope.session.scalar(query.limit(1)) is not None:
        raise Conflict("there is a service with this name already")
    return name


def _description(text: str) -> str:
    return clean_text(text, field="description", longest=_LONGEST_DESCRIPTION, required=False)


def _price(text: str) -> str:
    return clean_line(text, field="price", longest=_LONGEST_PRICE, required=False)


def _minutes(field: str, minutes: int, least: int, most: int) -> int:
    if not least <= minutes <= most:
        raise Invalid(field, f"must be from {least} to {most} minutes")
    return minutes
