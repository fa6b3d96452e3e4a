"""Days and times in Spanish sentences."""

from __future__ import annotations

import re
from typing import Final

from domain.claims.moments import SaidClock, SaidMoment
from domain.claims.times import clock_told, clocks_in, either, half_named, weekdays_in

_WEEKDAYS: Final = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_MONTHS: Final = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
    "octubre", "noviembre", "diciembre",
)  # fmt: skip
_HOURS: Final = {
    "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9,
    "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15, "dieciséis": 16,
    "diecisiete": 17, "dieciocho": 18, "diecinueve": 19, "veinte": 20,
}  # fmt: skip
_MINUTES: Final = {
    "cinco": 5, "diez": 10, "cuarto": 15, "quince": 15, "veinte": 20, "veinticinco": 25, "media": 30,
    "treinta": 30, "cuarenta y cinco": 45, "cuarenta": 40, "treinta y cinco": 35, "cincuenta": 50,
    "cincuenta y cinco": 55,
}  # fmt: skip
_DAY_WORDS: Final = {
    **{word: number for word, number in _HOURS.items() if word != "una"},
    "primero": 1, "uno": 1, "veintiuno": 21, "veintidós": 22, "veintitrés": 23, "veinticuatro": 24,
    "veinticinco": 25, "veintiséis": 26, "veintisiete": 27, "veintiocho": 28, "veintinueve": 29,
    "treinta": 30, "treinta y uno": 31,
}  # fmt: skip

_CLOCK: Final = re.compile(
    rf"\b(?:la|las) (?P<h>\d{{1,2}}|{either(_HOURS)})\b"
    rf"(?:[:.](?P<m>[0-5]\d)| y (?P<mw>{either(_MINUTES)})\b| (?P<mt>treinta|quince|cuarenta y cinco)\b"
    rf"| menos (?P<less>cuarto|diez|veinte|cinco|veinticinco)\b)?"
    r"(?:\s*(?P<half>a\.?\s?m\b|p\.?\s?m\b))?"
)
_PLAIN: Final = re.compile(
    r"(?<![\d:$€])(?P<h>\d{1,2})(?:[:.](?P<m>[0-5]\d)(?:\s*(?P<half>a\.?\s?m\b|p\.?\s?m\b))?"
    r"|\s*(?P<half2>a\.?\s?m\b|p\.?\s?m\b)|\s*(?P<hrs>horas\b|h\b))"
)
_PART: Final = re.compile(r"\b(?:de|por|en) la (?P<part>mañana|tarde|noche|madrugada)\b")
_DAY: Final = re.compile(
    rf"\b(?:día |{either(_WEEKDAYS)},? (?:día )?|el )(?P<d>\d{{1,2}}|{either(_DAY_WORDS)})\b(?! (?:minutos|euros|dólares|horas))"
    rf"|\b(?P<d2>\d{{1,2}}|{either(_DAY_WORDS)}) de (?:{either(_MONTHS)})\b"
)


def spanish_moment(text: str) -> SaidMoment:
    """What `text` (normalised) says of when."""
    offsets = set()
    plain = re.sub(r"\b(?:de|por|en) la mañana\b|\bmañana por\b", lambda m: "mañana" if m[0].startswith("mañana") else "", text)  # fmt: skip
    if re.search(r"\bpasado mañana\b", plain):
        offsets.add(frozenset({2}))
    elif re.search(r"(?<!la )\bmañana\b", plain):
        offsets.add(frozenset({1}))
    if re.search(r"\bhoy\b|\besta (?:mañana|tarde|noche)\b", text):
        offsets = {frozenset({0})}
    days = set()
    for found in _DAY.finditer(text):
        said = found["d"] or found["d2"]
        day = int(said) if said.isdigit() else _DAY_WORDS[said]
        if 1 <= day <= 31:
            days.add(day)
    months = frozenset(
        number for number, name in enumerate(_MONTHS, start=1) if re.search(rf"\b{name}\b", text)
    )
    return SaidMoment(
        weekdays=weekdays_in(text, _WEEKDAYS),
        days=frozenset(days),
        months=months,
        offsets=frozenset(offsets),
        clocks=_clocks(text),
    )


def _clocks(text: str) -> frozenset[SaidClock]:
    clocks = set()
    part = _PART.search(text)
    if re.search(r"\bmediodía\b", text) and not re.search(r"\bdel mediodía\b", text):
        clocks.add(SaidClock(12, exact=True))
    if re.search(r"\bmedianoche\b", text):
        clocks.add(SaidClock(0, exact=True))
    clocks |= clocks_in(
        text, (_CLOCK, _PLAIN), lambda found: _clock(found, part["part"] if part else "")
    )
    return frozenset(clocks)


def _clock(found: re.Match[str], part: str) -> SaidClock | None:
    groups = found.groupdict()
    hour = _HOURS.get(groups["h"]) or int(groups["h"])
    minute = int(groups["m"]) if groups.get("m") else 0
    if groups.get("mw") or groups.get("mt"):
        minute = _MINUTES[groups.get("mw") or groups["mt"]]
    elif groups.get("less"):
        hour, minute = hour - 1, 60 - _MINUTES[groups["less"]]
    if not 0 <= hour <= 24:
        return None
    half = half_named(groups.get("half") or groups.get("half2"))
    half = half or {"mañana": "am", "madrugada": "am", "tarde": "pm", "noche": "pm"}.get(part, "")
    return clock_told(hour, minute, half)
