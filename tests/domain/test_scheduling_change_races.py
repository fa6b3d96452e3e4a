"""Moving and cancelling at the same time, on real connections: nothing is booked twice, nothing lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.database import Database
from domain.errors import Conflict
from domain.scheduling import appointments, history, waiting_list
from domain.scheduling.models import Appointment, AppointmentResource
from domain.scheduling.occupation import TimeTaken
from tests.domain.practice import (
    TUESDAY,
    Practice,
    at,
    at_once,
    book_cleaning,
    count_taken,
    make_practice,
)


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def _move(database: Database, practice: Practice, appointment_id: UUID, hour: int) -> str:
    try:
        async with database.scope(business_id=practice.business_id) as scope:
            await appointments.move(scope, appointment_id=appointment_id, starts_at=at(hour))
    except TimeTaken:
        return "taken"
    except Conflict:
        return "conflict"
    return "moved"


async def _cancel(database: Database, practice: Practice, appointment_id: UUID) -> str:
    async with database.scope(business_id=practice.business_id) as scope:
        change = await appointments.cancel(scope, appointment_id=appointment_id, by_staff=True)
    return "cancelled" if change.changed else "was cancelled"


async def _ends(*work: Coroutine[Any, Any, str]) -> Counter[str]:
    async with asyncio.timeout(60):
        return Counter(await at_once(*work))


async def _check(database: Database, practice: Practice) -> None:
    """Every appointment takes exactly its own time, and its history ends as it is."""
    async with database.scope(business_id=practice.business_id) as scope:
        for one in (await scope.session.scalars(select(Appointment))).all():
            taken = (
                await scope.session.scalars(
                    select(AppointmentResource).where(
                        AppointmentResource.appointment_id == one.id,
                        AppointmentResource.state != "cancelled",
                    )
                )
            ).all()
            if one.state == "cancelled":
                assert not taken
            else:
                assert [(row.begins_at, row.state) for row in taken] == [(one.starts_at, one.state)]
            events = await history.events_of(scope, one.id)
            assert [event.number for event in events] == list(range(1, len(events) + 1))
            assert (events[-1].kind in ("cancelled", "expired")) == (one.state == "cancelled")


async def test_of_two_who_move_to_one_time_one_gets_it_and_both_stay_booked(
    database: Database, practice: Practice
) -> None:
    made = [
        await book_cleaning(database, practice, call_id=database.seam.new_id(), hour=hour)
        for hour in (9, 10, 11, 12)
    ]
    ends = await _ends(*(_move(database, practice, one.id, 15) for one in made))
    assert ends == {"moved": 1, "taken": 3}
    assert await count_taken(database, practice) == 4
    await _check(database, practice)


async def test_one_appointment_that_is_moved_to_many_times_at_once_has_one(
    database: Database, practice: Practice
) -> None:
    booked = await book_cleaning(database, practice, call_id=database.seam.new_id())
    ends = await _ends(
        *(_move(database, practice, booked.id, hour) for hour in (9, 10, 11, 15, 16))
    )
    assert ends["moved"] >= 1
    assert ends["moved"] + ends["conflict"] == 5
    assert await count_taken(database, practice) == 1
    await _check(database, practice)


@pytest.mark.parametrize("somebody_waits", [False, True])
async def test_what_is_cancelled_while_it_is_moved_is_cancelled(
    database: Database, practice: Practice, somebody_waits: bool
) -> None:
    booked = await book_cleaning(database, practice, call_id=database.seam.new_id())
    if somebody_waits:
        async with database.scope(business_id=practice.business_id) as scope:
            await waiting_list.add(
                scope,
                contact_id=practice.contact_id,
                service_id=practice.service_id,
                first_day=TUESDAY,
                last_day=TUESDAY,
                part_of_day="morning",
            )
    ends = await _ends(
        _move(database, practice, booked.id, 9),
        _cancel(database, practice, booked.id),
        _move(database, practice, booked.id, 10),
        _cancel(database, practice, booked.id),
    )
    assert (ends["cancelled"], ends["was cancelled"]) == (1, 1)
    async with database.scope(business_id=practice.business_id) as scope:
        after = await appointments.get(scope, appointment_id=booked.id)
        assert after.state == "cancelled"
    await _check(database, practice)


async def test_times_that_are_swapped_while_somebody_waits_for_them_are_given_once(
    database: Database, practice: Practice
) -> None:
    made = [
        await book_cleaning(database, practice, call_id=database.seam.new_id(), hour=hour)
        for hour in (9, 10, 11)
    ]
    async with database.scope(business_id=practice.business_id) as scope:
        await waiting_list.add(
            scope,
            contact_id=practice.contact_id,
            service_id=practice.service_id,
            first_day=TUESDAY,
            last_day=TUESDAY,
        )
    ends = await _ends(
        _move(database, practice, made[0].id, 14),
        _move(database, practice, made[1].id, 9),
        _cancel(database, practice, made[2].id),
    )
    assert ends["cancelled"] == 1
    async with database.scope(business_id=practice.business_id) as scope:
        (entry,) = await waiting_list.list_entries(scope)
        assert entry.state == "offered"
    assert await count_taken(database, practice) == 3
    await _check(database, practice)
