"""Finding appointments, and who may hear of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.contacts import operations as contacts
from domain.database import Database
from domain.errors import Invalid, NotFound
from domain.paging import Position
from domain.scheduling import appointments
from domain.scheduling.access import find_for_caller, require_access
from domain.scheduling.booker import booker_for
from domain.scheduling.lookup import booked_on_call, find, list_appointments
from domain.scheduling.models import Appointment
from domain.seam import PinnedSeam
from tests.domain.practice import (
    TUESDAY,
    Practice,
    at,
    book_cleaning,
    make_offer,
    make_practice,
)


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def _three(database: Database, practice: Practice) -> list[Appointment]:
    """Booked out of order, on one call: at 14, 9 and 11 o'clock."""
    call = database.seam.new_id()
    return [
        await book_cleaning(database, practice, call_id=call, hour=hour) for hour in (14, 9, 11)
    ]


async def test_coming_appointments_are_found_by_contact_number_and_code(
    database: Database, practice: Practice, seam: PinnedSeam
) -> None:
    two, nine, eleven = await _three(database, practice)
    async with database.scope(business_id=practice.business_id) as scope:
        by_contact = await find(scope, contact_id=practice.contact_id)
        by_phone = await find(scope, phone=practice.phone)
        by_code = await find(scope, code=" ".join(nine.code.lower()))
        on_call = await booked_on_call(scope, call_id=two.call_id or practice.business_id)
        assert await find(scope, phone="+12025550177") == []
        with pytest.raises(Invalid):
            await find(scope)
        await appointments.cancel(scope, appointment_id=eleven.id)
        left = await find(scope, phone=practice.phone)
    in_order = [nine.id, eleven.id, two.id]
    assert [one.id for one in by_contact] == [one.id for one in by_phone] == in_order
    assert [one.id for one in on_call] == in_order
    assert [one.id for one in by_code] == [nine.id]
    assert [one.id for one in left] == [nine.id, two.id]
    seam.advance(at(9, 30) - seam.now())
    async with database.scope(business_id=practice.business_id) as scope:
        assert [one.id for one in await find(scope, phone=practice.phone)] == [two.id]


async def test_the_list_is_filtered_and_paged_by_start(
    database: Database, practice: Practice
) -> None:
    two, nine, eleven = await _three(database, practice)
    async with database.scope(business_id=practice.business_id) as scope:
        first = await list_appointments(scope, limit=2)
        ended = Position(at=first[-1].starts_at, id=first[-1].id)
        rest = await list_appointments(scope, limit=2, after=ended)
        assert [one.id for one in (*first, *rest)] == [nine.id, eleven.id, two.id]
        await appointments.cancel(scope, appointment_id=two.id)
        booked = await list_appointments(scope, state="booked", person_id=practice.lee_id)
        assert [one.id for one in booked] == [nine.id, eleven.id]
        assert await list_appointments(scope, person_id=practice.gomez_id) == []
        on_tuesday = await list_appointments(scope, first_day=TUESDAY, last_day=TUESDAY)
        assert len(on_tuesday) == 3
        assert await list_appointments(scope, first_day=TUESDAY + timedelta(days=1)) == []
        assert await list_appointments(scope, last_day=TUESDAY - timedelta(days=1)) == []
        with pytest.raises(Invalid, match="last_day"):
            await list_appointments(scope, first_day=TUESDAY, last_day=TUESDAY - timedelta(days=1))
        with pytest.raises(Invalid, match="limit"):
            await list_appointments(scope, limit=0)


async def test_a_day_of_the_list_is_the_businesss_own(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        late = await appointments.book_directly(
            scope,
            service_id=practice.service_id,
            person_id=practice.lee_id,
            starts_at=at(23),
            contact_id=None,
            outside_hours=True,
        )
        assert late.starts_at.date() > TUESDAY, "it is Wednesday in UTC"
        found = await list_appointments(scope, first_day=TUESDAY, last_day=TUESDAY)
    assert [one.id for one in found] == [late.id]


async def test_another_business_finds_nothing(database: Database, practice: Practice) -> None:
    nine = (await _three(database, practice))[1]
    other = await make_practice(database)
    async with database.scope(business_id=other.business_id) as scope:
        assert await find(scope, phone=practice.phone) == []
        assert await find(scope, code=nine.code) == []
        assert await find(scope, contact_id=practice.contact_id) == []
        assert await list_appointments(scope) == []
        with pytest.raises(NotFound):
            await appointments.cancel(scope, appointment_id=nine.id)
        with pytest.raises(NotFound):
            await require_access(
                scope, appointment_id=nine.id, call_id=nine.call_id or nine.id, shown={nine.id}
            )


async def test_only_the_calling_number_or_the_code_opens_an_appointment(
    database: Database, practice: Practice
) -> None:
    nine = (await _three(database, practice))[1]
    other_call = database.seam.new_id()
    async with database.scope(business_id=practice.business_id) as scope:
        assert len(await find_for_caller(scope, caller_phone=practice.phone)) == 3
        assert await find_for_caller(scope, caller_phone="+12025550177") == []
        assert list(await find_for_caller(scope, caller_phone="")) == []
        by_code = await find_for_caller(scope, caller_phone="", code=nine.code)
        assert [one.id for one in by_code] == [nine.id]
        assert await find_for_caller(scope, caller_phone=practice.phone, code="AAAAAA") == []
        for appointment_id, shown in ((nine.id, set()), (database.seam.new_id(), {nine.id})):
            with pytest.raises(NotFound, match="appointment not found"):
                await require_access(
                    scope, appointment_id=appointment_id, call_id=other_call, shown=shown
                )
        shown_one = await require_access(
            scope, appointment_id=nine.id, call_id=other_call, shown={nine.id}
        )
        own = await require_access(
            scope, appointment_id=nine.id, call_id=nine.call_id or other_call, shown=()
        )
    assert shown_one.id == own.id == nine.id


async def test_a_hold_is_no_appointment_yet(database: Database, practice: Practice) -> None:
    call = database.seam.new_id()
    offer = await make_offer(database, practice, call_id=call, starts_at=at(14))
    async with database.scope(business_id=practice.business_id) as scope:
        held = await appointments.hold(scope, call_id=call, offer_id=offer.id)
        assert await find(scope, code=held.code) == []
        assert await booked_on_call(scope, call_id=call) == []
        assert [one.id for one in await list_appointments(scope, state="held")] == [held.id]


BORN = date(1984, 3, 27)


@pytest.mark.parametrize(
    ("name", "born", "opens"),
    [
        ("Jane Doe", BORN, True),
        ("doe, jane", BORN, True),
        ("JANE DOE", BORN, True),
        ("Jane Mary Doe", BORN, False),
        ("Jane", BORN, False),
        ("Doe", BORN, False),
        ("John Doe", BORN, False),
        ("?!", BORN, False),
        ("Jane Doe", date(1984, 3, 28), False),
        ("Jane Doe", None, False),
        (None, BORN, False),
    ],
)
async def test_a_name_opens_appointments_with_the_date_of_birth_alone(
    database: Database, practice: Practice, name: str | None, born: date | None, opens: bool
) -> None:
    booked = await _three(database, practice)
    other = await make_practice(database)
    async with database.scope(business_id=practice.business_id) as scope:
        await contacts.update(scope, contact_id=practice.contact_id, date_of_birth=BORN)
        # Another number, or none, says nothing of its own.
        for phone in ("+12025550177", ""):
            found = await find_for_caller(scope, caller_phone=phone, name=name, date_of_birth=born)
            assert len(found) == (len(booked) if opens else 0)
        own = await find_for_caller(
            scope, caller_phone=practice.phone, name=name, date_of_birth=born
        )
        assert len(own) == len(booked), "a wrong identity finds what none would"
    async with database.scope(business_id=other.business_id) as scope:
        assert not await find_for_caller(scope, caller_phone="", name=name, date_of_birth=born)


async def test_who_is_kept_by_one_name_is_opened_by_it(
    database: Database, practice: Practice
) -> None:
    await _three(database, practice)
    async with database.scope(business_id=practice.business_id) as scope:
        await contacts.update(
            scope, contact_id=practice.contact_id, name="Madonna", date_of_birth=BORN
        )
        found = await find_for_caller(scope, caller_phone="", name="madonna", date_of_birth=BORN)
        assert len(found) == 3


async def test_two_people_of_one_name_born_on_one_day_are_both_found(
    database: Database, practice: Practice
) -> None:
    nine = (await _three(database, practice))[1]
    async with database.scope(business_id=practice.business_id) as scope:
        await contacts.update(scope, contact_id=practice.contact_id, date_of_birth=BORN)
        twin = await contacts.create(scope, name="Jane Doe", date_of_birth=BORN)
        theirs = await appointments.book_directly(
            scope,
            service_id=practice.service_id,
            person_id=practice.gomez_id,
            starts_at=at(9),
            contact_id=twin.id,
        )
        found = await find_for_caller(scope, caller_phone="", name="Jane Doe", date_of_birth=BORN)
        assert {theirs.id, nine.id} < {one.id for one in found}
        await contacts.update(scope, contact_id=twin.id, date_of_birth="")
        found = await find_for_caller(scope, caller_phone="", name="Jane Doe", date_of_birth=BORN)
        assert theirs.id not in {one.id for one in found}


@pytest.mark.parametrize(
    ("said", "kept", "attendee"),
    [
        ("jane doe", "Jane Doe", None),
        ("Jane", "Jane Doe", None),
        ("Jane Mary Doe", "Jane Mary Doe", None),
        ("Tom  Doe", "Jane Doe", "Tom Doe"),
    ],
)
async def test_a_household_shares_its_number_and_names_stay_with_their_contact(
    database: Database, practice: Practice, said: str, kept: str, attendee: str | None
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        booker = await booker_for(scope, phone=practice.phone, name=said)
        assert booker.contact.id == practice.contact_id
        contact = await contacts.get(scope, contact_id=practice.contact_id)
        assert (contact.name, booker.attendee) == (kept, attendee)
