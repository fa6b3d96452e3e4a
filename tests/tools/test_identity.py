"""Who hears of an appointment: nobody else, and nothing before."""

from __future__ import annotations

import pytest
from livekit.agents import ToolError

from domain.calls.events import AttendanceConfirmed
from domain.contacts import operations as contacts
from domain.database import Database
from domain.scheduling import appointments
from domain.scheduling.lookup import find
from tests.domain.practice import Practice, make_practice
from tests.tools.fakes import Line, ring
from tests.tools.using import book, count, ids
from tools import cancel_appointment, find_appointments, move_appointment

STRANGER = "+12025550177"
BORN = "1980-03-05"


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


@pytest.fixture
async def line(database: Database, practice: Practice) -> Line:
    return await ring(database, business_id=practice.business_id)


async def test_own_appointments_are_found_by_the_calling_number(
    database: Database, practice: Practice, line: Line
) -> None:
    await book(line)
    again = await ring(database, business_id=practice.business_id)
    told = await again.use(find_appointments)
    assert told.startswith("Coming appointments: [")
    assert "Cleaning with Dr. Lee, tomorrow, Tuesday the 24th of November, at 9 a.m." in told
    assert await again.use(find_appointments, caller_phone="(202) 555-0123") == told


async def test_nothing_is_said_of_an_appointment_to_somebody_else(
    database: Database, practice: Practice, line: Line
) -> None:
    booked = await book(line)
    appointment_id = ids(booked)[0]
    stranger = await ring(database, business_id=practice.business_id, caller=STRANGER)
    nothing = await stranger.use(find_appointments)
    assert nothing.startswith("There is no coming appointment under the number that calls")
    with pytest.raises(ToolError, match="does not show who they are"):
        await stranger.use(find_appointments, caller_phone="+12025550123")
    withheld = await ring(database, business_id=practice.business_id, caller="")
    with pytest.raises(ToolError, match="does not show who they are"):
        await withheld.use(find_appointments)
    for tool, also in ((cancel_appointment, {}), (move_appointment, {"offer_id": "x"})):
        with pytest.raises(ToolError, match=r"found on this call \| Call find_appointments"):
            await stranger.use(tool, appointment_id=appointment_id, **also)
    assert await count(database, practice) == 1


async def test_the_booking_code_opens_an_appointment_and_guessing_is_stopped(
    database: Database, practice: Practice, line: Line
) -> None:
    await book(line)
    async with database.scope(business_id=practice.business_id) as scope:
        stored = (await find(scope, contact_id=practice.contact_id))[0]
    stranger = await ring(database, business_id=practice.business_id, caller="+12025550177")
    spelled = " ".join(stored.code.lower())
    told = await stranger.use(find_appointments, code=spelled)
    assert told.startswith("Coming appointments: [")
    cancelled = await stranger.use(cancel_appointment, appointment_id=ids(told)[0])
    assert cancelled.startswith("Cancelled: Cleaning with Dr. Lee")
    guesser = await ring(database, business_id=practice.business_id, caller="+12025550178")
    for code in ("AAAAAA", "BBBBBB", "CCCCCC"):
        assert "no coming appointment" in await guesser.use(find_appointments, code=code)
    with pytest.raises(ToolError, match="Too many wrong codes"):
        await guesser.use(find_appointments, code=stored.code)


@pytest.fixture
async def born(database: Database, practice: Practice) -> None:
    """Jane Doe's date of birth is known."""
    async with database.scope(business_id=practice.business_id) as scope:
        await contacts.update(scope, contact_id=practice.contact_id, date_of_birth=BORN)


async def test_name_and_date_of_birth_open_an_appointment_from_another_telephone(
    database: Database, practice: Practice, line: Line, born: None
) -> None:
    appointment_id = ids(await book(line))[0]
    for caller in (STRANGER, ""):
        other = await ring(database, business_id=practice.business_id, caller=caller)
        with pytest.raises(ToolError, match="Ask for the full name"):
            await other.use(find_appointments, date_of_birth=BORN)
        told = await other.use(find_appointments, caller_name="jane doe", date_of_birth=BORN)
        assert ids(told) == [appointment_id]
    cancelled = await other.use(cancel_appointment, appointment_id=appointment_id)
    assert cancelled.startswith("Cancelled: Cleaning with Dr. Lee")


async def test_wrong_names_births_and_codes_are_counted_together_and_tell_nothing(
    database: Database, practice: Practice, line: Line, born: None
) -> None:
    await book(line)
    guesser = await ring(database, business_id=practice.business_id, caller=STRANGER)
    wrong_birth = await guesser.use(
        find_appointments, caller_name="Jane Doe", date_of_birth="1980-05-03"
    )
    wrong_name = await guesser.use(find_appointments, caller_name="Jane Roe", date_of_birth=BORN)
    assert wrong_birth == wrong_name
    assert "Cleaning" not in wrong_birth
    await guesser.use(find_appointments, code="AAAAAA")
    with pytest.raises(ToolError, match=r"Too many wrong .* \| .*take a message"):
        await guesser.use(find_appointments, caller_name="Jane Doe", date_of_birth=BORN)


async def test_somebody_known_without_an_appointment_hears_what_a_guesser_does(
    database: Database, practice: Practice, born: None
) -> None:
    other = await ring(database, business_id=practice.business_id, caller=STRANGER)
    right = await other.use(find_appointments, caller_name="Jane Doe", date_of_birth=BORN)
    wrong = await other.use(find_appointments, caller_name="Jane Doe", date_of_birth="1980-03-06")
    assert right == wrong


async def test_a_guess_is_counted_though_the_guesser_has_an_appointment_too(
    database: Database, practice: Practice, line: Line, born: None
) -> None:
    await book(line)
    told = await line.use(find_appointments, caller_name="Bob Roe", date_of_birth="1970-01-01")
    assert told.startswith("Nothing can be said")
    assert line.context.memory.wrong_tries == 1


@pytest.mark.parametrize("text", ["the fifth of March", "1980-02-30", "2027-01-01", "1815-01-01"])
async def test_what_is_no_date_of_birth_is_asked_for_again(line: Line, text: str) -> None:
    with pytest.raises(ToolError, match="Ask the caller to say the date of birth again"):
        await line.use(find_appointments, caller_name="Jane Doe", date_of_birth=text)
    assert line.context.memory.wrong_tries == 0


async def test_a_caller_who_will_come_is_noted_once(
    database: Database, practice: Practice, line: Line
) -> None:
    appointment_id = ids(await book(line))[0]
    again = await ring(database, business_id=practice.business_id)
    with pytest.raises(ToolError, match="Call find_appointments first"):
        await again.use(find_appointments, confirm_id=appointment_id)
    await again.use(find_appointments)
    for _ in range(2):
        told = await again.use(find_appointments, confirm_id=appointment_id)
        assert told.startswith("Confirmed, the caller will come: Cleaning with Dr. Lee")
    assert len(again.journal.deeds_of(AttendanceConfirmed)) == 1
    async with database.scope(business_id=practice.business_id) as scope:
        stored = (await find(scope, contact_id=practice.contact_id))[0]
        assert stored.confirmed_at == scope.seam.now()
        await appointments.get(scope, appointment_id=stored.id)
