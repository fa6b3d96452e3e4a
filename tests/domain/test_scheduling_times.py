"""Finding free times in a real database, and the reasons why there are none."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import UUID

import pytest

from domain.businesses.settings import BookingRules, BusinessSettings
from domain.businesses.versions import change_settings
from domain.database import Database
from domain.errors import Invalid, NotFound
from domain.hours import operations as hours
from domain.people import operations as people
from domain.scheduling import appointments
from domain.scheduling.availability import PartOfDay
from domain.scheduling.offers import offer
from domain.scheduling.times import FoundTimes, FreeTime, find_times
from domain.seam import PinnedSeam
from domain.services import operations as services
from tests.domain.practice import NEW_YORK, TUESDAY, Practice, at, make_offer, make_practice

WEDNESDAY = TUESDAY + timedelta(days=1)


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def _find(
    database: Database,
    practice: Practice,
    first_day: date = TUESDAY,
    last_day: date | None = None,
    *,
    part_of_day: PartOfDay = "any",
    person_id: UUID | None = None,
    limit: int = 100,
    spread: bool = False,
) -> FoundTimes:
    async with database.scope(business_id=practice.business_id) as scope:
        return await find_times(
            scope,
            service_id=practice.service_id,
            first_day=first_day,
            last_day=last_day or first_day,
            part_of_day=part_of_day,
            person_id=person_id,
            limit=limit,
            spread=spread,
        )


async def _fill(database: Database, practice: Practice, day: date, *, hours_: range) -> None:
    """Book both people from the first hour to the last."""
    async with database.scope(business_id=practice.business_id) as scope:
        whole = await services.create(
            scope, name=f"Whole {day} {hours_}", duration_minutes=60 * len(hours_)
        )
        for person_id in (practice.lee_id, practice.gomez_id):
            await appointments.book_directly(
                scope,
                service_id=whole.id,
                person_id=person_id,
                starts_at=at(hours_.start, day=day),
                contact_id=None,
            )


def _said(times: tuple[FreeTime, ...]) -> list[str]:
    return [time.starts_at.astimezone(NEW_YORK).strftime("%a %H:%M") for time in times]


async def test_every_quarter_of_an_open_day_is_free_at_first(
    database: Database, practice: Practice
) -> None:
    found = await _find(database, practice)
    assert found.why_none is None
    assert _said(found.times)[:3] == ["Tue 09:00", "Tue 09:15", "Tue 09:30"]
    assert _said(found.times)[-1] == "Tue 16:30"
    assert len(found.times) == 31


async def test_parts_of_the_day_divide_at_noon_and_five(
    database: Database, practice: Practice
) -> None:
    morning = await _find(database, practice, part_of_day="morning")
    afternoon = await _find(database, practice, part_of_day="afternoon")
    assert (_said(morning.times)[-1], _said(afternoon.times)[0]) == ("Tue 11:45", "Tue 12:00")
    evening = await _find(database, practice, part_of_day="evening")
    assert (evening.times, evening.why_none) == ((), "closed")
    assert evening.alternatives


async def test_spread_takes_every_day_before_a_second_time_of_one(
    database: Database, practice: Practice
) -> None:
    found = await _find(
        database, practice, TUESDAY, TUESDAY + timedelta(days=7), limit=3, spread=True
    )
    assert _said(found.times) == ["Tue 09:00", "Wed 09:00", "Thu 09:00"]
    one_day = await _find(database, practice, TUESDAY, limit=4, spread=True)
    assert _said(one_day.times) == ["Tue 09:00", "Tue 10:00", "Tue 11:00", "Tue 12:00"]


async def test_anybody_means_the_person_with_the_least_to_do_and_each_start_once(
    database: Database, practice: Practice
) -> None:
    call = database.seam.new_id()
    made = await make_offer(database, practice, call_id=call, starts_at=at(9))
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.book(
            scope, call_id=call, offer_id=made.id, contact_id=practice.contact_id
        )
    found = await _find(database, practice)
    assert {time.person_id for time in found.times} == {practice.gomez_id}
    assert len({time.starts_at for time in found.times}) == len(found.times) == 31
    lee = await _find(database, practice, person_id=practice.lee_id)
    assert _said(lee.times)[0] == "Tue 09:30"


async def test_a_hold_hides_a_time_until_it_has_passed(
    database: Database, practice: Practice, seam: PinnedSeam
) -> None:
    call = database.seam.new_id()
    made = await make_offer(database, practice, call_id=call, starts_at=at(9))
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.hold(scope, call_id=call, offer_id=made.id)
    assert _said((await _find(database, practice, person_id=practice.lee_id)).times)[0] == (
        "Tue 09:30"
    )
    seam.advance(timedelta(minutes=3))
    assert _said((await _find(database, practice, person_id=practice.lee_id)).times)[0] == (
        "Tue 09:00"
    )


async def test_a_full_day_is_full_and_the_nearest_others_are_named(
    database: Database, practice: Practice
) -> None:
    await _fill(database, practice, WEDNESDAY, hours_=range(9, 17))
    found = await _find(database, practice, WEDNESDAY)
    assert (found.times, found.why_none) == ((), "full")
    assert {said[:3] for said in _said(found.alternatives)} <= {"Mon", "Tue", "Thu"}
    assert "Thu 09:00" in _said(found.alternatives)
    assert len(found.alternatives) == 3


async def test_a_closed_day_is_closed_though_somebody_is_booked_then(
    database: Database, practice: Practice
) -> None:
    saturday = TUESDAY + timedelta(days=4)
    assert (await _find(database, practice, saturday)).why_none == "closed"
    async with database.scope(business_id=practice.business_id) as scope:
        closure = await hours.create_closure(scope, first_day=WEDNESDAY, reason="holiday")
    assert (await _find(database, practice, WEDNESDAY)).why_none == "closed"
    async with database.scope(business_id=practice.business_id) as scope:
        await hours.delete_closure(scope, closure_id=closure.id)
    assert (await _find(database, practice, WEDNESDAY)).times


async def test_one_persons_day_off_leaves_the_other(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await hours.create_closure(scope, first_day=TUESDAY, person_id=practice.lee_id)
    found = await _find(database, practice)
    assert {time.person_id for time in found.times} == {practice.gomez_id}
    lee = await _find(database, practice, person_id=practice.lee_id)
    assert lee.why_none == "closed"
    assert {time.person_id for time in lee.alternatives} == {practice.lee_id}


async def test_the_past_and_the_notice_are_too_soon(
    database: Database, practice: Practice, seam: PinnedSeam
) -> None:
    monday = TUESDAY - timedelta(days=1)
    today = await _find(database, practice, monday)
    assert _said(today.times)[0] == "Mon 13:00", "it is noon, and the notice is an hour"
    assert (await _find(database, practice, monday, part_of_day="morning")).why_none == "too_soon"
    last_week = await _find(database, practice, monday - timedelta(days=7))
    assert last_week.why_none == "too_soon"
    assert _said(last_week.alternatives)[0] == "Mon 13:00"


async def test_beyond_the_horizon_is_too_far(database: Database, practice: Practice) -> None:
    far = TUESDAY + timedelta(days=100)
    found = await _find(database, practice, far)
    assert found.why_none == "too_far"
    last = found.alternatives[-1].starts_at.astimezone(NEW_YORK).date()
    assert timedelta(days=55) < last - TUESDAY < timedelta(days=60)


async def test_nobody_gives_it_and_others_are_offered_for_one_who_does_not(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await services.set_people(
            scope, service_id=practice.service_id, person_ids=[practice.gomez_id]
        )
    lee = await _find(database, practice, person_id=practice.lee_id)
    assert lee.why_none == "nobody_gives_it"
    assert {time.person_id for time in lee.alternatives} == {practice.gomez_id}
    async with database.scope(business_id=practice.business_id) as scope:
        await people.deactivate(scope, person_id=practice.gomez_id)
    nobody = await _find(database, practice)
    assert (nobody.why_none, nobody.alternatives) == ("nobody_gives_it", ())


async def test_alternatives_are_looked_for_as_far_as_may_be_booked(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await hours.create_closure(
            scope,
            first_day=TUESDAY - timedelta(days=1),
            last_day=TUESDAY + timedelta(days=45),
        )
    found = await _find(database, practice)
    assert found.why_none == "closed"
    first = found.alternatives[0].starts_at.astimezone(NEW_YORK).date()
    assert first == date(2027, 1, 11), "the first Monday after the closure"


async def test_the_rules_of_the_settings_in_force_count(
    database: Database, practice: Practice
) -> None:
    rules = BookingRules(minimum_notice_minutes=60 * 48, horizon_days=5, slot_step_minutes=60)
    async with database.scope(business_id=practice.business_id) as scope:
        await change_settings(
            scope,
            document=BusinessSettings(greeting="Hello.", booking=rules).model_dump(mode="json"),
        )
    assert (await _find(database, practice)).why_none == "too_soon"
    thursday = TUESDAY + timedelta(days=2)
    assert _said((await _find(database, practice, thursday)).times) == [
        f"Thu {hour:02}:00" for hour in range(9, 17)
    ]
    assert (await _find(database, practice, TUESDAY + timedelta(days=6))).why_none == "too_far"


async def test_wrong_questions_are_refused_by_name(database: Database, practice: Practice) -> None:
    with pytest.raises(Invalid, match="last_day"):
        await _find(database, practice, TUESDAY, TUESDAY - timedelta(days=1))
    with pytest.raises(Invalid, match="last_day"):
        await _find(database, practice, TUESDAY, TUESDAY + timedelta(days=92))
    async with database.scope(business_id=practice.business_id) as scope:
        await services.deactivate(scope, service_id=practice.service_id)
    with pytest.raises(NotFound, match="service"):
        await _find(database, practice)


async def test_another_business_finds_neither_service_nor_bookings(
    database: Database, practice: Practice
) -> None:
    other = await make_practice(database)
    await _fill(database, practice, TUESDAY, hours_=range(9, 17))
    assert len((await _find(database, other)).times) == 31
    async with database.scope(business_id=other.business_id) as scope:
        with pytest.raises(NotFound, match="service"):
            await find_times(
                scope, service_id=practice.service_id, first_day=TUESDAY, last_day=TUESDAY
            )


async def test_a_time_keeps_its_offer_on_one_call_and_gets_another_on_the_next(
    database: Database, practice: Practice
) -> None:
    found = await _find(database, practice, limit=2)
    calls = (database.seam.new_id(), database.seam.new_id())
    async with database.scope(business_id=practice.business_id) as scope:
        first = [one.id for one in await offer(scope, call_id=calls[0], times=found.times)]
        again = [one.id for one in await offer(scope, call_id=calls[0], times=found.times)]
        other = [one.id for one in await offer(scope, call_id=calls[1], times=found.times)]
    assert first == again
    assert len({*first, *other}) == 4
    assert all(str(practice.service_id) not in one and len(one) == 12 for one in first)


async def test_times_are_found_on_the_days_the_clock_changes(
    database: Database, seam: PinnedSeam
) -> None:
    practice = await make_practice(database)
    async with database.scope(business_id=practice.business_id) as scope:
        await hours.replace_hours(
            scope, spans=[hours.Span(weekday=6, opens=time(1), closes=time(4))]
        )
    seam.advance(timedelta(days=90))
    spring = await _find(database, practice, date(2027, 3, 14))
    said = _said(spring.times)
    assert "Sun 01:45" in said
    assert "Sun 03:00" in said
    assert not [time for time in said if time.startswith("Sun 02")]
