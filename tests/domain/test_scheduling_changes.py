"""Holding, moving and cancelling on the real database."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from domain.businesses.settings import BookingRules, BusinessSettings
from domain.businesses.versions import change_settings
from domain.database import Database
from domain.errors import Conflict, Invalid, NotFound, Refused
from domain.scheduling import appointments
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
