"""Times in Spanish: `el martes 24 de noviembre a las dos de la tarde`.

Hours are said in words and with their part of the day, as on the telephone; the days of the month stay
numerals, which every voice reads rightly.
"""

from __future__ import annotations

from datetime import date, time, timedelta

from domain.speech.language import Language, is_far

_WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_WEEKDAYS_EACH = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábados", "domingos")
_MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
_HOURS = (
    "doce",
    "una",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
)
_MINUTES = {
    5: "cinco",
    10: "diez",
    15: "cuarto",
    20: "veinte",
    25: "veinticinco",
    30: "media",
    35: "treinta y cinco",
    40: "cuarenta",
    45: "cuarenta y cinco",
    50: "cincuenta",
    55: "cincuenta y cinco",
}
_CITIES = {
    "New York": "Nueva York",
    "London": "Londres",
    "Mexico City": "Ciudad de México",
    "Bogota": "Bogotá",
    "Panama": "Panamá",
    "Sao Paulo": "São Paulo",
    "Berlin": "Berlín",
    "Paris": "París",
    "Rome": "Roma",
    "Lisbon": "Lisboa",
    "Moscow": "Moscú",
    "Kolkata": "la India",
    "Tokyo": "Tokio",
}


def _date(at: date, today: date | None) -> str:
    said = f"{_WEEKDAYS[at.weekday()]} {at.day} de {_MONTHS[at.month - 1]}"
    return f"{said} de {at.year}" if is_far(at, today) else said


def day(at: date, today: date | None) -> str:
    if today is not None and at == today:
        return f"hoy, {_date(at, today)}"
    if today is not None and at == today + timedelta(days=1):
        return f"mañana, {_date(at, today)}"
    return f"el {_date(at, today)}"


def clock(at: time) -> str:
    if (at.hour, at.minute) == (12, 0):
        return "mediodía"
    if (at.hour, at.minute) == (0, 0):
        return "medianoche"
    article = "la" if at.hour % 12 == 1 else "las"
    minutes = f" y {_MINUTES.get(at.minute, str(at.minute))}" if at.minute else ""
    return f"{article} {_HOURS[at.hour % 12]}{minutes} {_part(at.hour)}"


def _part(hour: int) -> str:
    if hour < 6:
        return "de la madrugada"
    if hour < 12:
        return "de la mañana"
    return "de la tarde" if hour < 20 else "de la noche"


def _to(at: time) -> str:
    said = clock(at)
    return "al mediodía" if said == "mediodía" else f"a {said}"


def _from(at: time) -> str:
    said = clock(at)
    return "del mediodía" if said == "mediodía" else f"de {said}"


def moment(on: date, at: time, today: date | None) -> str:
    said = day(on, today)
    return f"{said}, {_to(at)}" if "," in said else f"{said} {_to(at)}"


def length(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} minutos"
    whole = "una hora" if hours == 1 else f"{hours} horas"
    if not rest:
        return whole
    return f"{whole} y media" if rest == 30 else f"{whole} y {rest} minutos"


def zone(city: str) -> str:
    return f"hora de {_CITIES.get(city, city)}"


def span(opens: time, closes: time) -> str:
    return "las 24 horas" if opens == closes else f"{_from(opens)} {_to(closes)}"


def open_days(first: int, last: int, spans: str) -> str:
    return f"{_days(first, last)}, {spans}"


def closed_days(runs: list[tuple[int, int]]) -> str:
    return "cerrado " + " y ".join(_days(first, last) for first, last in runs)


def open_date(on: date, spans: str, today: date) -> str:
    return f"abierto {day(on, today)}, {spans}"


def closure(first: date, last: date, today: date) -> str:
    if first == last:
        return f"cerrado {day(first, today)}"
    return f"cerrado desde el {_date(first, today)} hasta el {_date(last, today)}"


def _days(first: int, last: int) -> str:
    if first == last:
        return f"los {_WEEKDAYS_EACH[first]}"
    if last == first + 1:
        return f"los {_WEEKDAYS_EACH[first]} y {_WEEKDAYS_EACH[last]}"
    return f"de {_WEEKDAYS[first]} a {_WEEKDAYS[last]}"


SPANISH = Language(
    day=day,
    clock=clock,
    moment=moment,
    length=length,
    zone=zone,
    span=span,
    spans=" y ".join,
    open_days=open_days,
    closed_days=closed_days,
    open_date=open_date,
    closure=closure,
)
