"""Many at once for seats, rooms and what a limit leaves: as many get one as there are."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain.database import Database
from domain.people import operations as people
from domain.rooms import operations as rooms
from domain.scheduling import appointments
from domain.scheduling.models import Appointment
from domain.scheduling.occupation import TimeTaken
from domain.seam import PinnedSeam
from domain.services import operations as services
from tests.domain.practice import Practice, at, at_once, make_offer, make_practice


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def _change(
    database: Database, practice: Practice, change: Callable[..., Awaitable[Any]], **values: Any
) -> Any:
    async with database.scope(business_id=practice.business_id) as scope:
        return await change(scope, **values)


async def _more_people(database: Database, practice: Practice, count: int) -> list[UUID]:
    return [
        (await _change(database, practice, people.create, name=f"Dr. {number}")).id
        for number in range(count)
    ]


async def _try(database: Database, practice: Practice, service_id: UUID, person_id: UUID) -> str:
    try:
        await _change(
            database,
            practice,
            appointments.book_directly,
            service_id=service_id,
            person_id=person_id,
            starts_at=at(10),
            contact_id=None,
        )
    except TimeTaken:
        return "taken"
    return "booked"


async def test_as_many_join_a_class_as_it_has_seats(database: Database, practice: Practice) -> None:
    yoga = await _change(
        database, practice, services.create, name="Yoga", duration_minutes=60, capacity=4
    )
    async with asyncio.timeout(60):
        ends = await at_once(
            *(_try(database, practice, yoga.id, practice.lee_id) for _ in range(9))
        )
    assert Counter(ends) == {"booked": 4, "taken": 5}


async def test_an_appointment_alone_and_a_class_never_share_a_person(
    database: Database, practice: Practice
) -> None:
    yoga = await _change(
        database, practice, services.create, name="Yoga", duration_minutes=60, capacity=4
    )
    wanted = [yoga.id, practice.service_id] * 3
    async with asyncio.timeout(60):
        ends = await at_once(
            *(_try(database, practice, service_id, practice.lee_id) for service_id in wanted)
        )
    booked = {one for one, end in zip(wanted, ends, strict=True) if end == "booked"}
    assert len(booked) == 1
    assert ends.count("booked") == (3 if booked == {yoga.id} else 1)


async def test_people_at_once_get_as_many_rooms_as_there_are(
    database: Database, practice: Practice
) -> None:
    chairs = [
        (await _change(database, practice, rooms.create, name=f"Chair {number}")).id
        for number in range(2)
    ]
    hall = (await _change(database, practice, rooms.create, name="Hall", seats=2)).id
    filling = await _change(
        database,
        practice,
        services.create,
        name="Filling",
        duration_minutes=30,
        room_ids=[*chairs, hall],
    )
    everybody = await _more_people(database, practice, 7)
    async with asyncio.timeout(60):
        ends = await at_once(
            *(_try(database, practice, filling.id, person_id) for person_id in everybody)
        )
    assert Counter(ends) == {"booked": 4, "taken": 3}
    async with database.scope(business_id=practice.business_id) as scope:
        rows = await scope.session.execute(
            text("SELECT room_id, count(*) FROM appointments WHERE state = 'booked' GROUP BY 1")
        )
    assert dict(rows.all()) == {chairs[0]: 1, chairs[1]: 1, hall: 2}


async def test_people_at_once_do_not_exceed_a_services_limit(
    database: Database, practice: Practice
) -> None:
    await _change(
        database, practice, services.update, service_id=practice.service_id, daily_limit=3
    )
    everybody = await _more_people(database, practice, 6)
    async with asyncio.timeout(60):
        ends = await at_once(
            *(_try(database, practice, practice.service_id, person_id) for person_id in everybody)
        )
    assert Counter(ends) == {"booked": 3, "taken": 3}


async def test_a_passed_hold_is_either_booked_by_its_call_or_cleared_by_another(
    database: Database, practice: Practice, seam: PinnedSeam
) -> None:
    chair = (await _change(database, practice, rooms.create, name="Chair")).id
    await _change(
        database, practice, services.update, service_id=practice.service_id, room_ids=[chair]
    )
    calls = [database.seam.new_id() for _ in range(6)]
    for turn, hour in enumerate((9, 11, 13)):
        first, second = calls[turn * 2 : turn * 2 + 2]
        # Two people, one room: nothing but the room stands between the two bookings.
        mine = await make_offer(database, practice, call_id=first, starts_at=at(hour))
        theirs = await make_offer(
            database,
            practice,
            call_id=second,
            starts_at=at(hour),
            person_id=practice.gomez_id,
        )
        held = await _change(database, practice, appointments.hold, call_id=first, offer_id=mine.id)
        seam.advance(timedelta(minutes=3))

        async def book(
            call_id: UUID = first,
            offer_id: str = mine.id,
            other: str = theirs.id,
            by: UUID = second,
        ) -> list[str]:
            async def one(call: UUID, offer: str) -> str:
                try:
                    await _change(
                        database,
                        practice,
                        appointments.book,
                        call_id=call,
                        offer_id=offer,
                        contact_id=practice.contact_id,
                    )
                except TimeTaken:
                    return "taken"
                return "booked"

            return await at_once(one(call_id, offer_id), one(by, other))

        async with asyncio.timeout(60):
            assert sorted(await book()) == ["booked", "taken"]
        mine_now: Appointment = await _change(
            database, practice, appointments.get, appointment_id=held.id
        )
        assert mine_now.state in ("booked", "cancelled")


async def test_the_constraint_alone_keeps_a_room_and_a_seat_for_one(
    database: Database, practice: Practice
) -> None:
    chair = (await _change(database, practice, rooms.create, name="Chair")).id
    yoga = await _change(
        database,
        practice,
        services.create,
        name="Yoga",
        duration_minutes=60,
        capacity=2,
        room_ids=[chair],
    )
    assert await _try(database, practice, yoga.id, practice.lee_id) == "booked"
    async with database.scope(business_id=practice.business_id) as scope:
        taken = list(
            await scope.session.scalars(text("SELECT resource_id FROM appointment_resources"))
        )
    assert len(taken) == 2, "a seat of the person, and the chair"
    for resource_id in taken:
        with pytest.raises(IntegrityError, match="no_double_booking"):
            async with database.scope(business_id=practice.business_id) as scope:
                await scope.session.execute(
                    text(
                        "INSERT INTO appointments (id, business_id, service_id, person_id, starts_at,"
                        " ends_at, state, code, created_at, updated_at)"
                        " SELECT :id, business_id, service_id, person_id, starts_at, ends_at,"
                        " 'booked', 'ZZZZZZ', created_at, updated_at FROM appointments"
                    ),
                    {"id": (written := database.seam.new_id())},
                )
                await scope.session.execute(
                    text(
                        "INSERT INTO appointment_resources"
                        " (appointment_id, resource_id, during, state, business_id)"
                        " SELECT :id, resource_id, during, 'booked', business_id"
                        " FROM appointment_resources WHERE resource_id = :resource_id"
                    ),
                    {"id": written, "resource_id": resource_id},
                )
