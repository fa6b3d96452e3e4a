"""Many at once on the real database: one of them gets the time."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain.database import Database
from domain.people import operations as people
from domain.scheduling import appointments, occupation
from domain.scheduling.occupation import TimeTaken
from domain.services import operations as services
from tests.domain.practice import (
    Practice,
    at,
    at_once,
    book_cleaning,
    count_taken,
    make_offer,
    make_practice,
)


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


@pytest.fixture
def call_id(database: Database) -> UUID:
    return database.seam.new_id()


async def test_two_simultaneous_calls_of_the_same_tool_are_one_appointment(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    made = await at_once(
        *(book_cleaning(database, practice, call_id=call_id) for _ in range(4)),
    )
    assert len({appointment.id for appointment in made}) == 1
    assert await count_taken(database, practice) == 1


async def test_one_of_many_callers_gets_the_last_time(
    database: Database, practice: Practice
) -> None:
    async def caller() -> str:
        call = database.seam.new_id()
        try:
            await book_cleaning(database, practice, call_id=call)
        except TimeTaken:
            return "taken"
        return "booked"

    results = Counter(await at_once(*(caller() for _ in range(10))))
    assert results == {"booked": 1, "taken": 9}
    assert await count_taken(database, practice) == 1


async def test_twenty_callers_get_five_times_between_them(
    database: Database, practice: Practice
) -> None:
    starts = [at(hour) for hour in (9, 10, 11, 13, 14)]

    async def caller(number: int) -> str:
        call = database.seam.new_id()
        for turn in range(len(starts)):
            wanted = starts[(number + turn) % len(starts)]
            offer = await make_offer(database, practice, call_id=call, starts_at=wanted)
            async with database.scope(business_id=practice.business_id) as scope:
                try:
                    await appointments.book(
                        scope,
                        call_id=call,
                        offer_id=offer.id,
                        contact_id=practice.contact_id,
                    )
                except TimeTaken:
                    continue
                return "booked"
        return "none left"

    results = Counter(await at_once(*(caller(number) for number in range(20))))
    assert results == {"booked": 5, "none left": 15}
    assert await count_taken(database, practice) == 5


async def test_two_appointments_that_swap_people_at_once_do_not_block_one_another(
    database: Database, practice: Practice
) -> None:
    calls = [database.seam.new_id(), database.seam.new_id()]
    made = []
    for call, hour, person_id, other_id in (
        (calls[0], 10, practice.lee_id, practice.gomez_id),
        (calls[1], 11, practice.gomez_id, practice.lee_id),
    ):
        offer = await make_offer(
            database, practice, call_id=call, starts_at=at(hour), person_id=person_id
        )
        wanted = await make_offer(
            database, practice, call_id=call, starts_at=at(hour), person_id=other_id
        )
        async with database.scope(business_id=practice.business_id) as scope:
            booked = await appointments.book(
                scope, call_id=call, offer_id=offer.id, contact_id=practice.contact_id
            )
        made.append((call, booked.id, wanted.id))

    async def swap(call: UUID, appointment_id: UUID, offer_id: str) -> bool:
        async with database.scope(business_id=practice.business_id) as scope:
            change = await appointments.move(
                scope, appointment_id=appointment_id, call_id=call, offer_id=offer_id
            )
        return change.changed

    async with asyncio.timeout(60):
        assert await at_once(*(swap(*one) for one in made)) == [True, True]


async def test_the_constraint_alone_refuses_an_overlap_written_past_all_rules(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    booked = await book_cleaning(database, practice, call_id=call_id)
    with pytest.raises(IntegrityError, match="no_double_booking"):
        async with database.scope(business_id=practice.business_id) as scope:
            await scope.session.execute(
                text(
                    "INSERT INTO appointments SELECT service_id, person_id, contact_id, starts_at,"
                    " ends_at, state, 'ZZZZZZ', note, NULL, NULL, created_at, updated_at,"
                    " business_id, :id FROM appointments WHERE id = :booked"
                ),
                {"id": database.seam.new_id(), "booked": booked.id},
            )
            await scope.session.execute(
                text(
                    "INSERT INTO appointment_resources (appointment_id, resource_id, during, state,"
                    " business_id) SELECT a.id, r.resource_id, r.during, 'booked', r.business_id"
                    " FROM appointments a, appointment_resources r WHERE a.code = 'ZZZZZZ'"
                )
            )


async def test_of_two_who_wait_for_one_another_one_is_told_the_time_is_taken(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        ids = [
            (await people.get(scope, person_id=person_id)).resource_id
            for person_id in (practice.lee_id, practice.gomez_id)
        ]
    both_hold_one = asyncio.Barrier(2)

    async def booker(first: int, second: int) -> str:
        async with database.scope(business_id=practice.business_id) as scope:
            try:
                async with occupation.taking(scope):
                    await occupation.lock(scope, [first])
                    await both_hold_one.wait()
                    await occupation.lock(scope, [second])
            except TimeTaken:
                assert (await services.named(scope, name="Cleaning")).name == "Cleaning"
                return "taken"
            return "booked"

    async with asyncio.timeout(60):
        ends = await at_once(booker(ids[0], ids[1]), booker(ids[1], ids[0]))
    assert sorted(ends) == ["booked", "taken"]
