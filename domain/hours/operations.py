"""When a business and its people work: the weekly hours, and the days off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from domain.database import Scope
from domain.errors import Invalid, NotFound
from domain.hours.models import Closure, WeeklyHours
from domain.hours.owners import lock_hours, read_owner
from domain.hours.spans import MOST_SPANS, Span, check_time, check_week
from domain.paging import check_limit
from domain.text import clean_line

__all__ = [
    "MOST_SPANS",
    "Span",
    "create_closure",
    "delete_closure",
    "list_closures",
    "list_hours",
    "replace_hours",
]

_LONGEST_REASON = 200
_LONGEST_CLOSURE = timedelta(days=2 * 366)


async def replace_hours(
    scope: Scope,
    *,
    spans: Sequence[Span],
    person_id: UUID | None = None,
    place_id: UUID | None = None,
) -> Sequence[WeeklyHours]:
    """Set the whole week of the main address, of a place (nothing: those of the main address) or of a
    person at one of them (nothing anywhere: whenever their place is open).

    Raises Invalid naming the entry (`hours[3].closes`), NotFound for the person or the place; then
    nothing has changed.
    """
    check_week(spans)
    owner = await read_owner(scope, person_id=person_id, place_id=place_id)
    await lock_hours(scope)
    await scope.session.execute(
        delete(WeeklyHours).where(owner.owns(WeeklyHours.person_id, WeeklyHours.place_id))
    )
    scope.session.add_all(
        WeeklyHours(
            id=scope.seam.new_id(),
            business_id=scope.business_id,
            person_id=owner.person_id,
            place_id=owner.place_id,
            weekday=span.weekday,
            opens=span.opens,
            closes=span.closes,
        )
        for span in spans
    )
    await scope.session.flush()
    return await list_hours(scope, person_id=person_id, place_id=place_id)


async def list_hours(
    scope: Scope, *, person_id: UUID | None = None, place_id: UUID | None = None
) -> Sequence[WeeklyHours]:
    """The week that was set for the main address, a place, or a person at one of them, by weekday and
    time. Raises NotFound."""
    owner = await read_owner(scope, person_id=person_id, place_id=place_id)
    query = select(WeeklyHours).where(owner.owns(WeeklyHours.person_id, WeeklyHours.place_id))
    return (
        await scope.session.scalars(query.order_by(WeeklyHours.weekday, WeeklyHours.opens))
    ).all()


async def create_closure(
    scope: Scope,
    *,
    first_day: date,
    last_day: date | None = None,
    reason: str = "",
    person_id: UUID | None = None,
    place_id: UUID | None = None,
    from_time: time | None = None,
    until_time: time | None = None,
) -> Closure:
    """Days off of the business at all its places, of one place, of one person, or of a person at a
    place; `last_day` is included, by default `first_day`. With `from_time` and `until_time` only what
    lies between them on each of the days.

    Raises Invalid naming the field, NotFound for the person or the place. Appointments on those days
    stay.
    """
    last_day = last_day or first_day
    if last_day < first_day:
        raise Invalid("last_day", "is before first_day")
    if last_day - first_day > _LONGEST_CLOSURE:
        raise Invalid("last_day", "is more than two years after first_day")
    _check_between(from_time, until_time)
    if place_id == scope.business_id:
        raise Invalid("place_id", "is the business itself: leave it out to close all its places")
    owner = await read_owner(scope, person_id=person_id, place_id=place_id)
    closure = Closure(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        person_id=owner.person_id,
        place_id=owner.place_id,
        first_day=first_day,
        last_day=last_day,
        from_time=from_time,
        until_time=until_time,
        reason=clean_line(reason, field="reason", longest=_LONGEST_REASON, required=False),
    )
    scope.session.add(closure)
    await scope.session.flush()
    return closure


async def list_closures(
    scope: Scope,
    *,
    limit: int = 50,
    after: UUID | None = None,
    person_id: UUID | None = None,
    place_id: UUID | None = None,
    not_before: date | None = None,
) -> Sequence[Closure]:
    """Closures in the order they were made, of everybody or of one person or place; `not_before`
    leaves out those that are over by then."""
    query = select(Closure).order_by(Closure.id)
    if after is not None:
        query = query.where(Closure.id > after)
    if person_id is not None:
        query = query.where(Closure.person_id == person_id)
    if place_id is not None:
        query = query.where(Closure.place_id == place_id)
    if not_before is not None:
        query = query.where(Closure.last_day >= not_before)
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


async def delete_closure(scope: Scope, *, closure_id: UUID) -> None:
    """Raises NotFound."""
    closure = await scope.session.scalar(select(Closure).where(Closure.id == closure_id))
    if closure is None:
        raise NotFound("closure")
    await scope.session.delete(closure)
    await scope.session.flush()


def _check_between(from_time: time | None, until_time: time | None) -> None:
    if from_time is None and until_time is None:
        return
    if until_time is None:
        raise Invalid("until_time", "is needed with from_time")
    if from_time is None:
        raise Invalid("from_time", "is needed with until_time")
    check_time("from_time", from_time)
    check_time("until_time", until_time)
    if until_time <= from_time:
        raise Invalid("until_time", "must be after from_time")
