"""When a person can begin a service: plain arithmetic on hours, what is taken and closures.

Instants are epoch seconds here: comparing integers is several times quicker than comparing aware
datetimes, and a search over a month looks at thousands of spans.

Lengths are elapsed time, so that an hour's appointment across a clock change still lasts an hour.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from domain.scheduling.local_time import instant, midnight, second_of
from domain.scheduling.timetable import Timetable

PartOfDay = Literal["any", "morning", "afternoon", "evening"]

_NOON = 12 * 60
_EVENING = 17 * 60

Span = tuple[datetime, datetime]
"""From an instant (UTC) until another, the second not included."""
Seconds = tuple[int, int]
"""The same in epoch seconds."""


@dataclass(frozen=True, kw_only=True)
class Length:
    """How long a service takes, and how long before and after it nothing else may be taken."""

    service: timedelta
    before: timedelta = timedelta()
    after: timedelta = timedelta()

    def occupies(self, starts_at: datetime) -> Span:
        """What an appointment that begins at `starts_at` takes of its person's time."""
        return starts_at - self.before, starts_at + self.service + self.after


@lru_cache(maxsize=1 << 12)
def part_of(zone: ZoneInfo, day: date, part_of_day: PartOfDay) -> Seconds:
    """When a part of a local day begins and ends: noon and five divide it."""
    match part_of_day:
        case "morning":
            return midnight(zone, day), second_of(zone, day, _NOON)
        case "afternoon":
            return second_of(zone, day, _NOON), second_of(zone, day, _EVENING)
        case "evening":
            return second_of(zone, day, _EVENING), midnight(zone, day + timedelta(days=1))
        case _:
            return midnight(zone, day), midnight(zone, day + timedelta(days=1))


def parts_at(clock: time) -> list[PartOfDay]:
    """The parts of the day to which a time of the wall clock belongs."""
    minutes = clock.hour * 60 + clock.minute
    if minutes < _NOON:
        return ["any", "morning"]
    return ["any", "afternoon" if minutes < _EVENING else "evening"]


class Taken:
    """Spans that are taken, in their order and apart from one another; quick to ask."""

    __slots__ = ("begins", "ends")

    def __init__(self, spans: Iterable[Seconds] = ()) -> None:
        self.begins: list[int] = []
        self.ends: list[int] = []
        for begins, ends in sorted(spans):
            if self.ends and begins <= self.ends[-1]:
                self.ends[-1] = max(ends, self.ends[-1])
            else:
                self.begins.append(begins)
                self.ends.append(ends)

    @classmethod
    def apart(cls, begins: list[int], ends: list[int]) -> Taken:
        """Spans that are known not to overlap, as a database constraint keeps those of one resource."""
        taken = cls()
        order_is_kept = all(map(int.__le__, begins, islice(begins, 1, None)))
        taken.begins = begins if order_is_kept else sorted(begins)
        taken.ends = ends if order_is_kept else sorted(ends)
        return taken

    def clashes(self, begins: int, ends: int) -> bool:
        """Whether any of [begins, ends) is taken already; spans that only touch do not clash."""
        before = bisect_left(self.begins, ends) - 1
        return before >= 0 and self.ends[before] > begins

    def total(self, begins: int, ends: int) -> int:
        """How many seconds of [begins, ends) are taken."""
        first, last = bisect_right(self.ends, begins), bisect_left(self.begins, ends)
        return sum(
            min(self.ends[index], ends) - max(self.begins[index], begins)
            for index in range(first, last)
        )


class Barred:
    """The starts that what is taken and closures leave no room for: between each `after` and its
    `until`, both not included."""

    __slots__ = ("after", "until")

    def __init__(self, taken: Taken, pauses: Sequence[Seconds], length: Length) -> None:
        before, service, rest = (
            int(part.total_seconds()) for part in (length.before, length.service, length.after)
        )
        lead = service + rest
        self.after = [begins - lead for begins in taken.begins]
        self.until = [ends + before for ends in taken.ends]
        if pauses:
            self._add([(begins - service, ends) for begins, ends in pauses])

    def _add(self, spans: list[Seconds]) -> None:
        every = sorted([*zip(self.after, self.until, strict=True), *spans])
        self.after, self.until = [], []
        for after, until in every:
            # Both ends are free: spans that only touch leave that one start.
            if self.until and after < self.until[-1]:
                self.until[-1] = max(until, self.until[-1])
            else:
                self.after.append(after)
                self.until.append(until)

    def leaves(self, starts: Sequence[int], first: int, last: int) -> list[int]:
        """Those of `starts` (rising) from `first` to `last`, both included, that are not barred."""
        after, until = self.after, self.until
        count, end = len(until), bisect_right(starts, last)
        index = bisect_left(starts, first)
        found: list[int] = []
        if index >= end:
            return found
        bar = bisect_right(until, starts[index])
        while index < end:
            if bar == count or starts[end - 1] <= after[bar]:
                found.extend(starts[index:end])
                break
            if starts[index] <= after[bar]:
                free = bisect_right(starts, after[bar], index, end)
                found.extend(starts[index:free])
                index = free
            else:
                index = bisect_left(starts, until[bar], index, end)
                bar += 1
                while index < end and bar < count and until[bar] <= starts[index]:
                    bar += 1
        return found


NOTHING_BARRED = Barred(Taken(), (), Length(service=timedelta()))


def free_starts(
    timetable: Timetable,
    day: date,
    *,
    length: Length,
    step: int,
    barred: Barred = NOTHING_BARRED,
    earliest: int | None = None,
    part_of_day: PartOfDay = "any",
) -> list[int]:
    """The starts (epoch seconds, rising) on the local `day` that the hours allow, none before
    `earliest` and none that is barred.

    Starts stand every `step` minutes from each span's beginning. The service must end while work
    lasts; the buffers may reach beyond it.
    """
    first, last = part_of(timetable.zone, day, part_of_day)
    if earliest is not None and earliest > first:
        first = earliest
    if first >= last:
        return []
    service = int(length.service.total_seconds())
    found: list[int] = []
    before = 0
    overlap = False
    for span in timetable.spans_seen_on(day):
        overlap = overlap or span.begins < before
        before = span.ends
        latest = min(timetable.works_until(span) - service, last - 1)
        if latest >= first:
            found += barred.leaves(timetable.starts(span, step=step), first, latest)
    # Hours that run over midnight and the next day's may both offer a start.
    return sorted(set(found)) if overlap else found


def days(first_day: date, last_day: date) -> Sequence[date]:
    """Every day from `first_day` to `last_day`, both included."""
    count = (last_day - first_day).days + 1
    return [first_day + timedelta(days=step) for step in range(max(0, count))]


__all__ = [
    "NOTHING_BARRED",
    "Barred",
    "Length",
    "PartOfDay",
    "Seconds",
    "Span",
    "Taken",
    "days",
    "free_starts",
    "instant",
    "part_of",
    "parts_at",
]
