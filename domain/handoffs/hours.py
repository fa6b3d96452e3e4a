"""When a department can be rung."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.businesses.profile import ProfileDepartment, ProfileHours, Routing
from domain.handoffs.shifts import minute_of
from domain.scheduling.local_time import DAY_MINUTES, epoch, from_epoch
from domain.scheduling.timetable import (
    Closing,
    DayHours,
    Hours,
    Timetable,
    joined,
    minutes_between,
    weekly_hours,
)

_ONE_DAY = timedelta(days=1)


def open_spans(
    routing: Routing, department: ProfileDepartment, *, first: datetime, last: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The spans [begins, ends), the earliest first, in which the department can be rung and that hold an
    instant from `first` to `last`, both included. They neither touch nor overlap."""
    if department.hours == "always":
        yield first, last + timedelta(seconds=1)
        return
    zone = ZoneInfo(routing.time_zone)
    table = (
        _opening(routing, zone)
        if department.hours == "opening"
        else Timetable(zone=zone, opening=Hours(weekly=_week(department.own_hours)))
    )
    for begins, ends in _spans(table, first.astimezone(zone).date(), last.astimezone(zone).date()):
        if ends > epoch(first) and from_epoch(begins) <= last:
            yield from_epoch(begins), from_epoch(ends)


def is_open(routing: Routing, department: ProfileDepartment, *, at: datetime) -> bool:
    """Whether the department can be rung at an instant."""
    spans = open_spans(routing, department, first=at, last=at)
    return any(begins <= at < ends for begins, ends in spans)


def _spans(table: Timetable, first_day: date, last_day: date) -> Iterator[tuple[int, int]]:
    """Epoch seconds, of the days and of the ones around them; what touches is one."""
    days = [first_day + timedelta(days=step) for step in range(-1, (last_day - first_day).days + 2)]
    pauses = sorted(table.pauses(days[0] - _ONE_DAY, days[-1] + _ONE_DAY))
    every = sorted((span.begins, span.ends) for day in days for span in table.spans_on(day))
    yield from _touching(part for span in every for part in _without(span, pauses))


def _without(span: tuple[int, int], pauses: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    begins, ends = span
    for since, until in pauses:
        if since >= ends or until <= begins:
            continue
        if begins < since:
            yield begins, since
        begins = until
    if begins < ends:
        yield begins, ends


def _touching(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last: tuple[int, int] | None = None
    for begins, ends in spans:
        if last is not None and begins <= last[1]:
            last = (last[0], max(ends, last[1]))
            continue
        if last is not None:
            yield last
        last = (begins, ends)
    if last is not None:
        yield last


def _opening(routing: Routing, zone: ZoneInfo) -> Timetable:
    dates: dict[date, DayHours] = {}
    for one in routing.date_hours:
        span = minutes_between(minute_of(one.opens), minute_of(one.closes))
        dates[one.day] = joined([*dates.get(one.day, ()), span])
    closed = [Closing(one.first_day, one.last_day) for one in routing.closures]
    paused = [
        Closing(one.first_day, one.last_day, (minute_of(one.from_time), minute_of(one.until_time)))
        for one in routing.pauses
    ]
    # A business that has told no hours yet is not shut for ever.
    week = _week(routing.hours) if routing.hours or dates else (((0, DAY_MINUTES),),) * 7
    return Timetable(
        zone=zone,
        opening=Hours(weekly=week, dates=dates),
        closings=(*closed, *paused),
    )


def _week(spans: Iterable[ProfileHours]) -> tuple[DayHours, ...]:
    return weekly_hours(
        (span.weekday, minutes_between(minute_of(span.opens), minute_of(span.closes)))
        for span in spans
    )
