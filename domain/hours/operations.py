"""When a business and its people work: the weekly hours and the days on which they do not hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select

from domain.database import Scope
from domain.errors import Invalid, NotFound
from domain.hours.models import Closure, WeeklyHours
from domain.paging import check_limit
from domain.people.models import Person
from domain.text import clean_line

MOST_SPANS = 70
_LONGEST_REASON = 200
_LONGEST_CLOSURE = timedelta(days=2 * 366)


@dataclass(frozen=True, kw_only=True)
class Span:
    """An open span of a weekday (0 is Monday), wall clock of the business, whole minutes."""

    weekday: int
    opens: time
    closes: time


async def replace_hours(
    scope: Scope, *, spans: Sequence[Span], person_id: UUID | None = None
) -> Sequence[WeeklyHours]:
    """Set the whole week of the business, or of one person (nothing: whenever the business is open).

    Raises Invalid naming the entry (`hours[3].closes`), NotFound for the person; then nothing has
    changed.
    """
    _check_spans(spans)
    await _require_person(scope, person_id)
    await scope.session.execute(delete(WeeklyHours).where(_is_of(person_id)))
    scope.session.add_all(
        WeeklyHours(
            id=scope.seam.new_id(),
            business_id=scope.business_id,
            person_id=person_id,
            weekday=span.weekday,
            opens=span.opens,
            closes=span.closes,
        )
        for span in spans
    )
    await scope.session.flush()
    return await list_hours(scope, person_id=person_id)


async def list_hours(scope: Scope, *, person_id: UUID | None = None) -> Sequence[WeeklyHours]:
    """The week of the business, or a person's own, by weekday and time."""
    query = select(WeeklyHours).where(_is_of(person_id))
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
) -> Closure:
    """Days off of the business, or of one person; `last_day` is included, by default `first_day`.

    Raises Invalid naming the field, NotFound for the person. Appointments on those days stay.
    """
    last_day = last_day or first_day
    if last_day < first_day:
        raise Invalid("last_day", "is before first_day")
    if last_day - first_day > _LONGEST_CLOSURE:
        raise Invalid("last_day", "is more than two years after first_day")
    await _require_person(scope, person_id)
    closure = Closure(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        person_id=person_id,
        first_day=first_day,
        last_day=last_day,
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
    not_before: date | None = None,
) -> Sequence[Closure]:
    """Closures in the order they were made, of everybody or of one person; `not_before` leaves out
    those that are over by then."""
    query = select(Closure).order_by(Closure.id)
    if after is not None:
        query = query.where(Closure.id > after)
    if person_id is not None:
        query = query.where(Closure.person_id == person_id)
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


def _check_spans(spans: Sequence[Span]) -> None:
    if len(spans) > MOST_SPANS:
        raise Invalid("hours", f"must be at most {MOST_SPANS} spans")
    for place, span in enumerate(spans):
        if not 0 <= span.weekday <= 6:
            raise Invalid(f"hours[{place}].weekday", "must be from 0 (Monday) to 6 (Sunday)")
        for name, at in (("opens", span.opens), ("closes", span.closes)):
            if at.tzinfo is not None:
                raise Invalid(f"hours[{place}].{name}", "must be local time without an offset")
            if at.second or at.microsecond:
                raise Invalid(f"hours[{place}].{name}", "must be a whole minute")
        if span.opens >= span.closes:
            raise Invalid(f"hours[{place}].closes", "must be after opens")
        for earlier, other in enumerate(spans[:place]):
            same_day = span.weekday == other.weekday
            if same_day and span.opens < other.closes and other.opens < span.closes:
                raise Invalid(f"hours[{place}].opens", f"overlaps hours[{earlier}]")


def _is_of(person_id: UUID | None) -> ColumnElement[bool]:
    return (
        WeeklyHours.person_id.is_(None) if person_id is None else WeeklyHours.person_id == person_id
    )


async def _require_person(scope: Scope, person_id: UUID | None) -> None:
    # The foreign key alone would accept another business's person: its check sees every row.
    if person_id is None:
        return
    if await scope.session.scalar(select(Person.id).where(Person.id == person_id)) is None:
        raise NotFound("person")
