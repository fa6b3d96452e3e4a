"""What the booking tools do and tell, used directly."""

from __future__ import annotations

import re

import pytest
from livekit.agents import ToolError
from sqlalchemy import select

from domain.calls.events import (
    AppointmentBooked,
    TimesOffered,
)
from domain.calls.models import Call, CallEvent
from domain.contacts import operations as contacts
from domain.database import Database
from domain.scheduling import appointments
from domain.scheduling.lookup import find
from tests.domain.practice import Practice, at, at_once, make_offer, make_practice
from tests.tools.fakes import Line, ring
from tests.tools.using import book, count, ids, times
from tools import (
    book_appointment,
    find_times,
)


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


@pytest.fixture
async def line(database: Database, practice: Practice) -> Line:
    return await ring(database, business_id=practice.business_id)


async def test_times_are_told_in_words_and_offered_in_the_same_transaction(line: Line) -> None:
    told = await line.use(find_times, service="cleaning", first_date="2026-11-24")
    assert told.startswith("Free for Cleaning (30 minutes): [")
    assert "tomorrow, Tuesday the 24th of November, at 9 a.m. with Dr. Lee" in told
    assert "at noon" in told
    assert " | Offer the caller" in told
    assert "-05:00" not in told
    offered = line.journal.deeds_of(TimesOffered)
    assert [list(event.offer_ids) for event in offered] == [ids(told)]
    assert len(ids(told)) == 20


async def test_without_dates_the_next_two_weeks_are_searched(line: Line) -> None:
    told = await line.use(find_times, service="Cleaning", part_of_day="afternoon")
    days = re.findall(r"the (\d+)\w\w of", told)
    assert days == ["23", "24", "25", "26", "27", "30", "1", "2"]


async def test_services_and_people_are_understood_as_callers_say_them(line: Line) -> None:
    told = await line.use(
        find_times,
        service="teeth cleaning",
        first_date="2026-11-24",
        person="the hygienist",
    )
    assert "with Ana Gomez" in told
    assert "Dr. Lee" not in told
    with pytest.raises(ToolError, match=r"there are: Cleaning \| "):
        await line.use(find_times, service="haircut")
    with pytest.raises(ToolError, match=r"Dr\. Lee \(dentist\), Ana Gomez \(hygienist\)"):
        await line.use(find_times, service="cleaning", person="Dr. Who")
    assert [call.outcome for call in line.journal.tool_calls] == ["done", "refused", "refused"]


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"first_date": "2026-02-30"}, "first_date is not a date that exists.*Monday 2026-11-23"),
        ({"first_date": "next tuesday"}, "first_date is not a date that exists"),
        ({"first_date": "2026-11-30", "last_date": "2026-11-24"}, "last_date is before"),
        ({"first_date": "2026-11-24", "last_date": "2027-11-24"}, "more than 92 days"),
    ],
)
async def test_dates_that_make_no_sense_are_refused_with_the_day_it_is(
    line: Line, wanted: dict[str, str], reason: str
) -> None:
    with pytest.raises(ToolError, match=reason):
        await line.use(find_times, service="cleaning", **wanted)


async def test_no_time_says_why_and_offers_the_nearest(line: Line) -> None:
    told = await line.use(find_times, service="cleaning", first_date="2026-11-28")
    assert told.startswith("No time for Cleaning (30 minutes) as asked: Nobody works then.")
    assert len(ids(told)) == 3
    booked = await book(line, offer_id=ids(told)[0])
    assert booked.startswith("Booked [")


async def test_a_booking_reads_back_what_was_understood(
    database: Database, practice: Practice, line: Line
) -> None:
    told = await book(line, note="first visit")
    event = line.journal.deeds_of(AppointmentBooked)[0]
    assert told.startswith(
        f"Booked [{event.appointment_id}]: Cleaning with Dr. Lee, tomorrow, Tuesday the 24th of"
        " November, at 9 a.m., for Jane Doe, the number they call from, 2 0 2, 5 5 5, 0 1 2 3,"
        " booking code "
    )
    assert event.starts_at == at(9)
    async with database.scope(business_id=practice.business_id) as scope:
        stored = await appointments.get(scope, appointment_id=event.appointment_id)
        call = await scope.session.get_one(Call, line.context.call_id)
    assert (stored.call_id, stored.note) == (line.context.call_id, "first visit")
    assert stored.contact_id == practice.contact_id == call.contact_id
    assert call.outcome == "booked"
    assert ", ".join(stored.code) in told


async def test_a_repeated_booking_changes_nothing_and_tells_the_same(
    database: Database, practice: Practice, line: Line
) -> None:
    chosen = (await times(line))[0]
    first, second = await at_once(book(line, offer_id=chosen), book(line, offer_id=chosen))
    assert first == second
    assert len(line.journal.deeds_of(AppointmentBooked)) == 1
    assert await count(database, practice) == 1


@pytest.mark.parametrize("offer_id", ["", "made-up", "000000000000"])
async def test_a_made_up_time_books_nothing(
    database: Database, practice: Practice, line: Line, offer_id: str
) -> None:
    await times(line)
    with pytest.raises(ToolError, match=r"offered on this call \| Call find_times"):
        await line.use(book_appointment, offer_id=offer_id, caller_name="Jane Doe")
    assert await count(database, practice) == 0


async def test_a_time_offered_on_another_call_books_nothing(
    database: Database, practice: Practice, line: Line
) -> None:
    other = await ring(database, business_id=practice.business_id, caller="+12025550177")
    chosen = (await times(other))[0]
    with pytest.raises(ToolError, match="offered on this call"):
        await book(line, offer_id=chosen)


async def test_somebody_else_of_the_household_is_noted_and_the_contact_keeps_its_name(
    database: Database, practice: Practice, line: Line
) -> None:
    chosen = (await times(line))[0]
    await line.use(book_appointment, offer_id=chosen, caller_name="Tom Doe", note="child")
    async with database.scope(business_id=practice.business_id) as scope:
        contact = await contacts.get(scope, contact_id=practice.contact_id)
        stored = (await find(scope, contact_id=practice.contact_id))[0]
    assert contact.name == "Jane Doe"
    assert (stored.attendee, stored.note) == ("Tom Doe", "child")


async def test_a_lost_race_offers_the_nearest_times_in_the_same_answer(
    database: Database, practice: Practice, line: Line
) -> None:
    told = await line.use(find_times, service="cleaning", first_date="2026-11-24", person="Dr. Lee")
    ten = next(part for part in told.split("; ") if "at 10 a.m." in part)
    other = await ring(database, business_id=practice.business_id, caller="+12025550177")
    taken = await make_offer(database, practice, call_id=other.context.call_id, starts_at=at(10))
    await other.use(book_appointment, offer_id=taken.id, caller_name="Bob Roe")
    lost = await book(line, offer_id=ids(ten)[0])
    assert lost.startswith("Not done: the time has been taken. Free instead: [")
    assert "at 10 a.m. with Ana Gomez" in lost
    assert line.journal.tool_calls[-1].outcome == "refused"
    assert line.journal.deeds_of(AppointmentBooked) == []
    assert (await book(line, offer_id=ids(lost)[0])).startswith("Booked [")
    assert await count(database, practice) == 2


async def test_a_second_booking_on_a_call_reminds_of_the_first(line: Line) -> None:
    offers = await times(line)
    await book(line, offer_id=offers[0])
    told = await book(line, offer_id=offers[4])
    assert "Also booked on this call: [" in told
    assert "at 9 a.m." in told


async def test_fifty_callers_for_ten_times_make_ten_bookings_and_forty_clear_answers(
    database: Database, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    # They queue for one process's ten connections here, on whatever machine runs the tests.
    monkeypatch.setattr("tools.database.REACH_SECONDS", 120)
    lines = [
        await ring(database, business_id=practice.business_id, caller=f"+1202555{number:04}")
        for number in range(100, 150)
    ]
    starts = [at(hour) for hour in (9, 10, 11, 12, 13)]
    chosen = []
    for number, one in enumerate(lines):
        wanted = await make_offer(
            database,
            practice,
            call_id=one.context.call_id,
            starts_at=starts[number % 5],
            person_id=(practice.lee_id, practice.gomez_id)[number // 5 % 2],
        )
        chosen.append(wanted.id)
    told = await at_once(
        *(book(one, offer_id=offer_id) for one, offer_id in zip(lines, chosen, strict=True))
    )
    assert sum(one.startswith("Booked [") for one in told) == 10
    assert sum(one.startswith("Not done:") and len(ids(one)) == 3 for one in told) == 40
    assert await count(database, practice) == 10


async def test_a_deed_and_its_event_are_there_together_or_not_at_all(
    database: Database, practice: Practice, line: Line
) -> None:
    chosen = (await times(line))[0]

    class Broken(Exception):
        pass

    with pytest.raises(Broken):
        async with line.journal.deed() as opened:
            booked = await appointments.book(
                opened.scope,
                call_id=line.context.call_id,
                offer_id=chosen,
                contact_id=practice.contact_id,
            )
            await opened.record(
                AppointmentBooked(
                    appointment_id=booked.id,
                    service_id=booked.service_id,
                    person_id=booked.person_id,
                    starts_at=booked.starts_at,
                )
            )
            raise Broken
    async with database.scope(business_id=practice.business_id) as scope:
        events = await scope.session.scalars(
            select(CallEvent).where(CallEvent.type == "appointment_booked")
        )
        assert events.all() == []
    assert await count(database, practice) == 0
