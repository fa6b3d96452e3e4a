"""Who can be rung at a minute, found by going through the minutes: an oracle for `plan_handoff`."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from domain.businesses.profile import ProfileDepartment, ProfileShift, Routing

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WINDOW = 24 * DAY
"""That the oracle knows, from its first day."""


@lru_cache
def _clock(zone: str, first: date) -> tuple[datetime, list[datetime]]:
    """The first minute of the window, and the latest time that the wall clock has shown by each one."""
    begins = datetime.combine(first, time(), tzinfo=UTC) - DAY
    count = WINDOW // MINUTE
    shown = (
        (begins + step * MINUTE).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        for step in range(count)
    )
    return begins, list(accumulate(shown, max))


class Oracle:
    def __init__(self, routing: Routing, *, first: date) -> None:
        """`first`: a local day that lies a few before those that are asked for."""
        self._routing = routing
        self._begins, self._shown = _clock(routing.time_zone, first)
        self._days = [first + step * DAY for step in range(WINDOW // DAY - 3)]

    def is_open(self, department: ProfileDepartment, at: datetime) -> bool:
        if department.hours == "always":
            return True
        if department.hours == "own":
            spans = {
                day: [
                    (one.opens, one.closes)
                    for one in department.own_hours
                    if one.weekday == day.weekday()
                ]
                for day in self._days
            }
            return self._within(spans, at)
        return self._within(self._opening(), at) and not self._paused(at)

    def numbers(self, department: ProfileDepartment, at: datetime) -> set[str]:
        people = {one.id: one.phone for one in self._routing.people}
        on_call = [
            shift.person_id
            for shift in self._routing.shifts
            if shift.department_id == department.id
            and any(
                self._between(day, shift.begins, shift.ends, at)
                for day in self._days
                if _comes(shift, day)
            )
        ]
        found = {people.get(one, "") for one in on_call or department.member_ids}
        return (found | {department.phone}) - {""}

    def _opening(self) -> dict[date, list[tuple[time, time]]]:
        found: dict[date, list[tuple[time, time]]] = {}
        for day in self._days:
            if any(one.first_day <= day <= one.last_day for one in self._routing.closures):
                continue
            own = [(one.opens, one.closes) for one in self._routing.date_hours if one.day == day]
            weekly = [
                (one.opens, one.closes)
                for one in self._routing.hours
                if one.weekday == day.weekday()
            ]
            found[day] = own or weekly
        return found

    def _paused(self, at: datetime) -> bool:
        return any(
            self._between(day, one.from_time, one.until_time, at)
            for one in self._routing.pauses
            for day in self._days
            if one.first_day <= day <= one.last_day
        )

    def _within(self, spans: dict[date, list[tuple[time, time]]], at: datetime) -> bool:
        return any(
            self._between(day, opens, closes, at)
            for day, of_day in spans.items()
            for opens, closes in of_day
        )

    def _between(self, day: date, opens: time, closes: time, at: datetime) -> bool:
        ends_on = day if closes > opens else day + DAY
        return self._instant(day, opens) <= at < self._instant(ends_on, closes)

    def _instant(self, day: date, at: time) -> datetime:
        """The first minute by which the wall clock has shown this time or a later one."""
        place = bisect_left(self._shown, datetime.combine(day, at))
        return self._begins + place * MINUTE


def _comes(shift: ProfileShift, day: date) -> bool:
    if shift.every_weeks is None:
        return day == shift.day
    weeks, rest = divmod((day - shift.day).days, 7)
    return (
        weeks >= 0
        and rest == 0
        and weeks % shift.every_weeks == 0
        and (shift.until is None or day <= shift.until)
    )
