"""Days and times in Hindi sentences, in Devanagari or written with Latin letters."""

from __future__ import annotations

import re
from typing import Final

from domain.claims.moments import SaidClock, SaidMoment
from domain.claims.times import clock_told

_WEEKDAYS: Final = (
    ("सोमवार", "monday", "somvar", "मंडे"),
    ("मंगलवार", "tuesday", "mangalvar", "ट्यूसडे", "ट्यूजडे"),
    ("बुधवार", "wednesday", "budhvar", "वेडनेसडे", "वेंसडे"),
    ("गुरुवार", "बृहस्पतिवार", "thursday", "guruvar", "थर्सडे"),
    ("शुक्रवार", "friday", "shukravar", "फ्राइडे"),
    ("शनिवार", "saturday", "shanivar", "सैटरडे"),
    ("रविवार", "इतवार", "sunday", "ravivar", "संडे"),
)
_MONTHS: Final = (
    "जनवरी", "फरवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर",
    "दिसंबर",
)  # fmt: skip
_HOURS: Final = {
    "एक": 1, "दो": 2, "तीन": 3, "चार": 4, "पांच": 5, "छह": 6, "छः": 6, "सात": 7, "आठ": 8, "नौ": 9,
    "दस": 10, "ग्यारह": 11, "बारह": 12, "ek": 1, "do": 2, "teen": 3, "char": 4, "paanch": 5, "chhe": 6,
    "saat": 7, "aath": 8, "nau": 9, "das": 10, "gyarah": 11, "barah": 12,
}  # fmt: skip
_HOUR: Final = rf"(?P<h>\d{{1,2}}|{'|'.join(_HOURS)})"
_CLOCK: Final = re.compile(
    rf"(?:(?P<shift>सवा|साढे|पौने|sava|saade|sadhe|paune) )?{_HOUR}(?:[:.](?P<m>[0-5]\d))? (?:बजे|बजकर(?: (?P<past>\d{{1,2}}) मिनट)?|baje)"
)
_WHOLE: Final = re.compile(r"(?P<word>डेढ|ढाई|dedh|dhai) (?:बजे|baje)")
_PART: Final = re.compile(r"(?P<part>सुबह|दोपहर|शाम|रात|subah|dopahar|dopeher|shaam|sham|raat)")
_DAY: Final = re.compile(rf"(?<![\d:])(?P<d>\d{{1,2}}) (?:तारीख|tareekh|{'|'.join(_MONTHS)})")


def hindi_moment(text: str) -> SaidMoment:
    """What `text` (normalised) says of when."""
    text = text.translate(str.maketrans("०१२३४५६७८९", "0123456789"))
    offsets = set()
    if re.search(r"परसों|\bparson\b", text):
        offsets.add(frozenset({2, -2}))
    # कल is both tomorrow and yesterday.
    if re.search(r"(?<![\u0900-\u097f])कल(?![\u0900-\u097f])|\bkal\b", text):
        offsets.add(frozenset({1, -1}))
    if re.search(r"(?<![\u0900-\u097f])आज(?![\u0900-\u097f])|\baaj\b", text):
        offsets.add(frozenset({0}))
    return SaidMoment(
        weekdays=frozenset(
            index for index, names in enumerate(_WEEKDAYS) if any(name in text for name in names)
        ),
        days=frozenset(int(found["d"]) for found in _DAY.finditer(text)),
        months=frozenset(
            number
            for number, name in enumerate(_MONTHS, start=1)
            if re.search(rf"(?<![\u0900-\u097f]){name}(?![\u0900-\u097f])", text)
        ),
        offsets=frozenset(offsets),
        clocks=_clocks(text),
    )


def _clocks(text: str) -> frozenset[SaidClock]:
    part = _PART.search(text)
    half = _half(part["part"]) if part else ""
    clocks = set()
    for found in _WHOLE.finditer(text):
        hour = 1 if found["word"] in ("डेढ", "dedh") else 2
        clocks.add(_told(hour, 30, half))
    for found in _CLOCK.finditer(text):
        hour = _HOURS.get(found["h"]) or int(found["h"])
        minute = int(found["m"] or found["past"] or 0)
        if found["shift"] in ("सवा", "sava"):
            minute = 15
        elif found["shift"] in ("साढे", "saade", "sadhe"):
            minute = 30
        elif found["shift"] in ("पौने", "paune"):
            hour, minute = hour - 1, 45
        if hour <= 24:
            clocks.add(_told(hour, minute, half))
    return frozenset(clocks)


def _half(part: str) -> str:
    return "am" if part in ("सुबह", "subah") else "" if part in ("रात", "raat") else "pm"


def _told(hour: int, minute: int, half: str) -> SaidClock:
    if half == "pm" and hour == 11:
        # दोपहर begins before noon.
        return SaidClock(hour, minute)
    return clock_told(hour, minute, half)
