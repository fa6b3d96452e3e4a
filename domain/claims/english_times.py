"""Days and times in English sentences."""

from __future__ import annotations

import re
from typing import Final

from domain.claims.moments import SaidClock, SaidMoment
from domain.claims.times import clock_told, clocks_in, either, half_named, weekdays_in

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_HOURS: Final = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        start=1,
    )
}  # fmt: skip
_MINUTES: Final = {
    "fifteen": 15, "thirty": 30, "forty five": 45, "oh five": 5, "o five": 5, "ten": 10, "twenty": 20,
    "twenty five": 25, "thirty five": 35, "forty": 40, "fifty": 50, "fifty five": 55,
}  # fmt: skip
_ORDINALS: Final = {
    word: number
    for number, word in enumerate(
        ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
         "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
         "eighteenth", "nineteenth", "twentieth", "twenty first", "twenty second", "twenty third",
         "twenty fourth", "twenty fifth", "twenty sixth", "twenty seventh", "twenty eighth", "twenty ninth",
         "thirtieth", "thirty first"),
        start=1,
    )
}  # fmt: skip

_HOUR = rf"(?P<h>\d{{1,2}}|{'|'.join(_HOURS)})"
_HALF = r"(?P<half>a\.?\s?m\b\.?|p\.?\s?m\b\.?)"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_ORDINAL = rf"(?P<word>{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})"
_COUNTED = (
    r"(?!\s*(?:-\s*)?(?:minutes?|mins?|hours?|dollars?|people|persons?|percent|days?|weeks?|months?"
    r"|times?|years?|of\b|st\b|nd\b|rd\b|th\b|appointments?|cleanings?|\d))"
)
_CLOCKS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\d:$£€]){_HOUR}[:.](?P<m>[0-5]\d)(?:\s*{_HALF})?(?!\d)",
        rf"\bhalf past {_HOUR}\b(?P<m30>)",
        rf"\b(?:a )?quarter past {_HOUR}\b(?P<m15>)",
        rf"\b(?:a )?quarter (?:to|of|till) {_HOUR}\b(?P<before15>)",
        rf"\b(?P<past>five|ten|twenty|twenty five) past {_HOUR}\b",
        rf"\b(?P<to>five|ten|twenty|twenty five) (?:to|till) {_HOUR}\b",
        rf"(?<![\d:$£€])\b{_HOUR} (?P<mw>{either(_MINUTES)})\b(?:\s*{_HALF})?{_COUNTED}",
        rf"(?<![\d:$£€])\b{_HOUR}\s*{_HALF}",
        rf"(?<![\d:$£€])\b{_HOUR} ?o'? ?clock\b",
        rf"\bat {_HOUR}\b{_COUNTED}",
        rf"\bfor {_HOUR}\b(?=$| on\b| tomorrow| today| with\b| in the| this\b| next\b|,| (?:{'|'.join(_WEEKDAYS)}))",
    )
)
_PART: Final = re.compile(
    r"\b(?:in the |this |tomorrow |\w+day )(?P<part>morning|afternoon|evening)\b"
)
_DAYS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?P<d>\d{1,2})(?:st|nd|rd|th)\b",
        rf"\b{_MONTH} (?:the )?(?P<d>\d{{1,2}})\b(?![:.]\d)",
        rf"\b(?P<d>\d{{1,2}}) (?:of )?{_MONTH}\b",
        rf"\b{_MONTH} (?:the )?{_ORDINAL}\b",
        rf"\b{_ORDINAL} of {_MONTH}\b",
        rf"\b(?:{'|'.join(_WEEKDAYS)}),? the {_ORDINAL}\b",
    )
)
_MONTH_NAMED: Final = re.compile(
    rf"\b(?:{'|'.join(name for name in _MONTHS if name not in ('march', 'may'))}|(?:in|of) (?:march|may)|(?:march|may) (?:the )?\d)"
)


def english_moment(text: str) -> SaidMoment:
    """What `text` (normalised) says of when."""
    text = text.replace("-", " ")
    offsets = set()
    if re.search(r"\bday after tomorrow\b", text):
        offsets.add(frozenset({2}))
    elif re.search(r"\btomorrow\b", text):
        offsets.add(frozenset({1}))
    if re.search(r"\b(?:today|tonight|this (?:morning|afternoon|evening))\b", text):
        offsets.add(frozenset({0}))
    days, rest = set(), text
    for pattern in _DAYS:
        for found in pattern.finditer(rest):
            groups = found.groupdict()
            day = int(groups["d"]) if groups.get("d") else _ORDINALS[groups["word"]]
            if 1 <= day <= 31:
                days.add(day)
        rest = pattern.sub(
            lambda found: " ".join(name for name in _MONTHS if name in found[0]), rest
        )
    months = frozenset(
        number
        for number, name in enumerate(_MONTHS, start=1)
        if any(name in found[0] for found in _MONTH_NAMED.finditer(text))
    )
    return SaidMoment(
        weekdays=weekdays_in(text, _WEEKDAYS),
        days=frozenset(days),
        months=months,
        offsets=frozenset(offsets),
        clocks=_clocks(rest),
    )


def _clocks(text: str) -> frozenset[SaidClock]:
    clocks = set()
    if re.search(r"\b(?:noon|midday)\b", text):
        clocks.add(SaidClock(12, exact=True))
    if re.search(r"\bmidnight\b", text):
        clocks.add(SaidClock(0, exact=True))
    part = _PART.search(text)
    clocks |= clocks_in(text, _CLOCKS, lambda found: _clock(found, part["part"] if part else ""))
    return frozenset(clocks)


def _clock(found: re.Match[str], part: str) -> SaidClock | None:
    groups = found.groupdict()
    hour = _HOURS.get(groups["h"]) or int(groups["h"])
    minute = 0
    if groups.get("m"):
        minute = int(groups["m"])
    elif "m30" in groups:
        minute = 30
    elif "m15" in groups:
        minute = 15
    elif "before15" in groups:
        hour, minute = hour - 1, 45
    elif groups.get("past"):
        minute = _MINUTES.get(groups["past"], 5)
    elif groups.get("to"):
        hour, minute = hour - 1, 60 - _MINUTES.get(groups["to"], 5)
    elif groups.get("mw"):
        minute = _MINUTES[groups["mw"]]
    if not 0 <= hour <= 24:
        return None
    half = half_named(groups.get("half"))
    half = half or {"morning": "am", "afternoon": "pm", "evening": "pm"}.get(part, "")
    return clock_told(hour, minute, half)
