"""The further addresses at which a business gives appointments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.businesses import operations as businesses
from domain.database import Scope
from domain.errors import Invalid, NotFound
from domain.holidays.calendar import check_subdivision
from domain.names import free_name
from domain.paging import check_limit
from domain.places.models import Place
from domain.text import clean_line

_LONGEST_ADDRESS = 300


async def create(
    scope: Scope,
    *,
    name: str,
    address: str = "",
    time_zone: str | None = None,
    country: str | None = None,
    subdivision: str = "",
) -> Place:
    """A new place; zone (IANA) and country (ISO 3166-1 alpha-2) are the business's if not given.

    Raises Invalid naming the field, Conflict when another place has the name.
    """
    business = await businesses.get(scope)
    country = businesses.check_country(country or business.country)
    place = Place(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        name=await free_name(scope, Place, name),
        address=_address(address),
        time_zone=businesses.check_time_zone(time_zone or business.time_zone),
        country=country,
        subdivision=check_subdivision(country, subdivision),
        active=True,
        created_at=scope.seam.now(),
    )
    scope.session.add(place)
    await scope.session.flush()
    return place


async def update(
    scope: Scope,
    *,
    place_id: UUID,
    name: str | None = None,
    address: str | None = None,
    time_zone: str | None = None,
    country: str | None = None,
    subdivision: str | None = None,
    active: bool | None = None,
) -> Place:
    """Change what is given. Appointments keep their instants, and stay at a place that is no longer
    active. Raises Invalid naming the field, NotFound, Conflict when another place has the name."""
    place = await get(scope, place_id=place_id)
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = await free_name(scope, Place, name, except_for=place_id)
    if address is not None:
        changes["address"] = _address(address)
    if time_zone is not None:
        changes["time_zone"] = businesses.check_time_zone(time_zone)
    if country is not None or subdivision is not None:
        changes["country"] = businesses.check_country(country or place.country)
        changes["subdivision"] = check_subdivision(
            changes["country"], place.subdivision if subdivision is None else subdivision
        )
    if active is not None:
        changes["active"] = active
    for field, value in changes.items():
        setattr(place, field, value)
    await scope.session.flush()
    return place


async def deactivate(scope: Scope, *, place_id: UUID) -> Place:
    """Offer no more times there; its appointments stay. Raises NotFound."""
    return await update(scope, place_id=place_id, active=False)


async def get(scope: Scope, *, place_id: UUID) -> Place:
    """Raises NotFound."""
    place = await scope.session.scalar(select(Place).where(Place.id == place_id))
    if place is None:
        raise NotFound("place")
    return place


async def find(scope: Scope, *, place_id: UUID | None) -> Place | None:
    """The place; None for the main address, which None and the business's own id mean. Raises
    NotFound."""
    if place_id is None or place_id == scope.business_id:
        return None
    return await get(scope, place_id=place_id)


async def check_place(scope: Scope, place_id: UUID | None) -> UUID | None:
    """The id to store for a place that somebody or something is at: None for the main address. Raises
    Invalid on `place_id`: the foreign key alone would accept another business's place."""
    try:
        place = await find(scope, place_id=place_id)
    except NotFound:
        raise Invalid("place_id", "is not a place of this business") from None
    return None if place is None else place.id


async def list_places(
    scope: Scope, *, limit: int = 50, after: UUID | None = None, active: bool | None = None
) -> Sequence[Place]:
    """Places in the order they were made; `after` is the id at which the last page ended."""
    query = select(Place).order_by(Place.id)
    if after is not None:
        query = query.where(Place.id > after)
    if active is not None:
        query = query.where(Place.active.is_(active))
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


def _address(text: str) -> str:
    return clean_line(text, field="address", longest=_LONGEST_ADDRESS, required=False)
