"""What a language has to be able to say of times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta

YEAR_MATTERS = timedelta(days=300)
"""From so far on a day is said with its year."""


@dataclass(frozen=True, kw_only=True)
class Language:
    """How one language says days, times, lengths and opening hours.

    Each function gives words as they are spoken on a telephone. `today`, where given, is the day it is
    where the time is meant; days near it are named (`tomorrow`), and far ones get their year.
    """

    day: Callable[[date, date | None], str]
    clock: Callable[[time], str]
    moment: Callable[[date, time, date | None], str]
    """A day with a clock time on it."""
    length: Callable[[int], str]
    """Of minutes."""
    zone: Callable[[str], str]
    """What follows a time that is another city's; of the city's name in the IANA database."""
    span: Callable[[time, time], str]
    """From the one until the other; the same twice is the whole day."""
    spans: Callable[[list[str]], str]
    """Several spans of one day."""
    open_days: Callable[[int, int, str], str]
    """Weekdays (0 is Monday) from the first to the last, with their spans."""
    closed_days: Callable[[list[tuple[int, int]]], str]
    """Weekdays, from and to, without any."""
    open_date: Callable[[date, str, date], str]
    """Open on a date with those spans; the last is today."""
    closure: Callable[[date, date, date], str]
    """Closed from the first day to the last; the third is today."""


def is_far(day: date, today: date | None) -> bool:
    """Whether `day` needs its year."""
    return today is not None and abs(day - today) >= YEAR_MATTERS
