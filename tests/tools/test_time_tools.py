"""Clocks of callers and places that differ, languages, and waiting for a time that comes free."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

import pytest
from livekit.agents import ToolError
from sqlalchemy import select

from domain.businesses.settings import BusinessSettings, Language
from domain.businesses.versions import change_settings
from domain.calls.events import AppointmentBooked, WaitingListJoined
from domain.database import Database
from domain.hours.models import WeeklyHours
from domain.places.models import Place
from domain.scheduling import appointments, waiting_list
from domain.scheduling.models import Appointment, WaitingListEntry
from tests.domain.practice import TUESDAY, Practice, at, book_cleaning, make_practice
from tests.tools.fakes import Line, ring
from tests.tools.using import book, count, ids
from tools import book_appointment, find_appointments, find_times

STRANGER = "+12025550177"


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


@pytest.fixture
async def line(database: Database, practice: Practice) -> Line:
    return await ring(database, business_id=practice.business_id, caller=STRANGER)


async def _first_time(line: Line) -> str:
    told = await line.use(find_times, service="cleaning", first_date="2026-11-24")
    return told.partition("] ")[2].partition(";")[0]


@pytest.mark.parametrize(
    ("caller", "said"),
    [
        ("+12025550177", "at 9 a.m. with"),
        ("+14155550100", "at 9 a.m. New York time with"),
        ("+918012345678", "at 9 a.m. New York time with"),
        ("+18005550100", "at 9 a.m. with"),
        ("", "at 9 a.m. with"),
    ],
    ids=["here", "another coast", "abroad", "anywhere", "withheld"],
)
async def test_the_city_is_named_only_where_the_callers_clock_shows_another_hour(
    database: Database, practice: Practice, caller: str, said: str
) -> None:
    line = await ring(database, business_id=practice.business_id, caller=caller)
    assert said in await _first_time(line)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es-US", "mañana, martes 24 de noviembre, a las nueve de la mañana with "),
        ("hi-IN", "कल, मंगलवार 24 नवंबर को सुबह 9 बजे with "),
    ],
)
async def test_times_are_said_in_the_businesss_language(
    database: Database, practice: Practice, language: Language, said: str
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        settings = BusinessSettings(greeting="Hello.", language=language)
        await change_settings(scope, document=settings.model_dump(mode="json"))
    line = await ring(database, business_id=practice.business_id, caller=STRANGER)
    assert (await _first_time(line)).startswith(said)


async def test_whom_no_time_suits_waits_for_one(
    database: Database, practice: Practice, line: Line
) -> None:
    none = await line.use(find_times, service="cleaning", first_date="2026-11-28")
    assert "offer the waiting list" in none
    wanted = {
        "service": "cleaning",
        "first_date": "2026-11-24",
        "last_date": "2026-11-27",
        "part_of_day": "morning",
        "person": "Dr. Lee",
        "wait": True,
    }
    with pytest.raises(ToolError, match="needs the caller's name"):
        await line.use(find_times, **wanted)
    for _ in range(2):
        told = await line.use(find_times, caller_name="Bob Roe", **wanted)
        assert told.startswith(
            "On the waiting list for Cleaning with Dr. Lee: tomorrow, Tuesday the 24th of November to "
            "Friday the 27th of November, mornings only; Bob Roe, the number they call from, "
        )
    assert "nothing is booked" in told
    event = line.journal.deeds_of(WaitingListJoined)[0]
    async with database.scope(business_id=practice.business_id) as scope:
        entries = await waiting_list.list_entries(scope)
        assert [one.id for one in entries] == [event.entry_id]
        assert entries[0].call_id == line.context.call_id
        assert entries[0].person_id == practice.lee_id
        assert (entries[0].first_day, entries[0].last_day) == (TUESDAY, date(2026, 11, 27))
        assert entries[0].part_of_day == "morning"
    assert await count(database, practice) == 0


async def _waits(database: Database, practice: Practice, line: Line) -> WaitingListEntry:
    """Bob waits for Tuesday; somebody's cleaning then is cancelled, and kept for him."""
    other = await ring(database, business_id=practice.business_id)
    taken = await book_cleaning(database, practice, call_id=other.context.call_id)
    await line.use(
        find_times, service="cleaning", first_date="2026-11-24", wait=True, caller_name="Bob Roe"
    )
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.cancel(scope, appointment_id=taken.id)
    async with database.scope(business_id=practice.business_id) as scope:
        return (await waiting_list.list_entries(scope))[0]


async def test_a_time_that_came_free_is_told_to_who_waits_and_taken(
    database: Database, practice: Practice, line: Line
) -> None:
    entry = await _waits(database, practice, line)
    assert entry.state == "offered"
    back = await ring(database, business_id=practice.business_id, caller=STRANGER)
    told = await back.use(find_appointments)
    assert f"[{entry.id}] Cleaning with Dr. Lee" in told
    assert "not booked, but kept for them from the waiting list until today" in told
    for _ in range(2):
        booked = await back.use(book_appointment, offer_id=str(entry.id))
        assert booked.startswith(f"Booked [{entry.appointment_id}]: Cleaning with Dr. Lee")
    assert [event.starts_at for event in back.journal.deeds_of(AppointmentBooked)] == [at(14)]
    assert await count(database, practice) == 1


async def test_a_time_kept_for_one_is_not_another_callers(
    database: Database, practice: Practice, line: Line
) -> None:
    entry = await _waits(database, practice, line)
    other = await ring(database, business_id=practice.business_id)
    assert str(entry.id) not in await other.use(find_appointments)
    with pytest.raises(ToolError, match="offered on this call"):
        await book(other, offer_id=str(entry.id))


async def test_a_place_that_is_none_is_named_with_those_there_are(line: Line) -> None:
    with pytest.raises(ToolError, match=r"place: is not one place .* main address \\| "):
        await line.use(find_times, service="cleaning", place="Downtown")


@pytest.fixture
async def coast(database: Database, practice: Practice) -> UUID:
    """A second place, three hours behind, at which Ana Gomez works on Wednesdays."""
    place_id = database.seam.new_id()
    async with database.scope(business_id=practice.business_id) as scope:
        scope.session.add(
            Place(
                id=place_id,
                business_id=practice.business_id,
                name="Ocean Beach",
                address="1 Great Highway",
                time_zone="America/Los_Angeles",
                country="US",
                created_at=scope.seam.now(),
            )
        )
        await scope.session.flush()
        scope.session.add(
            WeeklyHours(
                id=scope.seam.new_id(),
                business_id=practice.business_id,
                person_id=practice.gomez_id,
                place_id=place_id,
                weekday=2,
                opens=time(9),
                closes=time(12),
            )
        )
    return place_id


async def test_another_place_is_found_by_name_and_its_clock_is_named(
    database: Database, practice: Practice, line: Line, coast: UUID
) -> None:
    wednesday = {"service": "cleaning", "first_date": "2026-11-25"}
    there = await line.use(find_times, place="the ocean beach place", **wednesday)
    assert "Wednesday the 25th of November at 9 a.m. Los Angeles time with Ana Gomez, " in there
    assert there.count("place: Ocean Beach") == len(ids(there)) > 0
    here = await line.use(find_times, place="main address", **wednesday)
    assert "at 9 a.m. with Dr. Lee, place: main address" in here
    assert "Ocean Beach" not in here
    told = await book(line, offer_id=ids(there)[0], caller_name="Bob Roe")
    assert "at 9 a.m. Los Angeles time, place: Ocean Beach, for Bob Roe" in told
    async with database.scope(business_id=practice.business_id) as scope:
        stored = (await scope.session.scalars(select(Appointment))).one()
    assert stored.place_id == coast
    assert stored.starts_at == at(12, day=date(2026, 11, 25))


async def test_a_time_lost_at_a_place_is_replaced_there(
    database: Database, practice: Practice, line: Line, coast: UUID
) -> None:
    wanted = {"service": "cleaning", "first_date": "2026-11-25", "place": "Ocean Beach"}
    other = await ring(database, business_id=practice.business_id)
    theirs, mine = (
        ids(await other.use(find_times, **wanted)),
        ids(await line.use(find_times, **wanted)),
    )
    await book(other, offer_id=theirs[0])
    lost = await line.use(book_appointment, offer_id=mine[0])
    assert lost.startswith("Not done: ")
    assert lost.count("place: Ocean Beach") == len(ids(lost)) == 3
