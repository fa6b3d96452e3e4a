"""Times in English."""

from __future__ import annotations

from datetime import date, time, timedelta

from domain.speech.language import Language, is_far

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day(at: date, today: date | None) -> str:
    said = f"{WEEKDAYS[at.weekday()]} the {_ordinal(at.day)} of {MONTHS[at.month - 1]}"
    if is_far(at, today):
        said = f"{said} {at.year}"
    if today is not None and at == today:
        return f"today, {said}"
    if today is not None and at == today + timedelta(days=1):
        return f"tomorrow, {said}"
    return said


def _ordinal(number: int) -> str:
    if 11 <= number % 100 <= 13:
        return f"{number}th"
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def clock(at: time) -> str:
    if (at.hour, at.minute) == (12, 0):
        return "noon"
    if (at.hour, at.minute) == (0, 0):
        return "midnight"
    half = "a.m." if at.hour < 12 else "p.m."
    hour = at.hour % 12 or 12
    return f"{hour}:{at.minute:02d} {half}" if at.minute else f"{hour} {half}"


def moment(on: date, at: time, today: date | None) -> str:
    said = day(on, today)
    return f"{said}, at {clock(at)}" if "," in said else f"{said} at {clock(at)}"


def length(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} minutes"
    whole = "an hour" if hours == 1 else f"{hours} hours"
    if not rest:
        return whole
    if rest == 30:
        return "an hour and a half" if hours == 1 else f"{hours} and a half hours"
    return f"{whole} and {rest} minutes"


def zone(city: str) -> str:
    return f"{city} time"


def span(opens: time, closes: time) -> str:
    return "around the clock" if opens == closes else f"{clock(opens)} to {clock(closes)}"


def open_days(first: int, last: int, spans: str) -> str:
    return f"{_days(first, last)} {spans}"


def closed_days(runs: list[tuple[int, int]]) -> str:
    return "closed " + ", ".join(_days(first, last) for first, last in runs)


def open_date(on: date, spans: str, today: date) -> str:
    return f"open on {day(on, today)}, {spans}"


def closure(first: date, last: date, today: date) -> str:
    if first == last:
        return f"closed on {day(first, today)}"
    return f"closed from {day(first, today)} to {day(last, today)}"


def _days(first: int, last: int) -> str:
    if first == last:
        return WEEKDAYS[first]
    return f"{WEEKDAYS[first]} {'and' if last == first + 1 else 'to'} {WEEKDAYS[last]}"


ENGLISH = Language(
    day=day,
    clock=clock,
    moment=moment,
    length=length,
    zone=zone,
    span=span,
    spans=" and ".join,
    open_days=open_days,
    closed_days=closed_days,
    open_date=open_date,
    closure=closure,
)
