"""Looking through days for starts at which a service can be given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.database import Scope
from domain.scheduling.availability import (
    Barred,
    PartOfDay,
    Seconds,
    Taken,
    days,
    free_starts,
    part_of,
)
from domain.scheduling.limits import Limits, read_limits
from domain.scheduling.local_time import epoch, midnight
from domain.scheduling.plan import Giver, Plan, RoomSeats, ServiceRules, notice_of
from domain.scheduling.taken import (
    ClassSession,
    Occupied,
    Sessions,
    read_occupied,
    read_sessions,
)

WhyNone = Literal["closed", "full", "too_soon", "too_far", "nobody_gives_it"]

_ONE_DAY = timedelta(days=1)
_LONGEST_BUFFER = 4 * 60 * 60
_LONGEST_REST = 24 * 60 * 60 + _LONGEST_BUFFER
"""What may follow a start, in seconds: the service and the buffer after it."""


class Free(NamedTuple):
    """A start (epoch second) at which somebody can give the service."""

    starts: int
    giver: Giver


@dataclass(frozen=True, kw_only=True)
class Search:
    """All that is known of the days that are looked through: `first_day` to `last_day`, both included,
    local days of each giver's place."""

    plan: Plan
    service: ServiceRules
    givers: Sequence[Giver]
    first_day: date
    last_day: date
    occupied: Occupied
    limits: Limits
    sessions: Sessions
    _barred: dict[int, Barred] = field(default_factory=dict, repr=False)
    _windows: dict[ZoneInfo, tuple[date, date]] = field(default_factory=dict, repr=False)

    def free(
        self, part_of_day: PartOfDay, *, limit: int | None = None, spread: bool = False
    ) -> list[Free]:
        """Free starts that may be booked, each once, the earliest first.

        With `limit` it stops as soon as further days can't change which `limit` of them are chosen:
        the first ones or, with `spread`, the earliest of as many days.
        """
        found: list[Free] = []
        firsts: list[Free] = []
        for day in days(self.first_day, self.last_day):
            of_day = self._free_on(day, part_of_day)
            if of_day:
                found += of_day
                firsts.append(of_day[0])
                if limit is not None and self.one_zone:
                    if spread and len(firsts) == limit:
                        return firsts
                    if not spread and len(found) >= limit:
                        return found[:limit]
        if self.one_zone:
            return found
        # One place's day begins before another's has ended.
        found.sort(key=lambda free: free.starts)
        return [free for index, free in enumerate(found) if not _repeats(found, index)]

    @cached_property
    def one_zone(self) -> bool:
        return len({giver.timetable.zone for giver in self.givers}) <= 1

    def _free_on(self, day: date, part_of_day: PartOfDay) -> list[Free]:
        starts: dict[int, Giver] = {}
        able: list[tuple[Giver, list[int]]] = []
        for giver in self.givers:
            if not self._may_be_booked(giver, day):
                continue
            for at in self._joinable(giver, day, part_of_day):
                starts.setdefault(at, giver)
            free = self._free_of(giver, day, part_of_day)
            if free:
                able.append((giver, free))
        if len(able) > 1:
            able.sort(key=lambda one: self._load(one[0], day))
        for giver, free in able:
            for at in free:
                starts.setdefault(at, giver)
        return [Free(at, starts[at]) for at in sorted(starts)]

    def _load(self, giver: Giver, day: date) -> tuple[int, UUID, str]:
        """Whoever has the least to do that day is asked first."""
        taken = self.occupied.of(*giver.resources)
        total = taken.total(*part_of(giver.timetable.zone, day, "any"))
        return total, giver.person_id, str(giver.place_id or "")

    def _may_be_booked(self, giver: Giver, day: date) -> bool:
        first, last = self._window(giver)
        return first <= day <= last and self.limits.service_allows(giver, day)

    def _window(self, giver: Giver) -> tuple[date, date]:
        zone = giver.timetable.zone
        found = self._windows.get(zone)
        if found is None:
            found = self._windows[zone] = bookable_days(self.plan, giver)
        return found

    @cached_property
    def earliest(self) -> int:
        return earliest_start(self.plan)

    def _free_of(self, giver: Giver, day: date, part_of_day: PartOfDay) -> list[int]:
        if not self.limits.person_allows(giver, day):
            return []
        found = free_starts(
            giver.timetable,
            day,
            length=self.service.length,
            step=self.plan.rules.booking.slot_step_minutes,
            barred=self._barred_for(giver),
            earliest=self.earliest,
            part_of_day=part_of_day,
        )
        if found and self.plan.needs_room:
            rooms = self.plan.rooms_at(giver.place_id)
            return [at for at in found if any(self._has_seat(room, at) for room in rooms)]
        return found

    def _barred_for(self, giver: Giver) -> Barred:
        found = self._barred.get(id(giver))
        if found is None:
            pauses = giver.timetable.pauses(self.first_day - _ONE_DAY, self.last_day + 2 * _ONE_DAY)
            found = self._barred[id(giver)] = Barred(
                self.occupied.of(*giver.resources), pauses, self.service.length
            )
        return found

    def _has_seat(self, room: RoomSeats, at: int) -> bool:
        begins, ends = self._takes(at)
        if not room.shared:
            return not self.occupied.of(*room.seats).clashes(begins, ends)
        # A seat that is not there yet is made when somebody takes it.
        return len(room.seats) < room.count or any(
            not self.occupied.of(seat).clashes(begins, ends) for seat in room.seats
        )

    def _takes(self, at: int) -> Seconds:
        length = self.service.length
        return (
            at - int(length.before.total_seconds()),
            at + int((length.service + length.after).total_seconds()),
        )

    def _joinable(self, giver: Giver, day: date, part_of_day: PartOfDay) -> list[int]:
        """The starts of the giver's classes that have room for one more."""
        first, last = part_of(giver.timetable.zone, day, part_of_day)
        return [
            session.starts
            for session in self.sessions.get((giver.person_id, giver.place_id), ())
            if max(first, self.earliest) <= session.starts < last
            and session.attendees < self.service.capacity
            and self._can_join(giver, session, day)
        ]

    def _can_join(self, giver: Giver, session: ClassSession, day: date) -> bool:
        at = session.starts
        begins, ends = self._takes(at)
        if not giver.timetable.works(
            at, at + int(self.service.length.service.total_seconds()), day=day
        ):
            return False
        own = session.takes
        others = [
            span
            for resource_id in giver.resources
            for span in self.occupied.booked(resource_id)
            # Nothing else can be booked while it lasts: what lies in it is its own.
            if not (own[0] <= span[0] and span[1] <= own[1])
        ]
        if Taken([*others, *self.occupied.busy(giver.resource_id)]).clashes(begins, ends):
            return False
        if not self.plan.needs_room:
            return True
        return any(
            self._has_seat(room, at)
            for room in self.plan.rooms_at(giver.place_id)
            if session.room_id in (None, room.room_id)
        )


def why_none(
    plan: Plan,
    givers: Sequence[Giver],
    first_day: date,
    last_day: date,
    part_of_day: PartOfDay,
) -> WhyNone:
    """Why no time is free on these days, both included."""
    if plan.service is None or not givers:
        return "nobody_gives_it"
    windows = {giver.timetable.zone: bookable_days(plan, giver) for giver in givers}
    if first_day > max(last for _, last in windows.values()):
        return "too_far"
    if last_day < min(first for first, _ in windows.values()):
        return "too_soon"
    latest = None
    for giver in givers:
        first, last = windows[giver.timetable.zone]
        for day in days(max(first_day, first), min(last_day, last)):
            starts = _open_starts(plan, plan.service, giver, day, part_of_day)
            if starts and starts[-1] >= earliest_start(plan):
                return "full"
            latest = starts[-1] if starts else latest
    return "closed" if latest is None else "too_soon"


def _open_starts(
    plan: Plan, service: ServiceRules, giver: Giver, day: date, part_of_day: PartOfDay
) -> list[int]:
    """The starts that the giver's hours allow, whatever is taken already."""
    timetable = giver.timetable
    pauses = timetable.pauses(day - _ONE_DAY, day + 2 * _ONE_DAY)
    return free_starts(
        timetable,
        day,
        length=service.length,
        step=plan.rules.booking.slot_step_minutes,
        barred=Barred(Taken(), pauses, service.length),
        part_of_day=part_of_day,
    )


def earliest_start(plan: Plan) -> int:
    """The first epoch second that is not too soon."""
    at = plan.rules.now + notice_of(plan.service, plan.rules)
    return epoch(at) + (at.microsecond > 0)


def bookable_days(plan: Plan, giver: Giver) -> tuple[date, date]:
    """Today at the giver's place, and the furthest day that may be booked there."""
    today = plan.rules.now.astimezone(giver.timetable.zone).date()
    return today, today + timedelta(days=plan.rules.booking.horizon_days)


def _repeats(found: Sequence[Free], index: int) -> bool:
    return index > 0 and found[index - 1].starts == found[index].starts


async def begin_search(
    scope: Scope,
    plan: Plan,
    *,
    service: ServiceRules,
    service_id: UUID,
    givers: Sequence[Giver],
    first_day: date,
    last_day: date,
) -> Search:
    """Read what is taken on these days; the plan has to cover them."""
    reach = _reach(plan, givers, first_day, last_day)
    occupied, sessions = Occupied(), Sessions()
    if reach is not None:
        resources = {one for giver in givers for one in giver.resources}
        if plan.needs_room:
            resources.update(
                seat
                for place_id in {giver.place_id for giver in givers}
                for room in plan.rooms_at(place_id)
                for seat in room.seats
            )
        occupied = await read_occupied(scope, resources, during=reach, single=service.capacity > 1)
        if service.capacity > 1:
            sessions = await read_sessions(scope, givers, service_id=service_id, during=reach)
    return Search(
        plan=plan,
        service=service,
        givers=givers,
        first_day=first_day,
        last_day=last_day,
        occupied=occupied,
        limits=await read_limits(
            scope,
            service=service,
            service_id=service_id,
            givers=givers if reach else (),
            first_day=first_day,
            last_day=last_day,
        ),
        sessions=sessions,
    )


def _reach(plan: Plan, givers: Sequence[Giver], first_day: date, last_day: date) -> Seconds | None:
    """From when until when it matters what is taken; None if none of the days may be booked."""
    spans = []
    for giver in givers:
        zone = giver.timetable.zone
        first, last = bookable_days(plan, giver)
        first, last = max(first_day, first), min(last_day, last)
        if first <= last:
            spans.append(
                (
                    midnight(zone, first) - _LONGEST_BUFFER,
                    midnight(zone, last + _ONE_DAY) + _LONGEST_REST,
                )
            )
    if not spans:
        return None
    return min(begins for begins, _ in spans), max(ends for _, ends in spans)
