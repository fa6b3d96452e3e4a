"""Which booked appointments a change of hours, people or rooms leaves outside."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.database import Database
from domain.hours import dates, operations as hours
from domain.people import operations as people
from domain.places import operations as places
from domain.rooms import operations as rooms
from domain.scheduling import appointments, outside
from domain.scheduling.outside import outside_hours
from domain.seam import PinnedSeam
from domain.services import operations as services
from tests.domain.practice import TUESDAY, Practice, at, make_practice


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def _book(
    database: Database, practice: Practice, hour: int, *, person_id: UUID | None = None, **more: Any
) -> UUID:
    async with database.scope(business_id=practice.business_id) as scope:
        booked = await appointments.book_directly(
            scope,
            service_id=practice.service_id,
            person_id=person_id or practice.lee_id,
            starts_at=at(hour),
            contact_id=None,
            **more,
        )
    return booked.id


async def _outside(database: Database, practice: Practice, **wishes: Any) -> list[UUID]:
    async with database.scope(business_id=practice.business_id) as scope:
        return [one.id for one in await outside_hours(scope, **wishes)]


async def test_shorter_hours_name_what_they_leave_out_in_its_order(
    database: Database, practice: Practice
) -> None:
    late = await _book(database, practice, 16)
    early = await _book(database, practice, 9)
    gomez = await _book(database, practice, 9, person_id=practice.gomez_id)
    await _book(database, practice, 12)
    assert await _outside(database, practice) == []
    async with database.scope(business_id=practice.business_id) as scope:
        await hours.replace_hours(
            scope, spans=[hours.Span(weekday=1, opens=time(10), closes=time(16))]
        )
        assert (await appointments.get(scope, appointment_id=early)).state == "booked"
    assert await _outside(database, practice) == [*sorted([early, gomez]), late]
    assert await _outside(database, practice, person_id=practice.gomez_id) == [gomez]
    assert await _outside(database, practice, limit=1) == sorted([early, gomez])[:1]


async def test_closures_and_dates_count_as_hours_do(database: Database, practice: Practice) -> None:
    morning, afternoon = [await _book(database, practice, hour) for hour in (9, 15)]
    async with database.scope(business_id=practice.business_id) as scope:
        closure = await hours.create_closure(
            scope,
            first_day=TUESDAY,
            from_time=time(8),
            until_time=time(10),
            person_id=practice.lee_id,
        )
    assert await _outside(database, practice) == [morning]
    async with database.scope(business_id=practice.business_id) as scope:
        await hours.delete_closure(scope, closure_id=closure.id)
        await dates.set_date(
            scope, day=TUESDAY, spans=[dates.DateSpan(opens=time(8), closes=time(12))]
        )
    assert await _outside(database, practice) == [afternoon]


async def test_who_and_what_is_not_active_any_more_leaves_its_appointments_outside(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        chair = (await rooms.create(scope, name="Chair")).id
        spare = (await rooms.create(scope, name="Spare")).id
        uptown = (await places.create(scope, name="Uptown")).id
        elsewhere = (await people.create(scope, name="Dr. Kim", place_id=uptown)).id
        await services.update(scope, service_id=practice.service_id, room_ids=[chair, spare])
        there = (await services.create(scope, name="Talk", duration_minutes=30)).id
        talk = await appointments.book_directly(
            scope, service_id=there, person_id=elsewhere, starts_at=at(10), contact_id=None
        )
    in_chair = await _book(database, practice, 10)
    in_spare = await _book(database, practice, 10, person_id=practice.gomez_id)
    assert await _outside(database, practice) == []
    async with database.scope(business_id=practice.business_id) as scope:
        await rooms.deactivate(scope, room_id=chair)
    assert await _outside(database, practice) == [in_chair]
    async with database.scope(business_id=practice.business_id) as scope:
        await people.deactivate(scope, person_id=practice.gomez_id)
        await places.deactivate(scope, place_id=uptown)
    assert set(await _outside(database, practice)) == {in_chair, in_spare, talk.id}
    assert await _outside(database, practice, place_id=uptown) == [talk.id]
    main = await _outside(database, practice, place_id=practice.business_id)
    assert set(main) == {in_chair, in_spare}


async def test_only_what_is_booked_and_has_not_begun_is_named(
    database: Database, practice: Practice, seam: PinnedSeam
) -> None:
    begun = await _book(database, practice, 9)
    cancelled = await _book(database, practice, 14)
    on_purpose = await _book(database, practice, 20, outside_hours=True)
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.cancel(scope, appointment_id=cancelled, by_staff=True)
        await hours.create_closure(scope, first_day=TUESDAY)
    assert await _outside(database, practice) == [begun, on_purpose]
    seam.advance(timedelta(hours=24))
    assert await _outside(database, practice) == [on_purpose]


async def test_all_are_looked_at_however_many_there_are(
    database: Database, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "_AT_ONCE", 2)
    booked = [await _book(database, practice, hour) for hour in (9, 10, 11, 15, 16)]
    async with database.scope(business_id=practice.business_id) as scope:
        await hours.create_closure(
            scope, first_day=TUESDAY, from_time=time(14), until_time=time(23)
        )
    assert await _outside(database, practice) == booked[3:]
