"""When a shift of the rota is: its days, and the instants at which it begins and ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from domain.scheduling.local_time import from_epoch, second_of
from domain.scheduling.timetable import minutes_between

_ONE_DAY = timedelta(days=1)


class Shift(Protocol):
    """A shift as `domain.handoffs.models.RotaShift` has it."""

    @property
    def day(self) -> date: ...
    @property
    def begins(self) -> time: ...
    @property
    def ends(self) -> time: ...
    @property
    def every_weeks(self) -> int | None: ...
    @property
    def until(self) -> date | None: ...


@dataclass(frozen=True, order=True)
class Times:
    """One time that a shift comes: [begins_at, ends_at) in UTC, and the local day it begins on."""

    begins_at: datetime
    ends_at: datetime
    day: date


def days(shift: Shift, *, first_day: date, last_day: date) -> Iterator[date]:
    """The days, both ends included, on which the shift begins."""
    last = last_day if shift.until is None else min(last_day, shift.until)
    if shift.every_weeks is None:
        if first_day <= shift.day <= last_day:
            yield shift.day
        return
    step = timedelta(weeks=shift.every_weeks)
    missed = max(0, -((shift.day - first_day) // step))
    day = shift.day + missed * step
    while day <= last:
        yield day
        day += step


def times(shift: Shift, zone: ZoneInfo, *, first_day: date, last_day: date) -> Iterator[Times]:
    """What of the shift begins on these days. A change of the clock can swallow one whole."""
    opens, closes = minutes_between(minute_of(shift.begins), minute_of(shift.ends))
    for day in days(shift, first_day=first_day, last_day=last_day):
        begins, ends = second_of(zone, day, opens), second_of(zone, day, closes)
        if begins < ends:
            yield Times(from_epoch(begins), from_epoch(ends), day)


def covers(shift: Shift, zone: ZoneInfo, at: datetime) -> bool:
    """Whether the shift is on at an instant."""
    today = at.astimezone(zone).date()
    near = times(shift, zone, first_day=today - _ONE_DAY, last_day=today)
    return any(one.begins_at <= at < one.ends_at for one in near)


def minute_of(at: time) -> int:
    return at.hour * 60 + at.minute


__all__ = ["Shift", "Times", "covers", "days", "minute_of", "times"]
