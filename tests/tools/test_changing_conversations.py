"""Conversations that hold, change their mind, show who they are or pay a fee; real tools and database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest

from domain.businesses.settings import BookingRules
from domain.calls.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentHeld,
    AttendanceConfirmed,
    WaitingListJoined,
)
from domain.contacts import operations as contacts
from domain.database import Database
from domain.scheduling.lookup import list_appointments
from sandbox.delays import ThinkingDelays
from sandbox.server import Sandbox
from tests.domain.practice import Practice, at, book_cleaning, make_practice
from tests.tools.conversation import conversation
from tests.tools.fakes import Line, ring
from tests.tools.using import count, set_rules

STRANGER = "+12025550177"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(port=0) as running:
        running.shared.delays.openai = ThinkingDelays(first_token=0, token=0)
        yield running


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


@pytest.fixture
async def stranger(database: Database, practice: Practice) -> Line:
    return await ring(database, business_id=practice.business_id, caller=STRANGER)


@pytest.fixture
async def booked(database: Database, practice: Practice) -> Practice:
    """Jane Doe, born in 1980, comes on Tuesday at ten."""
    earlier = await ring(database, business_id=practice.business_id)
    await book_cleaning(database, practice, call_id=earlier.context.call_id, hour=10)
    async with database.scope(business_id=practice.business_id) as scope:
        await contacts.update(scope, contact_id=practice.contact_id, date_of_birth="1980-03-05")
    return practice


async def test_the_time_is_held_between_the_yes_and_the_name(
    database: Database, practice: Practice, stranger: Line, sandbox: Sandbox
) -> None:
    async with conversation(stranger, sandbox) as talk:
        asked = await talk.say("I'd like to book a cleaning tomorrow at 2 pm please")
        assert "Shall I book it?" in asked
        assert "name" in await talk.say("Yes please")
        assert await count(database, practice, "held") == 1
        assert "number" in await talk.say("My name is Bob Roe")
        heard = await talk.say("Yes it is")
    assert "Booked" in heard, talk.dialogue
    assert [one.starts_at for one in stranger.journal.deeds_of(AppointmentHeld)] == [at(14)]
    assert [one.starts_at for one in stranger.journal.deeds_of(AppointmentBooked)] == [at(14)]
    assert (await count(database, practice, "held"), await count(database, practice)) == (0, 1)


async def test_another_number_than_the_calling_one_is_taken(
    database: Database, practice: Practice, stranger: Line, sandbox: Sandbox
) -> None:
    async with conversation(stranger, sandbox) as talk:
        await talk.say("I'd like to book a cleaning tomorrow at 2 pm please", "Yes please")
        await talk.say("Bob Roe")
        assert "best phone number" in await talk.say("No")
        heard = await talk.say("Two oh two five five five oh one double eight")
    assert "2 0 2, 5 5 5, 0 1 8 8" in heard, talk.dialogue


@pytest.mark.parametrize("after_yes", [False, True], ids=["before the yes", "while it is held"])
async def test_a_caller_who_changes_their_mind_gets_the_other_day_alone(
    database: Database, practice: Practice, stranger: Line, sandbox: Sandbox, after_yes: bool
) -> None:
    async with conversation(stranger, sandbox) as talk:
        await talk.say("I'd like to book a cleaning tomorrow at 2 pm please")
        if after_yes:
            await talk.say("Yes please")
        await talk.say("Actually Wednesday instead")
        await talk.get("At 2 pm please", until=lambda: stranger.journal.deeds_of(AppointmentBooked))
    booked = stranger.journal.deeds_of(AppointmentBooked)
    assert [one.starts_at for one in booked] == [at(14, day=date(2026, 11, 25))], talk.dialogue
    assert (await count(database, practice, "held"), await count(database, practice)) == (0, 1)


async def test_yes_said_twice_books_once(
    database: Database, practice: Practice, sandbox: Sandbox
) -> None:
    known = await ring(database, business_id=practice.business_id)
    async with conversation(known, sandbox) as talk:
        await talk.say(
            "I'd like to book a cleaning tomorrow at 2 pm please", "Yes please", "Yes please"
        )
    assert len(known.journal.deeds_of(AppointmentBooked)) == 1, talk.dialogue
    assert await count(database, practice) == 1


@pytest.mark.parametrize("accepts", [True, False])
async def test_a_late_fee_is_told_before_anything_is_cancelled(
    database: Database, booked: Practice, sandbox: Sandbox, accepts: bool
) -> None:
    rules = BookingRules(cancellation_notice_hours=48, late_cancellation_fee="50 dollars")
    await set_rules(database, booked, rules)
    line = await ring(database, business_id=booked.business_id)
    async with conversation(line, sandbox) as talk:
        told = await talk.say("I need to cancel my appointment", "Yes please")
        assert "fee of 50 dollars" in told, talk.dialogue
        assert line.journal.deeds == []
        heard = await talk.say("Yes I accept" if accepts else "No")
    assert ("Cancelled" in heard) is accepts, talk.dialogue
    assert len(line.journal.deeds_of(AppointmentCancelled)) == int(accepts)
    assert await count(database, booked) == int(not accepts)


async def test_name_and_date_of_birth_show_who_calls_from_elsewhere(
    database: Database, booked: Practice, stranger: Line, sandbox: Sandbox
) -> None:
    async with conversation(stranger, sandbox) as talk:
        asked = await talk.say("I need to cancel my appointment")
        assert "name" in asked
        assert "birth" in await talk.say("Jane Doe")
        found = await talk.say("The fifth of March nineteen eighty")
        assert "Cleaning with Dr. Lee" in found, talk.dialogue
        await talk.say("Yes please")
    assert len(stranger.journal.deeds_of(AppointmentCancelled)) == 1, talk.dialogue


async def test_a_wrong_identity_hears_nothing_until_it_is_told_to_stop(
    booked: Practice, stranger: Line, sandbox: Sandbox
) -> None:
    async with conversation(stranger, sandbox) as talk:
        await talk.say("I need to cancel my appointment")
        for birth in (
            "The sixth of March nineteen eighty",
            "May fifth nineteen eighty",
            "March 5, 1981",
        ):
            await talk.say("Jane Doe", birth)
        await talk.say("Jane Doe", "The fifth of March nineteen eighty")
    for said in talk.dialogue:
        assert "Dr. Lee" not in said
        assert "10 a.m." not in said
    assert stranger.journal.tool_calls[-1].outcome == "refused"
    assert "Too many wrong" in stranger.journal.tool_calls[-1].result, talk.dialogue
    assert stranger.journal.deeds == []


async def test_a_caller_confirms_that_they_come(
    database: Database, booked: Practice, sandbox: Sandbox
) -> None:
    line = await ring(database, business_id=booked.business_id)
    async with conversation(line, sandbox) as talk:
        assert "Will you be there?" in await talk.say("I want to confirm my appointment")
        await talk.say("Yes I'll be there")
    assert len(line.journal.deeds_of(AttendanceConfirmed)) == 1, talk.dialogue
    async with database.scope(business_id=booked.business_id) as scope:
        assert [one.confirmed_at for one in await list_appointments(scope)] == [scope.seam.now()]


async def test_a_caller_whom_nothing_suits_waits(
    practice: Practice, stranger: Line, sandbox: Sandbox
) -> None:
    async with conversation(stranger, sandbox) as talk:
        await talk.say("I'd like to book a cleaning on Saturday")
        await talk.say("Please put me on the waiting list", "My name is Bob Roe")
    assert len(stranger.journal.deeds_of(WaitingListJoined)) == 1, talk.dialogue
