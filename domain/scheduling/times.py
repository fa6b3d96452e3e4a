"""Finding the free times of a service, and saying why there are none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from domain.database import Scope
from domain.errors import Invalid
from domain.scheduling.availability import (
    Length,
    PartOfDay,
    Span,
    Taken,
    days,
    free_starts,
    instant,
    possible_starts,
)
from domain.scheduling.choice import choose
from domain.scheduling.givers import Giver, length_of, read_givers, read_service, read_taken
from domain.scheduling.rules import Rules, read_rules

WhyNone = Literal["closed", "full", "too_soon", "too_far", "nobody_gives_it"]

LONGEST_SEARCH_DAYS = 92
_ALTERNATIVES = 3
_NEAR = timedelta(days=14)
"""How far around the wished days alternatives are looked for first."""


@dataclass(frozen=True, kw_only=True)
class FreeTime:
    """A time at which a person can give a service; instants in UTC."""

    service_id: UUID
    person_id: UUID
    person_name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class FoundTimes:
    """Free times, the earliest first; if there are none, why, and the nearest other ones.

    `closed`: nobody works then. `full`: all of it is taken. `too_soon`: it has passed, or begins
    sooner than the business's minimum notice. `too_far`: beyond its horizon. `nobody_gives_it`: no
    active person (or not the one asked for) gives the service.
    """

    times: tuple[FreeTime, ...]
    why_none: WhyNone | None = None
    alternatives: tuple[FreeTime, ...] = ()


@dataclass(frozen=True)
class _Search:
    """What stays the same while different days are looked at."""

    service_id: UUID
    length: Length
    rules: Rules
    givers: list[Giver]
    taken: dict[UUID, Taken]

    @property
    def earliest(self) -> datetime:
        return self.rules.now + self.rules.notice

    def free(self, first_day: date, last_day: date, part_of_day: PartOfDay) -> list[FreeTime]:
        """Free times of these days that may be booked, one for each start, the earliest first."""
        found: list[FreeTime] = []
        for day in days(max(first_day, self.rules.today), min(last_day, self.rules.last_day)):
            starts: dict[datetime, Giver] = {}
            for giver in self._least_busy_first(day):
                for starts_at in free_starts(
                    giver.timetable,
                    day,
                    length=self.length,
                    step=self.rules.step,
                    taken=self.taken[giver.person_id],
                    earliest=self.earliest,
                    part_of_day=part_of_day,
                ):
                    starts.setdefault(starts_at, giver)
            found.extend(self._time(at, giver) for at, giver in sorted(starts.items(), key=_start))
        return found

    def _least_busy_first(self, day: date) -> list[Giver]:
        span = _whole_days(day, day, self.rules)
        return sorted(
            self.givers,
            key=lambda giver: (self.taken[giver.person_id].total(span), giver.person_id),
        )

    def _time(self, starts_at: datetime, giver: Giver) -> FreeTime:
        return FreeTime(
            service_id=self.service_id,
            person_id=giver.person_id,
            person_name=giver.name,
            starts_at=starts_at,
            ends_at=starts_at + self.length.service,
        )

    def why_none(self, first_day: date, last_day: date, part_of_day: PartOfDay) -> WhyNone:
        """Why `free` found nothing on these days."""
        if not self.givers:
            return "nobody_gives_it"
        if first_day > self.rules.last_day:
            return "too_far"
        if last_day < self.rules.today:
            return "too_soon"
        open_at_all = [
            starts_at
            for giver in self.givers
            for day in days(max(first_day, self.rules.today), min(last_day, self.rules.last_day))
            for starts_at in possible_starts(
                giver.timetable,
                day,
                length=self.length,
                step=self.rules.step,
                part_of_day=part_of_day,
            )
        ]
        if not open_at_all:
            return "closed"
        if max(open_at_all) < self.earliest:
            return "too_soon"
        return "full"


def _start(item: tuple[datetime, Giver]) -> datetime:
    return item[0]


async def find_times(
    scope: Scope,
    *,
    service_id: UUID,
    first_day: date,
    last_day: date,
    part_of_day: PartOfDay = "any",
    person_id: UUID | None = None,
    limit: int = 3,
    spread: bool = True,
) -> FoundTimes:
    """Free times of the service from `first_day` to `last_day`, both included, in the business's zone.

    At most `limit`, the earliest first; `spread` takes them from different days and hours rather
    than the first ones in a row. Raises NotFound for an unknown or inactive service, Invalid for
    days in the wrong order or more than `LONGEST_SEARCH_DAYS` of them.
    """
    if last_day < first_day:
        raise Invalid("last_day", "is before first_day")
    if (last_day - first_day).days >= LONGEST_SEARCH_DAYS:
        raise Invalid("last_day", f"is more than {LONGEST_SEARCH_DAYS} days after first_day")
    if limit < 1:
        raise Invalid("limit", "must be at least 1")
    rules = await read_rules(scope)
    service = await read_service(scope, service_id)
    search = await _begin(scope, service_id, length_of(service), rules, person_id)
    search = await _look_at(scope, search, first_day, last_day)
    times = search.free(first_day, last_day, part_of_day)
    if times:
        chosen = choose(times, limit=limit, zone=rules.zone) if spread else times[:limit]
        return FoundTimes(times=tuple(chosen))
    return FoundTimes(
        times=(),
        why_none=search.why_none(first_day, last_day, part_of_day),
        alternatives=await _alternatives(scope, search, first_day, last_day, person_id),
    )


async def _begin(
    scope: Scope, service_id: UUID, length: Length, rules: Rules, person_id: UUID | None
) -> _Search:
    givers = await read_givers(scope, service_id=service_id, rules=rules, person_id=person_id)
    return _Search(service_id, length, rules, givers, {})


async def _look_at(scope: Scope, search: _Search, first_day: date, last_day: date) -> _Search:
    begins, ends = _whole_days(first_day, last_day, search.rules)
    margin = timedelta(days=1)  # for buffers and long appointments that reach over midnight
    taken = await read_taken(scope, search.givers, during=(begins - margin, ends + margin))
    return replace(search, taken=taken)


def _whole_days(first_day: date, last_day: date, rules: Rules) -> Span:
    """The instants at which `first_day` begins and `last_day` ends."""
    midnight = datetime.min.time()
    return (
        instant(datetime.combine(first_day, midnight), rules.zone),
        instant(datetime.combine(last_day + timedelta(days=1), midnight), rules.zone),
    )


async def _alternatives(
    scope: Scope, search: _Search, first_day: date, last_day: date, person_id: UUID | None
) -> tuple[FreeTime, ...]:
    """The free times nearest to the wished days: with the same person if they have any, otherwise
    with anybody."""
    searches = [search]
    if person_id is not None:
        searches.append(await _begin(scope, search.service_id, search.length, search.rules, None))
    for one in searches:
        if not one.givers:
            continue
        for reach_first, reach_last in _reaches(first_day, last_day, one.rules):
            reached = await _look_at(scope, one, reach_first, reach_last)
            found = reached.free(reach_first, reach_last, "any")
            if found:
                return _nearest(found, _whole_days(first_day, last_day, one.rules), one.rules)
    return ()


def _reaches(first_day: date, last_day: date, rules: Rules) -> Iterator[tuple[date, date]]:
    """Where to look for alternatives: around the wished days, then ever later, then before."""
    first = min(max(first_day, rules.today), rules.last_day)
    last = min(max(last_day, rules.today), rules.last_day)
    near_first, near_last = max(first - _NEAR, rules.today), min(last + _NEAR, rules.last_day)
    yield near_first, near_last
    while near_last < rules.last_day:
        later = near_last + timedelta(days=1)
        near_last = min(near_last + 2 * _NEAR, rules.last_day)
        yield later, near_last
    while near_first > rules.today:
        sooner = near_first - timedelta(days=1)
        near_first = max(near_first - 2 * _NEAR, rules.today)
        yield near_first, sooner


def _nearest(found: list[FreeTime], wished: Span, rules: Rules) -> tuple[FreeTime, ...]:
    def distance(time: FreeTime) -> timedelta:
        if time.starts_at < wished[0]:
            return wished[0] - time.starts_at
        return max(time.starts_at - wished[1], timedelta())

    near = sorted(found, key=lambda time: (distance(time), time.starts_at))
    nearest_days: list[date] = []
    for time in near:
        day = time.starts_at.astimezone(rules.zone).date()
        if day not in nearest_days:
            nearest_days.append(day)
        if len(nearest_days) == _ALTERNATIVES:
            break
    on_those = [
        time for time in found if time.starts_at.astimezone(rules.zone).date() in nearest_days
    ]
    return tuple(choose(on_those, limit=_ALTERNATIVES, zone=rules.zone))
