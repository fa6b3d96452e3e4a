"""Days and times as people say them. The zone is named by its city where it must be, never by an
offset from UTC."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from domain.speech.english import ENGLISH
from domain.speech.hindi import HINDI
from domain.speech.language import Language
from domain.speech.spanish import SPANISH

_LANGUAGES = {"en": ENGLISH, "es": SPANISH, "hi": HINDI}


def speech_of(language: str) -> Language:
    """By BCP 47 tag; a language that has none yet is spoken as English."""
    return _LANGUAGES.get(language.partition("-")[0].lower(), ENGLISH)


def spoken_time(
    at: datetime, zone: ZoneInfo, *, today: date | None = None, language: str = "en-US"
) -> str:
    """`Tuesday the 24th of November at 2 p.m.`; with `today` (the business's) near days are named:
    `tomorrow, Tuesday the 24th of November, at 2 p.m.`"""
    local = at.astimezone(zone)
    return speech_of(language).moment(local.date(), local.time(), today)


def spoken_day(day: date, *, today: date | None = None, language: str = "en-US") -> str:
    """`Tuesday the 24th of November`, with the year where it is not plain."""
    return speech_of(language).day(day, today)


def spoken_clock(at: time, *, language: str = "en-US") -> str:
    """`2 p.m.`, `9:30 a.m.`, `noon`."""
    return speech_of(language).clock(at)


def spoken_length(minutes: int, *, language: str = "en-US") -> str:
    """`30 minutes`, `an hour and a half`."""
    return speech_of(language).length(minutes)


def spoken_zone(zone: ZoneInfo, *, language: str = "en-US") -> str:
    """`New York time`, for those who may be elsewhere."""
    return speech_of(language).zone(zone.key.rpartition("/")[2].replace("_", " "))
