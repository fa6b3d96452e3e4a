"""Rooms, and the seats of rooms and people."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from domain.database import Database, Scope
from domain.errors import Conflict, Invalid, NotFound
from domain.people import operations as people
from domain.people.models import Resource
from domain.places import operations as places
from domain.rooms import operations as rooms
from domain.rooms.seats import set_seats
from domain.scheduling import appointments
from domain.scheduling.models import Appointment, AppointmentResource
from domain.services import operations as services
from tests.domain.practice import Practice, at, at_once, make_practice


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def _seats(scope: Scope, resource_id: int) -> list[int]:
    """The numbers of the seats, the first included."""
    rows = await scope.session.scalars(
        select(Resource.seat).where(
            (Resource.id == resource_id) | (Resource.parent_id == resource_id)
        )
    )
    return sorted(rows)


async def _book(
    scope: Scope, practice: Practice, *, hour: int, service_id: UUID | None = None
) -> Appointment:
    return await appointments.book_directly(
        scope,
        service_id=service_id or practice.service_id,
        person_id=practice.lee_id,
        starts_at=at(hour),
        contact_id=practice.contact_id,
    )


async def _count_taken(scope: Scope, appointment: Appointment) -> int:
    query = select(func.count()).where(AppointmentResource.appointment_id == appointment.id)
    return await scope.session.scalar(query) or 0


async def _lees_resource(scope: Scope, practice: Practice) -> int:
    return (await people.get(scope, person_id=practice.lee_id)).resource_id


async def test_a_room_is_a_resource_with_as_many_seats_as_it_says(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        uptown = await places.create(scope, name="Uptown")
        room = await rooms.create(scope, name=" Big  room ", place_id=uptown.id, seats=3)
        chair = await rooms.create(scope, name="Chair")
        assert (room.name, room.place_id, chair.place_id) == ("Big room", uptown.id, None)
        assert await _seats(scope, room.resource_id) == [1, 2, 3]
        assert await _seats(scope, chair.resource_id) == [1]
        await rooms.update(scope, room_id=room.id, seats=5)
        assert await _seats(scope, room.resource_id) == [1, 2, 3, 4, 5]
        changed = await rooms.update(scope, room_id=room.id, seats=2, place_id=None)
        assert (changed.seats, changed.place_id) == (2, None)
        assert await _seats(scope, room.resource_id) == [1, 2]
        listed = await rooms.list_rooms(scope, place_id=practice.business_id)
        assert [one.id for one in listed] == [room.id, chair.id]
        await rooms.deactivate(scope, room_id=room.id)
        assert [one.id for one in await rooms.list_rooms(scope, active=True)] == [chair.id]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"seats": 0}, "seats"),
        ({"seats": 201}, "seats"),
        ({"place_id": UUID(int=1)}, "place_id"),
    ],
)
async def test_wrong_values_are_refused_by_name_and_nothing_is_written(
    database: Database, practice: Practice, values: dict[str, Any], field: str
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        room = await rooms.create(scope, name="Chair")
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(Invalid) as caught:
            await rooms.create(scope, **{"name": "Room", **values})
        assert caught.value.field == field
        with pytest.raises(Invalid) as caught:
            await rooms.update(scope, room_id=room.id, **{"name": "Room", **values})
        assert caught.value.field == field
        with pytest.raises(Conflict):
            await rooms.create(scope, name="CHAIR")
    async with database.scope(business_id=practice.business_id) as scope:
        assert [(one.name, one.seats) for one in await rooms.list_rooms(scope)] == [("Chair", 1)]


async def test_a_room_of_another_business_does_not_exist(
    database: Database, practice: Practice
) -> None:
    other = await make_practice(database)
    async with database.scope(business_id=other.business_id) as scope:
        strange = await rooms.create(scope, name="Chair")
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(NotFound, match="room"):
            await rooms.update(scope, room_id=strange.id, seats=2)
        with pytest.raises(NotFound, match="resource"):
            await set_seats(scope, resource_id=strange.resource_id, count=2)
        with pytest.raises(Invalid) as caught:
            await services.update(scope, service_id=practice.service_id, room_ids=[strange.id])
        assert caught.value.field == "room_ids[0]"


async def test_a_seat_that_is_taken_cannot_go_and_a_booked_room_cannot_be_moved(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        uptown = await places.create(scope, name="Uptown")
        room = await rooms.create(scope, name="Room", seats=3)
        await services.update(scope, service_id=practice.service_id, room_ids=[room.id])
        first = await _book(scope, practice, hour=10)
        second = await appointments.book_directly(
            scope,
            service_id=practice.service_id,
            person_id=practice.gomez_id,
            starts_at=at(10),
            contact_id=practice.contact_id,
        )
        assert first.room_id == second.room_id == room.id
        with pytest.raises(Conflict, match="one of the seats"):
            await rooms.update(scope, room_id=room.id, seats=1)
        assert await _seats(scope, room.resource_id) == [1, 2, 3]
        with pytest.raises(Conflict, match="where it is now"):
            await rooms.update(scope, room_id=room.id, place_id=uptown.id)
        await rooms.update(scope, room_id=room.id, seats=2)
        assert await _seats(scope, room.resource_id) == [1, 2]
        await appointments.cancel(scope, appointment_id=second.id)
        changed = await rooms.update(scope, room_id=room.id, seats=1)
        assert changed.seats == 1


async def test_new_seats_of_a_room_are_free(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        room = await rooms.create(scope, name="Room")
        await services.update(scope, service_id=practice.service_id, room_ids=[room.id])
        booked = await _book(scope, practice, hour=10)
        before = await _count_taken(scope, booked)
        await rooms.update(scope, room_id=room.id, seats=2)
        assert await _count_taken(scope, booked) == before
        beside = await appointments.book_directly(
            scope,
            service_id=practice.service_id,
            person_id=practice.gomez_id,
            starts_at=at(10),
            contact_id=practice.contact_id,
        )
        assert beside.room_id == room.id


async def test_people_have_as_many_seats_as_their_largest_class(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        lee = await _lees_resource(scope, practice)
        assert await _seats(scope, lee) == [1]
        yoga = await services.create(
            scope, name="Yoga", duration_minutes=60, capacity=4, person_ids=[practice.lee_id]
        )
        assert await _seats(scope, lee) == [1, 2, 3, 4]
        gomez = (await people.get(scope, person_id=practice.gomez_id)).resource_id
        assert await _seats(scope, gomez) == [1]
        await services.update(scope, service_id=yoga.id, person_ids=[])
        assert await _seats(scope, gomez) == [1, 2, 3, 4]
        newcomer = await people.create(scope, name="Tom")
        assert await _seats(scope, newcomer.resource_id) == [1, 2, 3, 4]
        await services.update(scope, service_id=yoga.id, capacity=2)
        assert await _seats(scope, lee) == [1, 2]
        await services.set_people(scope, service_id=yoga.id, person_ids=[practice.gomez_id])
        assert await _seats(scope, lee) == [1]


async def test_whoever_has_a_person_to_themselves_takes_their_new_seats_too(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        alone = await _book(scope, practice, hour=10)
        yoga = await services.create(
            scope, name="Yoga", duration_minutes=30, capacity=3, person_ids=[practice.lee_id]
        )
        assert await _count_taken(scope, alone) == 3
        with pytest.raises(Conflict):
            await _book(scope, practice, hour=10, service_id=yoga.id)
        shared = await _book(scope, practice, hour=11, service_id=yoga.id)
        assert await _count_taken(scope, shared) == 1
        await services.update(scope, service_id=yoga.id, capacity=5)
        assert await _count_taken(scope, alone) == 5
        assert await _count_taken(scope, shared) == 1
        await _book(scope, practice, hour=11, service_id=yoga.id)


async def test_a_service_that_becomes_a_class_lets_others_join_who_is_booked(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        booked = await _book(scope, practice, hour=10)
        await services.update(scope, service_id=practice.service_id, capacity=2)
        assert await _count_taken(scope, booked) == 1
        await _book(scope, practice, hour=10)
        with pytest.raises(Conflict):
            await _book(scope, practice, hour=10)


async def test_a_smaller_class_keeps_the_seats_that_are_booked(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        lee = await _lees_resource(scope, practice)
        await services.update(scope, service_id=practice.service_id, capacity=4)
        for _ in range(3):
            await _book(scope, practice, hour=10)
        await services.update(scope, service_id=practice.service_id, capacity=2)
        assert set(await _seats(scope, lee)) >= {1, 2, 3}
        with pytest.raises(Conflict):
            await _book(scope, practice, hour=10)
        for _ in range(2):
            await _book(scope, practice, hour=12)
        with pytest.raises(Conflict):
            await _book(scope, practice, hour=12)


async def test_seats_have_no_gap_after_one_that_was_booked_once(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        lee = await _lees_resource(scope, practice)
        await services.update(scope, service_id=practice.service_id, capacity=4)
        class_ = [await _book(scope, practice, hour=10) for _ in range(3)]
        for one in class_:
            await appointments.cancel(scope, appointment_id=one.id)
        await set_seats(scope, resource_id=lee, count=1)
        assert await _seats(scope, lee) == [1, 2, 3]
        await set_seats(scope, resource_id=lee, count=5)
        assert await _seats(scope, lee) == [1, 2, 3, 4, 5]


async def test_a_class_grows_while_others_book_and_cancel_and_nobody_is_beside_one_alone(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        yoga = await services.create(
            scope,
            name="Yoga",
            duration_minutes=30,
            capacity=2,
            weekly_limit=100,
            person_ids=[practice.lee_id],
        )
        old = [await _book(scope, practice, hour=hour) for hour in range(9, 13)]

    async def grow(capacity: int) -> None:
        async with database.scope(business_id=practice.business_id) as scope:
            await services.update(scope, service_id=yoga.id, capacity=capacity)

    async def cancel(appointment: Appointment) -> None:
        async with database.scope(business_id=practice.business_id) as scope:
            await appointments.cancel(scope, appointment_id=appointment.id)

    async def book(hour: int, service_id: UUID) -> None:
        with suppress(Conflict):
            async with database.scope(business_id=practice.business_id) as scope:
                await _book(scope, practice, hour=hour, service_id=service_id)

    await at_once(
        grow(6),
        *(cancel(one) for one in old[:2]),
        *(book(hour, yoga.id) for hour in range(9, 17)),
        *(book(hour, practice.service_id) for hour in range(9, 17)),
    )
    async with database.scope(business_id=practice.business_id) as scope:
        lee = await _lees_resource(scope, practice)
        assert await _seats(scope, lee) == [1, 2, 3, 4, 5, 6]
        rows = await scope.session.execute(
            select(Appointment.service_id, Appointment.state, func.count())
            .join(AppointmentResource, AppointmentResource.appointment_id == Appointment.id)
            .where(AppointmentResource.state != "cancelled")
            .group_by(Appointment.id)
        )
        taken = [(service_id, state, count) for service_id, state, count in rows]
    assert len(taken) >= 8
    for service_id, state, count in taken:
        assert (state, count) == ("booked", 1 if service_id == yoga.id else 6)
