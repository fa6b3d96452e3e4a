"""Days, times, lengths and hours as they are said in Spanish and Hindi."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from domain.hours.operations import Span
from domain.hours.speech import spoken_closures, spoken_dates, spoken_pauses, spoken_week
from domain.phone import zones_of_phone
from domain.scheduling.speech import (
    spoken_clock,
    spoken_day,
    spoken_length,
    spoken_time,
    spoken_zone,
)
from domain.services.speech import spoken_service

NEW_YORK = ZoneInfo("America/New_York")
AT_TWO = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("language", "today", "said"),
    [
        ("es-US", None, "el martes 24 de noviembre a las dos de la tarde"),
        ("es-ES", MONDAY, "mañana, martes 24 de noviembre, a las dos de la tarde"),
        ("hi-IN", None, "मंगलवार 24 नवंबर को दोपहर 2 बजे"),
        ("hi-IN", MONDAY, "कल, मंगलवार 24 नवंबर को दोपहर 2 बजे"),
        ("en-GB", MONDAY, "tomorrow, Tuesday the 24th of November, at 2 p.m."),
    ],
)
def test_a_time_is_said_as_its_language_says_it(
    language: str, today: date | None, said: str
) -> None:
    assert spoken_time(AT_TWO, NEW_YORK, today=today, language=language) == said


@pytest.mark.parametrize(
    ("at", "spanish", "hindi"),
    [
        (time(0, 0), "medianoche", "रात 12 बजे"),
        (time(1, 30), "la una y media de la madrugada", "रात डेढ़ बजे"),
        (time(9, 15), "las nueve y cuarto de la mañana", "सुबह सवा 9 बजे"),
        (time(9, 20), "las nueve y veinte de la mañana", "सुबह 9 बजकर 20 मिनट"),
        (time(12, 0), "mediodía", "दोपहर 12 बजे"),
        (time(12, 45), "las doce y cuarenta y cinco de la tarde", "दोपहर पौने 1 बजे"),
        (time(13, 0), "la una de la tarde", "दोपहर 1 बजे"),
        (time(14, 30), "las dos y media de la tarde", "दोपहर ढाई बजे"),
        (time(17, 30), "las cinco y media de la tarde", "शाम साढ़े 5 बजे"),
        (time(20, 7), "las ocho y 7 de la noche", "रात 8 बजकर 7 मिनट"),
    ],
)
def test_the_clock(at: time, spanish: str, hindi: str) -> None:
    assert spoken_clock(at, language="es-US") == spanish
    assert spoken_clock(at, language="hi-IN") == hindi


def test_noon_and_midnight_take_their_own_prepositions() -> None:
    noon = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
    assert spoken_time(noon, NEW_YORK, language="es-US") == "el martes 24 de noviembre al mediodía"
    odd = datetime(2026, 11, 24, 14, 20, tzinfo=UTC)
    assert spoken_time(odd, NEW_YORK, language="hi-IN") == (
        "मंगलवार 24 नवंबर को सुबह 9 बजकर 20 मिनट पर"
    )


@pytest.mark.parametrize(
    ("minutes", "spanish", "hindi"),
    [
        (45, "45 minutos", "45 मिनट"),
        (60, "una hora", "एक घंटा"),
        (75, "una hora y 15 minutos", "एक घंटा 15 मिनट"),
        (90, "una hora y media", "डेढ़ घंटा"),
        (120, "2 horas", "2 घंटे"),
        (150, "2 horas y media", "ढाई घंटे"),
        (210, "3 horas y media", "साढ़े 3 घंटे"),
    ],
)
def test_lengths(minutes: int, spanish: str, hindi: str) -> None:
    assert spoken_length(minutes, language="es-ES") == spanish
    assert spoken_length(minutes, language="hi-IN") == hindi


def test_far_days_have_their_year_and_near_ones_their_name() -> None:
    assert spoken_day(MONDAY, today=MONDAY, language="es-US") == "hoy, lunes 23 de noviembre"
    assert spoken_day(MONDAY, today=MONDAY, language="hi-IN") == "आज, सोमवार 23 नवंबर"
    far = date(2027, 11, 22)
    assert spoken_day(far, today=MONDAY, language="es-US") == "el lunes 22 de noviembre de 2027"
    assert spoken_day(far, today=MONDAY, language="hi-IN") == "सोमवार 22 नवंबर 2027"


WEEK = [
    *(Span(weekday=day, opens=time(8), closes=time(17)) for day in range(4)),
    Span(weekday=4, opens=time(8), closes=time(12)),
    Span(weekday=4, opens=time(13), closes=time(15, 30)),
]


def test_a_week_of_opening_hours() -> None:
    assert spoken_week(WEEK, language="es-US") == (
        "de lunes a jueves, de las ocho de la mañana a las cinco de la tarde; los viernes, de las ocho "
        "de la mañana al mediodía y de la una de la tarde a las tres y media de la tarde; cerrado los "
        "sábados y domingos"
    )
    assert spoken_week(WEEK, language="hi-IN") == (
        "सोमवार से गुरुवार सुबह 8 बजे से शाम 5 बजे तक; शुक्रवार सुबह 8 बजे से दोपहर 12 बजे तक और "
        "दोपहर 1 बजे से दोपहर साढ़े 3 बजे तक; शनिवार और रविवार बंद"
    )


def test_a_day_and_night_without_end_is_not_said_as_a_span() -> None:
    always = [Span(weekday=day, opens=time(0), closes=time(0)) for day in range(7)]
    assert spoken_week(always) == "Monday to Sunday around the clock"
    assert spoken_week(always, language="es-US") == "de lunes a domingo, las 24 horas"
    night = [Span(weekday=4, opens=time(18), closes=time(2))]
    assert "Friday 6 p.m. to 2 a.m." in spoken_week(night)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en-US", "closed from Thursday the 26th of November to Friday the 27th of November (X)"),
        ("es-US", "cerrado desde el jueves 26 de noviembre hasta el viernes 27 de noviembre (X)"),
        ("hi-IN", "गुरुवार 26 नवंबर से शुक्रवार 27 नवंबर तक बंद (X)"),
    ],
)
def test_closures(language: str, said: str) -> None:
    closure = SimpleNamespace(first_day=date(2026, 11, 26), last_day=date(2026, 11, 27), reason="X")
    assert spoken_closures([closure], today=MONDAY, language=language) == said
    assert spoken_closures([closure], today=date(2026, 11, 28), language=language) == ""


@pytest.mark.parametrize(
    ("language", "dates", "pauses"),
    [
        (
            "en-US",
            "open on Thursday the 24th of December, 8 a.m. to noon",
            "closed on Friday the 4th of December, 1 p.m. to 3 p.m. (X)",
        ),
        (
            "es-US",
            "abierto el jueves 24 de diciembre, de las ocho de la mañana al mediodía",
            "cerrado el viernes 4 de diciembre, de la una de la tarde a las tres de la tarde (X)",
        ),
        (
            "hi-IN",
            "गुरुवार 24 दिसंबर को सुबह 8 बजे से दोपहर 12 बजे तक खुला",
            "शुक्रवार 4 दिसंबर को बंद, दोपहर 1 बजे से दोपहर 3 बजे तक (X)",
        ),
    ],
)
def test_days_out_of_the_ordinary(language: str, dates: str, pauses: str) -> None:
    open_span = SimpleNamespace(day=date(2026, 12, 24), opens=time(8), closes=time(12))
    assert spoken_dates([open_span], today=MONDAY, language=language) == dates
    pause = SimpleNamespace(
        first_day=date(2026, 12, 4),
        last_day=date(2026, 12, 4),
        from_time=time(13),
        until_time=time(15),
        reason="X",
    )
    assert spoken_pauses([pause], today=MONDAY, language=language) == pauses
    assert spoken_pauses([pause], today=date(2026, 12, 5), language=language) == ""


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en-US", "New York time"),
        ("es-US", "hora de Nueva York"),
        ("hi-IN", "न्यूयॉर्क के समय के अनुसार"),
    ],
)
def test_a_zone_is_named_by_its_city(language: str, said: str) -> None:
    assert spoken_zone(NEW_YORK, language=language) == said


def test_a_service() -> None:
    service = SimpleNamespace(
        name="Limpieza", description="", duration_minutes=45, price="120 dólares"
    )
    assert spoken_service(service, language="es-US") == (
        "Limpieza dura 45 minutos; precio: 120 dólares."
    )
    assert spoken_service(service, language="hi-IN") == (
        "Limpieza में 45 मिनट का समय लगता है; कीमत: 120 dólares."
    )


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+12025550123", {"America/New_York"}),
        ("+14155550100", {"America/Los_Angeles"}),
        ("+918012345678", {"Asia/Calcutta"}),
        ("+15555555", set()),
        ("", set()),
        ("anonymous", set()),
    ],
)
def test_where_a_number_may_be(number: str, zones: set[str]) -> None:
    assert set(zones_of_phone(number)) == zones
