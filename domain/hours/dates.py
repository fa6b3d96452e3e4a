"""Hours of single dates, instead of those of their weekday."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select

from domain.database import Scope
from domain.errors import NotFound
from domain.hours.models import DateHours
from domain.hours.owners import Owner, lock_hours, read_owner
from domain.hours.spans import DateSpan, check_date
from domain.paging import check_limit


@dataclass(frozen=True, kw_only=True)
class HoursOfDate:
    """All the hours of a date, by time."""

    day: date
    spans: Sequence[DateHours]


async def set_date(
    scope: Scope,
    *,
    day: date,
    spans: Sequence[DateSpan],
    person_id: UUID | None = None,
    place_id: UUID | None = None,
) -> HoursOfDate:
    """Open on a date at these times instead of its weekday's, on a public holiday too: the main
    address, a place, or a person at one of them. A date is closed by a closure.

    Raises Invalid naming the entry (`hours[1].opens`), NotFound for the person or the place; then
    nothing has changed.
    """
    check_date(spans)
    owner = await read_owner(scope, person_id=person_id, place_id=place_id)
    await lock_hours(scope)
    await _clear(scope, owner, day)
    rows = [
        DateHours(
            id=scope.seam.new_id(),
            business_id=scope.business_id,
            person_id=owner.person_id,
            place_id=owner.place_id,
            day=day,
            opens=span.opens,
            closes=span.closes,
        )
        for span in sorted(spans, key=lambda span: span.opens)
    ]
    scope.session.add_all(rows)
    await scope.session.flush()
    return HoursOfDate(day=day, spans=rows)


async def delete_date(
    scope: Scope, *, day: date, person_id: UUID | None = None, place_id: UUID | None = None
) -> None:
    """Go back to the hours of the date's weekday. Raises NotFound."""
    owner = await read_owner(scope, person_id=person_id, place_id=place_id)
    await lock_hours(scope)
    if not await _clear(scope, owner, day):
        raise NotFound("hours of this date")


async def list_dates(
    scope: Scope,
    *,
    person_id: UUID | None = None,
    place_id: UUID | None = None,
    not_before: date | None = None,
    after: date | None = None,
    limit: int = 50,
) -> Sequence[HoursOfDate]:
    """The dates with hours of their own of the main address, a place, or a person at one of them, the
    earliest first; `after` is the date at which the last page ended. Raises NotFound."""
    owner = await read_owner(scope, person_id=person_id, place_id=place_id)
    theirs = owner.owns(DateHours.person_id, DateHours.place_id)
    days = select(DateHours.day).where(theirs).distinct().order_by(DateHours.day)
    if not_before is not None:
        days = days.where(DateHours.day >= not_before)
    if after is not None:
        days = days.where(DateHours.day > after)
    wanted = (await scope.session.scalars(days.limit(check_limit(limit)))).all()
    found: dict[date, list[DateHours]] = {day: [] for day in wanted}
    for row in await scope.session.scalars(
        select(DateHours).where(theirs, DateHours.day.in_(wanted)).order_by(DateHours.opens)
    ):
        found[row.day].append(row)
    return [HoursOfDate(day=day, spans=rows) for day, rows in found.items()]


async def _clear(scope: Scope, owner: Owner, day: date) -> bool:
    """Whether there were any."""
    gone = await scope.session.scalars(
        delete(DateHours)
        .where(owner.owns(DateHours.person_id, DateHours.place_id), DateHours.day == day)
        .returning(DateHours.id)
    )
    return bool(gone.all())
