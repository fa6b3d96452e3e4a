"""Whose hours are meant: of the business, a place, a person, or a person at a place."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import InstrumentedAttribute

from domain.database import Scope
from domain.errors import NotFound
from domain.people.models import Person
from domain.places import operations as places


@dataclass(frozen=True, kw_only=True)
class Owner:
    """A person (None: opening hours) at a place (None: the main address)."""

    person_id: UUID | None = None
    place_id: UUID | None = None

    def owns(
        self,
        person: InstrumentedAttribute[UUID | None],
        place: InstrumentedAttribute[UUID | None],
    ) -> ColumnElement[bool]:
        """Whether the row with these columns is theirs."""
        return _is(person, self.person_id) & _is(place, self.place_id)


async def read_owner(scope: Scope, *, person_id: UUID | None, place_id: UUID | None) -> Owner:
    """The owner with these ids; the business's own id as `place_id` means its main address.

    Raises NotFound: the foreign keys alone would accept another business's person or place.
    """
    if person_id is not None:
        known = select(Person.id).where(Person.id == person_id)
        if await scope.session.scalar(known) is None:
            raise NotFound("person")
    place = await places.find(scope, place_id=place_id)
    return Owner(person_id=person_id, place_id=None if place is None else place.id)


async def lock_hours(scope: Scope) -> None:
    """Make others who set hours of this business wait until the transaction's end: of two who replace
    the same ones at once, neither sees what the other writes, and both would stay."""
    await scope.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('hours'), hashtext(:business_id))"),
        {"business_id": str(scope.business_id)},
    )


def _is(column: InstrumentedAttribute[UUID | None], value: UUID | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value
