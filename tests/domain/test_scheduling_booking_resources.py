"""What an appointment takes: the person, a seat of a class, a room or a seat in one; and what of all
that is offered and can be had."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from domain.calendars.models import BusyTime
from domain.database import Database
from domain.errors import Conflict, Invalid
from domain.hours import operations as hours
from domain.people import operations as people
from domain.places import operations as places
from domain.rooms import operations as rooms
from domain.scheduling import appointments, occupation
from domain.scheduling.models import Appointment, AppointmentResource
from domain.scheduling.occupation import TimeTaken
from domain.scheduling.slots import staff_slot
from domain.scheduling.times import find_times
from domain.seam import PinnedSeam
from domain.services import operations as services
from tests.domain.practice import NEW_YORK, TUESDAY, Practice, at, make_offer, make_practice


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def _service(database: Database, practice: Practice, **values: Any) -> UUID:
    asked = {"name": "Yoga", "duration_minutes": 60, **values}
    async with database.scope(business_id=practice.business_id) as scope:
        return (await services.create(scope, **asked)).id


async def _room(database: Database, practice: Practice, name: str, **values: Any) -> UUID:
    async with database.scope(business_id=practice.business_id) as scope:
        return (await rooms.create(scope, name=name, **values)).id


async def _book(
    database: Database,
    practice: Practice,
    service_id: UUID,
    starts_at: datetime,
    person_id: UUID | None = None,
    **values: Any,
) -> Appointment:
    async with database.scope(business_id=practice.business_id) as scope:
        return await appointments.book_directly(
            scope,
            service_id=service_id,
            person_id=person_id or practice.lee_id,
            starts_at=starts_at,
            contact_id=None,
            **values,
        )


async def _starts(
    database: Database, practice: Practice, service_id: UUID, **wishes: Any
) -> list[str]:
    async with database.scope(business_id=practice.business_id) as scope:
        found = await find_times(
            scope,
            service_id=service_id,
            first_day=TUESDAY,
            last_day=TUESDAY,
            limit=200,
            spread=False,
            **wishes,
        )
    return [one.starts_at.astimezone(NEW_YORK).strftime("%H:%M") for one in found.times]


async def _busy(
    database: Database, practice: Practice, begins_at: datetime, ends_at: datetime
) -> None:
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
        scope.session.add(
            BusyTime(
                business_id=scope.business_id,
                calendar_id=calendar_id,
                resource_id=person.resource_id,
                event_id="1",
                begins_at=begins_at,
                ends_at=ends_at,
            )
        )


async def _resources_of(database: Database, practice: Practice, appointment_id: UUID) -> set[int]:
    async with database.scope(business_id=practice.business_id) as scope:
        query = select(AppointmentResource.resource_id).where(
            AppointmentResource.appointment_id == appointment_id
        )
        return set((await scope.session.scalars(query)).all())


async def test_a_class_takes_one_seat_an_attendee_until_it_is_full(
    database: Database, practice: Practice
) -> None:
    yoga = await _service(database, practice, capacity=3)
    taken = [await _book(database, practice, yoga, at(10)) for _ in range(3)]
    seats = [await _resources_of(database, practice, one.id) for one in taken]
    assert [len(one) for one in seats] == [1, 1, 1]
    assert len(set.union(*seats)) == 3
    with pytest.raises(TimeTaken, match="full"):
        await _book(database, practice, yoga, at(10))
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.cancel(scope, appointment_id=taken[1].id, by_staff=True)
    again = await _book(database, practice, yoga, at(10))
    assert await _resources_of(database, practice, again.id) == seats[1]


async def test_a_class_can_be_joined_at_its_start_and_keeps_everything_else_out(
    database: Database, practice: Practice
) -> None:
    yoga = await _service(database, practice, capacity=2)
    pilates = await _service(database, practice, name="Pilates", capacity=2)
    await _book(database, practice, yoga, at(10, 10))
    lee = {"person_id": practice.lee_id}
    starts = await _starts(database, practice, yoga, **lee)
    assert [one for one in starts if "09:00" < one < "11:15"] == ["10:10"], (
        "a start off the step too"
    )
    for service_id, starts_at in (
        (yoga, at(10)),
        (yoga, at(11)),
        (pilates, at(10, 10)),
        (practice.service_id, at(10, 30)),
    ):
        with pytest.raises(TimeTaken):
            await _book(database, practice, service_id, starts_at)
    await _book(database, practice, yoga, at(10, 10))
    assert "10:10" not in await _starts(database, practice, yoga, **lee)
    cleaning = await _starts(database, practice, practice.service_id, **lee)
    assert not [one for one in cleaning if "09:40" < one < "11:10"]


async def test_an_appointment_alone_keeps_classes_out_by_every_seat(
    database: Database, practice: Practice
) -> None:
    yoga = await _service(database, practice, capacity=3)
    alone = await _book(database, practice, practice.service_id, at(10))
    assert len(await _resources_of(database, practice, alone.id)) == 3
    with pytest.raises(TimeTaken):
        await _book(database, practice, yoga, at(10))


async def test_a_joined_class_is_preferred_to_another_persons(
    database: Database, practice: Practice
) -> None:
    yoga = await _service(database, practice, capacity=3)
    await _book(database, practice, yoga, at(10), practice.gomez_id)
    await _book(database, practice, yoga, at(14), practice.gomez_id)
    async with database.scope(business_id=practice.business_id) as scope:
        found = await find_times(
            scope, service_id=yoga, first_day=TUESDAY, last_day=TUESDAY, limit=200, spread=False
        )
    by_start = {one.starts_at: one.person_id for one in found.times}
    assert by_start[at(10)] == by_start[at(14)] == practice.gomez_id
    assert by_start[at(12)] == practice.lee_id, "who has less to do that day"


async def test_a_room_of_one_seat_is_taken_whole_and_the_first_free_one_is_chosen(
    database: Database, practice: Practice
) -> None:
    second = await _room(database, practice, "B")
    first = await _room(database, practice, "A")
    surgery = await _service(database, practice, name="Surgery", room_ids=[first, second])
    one = await _book(database, practice, surgery, at(10))
    other = await _book(database, practice, surgery, at(10, 30), practice.gomez_id)
    assert (one.room_id, other.room_id) == (first, second)
    third = await _add_person(database, practice)
    with pytest.raises(TimeTaken, match="room"):
        await _book(database, practice, surgery, at(10, 30), third)
    starts = await _starts(database, practice, surgery, person_id=third)
    assert [start for start in starts if "09:00" < start < "11:45"] == [
        "09:15",
        "09:30",
        "11:00",
        "11:15",
        "11:30",
    ], "from 10:30 to 11:00 both rooms are taken"


async def _add_person(database: Database, practice: Practice) -> UUID:
    async with database.scope(business_id=practice.business_id) as scope:
        return (await people.create(scope, name="Dr. Kim")).id


async def test_a_room_of_many_seats_is_shared(database: Database, practice: Practice) -> None:
    hall = await _room(database, practice, "Hall", seats=2)
    therapy = await _service(database, practice, name="Therapy", room_ids=[hall])
    await _book(database, practice, therapy, at(10))
    await _book(database, practice, therapy, at(10, 15), practice.gomez_id)
    third = await _add_person(database, practice)
    with pytest.raises(TimeTaken, match="room"):
        await _book(database, practice, therapy, at(10, 30), third)
    assert "11:00" in await _starts(database, practice, therapy, person_id=third)
    assert "10:45" not in await _starts(database, practice, therapy, person_id=third)


async def test_attendees_of_a_class_share_its_room(database: Database, practice: Practice) -> None:
    small = await _room(database, practice, "A", seats=2)
    await _room(database, practice, "B", seats=5)
    large = await _room(database, practice, "C", seats=5)
    yoga = await _service(database, practice, capacity=4, room_ids=[small, large])
    for _ in range(2):
        assert (await _book(database, practice, yoga, at(10))).room_id == small
    with pytest.raises(TimeTaken, match="room"):
        await _book(database, practice, yoga, at(10))
    assert "10:00" not in await _starts(database, practice, yoga, person_id=practice.lee_id)
    other = await _book(database, practice, yoga, at(10), practice.gomez_id)
    assert other.room_id == large


async def test_rooms_serve_their_own_place_only(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        uptown = (await places.create(scope, name="Uptown")).id
        await people.update(scope, person_id=practice.gomez_id, place_id=uptown)
    chair = await _room(database, practice, "Chair", place_id=uptown)
    filling = await _service(database, practice, name="Filling", room_ids=[chair])
    async with database.scope(business_id=practice.business_id) as scope:
        found = await find_times(
            scope, service_id=filling, first_day=TUESDAY, last_day=TUESDAY, limit=200
        )
        assert {one.person_id for one in found.times} == {practice.gomez_id}
        lee = await find_times(
            scope,
            service_id=filling,
            first_day=TUESDAY,
            last_day=TUESDAY,
            person_id=practice.lee_id,
        )
        assert lee.why_none == "nobody_gives_it"
    with pytest.raises(Invalid, match="room"):
        await _book(database, practice, filling, at(10))
    booked = await _book(database, practice, filling, at(10), practice.gomez_id)
    assert (booked.room_id, booked.place_id) == (chair, uptown)
    async with database.scope(business_id=practice.business_id) as scope:
        await rooms.deactivate(scope, room_id=chair)
    assert await _starts(database, practice, filling) == []


async def test_moving_takes_a_free_room_and_gives_the_old_one_back(
    database: Database, practice: Practice
) -> None:
    first, second = [await _room(database, practice, name) for name in ("A", "B")]
    surgery = await _service(database, practice, name="Surgery", room_ids=[first, second])
    await _book(database, practice, surgery, at(14))
    mine = await _book(database, practice, surgery, at(10), practice.gomez_id)
    async with database.scope(business_id=practice.business_id) as scope:
        moved = await appointments.move(scope, appointment_id=mine.id, starts_at=at(14))
        assert moved.appointment.room_id == second
        back = await appointments.move(scope, appointment_id=mine.id, starts_at=at(14, 30))
        assert back.appointment.room_id == second, "its own time is no obstacle"
    assert (await _book(database, practice, surgery, at(10))).room_id == first


async def test_another_calendars_busy_time_is_not_offered_nor_booked_unless_staff_insist(
    database: Database, practice: Practice
) -> None:
    offered = await make_offer(
        database, practice, call_id=database.seam.new_id(), starts_at=at(10, 15)
    )
    await _busy(database, practice, at(10), at(11))
    starts = await _starts(database, practice, practice.service_id, person_id=practice.lee_id)
    assert [one for one in starts if "09:15" < one < "11:15"] == ["09:30", "11:00"]
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(TimeTaken, match="busy"):
            await appointments.book(
                scope,
                call_id=offered.call_id,
                offer_id=offered.id,
                contact_id=practice.contact_id,
            )
    with pytest.raises(TimeTaken, match="busy"):
        await _book(database, practice, practice.service_id, at(10, 30))
    booked = await _book(database, practice, practice.service_id, at(10, 30), over_busy=True)
    assert booked.state == "booked"


async def test_limits_bind_a_booking_too_and_staff_only_within_hours(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await people.update(scope, person_id=practice.lee_id, daily_limit=1)
    offered = await make_offer(database, practice, call_id=database.seam.new_id(), starts_at=at(11))
    first = await _book(database, practice, practice.service_id, at(10))
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(TimeTaken, match="no more"):
            await appointments.book(
                scope,
                call_id=offered.call_id,
                offer_id=offered.id,
                contact_id=practice.contact_id,
            )
    async with database.scope(business_id=practice.business_id) as scope:
        moved = await appointments.move(scope, appointment_id=first.id, starts_at=at(15))
        assert moved.changed, "it does not stand in its own way"
    await _book(database, practice, practice.service_id, at(11), outside_hours=True)


async def test_a_class_counts_once_for_its_person_and_once_an_attendee_for_the_service(
    database: Database, practice: Practice
) -> None:
    yoga = await _service(database, practice, capacity=5, daily_limit=3)
    async with database.scope(business_id=practice.business_id) as scope:
        await people.update(scope, person_id=practice.lee_id, daily_limit=1)
    await _book(database, practice, yoga, at(10))
    lee = {"person_id": practice.lee_id}
    assert await _starts(database, practice, yoga, **lee) == ["10:00"]
    await _book(database, practice, yoga, at(10))
    with pytest.raises(TimeTaken):
        await _book(database, practice, yoga, at(14))
    await _book(database, practice, yoga, at(10))
    with pytest.raises(TimeTaken, match="not given more often"):
        await _book(database, practice, yoga, at(10))
    assert await _starts(database, practice, yoga) == []


async def test_a_passed_hold_on_a_room_or_a_seat_is_in_nobodys_way(
    database: Database, practice: Practice, seam: PinnedSeam
) -> None:
    chair = await _room(database, practice, "Chair")
    filling = await _service(database, practice, name="Filling", room_ids=[chair], capacity=2)
    async with database.scope(business_id=practice.business_id) as scope:
        slot = await staff_slot(
            scope,
            service_id=filling,
            person_id=practice.lee_id,
            starts_at=at(10),
            outside_hours=False,
        )
        async with occupation.taking(scope):
            await occupation.lock_for(scope, slot)
            held = Appointment(
                id=scope.seam.new_id(),
                business_id=scope.business_id,
                service_id=filling,
                person_id=practice.lee_id,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                state="held",
                code="HHHHHH",
                created_at=scope.seam.now(),
                updated_at=scope.seam.now(),
            )
            scope.session.add(held)
            await scope.session.flush()
            await occupation.occupy(
                scope,
                appointment=held,
                slot=slot,
                held_until=scope.seam.now() + timedelta(minutes=2),
            )
    with pytest.raises(TimeTaken, match="room"):
        await _book(database, practice, filling, at(10), practice.gomez_id)
    seam.advance(timedelta(minutes=3))
    assert "10:00" in await _starts(database, practice, filling)
    other = await _book(database, practice, filling, at(10), practice.gomez_id)
    assert other.room_id == chair
    async with database.scope(business_id=practice.business_id) as scope:
        assert (await appointments.get(scope, appointment_id=held.id)).state == "cancelled"


async def test_an_offer_of_a_service_whose_rooms_are_gone_is_refused(
    database: Database, practice: Practice
) -> None:
    chair = await _room(database, practice, "Chair")
    async with database.scope(business_id=practice.business_id) as scope:
        await services.update(scope, service_id=practice.service_id, room_ids=[chair])
    offered = await make_offer(database, practice, call_id=database.seam.new_id(), starts_at=at(10))
    async with database.scope(business_id=practice.business_id) as scope:
        await rooms.deactivate(scope, room_id=chair)
        with pytest.raises(Conflict, match="no room"):
            await appointments.book(
                scope,
                call_id=offered.call_id,
                offer_id=offered.id,
                contact_id=practice.contact_id,
            )


async def test_staff_book_where_the_person_works_then_or_where_they_say(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        uptown = (await places.create(scope, name="Uptown")).id
        await people.update(scope, person_id=practice.gomez_id, place_id=uptown)
        await hours.replace_hours(
            scope,
            spans=[hours.Span(weekday=1, opens=time(9), closes=time(17))],
            person_id=practice.lee_id,
        )
    booked = await _book(database, practice, practice.service_id, at(10), practice.gomez_id)
    assert booked.place_id == uptown
    with pytest.raises(Invalid, match="working hours"):
        await _book(
            database,
            practice,
            practice.service_id,
            at(11),
            practice.lee_id,
            place_id=uptown,
        )
    there = await _book(
        database,
        practice,
        practice.service_id,
        at(12),
        practice.lee_id,
        place_id=uptown,
        outside_hours=True,
    )
    assert there.place_id == uptown


@pytest.mark.parametrize("again", ["book", "hold"])
async def test_a_hold_that_has_passed_yields_to_a_busy_time_imported_since(
    database: Database, practice: Practice, seam: PinnedSeam, again: str
) -> None:
    offered = await make_offer(database, practice, call_id=database.seam.new_id(), starts_at=at(10))
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.hold(scope, call_id=offered.call_id, offer_id=offered.id)
    seam.advance(appointments.HOLD)
    await _busy(database, practice, at(10), at(11))
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(TimeTaken, match="busy"):
            if again == "hold":
                await appointments.hold(scope, call_id=offered.call_id, offer_id=offered.id)
            else:
                await appointments.book(
                    scope,
                    call_id=offered.call_id,
                    offer_id=offered.id,
                    contact_id=practice.contact_id,
                )


async def test_a_hold_that_has_passed_is_held_and_booked_anew_if_nobody_came(
    database: Database, practice: Practice, seam: PinnedSeam
) -> None:
    offered = await make_offer(database, practice, call_id=database.seam.new_id(), starts_at=at(10))
    async with database.scope(business_id=practice.business_id) as scope:
        first = await appointments.hold(scope, call_id=offered.call_id, offer_id=offered.id)
    seam.advance(2 * appointments.HOLD)
    async with database.scope(business_id=practice.business_id) as scope:
        again = await appointments.hold(scope, call_id=offered.call_id, offer_id=offered.id)
        assert again.id == first.id
        assert await occupation.still_holds(scope, first.id)
    seam.advance(2 * appointments.HOLD)
    async with database.scope(business_id=practice.business_id) as scope:
        booked = await appointments.book(
            scope,
            call_id=offered.call_id,
            offer_id=offered.id,
            contact_id=practice.contact_id,
        )
    assert (booked.id, booked.state) == (first.id, "booked")
    assert len(await _resources_of(database, practice, booked.id)) == 1
