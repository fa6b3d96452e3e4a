"""Times in Hindi: `मंगलवार 24 नवंबर को दोपहर 2 बजे`.

Quarters and halves have words of their own (सवा, साढ़े, पौने, डेढ़, ढाई); hours stay numerals, which every
voice reads rightly.
"""

from __future__ import annotations

from datetime import date, time, timedelta

from domain.speech.language import Language, is_far

_WEEKDAYS = ("सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार", "रविवार")
_MONTHS = (
    "जनवरी",
    "फ़रवरी",
    "मार्च",
    "अप्रैल",
    "मई",
    "जून",
    "जुलाई",
    "अगस्त",
    "सितंबर",
    "अक्टूबर",
    "नवंबर",
    "दिसंबर",
)
_CITIES = {
    "New York": "न्यूयॉर्क",
    "Chicago": "शिकागो",
    "Denver": "डेनवर",
    "Los Angeles": "लॉस एंजेलिस",
    "London": "लंदन",
    "Dubai": "दुबई",
    "Singapore": "सिंगापुर",
    "Toronto": "टोरंटो",
    "Sydney": "सिडनी",
    "Kolkata": "भारत",
    "Tokyo": "टोक्यो",
}


def _date(at: date, today: date | None) -> str:
    said = f"{_WEEKDAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]}"
    return f"{said} {at.year}" if is_far(at, today) else said


def day(at: date, today: date | None) -> str:
    if today is not None and at == today:
        return f"आज, {_date(at, today)}"
    # कल is both tomorrow and yesterday: the date beside it says which.
    if today is not None and at == today + timedelta(days=1):
        return f"कल, {_date(at, today)}"
    return _date(at, today)


def clock(at: time) -> str:
    hour = at.hour % 12 or 12
    return f"{_part(at.hour)} {_hour(hour, at.minute)}"


def _hour(hour: int, minute: int) -> str:
    if minute == 0:
        return f"{hour} बजे"
    if minute == 15:
        return f"सवा {hour} बजे"
    if minute == 30:
        return {1: "डेढ़ बजे", 2: "ढाई बजे"}.get(hour, f"साढ़े {hour} बजे")
    if minute == 45:
        return f"पौने {hour % 12 + 1} बजे"
    return f"{hour} बजकर {minute} मिनट"


def _part(hour: int) -> str:
    if 4 <= hour < 12:
        return "सुबह"
    if 12 <= hour < 16:
        return "दोपहर"
    return "शाम" if 16 <= hour < 20 else "रात"


def moment(on: date, at: time, today: date | None) -> str:
    said = clock(at)
    return f"{day(on, today)} को {said}{' पर' if said.endswith('मिनट') else ''}"


def length(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} मिनट"
    if rest == 30:
        return {1: "डेढ़ घंटा", 2: "ढाई घंटे"}.get(hours, f"साढ़े {hours} घंटे")
    whole = "एक घंटा" if hours == 1 else f"{hours} घंटे"
    return f"{whole} {rest} मिनट" if rest else whole


def zone(city: str) -> str:
    return f"{_CITIES.get(city, city)} के समय के अनुसार"


def span(opens: time, closes: time) -> str:
    return "चौबीसों घंटे" if opens == closes else f"{clock(opens)} से {clock(closes)} तक"


def open_days(first: int, last: int, spans: str) -> str:
    return f"{_days(first, last)} {spans}"


def closed_days(runs: list[tuple[int, int]]) -> str:
    return " और ".join(_days(first, last) for first, last in runs) + " बंद"


def open_date(on: date, spans: str, today: date) -> str:
    return f"{day(on, today)} को {spans} खुला"


def closure(first: date, last: date, today: date) -> str:
    if first == last:
        return f"{day(first, today)} को बंद"
    return f"{_date(first, today)} से {_date(last, today)} तक बंद"


def _days(first: int, last: int) -> str:
    if first == last:
        return _WEEKDAYS[first]
    return f"{_WEEKDAYS[first]} {'और' if last == first + 1 else 'से'} {_WEEKDAYS[last]}"


HINDI = Language(
    day=day,
    clock=clock,
    moment=moment,
    length=length,
    zone=zone,
    span=span,
    spans=" और ".join,
    open_days=open_days,
    closed_days=closed_days,
    open_date=open_date,
    closure=closure,
)
