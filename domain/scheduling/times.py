"""Finding the free times of a service, and saying why there are none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from domain.database import Scope
from domain.errors import Invalid, NotFound
from domain.scheduling.availability import PartOfDay, Seconds
from domain.scheduling.choice import choose
from domain.scheduling.givers import read_plan
from domain.scheduling.local_time import from_epoch, midnight
from domain.scheduling.plan import Giver, Plan, ServiceRules
from domain.scheduling.rules import Rules
from domain.scheduling.search import Free, WhyNone, begin_search, why_none

LONGEST_SEARCH_DAYS = 92
_ALTERNATIVES = 3
_FEW_DAYS = 7
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
    place_id: UUID | None = None
    """None: the business's main address."""
    time_zone: str = ""
    """IANA name, of the place."""


@dataclass(frozen=True, kw_only=True)
class FoundTimes:
    """Free times, the earliest first; if there are none, why, and the nearest other ones.

    `closed`: nobody works then. `full`: all of it is taken, or a limit of the person or the service is
    reached. `too_soon`: it has passed, or begins sooner than the minimum notice. `too_far`: beyond the
    business's horizon. `nobody_gives_it`: no active person (or not the one asked for, or not at the
    place) gives the service.
    """

    times: tuple[FreeTime, ...]
    why_none: WhyNone | None = None
    alternatives: tuple[FreeTime, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """By whom and where a service shall be given."""

    service_id: UUID
    person_id: UUID | None
    place_id: UUID | None

    def relaxed(self) -> Iterator[_Wish]:
        """What comes nearest to it: the same, then with anybody, then anywhere."""
        yield self
        if self.person_id is not None:
            yield _Wish(service_id=self.service_id, person_id=None, place_id=self.place_id)
        if self.place_id is not None:
            yield _Wish(service_id=self.service_id, person_id=None, place_id=None)


async def find_times(
    scope: Scope,
    *,
    service_id: UUID,
    first_day: date,
    last_day: date,
    part_of_day: PartOfDay = "any",
    person_id: UUID | None = None,
    place_id: UUID | None = None,
    limit: int = 3,
    spread: bool = True,
) -> FoundTimes:
    """Free times of the service from `first_day` to `last_day`, both included, local days of the place
    at which it is given; at `place_id` alone if that is given (the business's own id means its main
    address).

    At most `limit`, the earliest first; `spread` takes them from different days and hours rather
    than the first ones in a row. Raises NotFound for an unknown or inactive service or place, Invalid
    for days in the wrong order or more than `LONGEST_SEARCH_DAYS` of them.
    """
    if last_day < first_day:
        raise Invalid("last_day", "is before first_day")
    if (last_day - first_day).days >= LONGEST_SEARCH_DAYS:
        raise Invalid("last_day", f"is more than {LONGEST_SEARCH_DAYS} days after first_day")
    if limit < 1:
        raise Invalid("limit", "must be at least 1")
    wish = _Wish(service_id=service_id, person_id=person_id, place_id=place_id)
    plan = await read_plan(
        scope, service_id=service_id, person_id=person_id, first_day=first_day, last_day=last_day
    )
    if plan.service is None:
        raise NotFound("service")
    if place_id is not None and not plan.has_place(place_id):
        raise NotFound("place")
    givers = _givers(plan, wish)
    free: list[Free] = []
    wanted = limit
    for portion_first, portion_last in _portions(givers, first_day, last_day, limit=limit):
        search = await begin_search(
            scope,
            plan,
            service=plan.service,
            service_id=service_id,
            givers=givers,
            first_day=portion_first,
            last_day=portion_last,
        )
        free += search.free(part_of_day, limit=wanted, spread=spread)
        wanted = limit - (len({_local(one).date() for one in free}) if spread else len(free))
        if wanted <= 0:
            break
    if free:
        chosen = choose(free, limit=limit, local=_local) if spread else free[:limit]
        return FoundTimes(times=_told(service_id, plan.service, chosen))
    return FoundTimes(
        times=(),
        why_none=why_none(plan, givers, first_day, last_day, part_of_day),
        alternatives=await _alternatives(scope, wish, plan.rules, first_day, last_day),
    )


def _portions(
    givers: Sequence[Giver], first_day: date, last_day: date, *, limit: int
) -> Iterator[tuple[date, date]]:
    """The days to read what is taken for, in one go or in two: mostly the first ones are enough. In
    one where zones differ, whose days do not follow one another."""
    few = max(_FEW_DAYS, 2 * limit)
    if (last_day - first_day).days <= few or len({one.timetable.zone for one in givers}) > 1:
        yield first_day, last_day
        return
    rest = first_day + timedelta(days=few)
    yield first_day, rest - timedelta(days=1)
    yield rest, last_day


def _givers(plan: Plan, wish: _Wish) -> list[Giver]:
    return [
        giver
        for giver in plan.givers(place_id=wish.place_id)
        if not plan.needs_room or plan.rooms_at(giver.place_id)
    ]


def _local(free: Free) -> datetime:
    return datetime.fromtimestamp(free.starts, free.giver.timetable.zone)


def _told(service_id: UUID, service: ServiceRules, chosen: Iterable[Free]) -> tuple[FreeTime, ...]:
    names: dict[UUID, str] = {}
    told: list[FreeTime] = []
    for starts, giver in chosen:
        starts_at = from_epoch(starts)
        if giver.person_id not in names:
            names[giver.person_id] = giver.name
        told.append(
            FreeTime(
                service_id=service_id,
                person_id=giver.person_id,
                person_name=names[giver.person_id],
                starts_at=starts_at,
                ends_at=starts_at + service.length.service,
                place_id=giver.place_id,
                time_zone=giver.timetable.zone.key,
            )
        )
    return tuple(told)


async def _alternatives(
    scope: Scope, wish: _Wish, rules: Rules, first_day: date, last_day: date
) -> tuple[FreeTime, ...]:
    """The free times nearest to the wished days."""
    for relaxed in wish.relaxed():
        plan = await read_plan(
            scope,
            service_id=wish.service_id,
            person_id=relaxed.person_id,
            first_day=rules.today,
            last_day=rules.last_day,
        )
        givers = _givers(plan, relaxed)
        if plan.service is None or not givers:
            continue
        for reach_first, reach_last in _reaches(first_day, last_day, rules):
            search = await begin_search(
                scope,
                plan,
                service=plan.service,
                service_id=wish.service_id,
                givers=givers,
                first_day=reach_first,
                last_day=reach_last,
            )
            free = search.free("any")
            if free:
                wished = (
                    midnight(rules.zone, first_day),
                    midnight(rules.zone, last_day + timedelta(days=1)),
                )
                return _told(wish.service_id, plan.service, _nearest(free, wished))
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


def _nearest(found: Sequence[Free], wished: Seconds) -> list[Free]:
    def distance(free: Free) -> int:
        if free.starts < wished[0]:
            return wished[0] - free.starts
        return max(free.starts - wished[1], 0)

    nearest_days: list[date] = []
    for free in sorted(found, key=lambda free: (distance(free), free.starts)):
        day = _local(free).date()
        if day not in nearest_days:
            nearest_days.append(day)
        if len(nearest_days) == _ALTERNATIVES:
            break
    on_those = [free for free in found if _local(free).date() in nearest_days]
    return choose(on_those, limit=_ALTERNATIVES, local=_local)


__all__ = ["LONGEST_SEARCH_DAYS", "FoundTimes", "FreeTime", "WhyNone", "find_times"]
