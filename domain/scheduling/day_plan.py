"""What a calendar of people shows behind its appointments: when it is open, when each person works, when
their outside calendars say that they are busy, and what is closed and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from domain.database import Scope
from domain.errors import Invalid, NotFound
from domain.holidays.operations import closed_days
from domain.hours.models import Closure
from domain.scheduling.availability import days as every_day
from domain.scheduling.givers import read_plan
from domain.scheduling.local_time import from_epoch, midnight, second_of
from domain.scheduling.plan import Giver, Plan
from domain.scheduling.taken import read_occupied
from domain.scheduling.timetable import Timetable, joined

MOST_DAYS = 42
"""Six weeks: what a month looks like on a calendar."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class TimeSpan:
    """From one instant until another."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class WorkSpan(TimeSpan):
    """A span of work at a place (None: the main address)."""

    place_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class ClosedSpan(TimeSpan):
    """A closure's or a public holiday's share of one day; of one person, or of everybody."""

    person_id: UUID | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class DaySpan(TimeSpan):
    """A day, which may last 23 or 25 hours."""

    day: date


@dataclass(frozen=True, kw_only=True)
class PersonPlan:
    """When somebody works, and when they are busy elsewhere."""

    person_id: UUID
    working: Sequence[WorkSpan]
    busy: Sequence[TimeSpan]


@dataclass(frozen=True, kw_only=True)
class DayPlan:
    """The days asked for in the zone of their place, with everything in time's order."""

    time_zone: str
    days: Sequence[DaySpan]
    opening: Sequence[TimeSpan]
    closed: Sequence[ClosedSpan]
    people: Sequence[PersonPlan]


async def read_day_plan(
    scope: Scope, *, first_day: date, last_day: date, place_id: UUID | None = None
) -> DayPlan:
    """The plan of these days, both included, of the active people.

    Without `place_id` people's work at all places, with the opening hours of the main address; with it,
    what is at that place alone (the business's own id means the main address). Raises Invalid on
    `last_day`, NotFound for the place.
    """
    if last_day < first_day:
        raise Invalid("last_day", "is before first_day")
    if last_day - first_day >= timedelta(days=MOST_DAYS):
        raise Invalid("last_day", f"must be within {MOST_DAYS} days of first_day")
    plan = await read_plan(scope, service_id=None, first_day=first_day, last_day=last_day)
    if place_id is not None and not plan.has_place(place_id):
        raise NotFound("place")
    at = None if place_id is None else plan.place_meant_by(place_id)
    opening = plan.opening_at(at)
    days = [
        DaySpan(
            day=day,
            starts_at=from_epoch(midnight(opening.zone, day)),
            ends_at=from_epoch(midnight(opening.zone, day + _ONE_DAY)),
        )
        for day in every_day(first_day, last_day)
    ]
    return DayPlan(
        time_zone=opening.zone.key,
        days=days,
        opening=[TimeSpan(starts_at=begins, ends_at=ends) for begins, ends in _work(opening, days)],
        closed=await _closed(scope, plan, opening, days, place_id=at),
        people=await _people(scope, plan.givers(place_id=place_id), days),
    )


async def _people(
    scope: Scope, givers: Sequence[Giver], days: Sequence[DaySpan]
) -> list[PersonPlan]:
    during = int(days[0].starts_at.timestamp()), int(days[-1].ends_at.timestamp())
    occupied = await read_occupied(scope, (giver.resource_id for giver in givers), during=during)
    busy = {giver.person_id: _united(occupied.busy(giver.resource_id), during) for giver in givers}
    working: dict[UUID, list[WorkSpan]] = {giver.person_id: [] for giver in givers}
    for giver in givers:
        working[giver.person_id] += [
            WorkSpan(starts_at=begins, ends_at=ends, place_id=giver.place_id)
            for begins, ends in _work(giver.timetable, days)
        ]
    return [
        PersonPlan(
            person_id=person_id,
            working=sorted(spans, key=lambda span: span.starts_at),
            busy=[
                TimeSpan(starts_at=from_epoch(begins), ends_at=from_epoch(ends))
                for begins, ends in busy[person_id]
            ],
        )
        for person_id, spans in working.items()
    ]


def _work(timetable: Timetable, days: Sequence[DaySpan]) -> list[tuple[datetime, datetime]]:
    """The hours of the timetable within the days, without what closures between two times take."""
    first, last = int(days[0].starts_at.timestamp()), int(days[-1].ends_at.timestamp())
    # The place's zone may be a day away from the one in which the days are meant.
    around = days[0].day - 2 * _ONE_DAY, days[-1].day + 2 * _ONE_DAY
    pauses = sorted(timetable.pauses(*around))
    found: list[tuple[datetime, datetime]] = []
    for day in every_day(*around):
        for span in timetable.spans_on(day):
            for begins, ends in _without(max(span.begins, first), min(span.ends, last), pauses):
                found.append((from_epoch(begins), from_epoch(ends)))
    return found


def _without(
    begins: int, ends: int, pauses: Sequence[tuple[int, int]]
) -> Iterable[tuple[int, int]]:
    """What pauses, in their order, leave of a span."""
    for since, until in pauses:
        if since < ends and begins < until:
            if begins < since:
                yield begins, since
            begins = max(begins, until)
    if begins < ends:
        yield begins, ends


def _united(spans: Iterable[tuple[int, int]], during: tuple[int, int]) -> Sequence[tuple[int, int]]:
    """The spans within `during`; two calendars may tell of the same event."""
    within = ((max(since, during[0]), min(until, during[1])) for since, until in spans)
    return joined((begins, ends) for begins, ends in within if begins < ends)


async def _closed(
    scope: Scope,
    plan: Plan,
    opening: Timetable,
    days: Sequence[DaySpan],
    *,
    place_id: UUID | None,
) -> list[ClosedSpan]:
    found = [
        ClosedSpan(starts_at=one.starts_at, ends_at=one.ends_at, person_id=None, reason=name)
        for one in days
        if (name := _holidays(plan, days, place_id).get(one.day)) and not opening.hours_on(one.day)
    ]
    # A place's own closures are its own: at all places together nothing is closed by them.
    here = Closure.place_id.is_(None)
    rows = await scope.session.scalars(
        select(Closure)
        .where(
            here if place_id is None else here | (Closure.place_id == place_id),
            Closure.last_day >= days[0].day,
            Closure.first_day <= days[-1].day,
        )
        .order_by(Closure.first_day, Closure.id)
    )
    for closure in rows:
        for one in days:
            if closure.first_day <= one.day <= closure.last_day:
                begins, ends = _closed_on(one, closure, opening)
                found.append(
                    ClosedSpan(
                        starts_at=begins,
                        ends_at=ends,
                        person_id=closure.person_id,
                        reason=closure.reason,
                    )
                )
    return sorted(found, key=lambda span: span.starts_at)


def _holidays(plan: Plan, days: Sequence[DaySpan], place_id: UUID | None) -> dict[date, str]:
    if not plan.rules.public_holidays.closed:
        return {}
    country, subdivision = plan.country_of(place_id)
    return closed_days(
        country=country,
        subdivision=subdivision,
        first_day=days[0].day,
        last_day=days[-1].day,
        open_on=plan.rules.public_holidays.open_on,
    )


def _closed_on(one: DaySpan, closure: Closure, opening: Timetable) -> tuple[datetime, datetime]:
    if closure.from_time is None or closure.until_time is None:
        return one.starts_at, one.ends_at
    return (
        from_epoch(second_of(opening.zone, one.day, _minute(closure.from_time))),
        from_epoch(second_of(opening.zone, one.day, _minute(closure.until_time))),
    )


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
