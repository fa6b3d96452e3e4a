"""The people of a business who give appointments or take calls."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.businesses import operations as businesses
from domain.database import Scope
from domain.email import parse_email
from domain.errors import Invalid, NotFound
from domain.paging import check_limit
from domain.people.models import Person, Resource
from domain.phone import parse_phone
from domain.places.operations import check_place
from domain.scheduling.matching import match
from domain.services.capacity import fit_seats
from domain.text import clean_line
from domain.unset import UNSET, Unset

MOST_APPOINTMENTS = 1000
"""The highest limit a day or a week."""

_LONGEST_NAME = 120
_LONGEST_TITLE = 80


async def create(
    scope: Scope,
    *,
    name: str,
    title: str = "",
    phone: str | None = None,
    email: str | None = None,
    place_id: UUID | None = None,
    daily_limit: int | None = None,
    weekly_limit: int | None = None,
) -> Person:
    """A new person, with the resource that their appointments take, at a place (None: the main
    address).

    Raises Invalid naming the field.
    """
    checked_phone = await _phone(scope, phone)
    checked_email = parse_email(email) if email else None
    name, title = _name(name), _title(title)
    place_id = await check_place(scope, place_id)
    daily_limit = _limit("daily_limit", daily_limit)
    weekly_limit = _limit("weekly_limit", weekly_limit)
    resource = Resource(business_id=scope.business_id, kind="person")
    scope.session.add(resource)
    await scope.session.flush()
    person = Person(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        resource_id=resource.id,
        name=name,
        title=title,
        phone=checked_phone,
        email=checked_email,
        place_id=place_id,
        daily_limit=daily_limit,
        weekly_limit=weekly_limit,
        active=True,
        created_at=scope.seam.now(),
    )
    scope.session.add(person)
    await scope.session.flush()
    await fit_seats(scope)
    return person


async def update(
    scope: Scope,
    *,
    person_id: UUID,
    name: str | None = None,
    title: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    place_id: UUID | Unset | None = UNSET,
    daily_limit: int | Unset | None = UNSET,
    weekly_limit: int | Unset | None = UNSET,
    active: bool | None = None,
) -> Person:
    """Change what is given; an empty `phone` or `email` removes it, as None does a limit. Raises
    Invalid naming the field, NotFound."""
    person = await get(scope, person_id=person_id)
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = _name(name)
    if title is not None:
        changes["title"] = _title(title)
    if phone is not None:
        changes["phone"] = await _phone(scope, phone)
    if email is not None:
        changes["email"] = parse_email(email) if email else None
    if place_id is not UNSET:
        changes["place_id"] = await check_place(scope, place_id)
    if daily_limit is not UNSET:
        changes["daily_limit"] = _limit("daily_limit", daily_limit)
    if weekly_limit is not UNSET:
        changes["weekly_limit"] = _limit("weekly_limit", weekly_limit)
    if active is not None:
        changes["active"] = active
    for field, value in changes.items():
        setattr(person, field, value)
    await scope.session.flush()
    return person


async def deactivate(scope: Scope, *, person_id: UUID) -> Person:
    """Offer no more times of this person; their appointments stay. Raises NotFound."""
    return await update(scope, person_id=person_id, active=False)


async def get(scope: Scope, *, person_id: UUID) -> Person:
    """Raises NotFound."""
    person = await scope.session.scalar(select(Person).where(Person.id == person_id))
    if person is None:
        raise NotFound("person")
    return person


async def list_people(
    scope: Scope, *, limit: int = 50, after: UUID | None = None, active: bool | None = None
) -> Sequence[Person]:
    """People in the order they were made; `after` is the id at which the last page ended."""
    query = select(Person).order_by(Person.id)
    if after is not None:
        query = query.where(Person.id > after)
    if active is not None:
        query = query.where(Person.active.is_(active))
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


async def names(scope: Scope, *, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of those of `person_ids` that exist, active or not."""
    people = await scope.session.scalars(select(Person).where(Person.id.in_(person_ids)))
    return {person.id: person.name for person in people}


async def named(scope: Scope, *, name: str) -> Person:
    """The active person that a caller means, by name or else by title (`the hygienist`). Raises
    Invalid on `person`, listing who there is, if nobody or several fit."""
    people = (
        await scope.session.scalars(select(Person).where(Person.active).order_by(Person.id))
    ).all()
    found = match(name, ((person.name, person) for person in people)) or match(
        name, ((person.title, person) for person in people if person.title)
    )
    if found is None:
        known = ", ".join(_introduced(person) for person in people) or "nobody"
        raise Invalid("person", f"is not one person who works here; there are: {known}")
    return found


def _introduced(person: Person) -> str:
    return f"{person.name} ({person.title})" if person.title else person.name


def _name(text: str) -> str:
    return clean_line(text, field="name", longest=_LONGEST_NAME)


def _title(text: str) -> str:
    return clean_line(text, field="title", longest=_LONGEST_TITLE, required=False)


def _limit(field: str, count: int | None) -> int | None:
    if count is not None and not 1 <= count <= MOST_APPOINTMENTS:
        raise Invalid(field, f"must be from 1 to {MOST_APPOINTMENTS}")
    return count


async def _phone(scope: Scope, text: str | None) -> str | None:
    if not text:
        return None
    return parse_phone(text, region=(await businesses.get(scope)).country)
