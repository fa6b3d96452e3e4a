"""Which rules of a business decide what is offered: its hours, dates, holidays, places and limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.businesses.settings import BookingRules, BusinessSettings, PublicHolidays
from domain.businesses.versions import change_settings
from domain.database import Database
from domain.errors import NotFound
from domain.hours import dates, operations as hours
from domain.people import operations as people
from domain.places import operations as places
from domain.scheduling import appointments
from domain.scheduling.offers import offer
from domain.scheduling.times import FoundTimes, find_times
from domain.seam import PinnedSeam
from domain.services import operations as services
from tests.domain.practice import NEW_YORK, TUESDAY, Practice, at, make_practice

ONE_DAY = timedelta(days=1)
WEDNESDAY = TUESDAY + ONE_DAY
THANKSGIVING = TUESDAY + 2 * ONE_DAY
SATURDAY = TUESDAY + 4 * ONE_DAY
LOS_ANGELES = ZoneInfo("America/Los_Angeles")


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def _find(
    database: Database, practice: Practice, first_day: date = TUESDAY, **wishes: Any
) -> FoundTimes:
    asked = {"last_day": first_day, "limit": 200, "spread": False, **wishes}
    async with database.scope(business_id=practice.business_id) as scope:
        return await find_times(scope, service_id=practice.service_id, first_day=first_day, **asked)


def _said(found: FoundTimes, zone: ZoneInfo = NEW_YORK) -> list[str]:
    return [time.starts_at.astimezone(zone).strftime("%a %H:%M") for time in found.times]


async def _change(
    database: Database, practice: Practice, change: Callable[..., Any], **values: Any
) -> Any:
    async with database.scope(business_id=practice.business_id) as scope:
        return await change(scope, **values)


async def _close_on_holidays(database: Database, practice: Practice, **holidays: Any) -> None:
    settings = BusinessSettings(
        greeting="Hello.", public_holidays=PublicHolidays(closed=True, **holidays)
    )
    await _change(database, practice, change_settings, document=settings.model_dump(mode="json"))


async def _book(database: Database, practice: Practice, starts_at: datetime, **wishes: Any) -> UUID:
    asked = {
        "service_id": practice.service_id,
        "person_id": practice.lee_id,
        "contact_id": None,
        **wishes,
    }
    async with database.scope(business_id=practice.business_id) as scope:
        return (await appointments.book_directly(scope, starts_at=starts_at, **asked)).id


async def test_hours_over_midnight_are_found_on_both_days(
    database: Database, practice: Practice
) -> None:
    await _change(
        database,
        practice,
        hours.replace_hours,
        spans=[hours.Span(weekday=5, opens=time(22), closes=time(1))],
    )
    saturday, sunday = await _find(database, practice, SATURDAY), SATURDAY + ONE_DAY
    assert (_said(saturday)[0], _said(saturday)[-1]) == ("Sat 22:00", "Sat 23:45")
    assert _said(await _find(database, practice, sunday)) == ["Sun 00:00", "Sun 00:15", "Sun 00:30"]
    booked = await _book(database, practice, at(0, 30, day=sunday))
    assert booked is not None


async def test_a_date_replaces_the_weekdays_hours_for_whom_it_is_set(
    database: Database, practice: Practice
) -> None:
    await _change(
        database,
        practice,
        dates.set_date,
        day=SATURDAY,
        spans=[dates.DateSpan(opens=time(10), closes=time(11))],
    )
    assert _said(await _find(database, practice, SATURDAY)) == [
        "Sat 10:00",
        "Sat 10:15",
        "Sat 10:30",
    ]
    await _change(
        database,
        practice,
        dates.set_date,
        day=TUESDAY,
        spans=[dates.DateSpan(opens=time(15), closes=time(16))],
        person_id=practice.lee_id,
    )
    lee = await _find(database, practice, person_id=practice.lee_id)
    assert _said(lee) == ["Tue 15:00", "Tue 15:15", "Tue 15:30"]
    assert len((await _find(database, practice, person_id=practice.gomez_id)).times) == 31


async def test_a_public_holiday_is_closed_where_the_business_says_so(
    database: Database, practice: Practice
) -> None:
    assert (await _find(database, practice, THANKSGIVING)).times
    await _close_on_holidays(database, practice)
    holiday = await _find(database, practice, THANKSGIVING)
    assert holiday.why_none == "closed"
    assert holiday.alternatives
    await _close_on_holidays(database, practice, open_on=("Thanksgiving Day",))
    assert (await _find(database, practice, THANKSGIVING)).times
    await _close_on_holidays(database, practice)
    await _change(
        database,
        practice,
        dates.set_date,
        day=THANKSGIVING,
        spans=[dates.DateSpan(opens=time(9), closes=time(10))],
    )
    assert _said(await _find(database, practice, THANKSGIVING))[0] == "Thu 09:00"


async def test_a_closure_may_be_of_some_hours_of_a_place_or_of_a_person(
    database: Database, practice: Practice
) -> None:
    await _change(
        database,
        practice,
        hours.create_closure,
        first_day=TUESDAY,
        from_time=time(9),
        until_time=time(16),
    )
    assert _said(await _find(database, practice)) == ["Tue 16:00", "Tue 16:15", "Tue 16:30"]
    await _change(
        database,
        practice,
        hours.create_closure,
        first_day=TUESDAY,
        from_time=time(16),
        until_time=time(17),
        person_id=practice.lee_id,
    )
    lee = await _find(database, practice, person_id=practice.lee_id)
    assert lee.why_none == "closed"
    assert len((await _find(database, practice)).times) == 3


async def _uptown(database: Database, practice: Practice) -> UUID:
    place = await _change(
        database,
        practice,
        places.create,
        name="Uptown",
        time_zone="America/Los_Angeles",
        country="US",
        subdivision="CA",
    )
    assert isinstance(place.id, UUID)
    return place.id


async def test_a_place_has_its_own_zone_and_the_main_addresss_hours_until_it_has_its_own(
    database: Database, practice: Practice
) -> None:
    uptown = await _uptown(database, practice)
    await _change(database, practice, people.update, person_id=practice.gomez_id, place_id=uptown)
    found = await _find(database, practice, place_id=uptown)
    assert {time.person_id for time in found.times} == {practice.gomez_id}
    assert {(time.place_id, time.time_zone) for time in found.times} == {
        (uptown, "America/Los_Angeles")
    }
    assert (_said(found, LOS_ANGELES)[0], _said(found, LOS_ANGELES)[-1]) == (
        "Tue 09:00",
        "Tue 16:30",
    )
    main = await _find(database, practice, place_id=practice.business_id)
    assert {(time.person_id, time.place_id) for time in main.times} == {(practice.lee_id, None)}
    both = await _find(database, practice)
    starts = [time.starts_at for time in both.times]
    assert starts == sorted(set(starts))
    assert {time.place_id for time in both.times} == {None, uptown}
    await _change(
        database,
        practice,
        hours.replace_hours,
        spans=[hours.Span(weekday=1, opens=time(8), closes=time(9))],
        place_id=uptown,
    )
    own = await _find(database, practice, place_id=uptown)
    assert _said(own, LOS_ANGELES) == ["Tue 08:00", "Tue 08:15", "Tue 08:30"]


async def test_a_person_works_at_the_places_where_they_have_hours_and_nowhere_else(
    database: Database, practice: Practice
) -> None:
    uptown = await _uptown(database, practice)
    for place_id, weekday in ((None, 1), (uptown, 2)):
        await _change(
            database,
            practice,
            hours.replace_hours,
            spans=[hours.Span(weekday=weekday, opens=time(10), closes=time(11))],
            person_id=practice.lee_id,
            place_id=place_id,
        )
    week = await _find(
        database,
        practice,
        person_id=practice.lee_id,
        last_day=TUESDAY + 6 * ONE_DAY,
    )
    assert [
        (time.place_id, time.starts_at.astimezone(ZoneInfo(time.time_zone)).strftime("%a %H:%M"))
        for time in week.times
    ] == [
        (place_id, f"{day} 10:{minute:02}")
        for place_id, day in ((None, "Tue"), (uptown, "Wed"))
        for minute in (0, 15, 30)
    ]
    await _change(database, practice, places.deactivate, place_id=uptown)
    gone = await _find(database, practice, WEDNESDAY, person_id=practice.lee_id)
    assert gone.why_none == "closed"
    with pytest.raises(NotFound, match="place"):
        await _find(database, practice, place_id=uptown)


async def test_a_booked_time_at_one_place_is_taken_at_the_other(
    database: Database, practice: Practice
) -> None:
    uptown = await _uptown(database, practice)
    for place_id in (None, uptown):
        await _change(
            database,
            practice,
            hours.replace_hours,
            spans=[hours.Span(weekday=1, opens=time(9), closes=time(17))],
            person_id=practice.lee_id,
            place_id=place_id,
        )
    await _book(database, practice, at(13), place_id=practice.business_id)
    found = await _find(database, practice, person_id=practice.lee_id, place_id=uptown)
    assert "Tue 13:00" not in _said(found)
    assert "Tue 13:30" in _said(found)


async def test_what_nobody_gives_at_a_place_is_offered_elsewhere(
    database: Database, practice: Practice
) -> None:
    uptown = await _uptown(database, practice)
    found = await _find(database, practice, place_id=uptown)
    assert (found.times, found.why_none) == ((), "nobody_gives_it")
    assert {time.place_id for time in found.alternatives} == {None}


async def test_a_service_may_have_a_notice_of_its_own(
    database: Database, practice: Practice
) -> None:
    monday = TUESDAY - ONE_DAY
    await _change(
        database,
        practice,
        services.update,
        service_id=practice.service_id,
        minimum_notice_minutes=0,
    )
    assert _said(await _find(database, practice, monday))[0] == "Mon 12:00"
    await _change(
        database,
        practice,
        services.update,
        service_id=practice.service_id,
        minimum_notice_minutes=60 * 24 * 2,
    )
    assert (await _find(database, practice)).why_none == "too_soon"
    assert _said(await _find(database, practice, WEDNESDAY))[0] == "Wed 12:00"


async def test_a_person_who_has_reached_their_limit_of_the_day_is_full(
    database: Database, practice: Practice
) -> None:
    await _change(database, practice, people.update, person_id=practice.lee_id, daily_limit=2)
    for hour in (9, 10):
        assert (await _find(database, practice, person_id=practice.lee_id)).times
        await _book(database, practice, at(hour))
    full = await _find(database, practice, person_id=practice.lee_id)
    assert (full.times, full.why_none) == ((), "full")
    assert {time.person_id for time in (await _find(database, practice)).times} == {
        practice.gomez_id
    }
    assert (await _find(database, practice, WEDNESDAY, person_id=practice.lee_id)).times


async def test_a_week_of_a_limit_is_monday_to_sunday_at_the_place(
    database: Database, practice: Practice
) -> None:
    await _change(
        database,
        practice,
        hours.replace_hours,
        spans=[hours.Span(weekday=day, opens=time(9), closes=time(23)) for day in range(7)],
    )
    await _change(
        database, practice, services.update, service_id=practice.service_id, weekly_limit=1
    )
    sunday = TUESDAY + 5 * ONE_DAY
    # 22:30 on Sunday in New York is Monday in UTC.
    booked = await _book(database, practice, at(22, 30, day=sunday))
    assert (await _find(database, practice)).why_none == "full"
    assert (await _find(database, practice, sunday)).why_none == "full"
    assert (await _find(database, practice, sunday + ONE_DAY)).times
    await _change(database, practice, appointments.cancel, appointment_id=booked, by_staff=True)
    assert (await _find(database, practice)).times


async def test_a_passed_hold_counts_towards_no_limit(
    database: Database, practice: Practice, seam: PinnedSeam
) -> None:
    await _change(
        database, practice, services.update, service_id=practice.service_id, daily_limit=1
    )
    found = await _find(database, practice, limit=1)
    call_id = database.seam.new_id()
    async with database.scope(business_id=practice.business_id) as scope:
        made = (await offer(scope, call_id=call_id, times=found.times))[0]
        await appointments.hold(scope, call_id=call_id, offer_id=made.id)
    assert (await _find(database, practice)).why_none == "full"
    seam.advance(timedelta(minutes=3))
    assert (await _find(database, practice)).times


async def test_the_horizon_is_counted_at_the_place(database: Database, practice: Practice) -> None:
    settings = BusinessSettings(greeting="Hello.", booking=BookingRules(horizon_days=2))
    await _change(database, practice, change_settings, document=settings.model_dump(mode="json"))
    tokyo = await _change(
        database, practice, places.create, name="Tokyo", time_zone="Asia/Tokyo", country="JP"
    )
    await _change(database, practice, people.update, person_id=practice.lee_id, place_id=tokyo.id)
    # It is Tuesday in Tokyo already.
    there = await _find(database, practice, THANKSGIVING, place_id=tokyo.id)
    assert there.times
    assert there.times[0].starts_at == datetime(2026, 11, 26, 0, tzinfo=UTC)
    here = await _find(database, practice, THANKSGIVING, place_id=practice.business_id)
    assert here.why_none == "too_far"


async def test_a_time_that_is_offered_again_keeps_its_place(
    database: Database, practice: Practice
) -> None:
    uptown = await _uptown(database, practice)
    await _change(database, practice, people.update, person_id=practice.gomez_id, place_id=uptown)
    found = await _find(database, practice, place_id=uptown, limit=1)
    call_id = database.seam.new_id()
    async with database.scope(business_id=practice.business_id) as scope:
        made = (await offer(scope, call_id=call_id, times=found.times))[0]
        booked = await appointments.book(
            scope, call_id=call_id, offer_id=made.id, contact_id=practice.contact_id
        )
    assert (made.place_id, booked.place_id) == (uptown, uptown)
