"""When a person can begin a service: plain arithmetic on hours, days off and what is taken.

Local times and the clock changes. Hours are kept as the business's wall clock shows them and turned
into instants day by day, by this rule:

- a local time that does not exist (the clock jumps over it) means the first instant after the jump;
  no appointment is offered to begin at such a time;
- a local time that exists twice means its first occurrence.

Lengths are elapsed time, so that an hour's appointment across a clock change still lasts an hour.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

PartOfDay = Literal["any", "morning", "afternoon", "evening"]

_NOON = time(12)
_EVENING = time(17)

Span = tuple[datetime, datetime]
"""From an instant (UTC) until another, the second not included."""


@dataclass(frozen=True, kw_only=True)
class DaySpan:
    """An open span of a weekday (0 is Monday), wall clock."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, kw_only=True)
class DaysOff:
    """Days, both included, without work."""

    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """When somebody works.

    With hours of their own they work in those, as far as the business is open then; without, whenever
    it is. A business that has set no hours leaves it to its people's.
    """

    zone: ZoneInfo
    business: tuple[DaySpan, ...] = ()
    own: tuple[DaySpan, ...] = ()
    days_off: tuple[DaysOff, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Length:
    """How long a service takes, and how long before and after it nothing else may be taken."""

    service: timedelta
    before: timedelta = timedelta()
    after: timedelta = timedelta()

    def occupies(self, starts_at: datetime) -> Span:
        """What an appointment that begins at `starts_at` takes of its person's time."""
        return starts_at - self.before, starts_at + self.service + self.after


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a naive local time, by the rule above."""
    found = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _shows(found, zone) == local:
        return found
    # In a gap the two folds give the instants on either side of the jump.
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while found - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(found - before).total_seconds() // 2)
        if _shows(middle, zone) < local:
            before = middle
        else:
            found = middle
    return found


def _shows(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def day_spans(timetable: Timetable, day: date) -> list[tuple[time, time]]:
    """The wall-clock spans of `day` in which the person works; those that touch are one."""
    if any(off.first_day <= day <= off.last_day for off in timetable.days_off):
        return []
    business = _of_weekday(timetable.business, day)
    own = _of_weekday(timetable.own, day)
    if not timetable.own:
        return business
    if not timetable.business:
        return own
    both = [(max(left[0], right[0]), min(left[1], right[1])) for left in business for right in own]
    return sorted(span for span in both if span[0] < span[1])


def _of_weekday(spans: Iterable[DaySpan], day: date) -> list[tuple[time, time]]:
    joined: list[tuple[time, time]] = []
    for opens, closes in sorted(
        (span.opens, span.closes) for span in spans if span.weekday == day.weekday()
    ):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return joined


def works(timetable: Timetable, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether all of [starts_at, ends_at) lies inside one span of the person's work."""
    day = _shows(starts_at, timetable.zone).date()
    for opens, closes in day_spans(timetable, day):
        begins = instant(datetime.combine(day, opens), timetable.zone)
        ends = instant(datetime.combine(day, closes), timetable.zone)
        if begins <= starts_at and ends_at <= ends:
            return True
    return False


def possible_starts(
    timetable: Timetable,
    day: date,
    *,
    length: Length,
    step: timedelta,
    part_of_day: PartOfDay = "any",
) -> Iterator[datetime]:
    """The starts (UTC, rising) that the hours of `day` allow, whatever is taken already.

    Starts stand every `step` from each span's beginning. The service must end within the span; the
    buffers may reach beyond it.
    """
    for opens, closes in day_spans(timetable, day):
        local = datetime.combine(day, opens)
        last = datetime.combine(day, closes)
        ends = instant(last, timetable.zone)
        while local < last:
            starts_at = instant(local, timetable.zone)
            exists = _shows(starts_at, timetable.zone) == local
            if exists and starts_at + length.service <= ends and _within(local.time(), part_of_day):
                yield starts_at
            local += step


def _within(at: time, part_of_day: PartOfDay) -> bool:
    match part_of_day:
        case "morning":
            return at < _NOON
        case "afternoon":
            return _NOON <= at < _EVENING
        case "evening":
            return at >= _EVENING
        case _:
            return True


class Taken:
    """The spans of one person that are taken, quick to ask."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._begins: list[datetime] = []
        self._ends: list[datetime] = []
        for begins, ends in sorted(spans):
            if self._ends and begins <= self._ends[-1]:
                self._ends[-1] = max(ends, self._ends[-1])
            else:
                self._begins.append(begins)
                self._ends.append(ends)

    def clashes(self, span: Span) -> bool:
        """Whether any of `span` is taken already; spans that only touch do not clash."""
        before = bisect_left(self._begins, span[1]) - 1
        return before >= 0 and self._ends[before] > span[0]

    def total(self, span: Span) -> timedelta:
        """How much of `span` is taken."""
        pieces = zip(self._begins, self._ends, strict=True)
        return sum(
            (
                min(ends, span[1]) - max(begins, span[0])
                for begins, ends in pieces
                if begins < span[1] and ends > span[0]
            ),
            timedelta(),
        )


def free_starts(
    timetable: Timetable,
    day: date,
    *,
    length: Length,
    step: timedelta,
    taken: Taken,
    earliest: datetime,
    part_of_day: PartOfDay = "any",
) -> list[datetime]:
    """The starts (UTC, rising) on `day`, none before `earliest`, that clash with nothing taken."""
    return [
        starts_at
        for starts_at in possible_starts(
            timetable, day, length=length, step=step, part_of_day=part_of_day
        )
        if starts_at >= earliest and not taken.clashes(length.occupies(starts_at))
    ]


def days(first_day: date, last_day: date) -> Sequence[date]:
    """Every day from `first_day` to `last_day`, both included."""
    count = (last_day - first_day).days + 1
    return [first_day + timedelta(days=step) for step in range(max(0, count))]
