"""What a caller's yes holds, and for whom and how often it is booked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from livekit.agents import ToolError
from sqlalchemy import select

from domain.businesses.settings import BookingRules
from domain.calls.events import AppointmentBooked, AppointmentHeld
from domain.database import Database
from domain.hours import operations as hours
from domain.scheduling.appointments import HOLD
from domain.scheduling.models import Appointment
from domain.seam import PinnedSeam
from domain.services import operations as services
from tests.domain.practice import TUESDAY, Practice, at, at_once, make_offer, make_practice
from tests.tools.fakes import Line, ring
from tests.tools.using import book, count, ids, set_rules, times
from tools import book_appointment, find_times

STRANGER = "+12025550177"


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


@pytest.fixture
async def line(database: Database, practice: Practice) -> Line:
    """Somebody calls who is not known yet."""
    return await ring(database, business_id=practice.business_id, caller=STRANGER)


async def test_a_yes_holds_the_time_while_the_name_is_asked_for(
    database: Database, practice: Practice, line: Line, seam: PinnedSeam
) -> None:
    chosen = (await times(line))[0]
    held = await line.use(book_appointment, offer_id=chosen)
    assert held.startswith("Held until 12:02 p.m., not booked yet: Cleaning with ")
    assert "the caller's full name and whether the number they call from is the right one" in held
    assert chosen in held
    event = line.journal.deeds_of(AppointmentHeld)[0]
    assert (event.starts_at, event.held_until) == (at(9), seam.now() + HOLD)
    assert (await count(database, practice, "held"), await count(database, practice)) == (1, 0)

    other = await ring(database, business_id=practice.business_id)
    same = await make_offer(
        database,
        practice,
        call_id=other.context.call_id,
        starts_at=event.starts_at,
        person_id=event.person_id,
    )
    assert (await book(other, offer_id=same.id)).startswith("Not done: ")

    booked = await book(line, offer_id=chosen, caller_name="Bob Roe")
    assert booked.startswith(f"Booked [{event.appointment_id}]: Cleaning with ")
    assert ", for Bob Roe, the number they call from, " in booked
    assert await count(database, practice, "held") == 0


@pytest.mark.parametrize("name", ["Unknown", "", "the caller"])
async def test_what_is_no_name_holds_and_asks(line: Line, name: str) -> None:
    held = await line.use(book_appointment, offer_id=(await times(line))[0], caller_name=name)
    assert held.startswith("Held until ")


async def test_a_hold_that_has_passed_is_booked_if_nobody_took_it(
    database: Database, practice: Practice, line: Line, seam: PinnedSeam
) -> None:
    chosen = (await times(line))[0]
    await line.use(book_appointment, offer_id=chosen)
    seam.advance(HOLD + timedelta(seconds=1))
    assert (await book(line, offer_id=chosen, caller_name="Bob Roe")).startswith("Booked [")
    assert await count(database, practice) == 1


async def test_a_hold_that_has_passed_and_was_taken_gets_other_times_at_once(
    database: Database, practice: Practice, line: Line, seam: PinnedSeam
) -> None:
    chosen = (await times(line, person="Dr. Lee"))[0]
    await line.use(book_appointment, offer_id=chosen)
    seam.advance(HOLD + timedelta(seconds=1))
    other = await ring(database, business_id=practice.business_id)
    same = await make_offer(database, practice, call_id=other.context.call_id, starts_at=at(9))
    assert (await book(other, offer_id=same.id)).startswith("Booked [")
    lost = await book(line, offer_id=chosen, caller_name="Bob Roe")
    assert lost.startswith("Not done: the time has been taken. Free instead: [")
    assert (await book(line, offer_id=ids(lost)[0], caller_name="Bob Roe")).startswith("Booked [")


async def test_another_time_gives_the_held_one_back(
    database: Database, practice: Practice, line: Line
) -> None:
    first, second = (await times(line))[:2]
    await line.use(book_appointment, offer_id=first)
    await line.use(book_appointment, offer_id=second)
    assert await count(database, practice, "held") == 1


async def test_a_caller_whose_name_is_known_is_booked_at_once(
    database: Database, practice: Practice
) -> None:
    known = await ring(database, business_id=practice.business_id)
    told = await known.use(book_appointment, offer_id=(await times(known))[0])
    assert told.startswith("Booked [")
    assert ", for Jane Doe, the number they call from" in told


async def test_a_known_number_that_is_only_said_tells_no_name(
    database: Database, practice: Practice, line: Line
) -> None:
    told = await line.use(
        book_appointment, offer_id=(await times(line))[0], caller_phone=practice.phone
    )
    assert told.startswith("Held until ")
    assert "Jane" not in told


async def test_a_number_that_is_missing_or_none_is_asked_for_while_the_time_is_held(
    database: Database, practice: Practice
) -> None:
    withheld = await ring(database, business_id=practice.business_id, caller="")
    chosen = (await times(withheld))[0]
    for phone in (None, "12"):
        held = await book(withheld, offer_id=chosen, caller_phone=phone)
        assert held.startswith("Held until ")
        assert "Ask for a telephone number, digit by digit" in held
    told = await book(withheld, offer_id=chosen, caller_phone="202 555 0188")
    assert "number 2 0 2, 5 5 5, 0 1 8 8" in told
    assert await count(database, practice) == 1


async def test_yes_said_twice_is_one_booking(
    database: Database, practice: Practice, line: Line
) -> None:
    chosen = (await times(line))[0]
    await at_once(*(line.use(book_appointment, offer_id=chosen) for _ in range(2)))
    first, second = await at_once(
        *(book(line, offer_id=chosen, caller_name="Bob Roe") for _ in range(2))
    )
    assert first == second
    bare = await line.use(book_appointment, offer_id=chosen)
    assert bare.startswith("Booked [")
    assert await count(database, practice) == 1
    assert len(line.journal.deeds_of(AppointmentBooked)) == 1


async def test_a_family_is_booked_on_one_call_each_by_name(
    database: Database, practice: Practice, line: Line
) -> None:
    offers = await times(line)
    await book(line, offer_id=offers[0], caller_name="Bob Roe")
    told = await book(line, offer_id=offers[4], caller_name="Bob Roe", for_name="Tom Roe")
    assert ", for Tom Roe, the number they call from" in told
    assert "Also booked on this call: [" in told
    with pytest.raises(ToolError, match=r"already, for Tom Roe \| For another person offer"):
        await book(line, offer_id=offers[4], caller_name="Bob Roe", for_name="Ann Roe")
    last = await book(line, offer_id=offers[8], caller_name="Bob Roe", for_name="Ann Roe")
    assert ", for Tom Roe" in last.partition("Also booked")[2]
    async with database.scope(business_id=practice.business_id) as scope:
        query = select(Appointment).order_by(Appointment.starts_at)
        stored = (await scope.session.scalars(query)).all()
    assert [one.attendee for one in stored] == [None, "Tom Roe", "Ann Roe"]
    assert len({one.contact_id for one in stored}) == 1


async def test_the_caller_named_as_the_one_it_is_for_is_nobody_else(
    database: Database, practice: Practice, line: Line
) -> None:
    await book(line, caller_name="Bob Roe", for_name="bob roe")
    async with database.scope(business_id=practice.business_id) as scope:
        stored = (await scope.session.scalars(select(Appointment))).one()
    assert stored.attendee is None


async def test_a_series_tells_what_was_booked_and_what_could_not_be_had(
    database: Database, practice: Practice, line: Line
) -> None:
    await set_rules(database, practice, BookingRules(horizon_days=60))
    async with database.scope(business_id=practice.business_id) as scope:
        await hours.create_closure(scope, first_day=TUESDAY + timedelta(weeks=2), reason="Move")
    chosen = (await times(line))[0]
    wanted = {"caller_name": "Bob Roe", "repeat_every_weeks": 1, "repeat_times": 4}
    told = await book(line, offer_id=chosen, **wanted)
    assert "The same also booked: Tuesday the 1st of December at 9 a.m.; Tuesday the 15th" in told
    assert "Not to be had, and not booked: Tuesday the 8th of December at 9 a.m. (" in told
    assert await count(database, practice) == 3
    assert len(line.journal.deeds_of(AppointmentBooked)) == 3
    assert (await book(line, offer_id=chosen, **wanted)) == told
    assert len(line.journal.deeds_of(AppointmentBooked)) == 3


async def test_half_a_series_is_asked_about(line: Line) -> None:
    chosen = (await times(line))[0]
    with pytest.raises(ToolError, match="needs both"):
        await book(line, offer_id=chosen, repeat_every_weeks=2)
    with pytest.raises(ToolError, match="needs both"):
        await book(line, offer_id=chosen, repeat_times=3)
    assert (await book(line, offer_id=chosen, repeat_times=1)).startswith("Booked [")


async def test_a_service_for_new_people_is_refused_to_those_who_have_been_here(
    database: Database, practice: Practice
) -> None:
    known = await ring(database, business_id=practice.business_id)
    await book(known)
    async with database.scope(business_id=practice.business_id) as scope:
        exam = await services.create(scope, name="First exam", duration_minutes=30)
        exam.new_contacts_only = True
    offers = ids(await known.use(find_times, service="First exam", first_date="2026-11-25"))
    with pytest.raises(ToolError, match="only for people who have had no appointment"):
        await book(known, offer_id=offers[0])
    assert await count(database, practice) == 1
