"""Recurrence rules that would take minutes to spell out, told before it is tried."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from math import prod
from typing import Any

from icalendar import Component

MOST_STEPS = 50_000
"""Times of one rule from its start to the window's end; a daily rule reaches it after 136 years."""

_LENGTHS = {
    "SECONDLY": timedelta(seconds=1),
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
    "DAILY": timedelta(days=1),
}
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def check_rules(events: Iterable[Component], *, ends: datetime) -> None:
    """Raises ValueError when a rule (RFC 5545 section 3.3.10) has too many times before `ends`, or can
    have none: looking for the first would go on to the year 9999."""
    for event in events:
        given: Any = event.get("RRULE", [])
        start: Any = event.get("DTSTART")
        for rule in given if isinstance(given, list) else [given]:
            _check(rule, begins=start.dt, ends=ends)


def _check(rule: Any, *, begins: date, ends: datetime) -> None:
    frequency = str(next(iter(rule.get("FREQ", [])), "")).upper()
    interval = max(1, int(next(iter(rule.get("INTERVAL", [1])), 1)))
    length = _LENGTHS.get(frequency, timedelta(days=7))
    start = datetime(begins.year, begins.month, begins.day, tzinfo=UTC)
    steps = max(0, (ends - start) / (length * interval))
    each = prod(max(1, len(rule.get(name, []))) for name in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    if steps * each > MOST_STEPS:
        raise ValueError("a rule has too many occurrences")
    months = [int(month) for month in rule.get("BYMONTH", [])] or range(1, 13)
    days = [abs(int(day)) for day in rule.get("BYMONTHDAY", [])]
    if days and not any(
        1 <= month <= 12 and day <= _LONGEST_MONTHS[month - 1] for month in months for day in days
    ):
        raise ValueError("a rule has no occurrence")
