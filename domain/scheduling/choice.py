"""Choosing the few times that are worth saying out of all that are free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TypeVar

T = TypeVar("T")

_NOON = 12
_EVENING = 17


def choose(times: Sequence[T], *, limit: int, local: Callable[[T], datetime]) -> list[T]:
    """At most `limit` of `times`, which are in their order; `local` is what the wall clock shows.

    Every day gives its earliest time before any day gives a second; a day's further times are taken
    from its other parts first (morning, afternoon, evening), and then in the order in which people
    ask for them: full hours, half hours, the rest.
    """
    by_day: dict[date, list[tuple[int, datetime]]] = defaultdict(list)
    for place, time in enumerate(times):
        at = local(time)
        by_day[at.date()].append((place, at))
    queues = [_as_asked_for(day) for day in by_day.values()]
    chosen: list[int] = []
    for turn in range(max(map(len, queues), default=0)):
        for queue in queues:
            if turn < len(queue) and len(chosen) < limit:
                chosen.append(queue[turn])
        if len(chosen) == limit:
            break
    return [times[place] for place in sorted(chosen)]


def _as_asked_for(day: Sequence[tuple[int, datetime]]) -> list[int]:
    first, *rest = day
    rest.sort(key=lambda time: (_roundness(time[1]), time[0]))
    others: list[int] = []
    later: list[int] = []
    parts = {_part(first[1])}
    for place, at in rest:
        if _part(at) in parts:
            later.append(place)
        else:
            parts.add(_part(at))
            others.append(place)
    return [first[0], *sorted(others), *later]


def _part(at: datetime) -> int:
    return (at.hour >= _NOON) + (at.hour >= _EVENING)


def _roundness(at: datetime) -> int:
    return 0 if at.minute == 0 else 1 if at.minute == 30 else 2
