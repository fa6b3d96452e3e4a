"""Days, times and names as people say them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from domain.hours.operations import Span
from domain.hours.speech import spoken_week
from domain.scheduling.codes import normalise_code, spoken_code
from domain.scheduling.matching import match
from domain.scheduling.speech import (
    spoken_clock,
    spoken_day,
    spoken_length,
    spoken_time,
    spoken_zone,
)

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 11, 24, 19, 0, tzinfo=UTC), "Tuesday the 24th of November at 2 p.m."),
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "Sunday the 1st of November at 1:30 a.m."),
        (datetime(2026, 6, 2, 16, 0, tzinfo=UTC), "Tuesday the 2nd of June at noon"),
        (datetime(2026, 6, 3, 4, 0, tzinfo=UTC), "Wednesday the 3rd of June at midnight"),
        (datetime(2026, 6, 13, 13, 5, tzinfo=UTC), "Saturday the 13th of June at 9:05 a.m."),
    ],
)
def test_times_are_said_in_the_zone_of_the_business_without_an_offset(
    at: datetime, said: str
) -> None:
    assert spoken_time(at, NEW_YORK) == said
    assert spoken_time(at, NEW_YORK, language="xx-XX") == said


def test_near_days_and_far_years_are_named() -> None:
    monday = date(2026, 11, 23)
    assert spoken_day(monday, today=monday) == "today, Monday the 23rd of November"
    tomorrow = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
    assert spoken_time(tomorrow, NEW_YORK, today=monday) == (
        "tomorrow, Tuesday the 24th of November, at 2 p.m."
    )
    assert spoken_day(date(2027, 1, 4), today=monday) == "Monday the 4th of January"
    assert spoken_day(date(2027, 11, 22), today=monday) == "Monday the 22nd of November 2027"
    assert spoken_zone(NEW_YORK) == "New York time"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (30, "30 minutes"),
        (60, "an hour"),
        (90, "an hour and a half"),
        (75, "an hour and 15 minutes"),
        (120, "2 hours"),
        (150, "2 and a half hours"),
    ],
)
def test_lengths_are_said(minutes: int, said: str) -> None:
    assert spoken_length(minutes) == said


def test_a_week_is_said_with_like_days_together() -> None:
    spans = [
        *(Span(weekday=day, opens=time(8), closes=time(17)) for day in range(4)),
        Span(weekday=4, opens=time(13), closes=time(15, 30)),
        Span(weekday=4, opens=time(8), closes=time(12)),
    ]
    assert spoken_week(spans) == (
        "Monday to Thursday 8 a.m. to 5 p.m.; Friday 8 a.m. to noon and 1 p.m. to 3:30 p.m.; "
        "closed Saturday and Sunday"
    )
    assert spoken_week([]) == ""
    assert spoken_clock(time(0, 15)) == "12:15 a.m."


def test_codes_are_read_as_they_are_heard_and_said_letter_by_letter() -> None:
    assert normalise_code("k7 f-2qx.") == "K7F2QX"
    assert spoken_code("K7F2QX") == "K, 7, F, 2, Q, X"


SERVICES = ("Check-up", "Cleaning", "New patient exam", "Filling", "Emergency visit", "Root canal")
PEOPLE = ("Dr. Sarah Chen", "Dr. Michael Patel", "Elena Rossi", "Anna Lee", "Ann Chen")


@pytest.mark.parametrize(
    ("wanted", "names", "found"),
    [
        ("cleaning", SERVICES, "Cleaning"),
        ("a teeth cleaning please", SERVICES, "Cleaning"),
        ("Dental cleanings", SERVICES, "Cleaning"),
        ("check up", SERVICES, "Check-up"),
        ("dental checkup", SERVICES, "Check-up"),
        ("a dental check up", SERVICES, "Check-up"),
        ("exam", SERVICES, "New patient exam"),
        ("emergency appointment", SERVICES, "Emergency visit"),
        ("root canals", SERVICES, "Root canal"),
        ("haircut", SERVICES, None),
        ("", SERVICES, None),
        ("visit", SERVICES, None),
        ("Doctor Patel", PEOPLE, "Dr. Michael Patel"),
        ("dr sarah chen", PEOPLE, "Dr. Sarah Chen"),
        ("Sarah", PEOPLE, "Dr. Sarah Chen"),
        ("Chen", PEOPLE, None),
        ("doctor", PEOPLE, None),
        ("Ann Chen", PEOPLE, "Ann Chen"),
        ("Ann", PEOPLE, "Ann Chen"),
    ],
)
def test_names_are_found_as_callers_say_them_and_never_guessed(
    wanted: str, names: tuple[str, ...], found: str | None
) -> None:
    assert match(wanted, ((name, name) for name in names)) == found
