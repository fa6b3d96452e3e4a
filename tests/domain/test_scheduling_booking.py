"""Booking on the real database: what is booked, what is refused."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.contacts import operations as contacts
from domain.database import Database
from domain.errors import Conflict, Invalid, NotFound
from domain.hours import operations as hours
from domain.people import operations as people
from domain.scheduling import appointments
from domain.scheduling.codes import ALPHABET
from domain.scheduling.models import AppointmentResource
from domain.scheduling.occupation import TimeTaken
from domain.seam import PinnedSeam
from domain.services import operations as services
from tests.domain.practice import (
    TUESDAY,
    Practice,
    at,
    book_cleaning,
    count_taken,
    make_offer,
    make_practice,
)
from tests.factories import make_business


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


@pytest.fixture
def call_id(database: Database) -> UUID:
    return database.seam.new_id()


async def test_a_booking_takes_the_person_for_its_time_and_buffers(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await services.update(
            scope,
            service_id=practice.service_id,
            buffer_before_minutes=10,
            buffer_after_minutes=5,
        )
    booked = await book_cleaning(database, practice, call_id=call_id)
    assert (booked.state, booked.starts_at, booked.ends_at) == ("booked", at(14), at(14, 30))
    async with database.scope(business_id=practice.business_id) as scope:
        taken = (await scope.session.scalars(select(AppointmentResource))).one()
        person = await people.get(scope, person_id=practice.lee_id)
    assert taken.resource_id == person.resource_id
    assert (taken.during.lower, taken.during.upper) == (at(13, 50), at(14, 35))


async def test_a_code_has_six_letters_that_are_not_mistaken_for_one_another(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    first = await book_cleaning(database, practice, call_id=call_id, hour=10)
    second = await book_cleaning(database, practice, call_id=call_id, hour=11)
    for code in (first.code, second.code):
        assert len(code) == 6
        assert set(code) <= set(ALPHABET)
    assert first.code != second.code
    assert not set(ALPHABET) & set("0O1I")


async def test_a_repeated_booking_of_one_offer_is_one_appointment(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    first = await book_cleaning(database, practice, call_id=call_id)
    second = await book_cleaning(database, practice, call_id=call_id)
    assert first.id == second.id
    assert await count_taken(database, practice) == 1


async def test_an_offer_of_another_call_books_nothing(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14))
    async with database.scope(business_id=practice.business_id) as scope:
        for other_call, offer_id in ((database.seam.new_id(), offer.id), (call_id, "made-up")):
            with pytest.raises(NotFound, match="offer"):
                await appointments.book(
                    scope, call_id=other_call, offer_id=offer_id, contact_id=practice.contact_id
                )
    assert await count_taken(database, practice) == 0


async def test_an_offer_and_a_contact_of_another_business_book_nothing(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    other = await make_practice(database)
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14))
    async with database.scope(business_id=other.business_id) as scope:
        with pytest.raises(NotFound, match="offer"):
            await appointments.book(
                scope, call_id=call_id, offer_id=offer.id, contact_id=other.contact_id
            )
        with pytest.raises(NotFound, match="service"):
            await appointments.book_directly(
                scope,
                service_id=practice.service_id,
                person_id=other.lee_id,
                starts_at=at(14),
                contact_id=None,
            )
        with pytest.raises(NotFound, match="person"):
            await appointments.book_directly(
                scope,
                service_id=other.service_id,
                person_id=practice.lee_id,
                starts_at=at(14),
                contact_id=None,
            )
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(NotFound, match="contact"):
            await appointments.book(
                scope, call_id=call_id, offer_id=offer.id, contact_id=other.contact_id
            )
    assert await count_taken(database, practice) == 0


async def test_a_taken_time_is_refused_and_the_transaction_goes_on(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    await book_cleaning(database, practice, call_id=database.seam.new_id())
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14, 15))
    async with database.scope(business_id=practice.business_id) as scope:
        contact = await contacts.save(scope, phone="+12025550177", name="Bob Roe")
        with pytest.raises(TimeTaken):
            await appointments.book(
                scope, call_id=call_id, offer_id=offer.id, contact_id=contact.id
            )
        assert (await services.named(scope, name="cleaning")).id == practice.service_id
    async with database.scope(business_id=practice.business_id) as scope:
        assert await contacts.find_by_phone(scope, phone="+12025550177") is not None
    assert await count_taken(database, practice) == 1


async def test_two_people_can_be_booked_at_the_same_time(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    await book_cleaning(database, practice, call_id=call_id)
    offer = await make_offer(
        database, practice, call_id=call_id, starts_at=at(14), person_id=practice.gomez_id
    )
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.book(
            scope, call_id=call_id, offer_id=offer.id, contact_id=practice.contact_id
        )
    assert await count_taken(database, practice) == 2


async def test_an_offer_is_refused_once_the_business_has_closed_that_day(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14))
    async with database.scope(business_id=practice.business_id) as scope:
        await hours.create_closure(scope, first_day=TUESDAY, reason="training")
        with pytest.raises(Conflict, match="working hours"):
            await appointments.book(
                scope, call_id=call_id, offer_id=offer.id, contact_id=practice.contact_id
            )


async def test_an_offer_is_refused_once_its_person_or_service_is_gone(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14))

    async def book() -> None:
        async with database.scope(business_id=practice.business_id) as scope:
            await appointments.book(
                scope, call_id=call_id, offer_id=offer.id, contact_id=practice.contact_id
            )

    async with database.scope(business_id=practice.business_id) as scope:
        await people.deactivate(scope, person_id=practice.lee_id)
    with pytest.raises(Conflict, match="person"):
        await book()
    async with database.scope(business_id=practice.business_id) as scope:
        await people.update(scope, person_id=practice.lee_id, active=True)
        await services.deactivate(scope, service_id=practice.service_id)
    with pytest.raises(Conflict, match="service"):
        await book()


async def test_notice_counts_from_the_offer_and_the_past_is_never_booked(
    database: Database, practice: Practice, call_id: UUID, seam: PinnedSeam
) -> None:
    today = seam.now() + timedelta(hours=1)
    offer = await make_offer(database, practice, call_id=call_id, starts_at=today)
    too_soon = await make_offer(
        database, practice, call_id=call_id, starts_at=seam.now() + timedelta(minutes=45)
    )
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(Conflict, match="too soon"):
            await appointments.book(
                scope, call_id=call_id, offer_id=too_soon.id, contact_id=practice.contact_id
            )
    seam.advance(timedelta(minutes=5))
    async with database.scope(business_id=practice.business_id) as scope:
        booked = await appointments.book(
            scope, call_id=call_id, offer_id=offer.id, contact_id=practice.contact_id
        )
    assert booked.starts_at == today
    late = await make_offer(
        database, practice, call_id=call_id, starts_at=today, person_id=practice.gomez_id
    )
    seam.advance(timedelta(hours=2))
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(Conflict, match="passed"):
            await appointments.book(
                scope, call_id=call_id, offer_id=late.id, contact_id=practice.contact_id
            )


async def test_staff_book_within_hours_unless_they_say_otherwise(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        for starts_at, reason in (
            (at(7), "outside working hours"),
            (at(16, 45), "outside working hours"),
            (at(9).replace(year=2025), "has passed"),
            (at(9).replace(tzinfo=None), "offset"),
        ):
            with pytest.raises(Invalid, match=reason) as caught:
                await appointments.book_directly(
                    scope,
                    service_id=practice.service_id,
                    person_id=practice.lee_id,
                    starts_at=starts_at,
                    contact_id=practice.contact_id,
                )
            assert caught.value.field == "starts_at"
        early = await appointments.book_directly(
            scope,
            service_id=practice.service_id,
            person_id=practice.lee_id,
            starts_at=at(7),
            contact_id=practice.contact_id,
            outside_hours=True,
        )
        with pytest.raises(TimeTaken):
            await appointments.book_directly(
                scope,
                service_id=practice.service_id,
                person_id=practice.lee_id,
                starts_at=at(7, 15),
                contact_id=None,
                outside_hours=True,
            )
    assert early.starts_at == at(7)


async def test_a_person_who_does_not_give_the_service_is_not_booked_for_it(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await services.set_people(
            scope, service_id=practice.service_id, person_ids=[practice.gomez_id]
        )
        with pytest.raises(Invalid, match="person_id"):
            await appointments.book_directly(
                scope,
                service_id=practice.service_id,
                person_id=practice.lee_id,
                starts_at=at(10),
                contact_id=None,
            )


async def test_hours_of_another_business_do_not_count(
    database: Database, practice: Practice
) -> None:
    other = await make_business(database, name="Elsewhere")
    async with database.scope(business_id=other) as scope:
        await hours.replace_hours(
            scope, spans=[hours.Span(weekday=1, opens=time(6), closes=time(8))]
        )
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(Invalid, match="working hours"):
            await appointments.book_directly(
                scope,
                service_id=practice.service_id,
                person_id=practice.lee_id,
                starts_at=at(6),
                contact_id=None,
            )
