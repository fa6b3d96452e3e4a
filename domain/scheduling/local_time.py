"""Between a place's wall clock and instants.

Hours are kept as the place's wall clock shows them and turned into instants day by day, by this rule:

- a local time that does not exist (the clock jumps over it) means the first instant after the jump;
  no appointment is offered to begin at such a time;
- a local time that exists twice means its first occurrence.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
_DAY_SECONDS = 24 * 60 * 60
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_CACHED_DAYS = 1 << 14
_LOOK_EVERY = timedelta(hours=3)


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a naive local time, by the rule above."""
    found = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if shows(found, zone) == local:
        return found
    # In a gap the two folds give the instants on either side of the jump.
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while found - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(found - before).total_seconds() // 2)
        if shows(middle, zone) < local:
            before = middle
        else:
            found = middle
    return found


def shows(at: datetime, zone: ZoneInfo) -> datetime:
    """What the wall clock shows at an instant, naive."""
    return at.astimezone(zone).replace(tzinfo=None)


@lru_cache(maxsize=_CACHED_DAYS)
def steady_midnight(zone: ZoneInfo, day: date) -> int | None:
    """The epoch second at which `day` begins, if the clock is not changed from then until the end of
    the next day, so that minutes may simply be added; None otherwise."""
    begins = datetime.combine(day, time())
    offsets = {
        (begins + step * _LOOK_EVERY).replace(tzinfo=zone, fold=fold).utcoffset()
        for step in range(17)
        for fold in (0, 1)
    }
    offset = offsets.pop()
    if offsets or offset is None:
        return None
    return (day.toordinal() - _EPOCH_DAY) * _DAY_SECONDS - int(offset.total_seconds())


def second_of(zone: ZoneInfo, day: date, minutes: int) -> int:
    """The epoch second at which the wall clock is `minutes` past the beginning of `day` (up to two
    days), by the rule above."""
    begins = steady_midnight(zone, day)
    if begins is not None:
        return begins + minutes * 60
    return epoch(instant(datetime.combine(day, time()) + timedelta(minutes=minutes), zone))


@lru_cache(maxsize=_CACHED_DAYS)
def midnight(zone: ZoneInfo, day: date) -> int:
    """The epoch second at which `day` begins."""
    return second_of(zone, day, 0)


def exists(zone: ZoneInfo, day: date, minutes: int) -> bool:
    """Whether the wall clock ever shows this time."""
    local = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return shows(instant(local, zone), zone) == local


def day_of(zone: ZoneInfo, at: int) -> date:
    """The local date of an epoch second."""
    return datetime.fromtimestamp(at, zone).date()


def epoch(at: datetime) -> int:
    """The epoch second of an instant; parts of a second are dropped."""
    return int(at.timestamp() // 1)


def from_epoch(at: int) -> datetime:
    """The instant (UTC) of an epoch second."""
    return datetime.fromtimestamp(at, UTC)
