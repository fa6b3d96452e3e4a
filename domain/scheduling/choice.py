"""Choosing the few times that are worth saying out of all that are free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo


class Starting(Protocol):
    @property
    def starts_at(self) -> datetime: ...


T = TypeVar("T", bound=Starting)


def choose(times: Sequence[T], *, limit: int, zone: ZoneInfo) -> list[T]:
    """At most `limit` of `times`, the earliest first.

    Every day gives its earliest time before any day gives a second; a day's further times are taken
    in the order in which people ask for them: full hours, then half hours, then the rest.
    """
    by_day: dict[date, list[T]] = defaultdict(list)
    for time in sorted(times, key=_start):
        by_day[time.starts_at.astimezone(zone).date()].append(time)
    queues = [
        [day[0], *sorted(day[1:], key=lambda time: _rank(time, zone))] for day in by_day.values()
    ]
    chosen: list[T] = []
    for turn in range(max(map(len, queues), default=0)):
        for queue in queues:
            if turn < len(queue) and len(chosen) < limit:
                chosen.append(queue[turn])
    return sorted(chosen, key=_start)


def _start(time: Starting) -> datetime:
    return time.starts_at


def _rank(time: Starting, zone: ZoneInfo) -> tuple[int, datetime]:
    minute = time.starts_at.astimezone(zone).minute
    return (0 if minute == 0 else 1 if minute == 30 else 2), time.starts_at
