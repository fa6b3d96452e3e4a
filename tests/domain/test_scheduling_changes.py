"""Holding, moving and cancelling on the real database."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from domain.businesses.settings import BookingRules, BusinessSettings
from domain.businesses.versions import change_settings
from domain.database import Database
from domain.errors import Conflict, Invalid, NotFound, Refused
from domain.scheduling import appointments, history
from domain.scheduling.lookup import list_appointments
from domain.scheduling.occupation import TimeTaken
from domain.seam import PinnedSeam
from domain.services import operations as services
from tests.domain.practice import (
    Practice,
    at,
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


async def test_a_hold_keeps_others_out_until_it_passes(
    database: Database, practice: Practice, call_id: UUID, seam: PinnedSeam
) -> None:
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14))
    async with database.scope(business_id=practice.business_id) as scope:
        held = await appointments.hold(scope, call_id=call_id, offer_id=offer.id)
    assert held.state == "held"
    other = database.seam.new_id()
    with pytest.raises(TimeTaken):
        await book_cleaning(database, practice, call_id=other)
    seam.advance(timedelta(minutes=2, seconds=1))
    booked = await book_cleaning(database, practice, call_id=other)
    assert booked.state == "booked"
    async with database.scope(business_id=practice.business_id) as scope:
        assert (await appointments.get(scope, appointment_id=held.id)).state == "cancelled"
        with pytest.raises(TimeTaken):
            await appointments.confirm(
                scope, call_id=call_id, appointment_id=held.id, contact_id=practice.contact_id
            )


async def test_a_hold_is_confirmed_even_when_it_has_passed_if_nobody_took_it(
    database: Database, practice: Practice, call_id: UUID, seam: PinnedSeam
) -> None:
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14))
    async with database.scope(business_id=practice.business_id) as scope:
        held = await appointments.hold(scope, call_id=call_id, offer_id=offer.id)
    seam.advance(timedelta(minutes=10))
    async with database.scope(business_id=practice.business_id) as scope:
        booked = await appointments.confirm(
            scope,
            call_id=call_id,
            appointment_id=held.id,
            contact_id=practice.contact_id,
            note="first visit",
        )
    assert (booked.id, booked.state, booked.note) == (held.id, "booked", "first visit")
    seam.advance(timedelta(minutes=10))
    with pytest.raises(TimeTaken):
        await book_cleaning(database, practice, call_id=database.seam.new_id())


async def test_a_call_holds_one_time(database: Database, practice: Practice, call_id: UUID) -> None:
    for hour in (10, 11):
        offer = await make_offer(database, practice, call_id=call_id, starts_at=at(hour))
        async with database.scope(business_id=practice.business_id) as scope:
            await appointments.hold(scope, call_id=call_id, offer_id=offer.id)
    assert await count_taken(database, practice) == 1
    await book_cleaning(database, practice, call_id=database.seam.new_id(), hour=10)


async def test_holding_again_lengthens_the_hold(
    database: Database, practice: Practice, call_id: UUID, seam: PinnedSeam
) -> None:
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14))
    for _ in range(2):
        async with database.scope(business_id=practice.business_id) as scope:
            await appointments.hold(scope, call_id=call_id, offer_id=offer.id)
        seam.advance(timedelta(seconds=90))
    with pytest.raises(TimeTaken):
        await book_cleaning(database, practice, call_id=database.seam.new_id())


async def test_nobody_confirms_the_hold_of_another_call(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14))
    async with database.scope(business_id=practice.business_id) as scope:
        held = await appointments.hold(scope, call_id=call_id, offer_id=offer.id)
        with pytest.raises(NotFound):
            await appointments.confirm(
                scope,
                call_id=database.seam.new_id(),
                appointment_id=held.id,
                contact_id=practice.contact_id,
            )


async def test_a_move_takes_the_new_time_and_gives_the_old_one_back(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    booked = await book_cleaning(database, practice, call_id=call_id, hour=10)
    offer = await make_offer(
        database, practice, call_id=call_id, starts_at=at(11), person_id=practice.gomez_id
    )
    for turn in range(2):
        async with database.scope(business_id=practice.business_id) as scope:
            change = await appointments.move(
                scope, appointment_id=booked.id, call_id=call_id, offer_id=offer.id
            )
        assert change.changed is (turn == 0)
        assert change.before == (at(10) if turn == 0 else at(11))
        assert change.appointment.starts_at == at(11)
        assert change.appointment.person_id == practice.gomez_id
        assert change.appointment.code == booked.code
    again = await book_cleaning(database, practice, call_id=call_id, hour=10)
    assert again.id != booked.id
    assert await count_taken(database, practice) == 2


async def test_a_move_to_a_taken_time_leaves_the_old_one_booked(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    booked = await book_cleaning(database, practice, call_id=call_id, hour=10)
    await book_cleaning(database, practice, call_id=database.seam.new_id(), hour=11)
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(11))
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(TimeTaken):
            await appointments.move(
                scope, appointment_id=booked.id, call_id=call_id, offer_id=offer.id
            )
    async with database.scope(business_id=practice.business_id) as scope:
        kept = await appointments.get(scope, appointment_id=booked.id)
        assert (kept.state, kept.starts_at) == ("booked", at(10))
    with pytest.raises(TimeTaken):
        await book_cleaning(database, practice, call_id=database.seam.new_id(), hour=10)


async def test_only_a_booked_appointment_is_moved_and_only_within_its_service(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    booked = await book_cleaning(database, practice, call_id=call_id, hour=10)
    async with database.scope(business_id=practice.business_id) as scope:
        other = await services.create(scope, name="Whitening", duration_minutes=60)
    wrong = await make_offer(
        database,
        Practice(**{**vars(practice), "service_id": other.id}),
        call_id=call_id,
        starts_at=at(11),
    )
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(Invalid, match="offer_id"):
            await appointments.move(
                scope, appointment_id=booked.id, call_id=call_id, offer_id=wrong.id
            )
        await appointments.cancel(scope, appointment_id=booked.id)
        with pytest.raises(Conflict, match="cancelled"):
            await appointments.move(scope, appointment_id=booked.id, starts_at=at(12))


async def test_a_cancelled_time_is_free_and_cancelling_again_changes_nothing(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    booked = await book_cleaning(database, practice, call_id=call_id)
    for first in (True, False):
        async with database.scope(business_id=practice.business_id) as scope:
            change = await appointments.cancel(scope, appointment_id=booked.id)
        assert (change.changed, change.appointment.state) == (first, "cancelled")
    again = await book_cleaning(database, practice, call_id=call_id)
    assert again.id != booked.id


async def test_the_cancellation_notice_binds_callers_and_not_staff(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    booked = await book_cleaning(database, practice, call_id=call_id)
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(16))
    async with database.scope(business_id=practice.business_id) as scope:
        await change_settings(
            scope,
            document=BusinessSettings(
                greeting="Hello.", booking=BookingRules(cancellation_notice_hours=48)
            ).model_dump(mode="json"),
        )
        with pytest.raises(Refused, match="48 hours"):
            await appointments.cancel(scope, appointment_id=booked.id)
        with pytest.raises(Refused, match="48 hours"):
            await appointments.move(
                scope, appointment_id=booked.id, call_id=call_id, offer_id=offer.id
            )
        await appointments.move(scope, appointment_id=booked.id, starts_at=at(15))
        change = await appointments.cancel(scope, appointment_id=booked.id, by_staff=True)
    assert change.changed


async def test_a_late_change_costs_what_the_business_asks_and_the_caller_accepts(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    one, two, three = [
        await book_cleaning(database, practice, call_id=call_id, hour=hour) for hour in (9, 10, 11)
    ]
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(16))
    async with database.scope(business_id=practice.business_id) as scope:
        rules = BookingRules(cancellation_notice_hours=48, late_cancellation_fee="50 dollars")
        await change_settings(
            scope,
            document=BusinessSettings(greeting="Hello.", booking=rules).model_dump(mode="json"),
        )
        for refused in (
            appointments.cancel(scope, appointment_id=one.id),
            appointments.move(scope, appointment_id=two.id, call_id=call_id, offer_id=offer.id),
        ):
            with pytest.raises(appointments.LateFee) as refusal:
                await refused
            assert refusal.value.fee == "50 dollars"
            assert isinstance(refusal.value, Refused)
        assert (await appointments.get(scope, appointment_id=one.id)).state == "booked"
        paid = await appointments.cancel(scope, appointment_id=one.id, fee_accepted=True)
        moved = await appointments.move(
            scope,
            appointment_id=two.id,
            call_id=call_id,
            offer_id=offer.id,
            fee_accepted=True,
        )
        by_staff = await appointments.cancel(scope, appointment_id=three.id, by_staff=True)
        assert (paid.fee, moved.fee, by_staff.fee) == ("50 dollars",) * 3
        for appointment_id, accepted in ((one.id, True), (two.id, True), (three.id, None)):
            last = (await history.events_of(scope, appointment_id))[-1]
            assert last.after.get("late_fee_accepted") is accepted


async def test_in_good_time_no_fee_is_due(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    booked = await book_cleaning(database, practice, call_id=call_id)
    async with database.scope(business_id=practice.business_id) as scope:
        rules = BookingRules(cancellation_notice_hours=24, late_cancellation_fee="50 dollars")
        await change_settings(
            scope,
            document=BusinessSettings(greeting="Hello.", booking=rules).model_dump(mode="json"),
        )
        change = await appointments.cancel(scope, appointment_id=booked.id, fee_accepted=True)
    assert change.fee == ""


async def test_somebody_confirms_once_that_they_will_come(
    database: Database, practice: Practice, call_id: UUID, seam: PinnedSeam
) -> None:
    booked = await book_cleaning(database, practice, call_id=call_id)
    now = seam.now()
    for changed in (True, False):
        async with database.scope(business_id=practice.business_id) as scope:
            change = await appointments.confirm_attendance(scope, appointment_id=booked.id)
        assert (change.changed, change.appointment.confirmed_at) == (changed, now)
        seam.advance(timedelta(minutes=1))
    async with database.scope(business_id=practice.business_id) as scope:
        moved = await appointments.move(scope, appointment_id=booked.id, starts_at=at(15))
        assert moved.appointment.confirmed_at is None
    seam.advance(at(15) - seam.now())
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(Conflict, match="begun"):
            await appointments.confirm_attendance(scope, appointment_id=booked.id)
        await appointments.cancel(scope, appointment_id=booked.id, by_staff=True)
        with pytest.raises(Conflict, match="cancelled"):
            await appointments.confirm_attendance(scope, appointment_id=booked.id)


async def test_several_of_a_family_are_booked_on_one_call(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    made = []
    for hour, attendee in ((9, None), (10, "Tom Doe"), (11, "Ida  Doe")):
        offer = await make_offer(database, practice, call_id=call_id, starts_at=at(hour))
        async with database.scope(business_id=practice.business_id) as scope:
            await appointments.hold(scope, call_id=call_id, offer_id=offer.id)
            made.append(
                await appointments.book(
                    scope,
                    call_id=call_id,
                    offer_id=offer.id,
                    contact_id=practice.contact_id,
                    attendee=attendee,
                )
            )
    assert [one.attendee for one in made] == [None, "Tom Doe", "Ida Doe"]
    assert [one.note for one in made] == [None, None, None]
    assert await count_taken(database, practice) == 3


async def test_a_service_for_new_people_takes_each_of_a_household_once(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        service = await services.get(scope, service_id=practice.service_id)
        service.new_contacts_only = True

    async def book(hour: int, attendee: str | None) -> None:
        offer = await make_offer(database, practice, call_id=call_id, starts_at=at(hour))
        async with database.scope(business_id=practice.business_id) as scope:
            await appointments.hold(scope, call_id=call_id, offer_id=offer.id)
            for _ in range(2):  # repeated, it is the same booking and no earlier one
                await appointments.book(
                    scope,
                    call_id=call_id,
                    offer_id=offer.id,
                    contact_id=practice.contact_id,
                    attendee=attendee,
                )

    await book(9, None)
    await book(10, "Tom Doe")
    for hour, attendee in ((11, None), (12, "tom doe")):
        with pytest.raises(Refused, match="before"):
            await book(hour, attendee)
    async with database.scope(business_id=practice.business_id) as scope:
        for one in await list_appointments(scope, state="booked"):
            await appointments.cancel(scope, appointment_id=one.id)
    await book(13, None)


async def test_a_correction_leaves_alone_what_is_not_given(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    booked = await book_cleaning(database, practice, call_id=call_id)
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.correct(
            scope, appointment_id=booked.id, attendee="Tom Doe", note="x-ray"
        )
        change = await appointments.correct(scope, appointment_id=booked.id, note="")
        after = change.appointment
        assert (after.attendee, after.note, after.contact_id) == (
            "Tom Doe",
            None,
            practice.contact_id,
        )
        with pytest.raises(NotFound, match="contact"):
            await appointments.correct(
                scope, appointment_id=booked.id, contact_id=practice.business_id
            )
        with pytest.raises(Invalid, match="attendee"):
            await appointments.correct(scope, appointment_id=booked.id, attendee="x" * 121)


async def test_a_move_takes_the_time_that_its_call_holds(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    booked = await book_cleaning(database, practice, call_id=database.seam.new_id(), hour=10)
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(11))
    for _ in range(2):
        async with database.scope(business_id=practice.business_id) as scope:
            if (await appointments.get(scope, appointment_id=booked.id)).starts_at == at(10):
                await appointments.hold(scope, call_id=call_id, offer_id=offer.id)
            change = await appointments.move(
                scope, appointment_id=booked.id, call_id=call_id, offer_id=offer.id
            )
        assert change.appointment.starts_at == at(11)
    assert await count_taken(database, practice) == 1


async def test_two_of_a_family_are_two_in_a_class_and_one_of_them_is_one(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        service = await services.get(scope, service_id=practice.service_id)
        service.capacity = 3
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14))

    async def book(attendee: str | None) -> UUID:
        async with database.scope(business_id=practice.business_id) as scope:
            await appointments.hold(scope, call_id=call_id, offer_id=offer.id)
            booked = await appointments.book(
                scope,
                call_id=call_id,
                offer_id=offer.id,
                contact_id=practice.contact_id,
                attendee=attendee,
            )
            return booked.id

    made = [await book(attendee) for attendee in (None, "Tom Doe", "Ida Doe")]
    again = [await book(attendee) for attendee in ("tom  doe", None, "Ida Doe")]
    assert len(set(made)) == 3
    assert again == [made[1], made[0], made[2]]
    assert await count_taken(database, practice) == 3
    with pytest.raises(TimeTaken):
        await book("Max Doe")
