"""When somebody works at a place: opening hours, their own hours, dates, closures and holidays.

Hours belong to the day on which they begin: a closure or public holiday of that day takes them away
until their end after midnight, and leaves those that began the day before. A closure between two
times takes away what lies between them, whichever hours those are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.scheduling.local_time import (
    DAY_MINUTES,
    exists,
    midnight,
    second_of,
    steady_midnight,
)

Minutes = tuple[int, int]
"""From one minute until another of a wall clock, both counted from the beginning of a day; the second
is past the end of that day if the span runs over midnight."""
DayHours = tuple[Minutes, ...]

_ONE_DAY = timedelta(days=1)


def minutes_between(opens: int, closes: int) -> Minutes:
    """The span between two times of day, in minutes; one that closes at or before the time it opens
    runs into the next day."""
    return opens, closes if closes > opens else closes + DAY_MINUTES


@dataclass(frozen=True)
class Hours:
    """Hours by weekday (0 is Monday; None: none are set), and of the dates that have others."""

    weekly: tuple[DayHours, ...] | None = None
    dates: Mapping[date, DayHours] = field(default_factory=dict)

    def on(self, day: date) -> DayHours | None:
        """The hours that begin on `day`; None where none are set."""
        if day in self.dates:
            return self.dates[day]
        return None if self.weekly is None else self.weekly[day.weekday()]


def weekly_hours(spans: Iterable[tuple[int, Minutes]]) -> tuple[DayHours, ...]:
    """The seven days of spans given with their weekday."""
    days: list[list[Minutes]] = [[] for _ in range(7)]
    for weekday, span in spans:
        days[weekday].append(span)
    return tuple(joined(day) for day in days)


def joined(spans: Iterable[Minutes]) -> DayHours:
    """The spans in their order, those that overlap or touch made one."""
    found: list[Minutes] = []
    for opens, closes in sorted(spans):
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(closes, found[-1][1]))
        else:
            found.append((opens, closes))
    return tuple(found)


@dataclass(frozen=True)
class Closing:
    """Days, both included, without work; with `between`, without work at these minutes of each."""

    first_day: date
    last_day: date
    between: Minutes | None = None

    def closes(self, day: date) -> bool:
        """Whether it takes away all of `day`."""
        return self.between is None and self.first_day <= day <= self.last_day


class OpenSpan(NamedTuple):
    """A span of work (epoch seconds), and the day it belongs to with its minutes of the wall clock."""

    begins: int
    ends: int
    day: date
    opens: int


@dataclass(frozen=True, eq=False)
class Timetable:
    """When one person works at one place.

    With hours of their own they work in those, as far as the place is open then; without, whenever
    it is. Where no opening hours are set, people's own count alone. On a public holiday nobody works,
    unless the date has hours of its own, the place's or the person's.
    """

    zone: ZoneInfo
    opening: Hours = Hours()
    own: Hours = Hours()
    closings: Sequence[Closing] = ()
    holidays: frozenset[date] = frozenset()
    _spans: dict[date, list[OpenSpan]] = field(default_factory=dict, repr=False)

    def hours_on(self, day: date) -> DayHours:
        """The wall-clock spans of work that belong to `day`."""
        if day not in self._exceptions and not self._touches_closing(day):
            return self._week[day.weekday()]
        if self._is_closed(day):
            return ()
        own, opening = self.own.on(day), self.opening.on(day)
        if own is None:
            return opening or ()
        if opening is None:
            return own
        return _both(own, self._opening(day - _ONE_DAY), opening, self._opening(day + _ONE_DAY))

    @cached_property
    def _week(self) -> tuple[DayHours, ...]:
        return _usual_week(self.own.weekly, self.opening.weekly)

    @cached_property
    def _exceptions(self) -> frozenset[date]:
        """The days that are not like others of their weekday, closures aside; so are the days around
        them, into which hours reach over midnight."""
        special = {*self.opening.dates, *self.own.dates, *self.holidays}
        if not special:
            return frozenset()
        return frozenset(
            day + shift for day in special for shift in (-_ONE_DAY, timedelta(), _ONE_DAY)
        )

    def _touches_closing(self, day: date) -> bool:
        for closing in self.closings:
            if closing.first_day - _ONE_DAY <= day <= closing.last_day + _ONE_DAY:
                return True
        return False

    def _opening(self, day: date) -> DayHours:
        return () if self._is_closed(day) else self.opening.on(day) or ()

    def _is_closed(self, day: date) -> bool:
        if day in self.holidays and day not in self.opening.dates and day not in self.own.dates:
            return True
        return any(closing.closes(day) for closing in self.closings)

    def spans_on(self, day: date) -> list[OpenSpan]:
        """The spans of work that belong to `day`, as instants."""
        found = self._spans.get(day)
        if found is None:
            begins = steady_midnight(self.zone, day)
            if begins is not None:
                found = [
                    OpenSpan(begins + opens * 60, begins + closes * 60, day, opens)
                    for opens, closes in self.hours_on(day)
                ]
            else:
                zone = self.zone
                every = (
                    OpenSpan(second_of(zone, day, opens), second_of(zone, day, closes), day, opens)
                    for opens, closes in self.hours_on(day)
                )
                found = [span for span in every if span.begins < span.ends]
            self._spans[day] = found
        return found

    def spans_seen_on(self, day: date) -> list[OpenSpan]:
        """The spans of work that touch `day`: its own, and what the day before leaves of its own."""
        before = self.spans_on(day - _ONE_DAY)
        if before and before[-1].ends > (begins := midnight(self.zone, day)):
            return [*(span for span in before if span.ends > begins), *self.spans_on(day)]
        return self.spans_on(day)

    def works_until(self, span: OpenSpan) -> int:
        """The epoch second at which the work that `span` is part of ends: spans may follow one
        another without a break over midnight. Looks no further than two days."""
        next_day = span.day + _ONE_DAY
        steady = steady_midnight(self.zone, span.day)
        if steady is not None and span.ends < steady + DAY_MINUTES * 60:
            before = self.spans_on(span.day - _ONE_DAY)
            if not before or before[-1].ends < steady:
                return span.ends
        ends = span.ends
        near = (span.day - _ONE_DAY, span.day, next_day, next_day + _ONE_DAY)
        for other in sorted(one for day in near for one in self.spans_on(day)):
            if other.begins <= ends < other.ends:
                ends = other.ends
        return ends

    def starts(self, span: OpenSpan, *, step: int) -> Sequence[int]:
        """The epoch seconds of the span every `step` minutes of the wall clock from its beginning,
        but for those that the clock never shows."""
        if steady_midnight(self.zone, span.day) is not None:
            return range(span.begins, span.ends, step * 60)
        found: list[int] = []
        minutes, zone = span.opens, self.zone
        while minutes < span.opens + 2 * DAY_MINUTES:
            at = second_of(zone, span.day, minutes)
            if at >= span.ends:
                break
            if exists(zone, span.day, minutes):
                found.append(at)
            minutes += step
        return found

    def pauses(self, first_day: date, last_day: date) -> list[tuple[int, int]]:
        """What closures between two times take away on these days (epoch seconds)."""
        found: list[tuple[int, int]] = []
        for closing in self.closings:
            if closing.between is None:
                continue
            first, last = max(first_day, closing.first_day), min(last_day, closing.last_day)
            for step in range((last - first).days + 1):
                day = first + timedelta(days=step)
                begins, ends = (second_of(self.zone, day, minute) for minute in closing.between)
                if begins < ends:
                    found.append((begins, ends))
        return found

    def works(self, begins: int, ends: int, *, day: date) -> bool:
        """Whether all of [begins, ends) (epoch seconds) is work; `day` is the local date of
        `begins`."""
        inside = any(
            span.begins <= begins and ends <= self.works_until(span)
            for span in self.spans_seen_on(day)
            if begins < span.ends
        )
        paused = self.pauses(day - _ONE_DAY, day + 2 * _ONE_DAY) if inside else ()
        return inside and not any(begins < until and since < ends for since, until in paused)


@lru_cache(maxsize=1 << 10)
def _usual_week(
    own: tuple[DayHours, ...] | None, opening: tuple[DayHours, ...] | None
) -> tuple[DayHours, ...]:
    if own is None or opening is None:
        return own or opening or ((),) * 7
    return tuple(
        _both(own[day], opening[day - 1], opening[day], opening[(day + 1) % 7]) for day in range(7)
    )


@lru_cache(maxsize=1 << 12)
def _both(own: DayHours, before: DayHours, same: DayHours, after: DayHours) -> DayHours:
    """What of a day's own hours lies in the opening hours of the days around it."""
    opening = joined(
        (
            *((opens - DAY_MINUTES, closes - DAY_MINUTES) for opens, closes in before),
            *same,
            *((opens + DAY_MINUTES, closes + DAY_MINUTES) for opens, closes in after),
        )
    )
    shared = [(max(left[0], right[0]), min(left[1], right[1])) for left in own for right in opening]
    return tuple(sorted(span for span in shared if span[0] < span[1]))
