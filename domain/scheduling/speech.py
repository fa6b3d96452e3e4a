"""Days and times as people say them. The zone is named by its city where it must be, never by an
offset from UTC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
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
_YEAR_MATTERS = timedelta(days=300)


@dataclass(frozen=True, kw_only=True)
class Speech:
    """How one language says days, times and lengths."""

    day: Callable[[date, date | None], str]
    clock: Callable[[time], str]
    at: Callable[[str, str], str]
    length: Callable[[int], str]
    weekdays: Sequence[str]


def speech_of(language: str) -> Speech:
    """By BCP 47 tag; a language that has none yet is spoken as English."""
    return _SPEECH.get(language.partition("-")[0].lower(), _ENGLISH)


def spoken_time(
    at: datetime, zone: ZoneInfo, *, today: date | None = None, language: str = "en-US"
) -> str:
    """`Tuesday the 24th of November at 2 p.m.`; with `today` (the business's) near days are named:
    `tomorrow, Tuesday the 24th of November, at 2 p.m.`"""
    speech = speech_of(language)
    local = at.astimezone(zone)
    return speech.at(speech.day(local.date(), today), speech.clock(local.time()))


def spoken_day(day: date, *, today: date | None = None, language: str = "en-US") -> str:
    """`Tuesday the 24th of November`, with the year where it is not plain."""
    return speech_of(language).day(day, today)


def spoken_clock(at: time, *, language: str = "en-US") -> str:
    """`2 p.m.`, `9:30 a.m.`, `noon`."""
    return speech_of(language).clock(at)


def spoken_length(minutes: int, *, language: str = "en-US") -> str:
    """`30 minutes`, `an hour and a half`."""
    return speech_of(language).length(minutes)


def spoken_zone(zone: ZoneInfo) -> str:
    """`New York time`, for those who may be elsewhere."""
    return f"{zone.key.rpartition('/')[2].replace('_', ' ')} time"


def _english_day(day: date, today: date | None) -> str:
    said = f"{_WEEKDAYS[day.weekday()]} the {_ordinal(day.day)} of {_MONTHS[day.month - 1]}"
    if today is None:
        return said
    if abs(day - today) >= _YEAR_MATTERS:
        said = f"{said} {day.year}"
    if day == today:
        return f"today, {said}"
    if day == today + timedelta(days=1):
        return f"tomorrow, {said}"
    return said


def _ordinal(number: int) -> str:
    if 11 <= number % 100 <= 13:
        return f"{number}th"
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def _english_clock(at: time) -> str:
    if (at.hour, at.minute) == (12, 0):
        return "noon"
    if (at.hour, at.minute) == (0, 0):
        return "midnight"
    half = "a.m." if at.hour < 12 else "p.m."
    hour = at.hour % 12 or 12
    return f"{hour}:{at.minute:02d} {half}" if at.minute else f"{hour} {half}"


def _english_at(day: str, clock: str) -> str:
    return f"{day}, at {clock}" if "," in day else f"{day} at {clock}"


def _english_length(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} minutes"
    whole = "an hour" if hours == 1 else f"{hours} hours"
    if not rest:
        return whole
    if rest == 30:
        return "an hour and a half" if hours == 1 else f"{hours} and a half hours"
    return f"{whole} and {rest} minutes"


_ENGLISH = Speech(
    day=_english_day,
    clock=_english_clock,
    at=_english_at,
    length=_english_length,
    weekdays=_WEEKDAYS,
)
_SPEECH = {"en": _ENGLISH}
