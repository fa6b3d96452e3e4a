"""When people work and are busy, day by day, as a calendar shows it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import text

from domain.businesses.settings import BusinessSettings, PublicHolidays
from domain.businesses.versions import change_settings
from domain.calendars.models import BusyTime
from domain.database import Database
from domain.errors import Invalid, NotFound
from domain.hours import operations as hours
from domain.people import operations as people
from domain.places import operations as places
from domain.scheduling.day_plan import MOST_DAYS, DayPlan, PersonPlan, TimeSpan, read_day_plan
from tests.domain.practice import NEW_YORK, TUESDAY, Practice, at, make_practice

THURSDAY = TUESDAY + timedelta(days=2)
"""Thanksgiving."""


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def _read(
    database: Database, practice: Practice, day: date = TUESDAY, days: int = 1, **wishes: object
) -> DayPlan:
    async with database.scope(business_id=practice.business_id) as scope:
        return await read_day_plan(
            scope,
            first_day=day,
            last_day=day + timedelta(days=days - 1),
            **wishes,  # type: ignore[arg-type]
        )


def _clock(spans: Iterable[TimeSpan]) -> list[str]:
    def shown(one: datetime) -> str:
        return one.astimezone(NEW_YORK).strftime("%H:%M")

    return [f"{shown(span.starts_at)}-{shown(span.ends_at)}" for span in spans]


def _of(plan: DayPlan, practice: Practice) -> PersonPlan:
    return next(one for one in plan.people if one.person_id == practice.lee_id)


async def _busy(database: Database, practice: Practice, *spans: tuple[datetime, datetime]) -> None:
    """Dr. Lee's own calendar says so."""
    async with database.scope(business_id=practice.business_id) as scope:
        calendar_id = scope.seam.new_id()
        person = await people.get(scope, person_id=practice.lee_id)
        await scope.session.execute(
            text(
                "INSERT INTO calendars (id, business_id, person_id, kind, name, direction, access,"
                " state, error, failures, unreadable, show_names, version, next_at, created_at)"
                " VALUES (:id, :business, :person, 'ics', 'Own', 'in', '', 'connected', '', 0, 0,"
                " false, 1, :now, :now)"
            ),
            {
                "id": calendar_id,
                "business": scope.business_id,
                "person": person.id,
                "now": scope.seam.now(),
            },
        )
        scope.session.add_all(
            BusyTime(
                business_id=scope.business_id,
                calendar_id=calendar_id,
                resource_id=person.resource_id,
                event_id=str(number),
                begins_at=begins_at,
                ends_at=ends_at,
            )
            for number, (begins_at, ends_at) in enumerate(spans)
        )


async def test_opening_hours_and_peoples_own_are_told_apart(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await hours.replace_hours(
            scope,
            person_id=practice.lee_id,
            spans=[
                hours.Span(weekday=1, opens=time(8), closes=time(12)),
                hours.Span(weekday=1, opens=time(13), closes=time(15)),
            ],
        )
    plan = await _read(database, practice)
    assert plan.time_zone == "America/New_York"
    assert _clock(plan.opening) == ["09:00-17:00"]
    assert _clock(_of(plan, practice).working) == ["09:00-12:00", "13:00-15:00"]
    other = next(one for one in plan.people if one.person_id == practice.gomez_id)
    assert _clock(other.working) == ["09:00-17:00"]


async def test_busy_times_are_told_as_spans_and_nothing_else(
    database: Database, practice: Practice
) -> None:
    await _busy(
        database,
        practice,
        (at(10), at(11)),
        (at(10, 30), at(12)),
        (at(22), at(2, day=TUESDAY + timedelta(days=1))),
        (at(9, day=THURSDAY), at(10, day=THURSDAY)),
    )
    plan = await _read(database, practice)
    assert _clock(_of(plan, practice).busy) == ["10:00-12:00", "22:00-00:00"]


async def test_closures_leave_no_work_and_name_their_reason(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await hours.create_closure(
            scope, first_day=TUESDAY, from_time=time(12), until_time=time(13), reason="Team meeting"
        )
        await hours.create_closure(
            scope,
            first_day=TUESDAY,
            last_day=TUESDAY + timedelta(days=1),
            person_id=practice.lee_id,
            reason="Holiday",
        )
    plan = await _read(database, practice, days=2)
    assert _clock(plan.opening) == ["09:00-12:00", "13:00-17:00", "09:00-17:00"]
    assert _of(plan, practice).working == []
    assert [(one.reason, one.person_id is None) for one in plan.closed] == [
        ("Holiday", False),
        ("Team meeting", True),
        ("Holiday", False),
    ]
    assert _clock(plan.closed) == ["00:00-00:00", "12:00-13:00", "00:00-00:00"]


async def test_a_public_holiday_closes_and_is_named(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        settings = BusinessSettings(
            greeting="Good morning.", public_holidays=PublicHolidays(closed=True)
        )
        await change_settings(scope, document=settings.model_dump(mode="json"))
    plan = await _read(database, practice, THURSDAY)
    assert (plan.opening, _of(plan, practice).working) == ([], [])
    assert [one.reason for one in plan.closed] == ["Thanksgiving Day"]


async def test_a_place_has_its_own_days_hours_and_people(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        uptown = await places.create(scope, name="Uptown", time_zone="America/Chicago")
        await hours.replace_hours(
            scope,
            place_id=uptown.id,
            spans=[hours.Span(weekday=1, opens=time(10), closes=time(16))],
        )
        await hours.replace_hours(
            scope,
            person_id=practice.lee_id,
            place_id=uptown.id,
            spans=[hours.Span(weekday=1, opens=time(12), closes=time(20))],
        )
    there = await _read(database, practice, place_id=uptown.id)
    assert there.time_zone == "America/Chicago"
    assert _clock([there.days[0]]) == ["01:00-01:00"]
    assert _clock(there.opening) == ["11:00-17:00"]
    assert [one.person_id for one in there.people] == [practice.lee_id]
    assert _clock(there.people[0].working) == ["13:00-17:00"]
    main = await _read(database, practice, place_id=practice.business_id)
    assert [one.person_id for one in main.people] == [practice.gomez_id]
    everywhere = await _read(database, practice)
    working = _of(everywhere, practice).working
    assert [(one.place_id, *_clock([one])) for one in working] == [(uptown.id, "13:00-17:00")]


async def test_days_last_as_long_as_the_clock_says(database: Database, practice: Practice) -> None:
    autumn = await _read(database, practice, date(2026, 11, 1))
    spring = await _read(database, practice, date(2027, 3, 14))
    lengths = [plan.days[0].ends_at - plan.days[0].starts_at for plan in (autumn, spring)]
    assert lengths == [timedelta(hours=25), timedelta(hours=23)]


async def test_an_impossible_span_of_days_is_refused(
    database: Database, practice: Practice
) -> None:
    with pytest.raises(Invalid, match="last_day"):
        await _read(database, practice, days=0)
    with pytest.raises(Invalid, match="last_day"):
        await _read(database, practice, days=MOST_DAYS + 1)
    with pytest.raises(NotFound):
        await _read(database, practice, place_id=practice.lee_id)
