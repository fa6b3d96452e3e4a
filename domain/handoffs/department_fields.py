"""What a department may be: its fields, checked one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, cast, get_args
from uuid import UUID

from sqlalchemy import select

from domain.businesses import operations as businesses
from domain.businesses.models import Number
from domain.database import Scope
from domain.errors import Invalid
from domain.hours.spans import Span, check_week
from domain.people.models import Person
from domain.phone import parse_phone
from domain.text import clean_line

Ring = Literal["in_order", "all_at_once"]
When = Literal["opening", "always", "own"]

MOST_MEMBERS: Final = 50
RING_SECONDS: Final = (5, 120)
TRIES: Final = (1, 5)
_LONGEST_DESCRIPTION: Final = 500


async def own_numbers(scope: Scope) -> frozenset[str]:
    """The numbers that the assistant answers: ringing one would bring the call back to it."""
    return frozenset((await scope.session.scalars(select(Number.e164))).all())


async def check_members(
    scope: Scope, member_ids: Sequence[UUID], *, already: frozenset[UUID]
) -> None:
    """Raises Invalid naming the entry. Who is a member `already` may stay though not active any more."""
    if len(member_ids) > MOST_MEMBERS:
        raise Invalid("member_ids", f"must be at most {MOST_MEMBERS} people")
    query = select(Person.id, Person.active).where(Person.id.in_(member_ids))
    active = dict((await scope.session.execute(query)).tuples().all())
    for place, person_id in enumerate(member_ids):
        field = f"member_ids[{place}]"
        if person_id not in active:
            raise Invalid(field, "is not a person of this business")
        if not active[person_id] and person_id not in already:
            raise Invalid(field, "is a person who is not active")
        if person_id in member_ids[:place]:
            raise Invalid(field, "is there twice")


def check_own_hours(hours: str, spans: Sequence[Span]) -> None:
    """Raises Invalid naming the entry (`own_hours[1].closes`), or `own_hours` where they are missing."""
    try:
        check_week(spans)
    except Invalid as error:
        raise Invalid(f"own_{error.field}", error.reason) from None
    if hours == "own" and not spans:
        raise Invalid("own_hours", "must not be empty where the department has hours of its own")


def check_description(value: str) -> str:
    """On one line. Raises Invalid."""
    return clean_line(value, field="description", longest=_LONGEST_DESCRIPTION, required=False)


async def read_phone(scope: Scope, value: str | None) -> str | None:
    """E.164, or None for none. Raises Invalid on `phone`, also when it is a number of the business."""
    if not value:
        return None
    number = parse_phone(value, region=(await businesses.get(scope)).country)
    if number in await own_numbers(scope):
        raise Invalid("phone", "is a number that the assistant answers: the call would come back")
    return number


def check_ring(value: str) -> Ring:
    """`value` if it is a way to ring. Raises Invalid."""
    if value not in get_args(Ring):
        raise Invalid("ring", f"must be one of {', '.join(get_args(Ring))}")
    return cast(Ring, value)


def check_when(value: str) -> When:
    """`value` if it says when a department can be rung. Raises Invalid on `hours`."""
    if value not in get_args(When):
        raise Invalid("hours", f"must be one of {', '.join(get_args(When))}")
    return cast(When, value)


def check_position(value: int | None) -> None:
    """Raises Invalid on `position`."""
    if value is not None and value < 0:
        raise Invalid("position", "must be 0 or more")


def check_ring_seconds(value: int) -> int:
    """`value` if a telephone may ring so long. Raises Invalid."""
    return _between("ring_seconds", value, RING_SECONDS)


def check_tries(value: int) -> int:
    """`value` if a department may be gone through so often. Raises Invalid."""
    return _between("tries", value, TRIES)


def _between(field: str, value: int, bounds: tuple[int, int]) -> int:
    if not bounds[0] <= value <= bounds[1]:
        raise Invalid(field, f"must be from {bounds[0]} to {bounds[1]}")
    return value
