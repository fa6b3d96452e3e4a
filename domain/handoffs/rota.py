"""The rota: who is on call for a department, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select

from domain.businesses import operations as businesses
from domain.database import Scope
from domain.errors import Conflict, Invalid, NotFound
from domain.handoffs.departments import check_department
from domain.handoffs.models import RotaShift
from domain.handoffs.shifts import times
from domain.hours.spans import check_time
from domain.paging import check_limit
from domain.people.models import Person
from domain.unset import UNSET, Unset, given

MOST_SHIFTS: Final = 2000
MOST_DAYS: Final = 62
"""Of the rota that are listed at once."""
LONGEST_WEEKS: Final = 52
_EARLIEST: Final = date(2000, 1, 1)
_LATEST: Final = date(2200, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """One time that a shift comes."""

    shift_id: UUID
    department_id: UUID
    person_id: UUID
    day: date
    begins_at: datetime
    ends_at: datetime
    unreachable: bool
    """Nobody is rung for it: the person has no telephone, or is not active any more."""


async def create(
    scope: Scope,
    *,
    department_id: UUID,
    person_id: UUID,
    day: date,
    begins: time,
    ends: time,
    every_weeks: int | None = None,
    until: date | None = None,
) -> RotaShift:
    """Somebody is on call for a department from `begins` to `ends` (wall clock of the business; at or
    before `begins`: the next day) on `day`, and every so many weeks until the day `until`, included.

    Raises Invalid naming the field, Conflict where there are too many.
    """
    _check(day=day, begins=begins, ends=ends, every_weeks=every_weeks, until=until)
    await check_department(scope, department_id)
    await _check_person(scope, person_id)
    if (await scope.session.scalar(select(func.count(RotaShift.id))) or 0) >= MOST_SHIFTS:
        raise Conflict(f"there are {MOST_SHIFTS} shifts already; remove those that are over")
    shift = RotaShift(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        department_id=department_id,
        person_id=person_id,
        day=day,
        begins=begins,
        ends=ends,
        every_weeks=every_weeks,
        until=until,
        created_at=scope.seam.now(),
    )
    scope.session.add(shift)
    await scope.session.flush()
    return shift


async def update(
    scope: Scope,
    *,
    shift_id: UUID,
    department_id: UUID | None = None,
    person_id: UUID | None = None,
    day: date | None = None,
    begins: time | None = None,
    ends: time | None = None,
    every_weeks: int | Unset | None = UNSET,
    until: date | Unset | None = UNSET,
) -> RotaShift:
    """Change what is given, for every time the shift comes; None for `every_weeks` lets it come once,
    for `until` for ever. Raises Invalid naming the field, NotFound."""
    shift = await get(scope, shift_id=shift_id)
    if every_weeks is None and until is UNSET:
        until = None
    changes: dict[str, Any] = {
        "day": day or shift.day,
        "begins": shift.begins if begins is None else begins,
        "ends": shift.ends if ends is None else ends,
        "every_weeks": given(every_weeks, shift.every_weeks),
        "until": given(until, shift.until),
    }
    _check(**changes)
    if department_id is not None:
        changes["department_id"] = (await check_department(scope, department_id)).id
    if person_id is not None and person_id != shift.person_id:
        await _check_person(scope, person_id)
        changes["person_id"] = person_id
    for field, value in changes.items():
        setattr(shift, field, value)
    await scope.session.flush()
    return shift


async def remove(scope: Scope, *, shift_id: UUID) -> None:
    """Raises NotFound."""
    await scope.session.delete(await get(scope, shift_id=shift_id))
    await scope.session.flush()


async def get(scope: Scope, *, shift_id: UUID) -> RotaShift:
    """Raises NotFound."""
    shift = await scope.session.scalar(select(RotaShift).where(RotaShift.id == shift_id))
    if shift is None:
        raise NotFound("shift")
    return shift


async def list_shifts(
    scope: Scope,
    *,
    limit: int = 50,
    after: UUID | None = None,
    department_id: UUID | None = None,
    person_id: UUID | None = None,
) -> Sequence[RotaShift]:
    """Shifts in the order they were made; `after` is the id at which the last page ended."""
    query = select(RotaShift).order_by(RotaShift.id)
    if after is not None:
        query = query.where(RotaShift.id > after)
    if department_id is not None:
        query = query.where(RotaShift.department_id == department_id)
    if person_id is not None:
        query = query.where(RotaShift.person_id == person_id)
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


async def list_occurrences(
    scope: Scope,
    *,
    first_day: date,
    last_day: date,
    department_id: UUID | None = None,
    person_id: UUID | None = None,
) -> Sequence[Occurrence]:
    """Every time that a shift begins on these days (both included, of the business's zone), the
    earliest first. Raises Invalid on `last_day`."""
    if last_day < first_day:
        raise Invalid("last_day", "is before first_day")
    if (last_day - first_day).days >= MOST_DAYS:
        raise Invalid("last_day", f"must be at most {MOST_DAYS} days from first_day")
    if first_day < _EARLIEST or last_day > _LATEST:
        raise Invalid("first_day", "is too far away")
    zone = ZoneInfo((await businesses.get(scope)).time_zone)
    query = select(RotaShift, Person).join(Person, Person.id == RotaShift.person_id)
    query = query.where(not_over(first_day), RotaShift.day <= last_day)
    if department_id is not None:
        query = query.where(RotaShift.department_id == department_id)
    if person_id is not None:
        query = query.where(RotaShift.person_id == person_id)
    found = [
        Occurrence(
            shift_id=shift.id,
            department_id=shift.department_id,
            person_id=person.id,
            day=one.day,
            begins_at=one.begins_at,
            ends_at=one.ends_at,
            unreachable=not (person.phone and person.active),
        )
        for shift, person in await scope.session.execute(query)
        for one in times(shift, zone, first_day=first_day, last_day=last_day)
    ]
    return sorted(found, key=lambda one: (one.begins_at, one.ends_at, one.shift_id))


def not_over(first_day: date) -> ColumnElement[bool]:
    """Whether a shift may still come on `first_day` or later."""
    once = RotaShift.every_weeks.is_(None) & (RotaShift.day >= first_day)
    again = RotaShift.every_weeks.is_not(None) & or_(
        RotaShift.until.is_(None), RotaShift.until >= first_day
    )
    return once | again


async def _check_person(scope: Scope, person_id: UUID) -> None:
    """The foreign key alone would accept another business's person."""
    active = await scope.session.scalar(select(Person.active).where(Person.id == person_id))
    if active is None:
        raise Invalid("person_id", "is not a person of this business")
    if not active:
        raise Invalid("person_id", "is a person who is not active")


def _check(
    *, day: date, begins: time, ends: time, every_weeks: int | None, until: date | None
) -> None:
    check_time("begins", begins)
    check_time("ends", ends)
    if not _EARLIEST <= day <= _LATEST:
        raise Invalid("day", "is too far away")
    if every_weeks is not None and not 1 <= every_weeks <= LONGEST_WEEKS:
        raise Invalid("every_weeks", f"must be from 1 to {LONGEST_WEEKS}")
    if until is not None and every_weeks is None:
        raise Invalid("until", "is only for a shift that comes again: give every_weeks too")
    if until is not None and until < day:
        raise Invalid("until", "is before day")
