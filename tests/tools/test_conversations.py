"""Each flow as a conversation: the library, the sandbox's model, the real tools and database."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from domain.calls.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
    MessageTaken,
)
from domain.database import Database
from domain.handoffs import departments
from domain.knowledge import operations as knowledge
from domain.messages import operations as messages
from domain.people import operations as people
from domain.scheduling.lookup import list_appointments
from sandbox.delays import ThinkingDelays
from sandbox.server import Sandbox
from tests.domain.practice import Practice, at, make_offer, make_practice
from tests.tools.conversation import conversation
from tests.tools.fakes import Line, ring
from tools import book_appointment


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(port=0) as running:
        running.shared.delays.openai = ThinkingDelays(first_token=0, token=0)
        yield running


@pytest.fixture
async def practice(database: Database) -> Practice:
    practice = await make_practice(database)
    async with database.scope(business_id=practice.business_id) as scope:
        await knowledge.create(
            scope, question="Is there parking?", answer="Yes, parking is free behind the house."
        )
    return practice


@pytest.fixture
async def line(database: Database, practice: Practice) -> Line:
    return await ring(database, business_id=practice.business_id)


def _tools(line: Line) -> list[tuple[str, str]]:
    return [(call.name, call.outcome) for call in line.journal.tool_calls]


async def _book(database: Database, practice: Practice, *, hour: int, caller: str) -> None:
    other = await ring(database, business_id=practice.business_id, caller=caller)
    for person_id in (practice.lee_id, practice.gomez_id):
        taken = await make_offer(
            database,
            practice,
            call_id=other.context.call_id,
            starts_at=at(hour),
            person_id=person_id,
        )
        await other.use(book_appointment, offer_id=taken.id, caller_name="Bob Roe")


async def test_a_caller_books_an_appointment(
    database: Database, practice: Practice, line: Line, sandbox: Sandbox
) -> None:
    async with conversation(line, sandbox) as talk:
        heard = await talk.get(
            "I'd like to book a cleaning tomorrow at 2 pm please",
            until=lambda: line.journal.deeds_of(AppointmentBooked),
        )
    assert "2 p.m." in heard, talk.dialogue
    booked = line.journal.deeds_of(AppointmentBooked)
    assert [event.starts_at for event in booked] == [at(14)], talk.dialogue
    assert _tools(line)[0] == ("find_times", "done")
    assert _tools(line)[-1] == ("book_appointment", "done")


async def test_a_time_that_was_taken_meanwhile_is_replaced_by_another(
    database: Database, practice: Practice, line: Line, sandbox: Sandbox
) -> None:
    async with conversation(line, sandbox) as talk:
        await talk.get(
            "I'd like to book a cleaning tomorrow at 2 pm please",
            until=lambda: "shall i book" in talk.dialogue[-1].lower(),
        )
        await _book(database, practice, hour=14, caller="+12025550177")
        heard = await talk.say("Yes please")
        assert "taken" in heard, talk.dialogue
        await talk.get(
            "2:30 pm please", until=lambda: line.journal.deeds_of(AppointmentBooked), time="2:30 pm"
        )
    booked = line.journal.deeds_of(AppointmentBooked)
    assert [event.starts_at for event in booked] == [at(14, 30)], talk.dialogue
    assert ("book_appointment", "refused") in _tools(line)


async def test_a_caller_moves_their_appointment(
    database: Database, practice: Practice, line: Line, sandbox: Sandbox
) -> None:
    offer = await make_offer(database, practice, call_id=line.context.call_id, starts_at=at(10))
    await line.use(book_appointment, offer_id=offer.id, caller_name="Jane Doe")
    again = await ring(database, business_id=practice.business_id)
    async with conversation(again, sandbox) as talk:
        await talk.get(
            "I need to move my appointment to Wednesday at 3 pm",
            until=lambda: again.journal.deeds_of(AppointmentMoved),
            time="3 pm",
        )
    moved = again.journal.deeds_of(AppointmentMoved)
    assert [event.before for event in moved] == [at(10)], talk.dialogue
    async with database.scope(business_id=practice.business_id) as scope:
        stored = await list_appointments(scope, state="booked")
    assert [one.starts_at for one in stored] == [at(15, day=at(0).date().replace(day=25))]


async def test_a_caller_cancels_their_appointment(
    database: Database, practice: Practice, line: Line, sandbox: Sandbox
) -> None:
    offer = await make_offer(database, practice, call_id=line.context.call_id, starts_at=at(10))
    await line.use(book_appointment, offer_id=offer.id, caller_name="Jane Doe")
    again = await ring(database, business_id=practice.business_id)
    async with conversation(again, sandbox) as talk:
        await talk.get(
            "I want to cancel my appointment",
            until=lambda: again.journal.deeds_of(AppointmentCancelled),
        )
    assert len(again.journal.deeds_of(AppointmentCancelled)) == 1, talk.dialogue
    async with database.scope(business_id=practice.business_id) as scope:
        assert await list_appointments(scope, state="booked") == []


async def test_somebody_else_learns_nothing_of_an_appointment(
    database: Database, practice: Practice, line: Line, sandbox: Sandbox
) -> None:
    offer = await make_offer(database, practice, call_id=line.context.call_id, starts_at=at(10))
    await line.use(book_appointment, offer_id=offer.id, caller_name="Jane Doe")
    stranger = await ring(database, business_id=practice.business_id, caller="+12025550177")
    async with conversation(stranger, sandbox) as talk:
        heard = await talk.say(
            "I want to cancel my appointment", "My number is 202 555 0123", "Yes please"
        )
    for said in (heard, *talk.dialogue):
        assert "10 a.m." not in said
        assert "Dr. Lee" not in said
    assert stranger.journal.deeds == []


async def test_a_caller_leaves_a_message(
    database: Database, practice: Practice, line: Line, sandbox: Sandbox
) -> None:
    async with conversation(line, sandbox) as talk:
        await talk.get(
            "Can I leave a message for the doctor?",
            until=lambda: line.journal.deeds_of(MessageTaken),
        )
    assert len(line.journal.deeds_of(MessageTaken)) == 1, talk.dialogue
    async with database.scope(business_id=practice.business_id) as scope:
        stored = await messages.list_messages(scope)
    assert "bill" in stored[0].text
    assert stored[0].caller_name == "Jane Doe"


async def test_a_question_is_answered_from_the_businesss_own_words(
    line: Line, sandbox: Sandbox
) -> None:
    async with conversation(line, sandbox) as talk:
        heard = await talk.say("Do you have parking?")
    assert "parking is free behind the house" in heard
    assert _tools(line) == [("look_up", "done")]


async def test_an_unknown_question_is_not_made_up(line: Line, sandbox: Sandbox) -> None:
    async with conversation(line, sandbox) as talk:
        heard = await talk.say("Do you accept Delta Dental insurance?")
    assert _tools(line) == [("look_up", "refused")], talk.dialogue
    assert re.search("don't know|nothing about that", heard), talk.dialogue


async def test_a_caller_who_wants_a_person_nobody_can_be_may_leave_a_message(
    line: Line, sandbox: Sandbox
) -> None:
    async with conversation(line, sandbox) as talk:
        await talk.say("Can I speak to a person please?")
    assert _tools(line)[0] == ("transfer_to_person", "refused"), talk.dialogue


async def test_a_caller_is_put_through_to_the_department_they_name(
    database: Database, practice: Practice, sandbox: Sandbox
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await people.update(scope, person_id=practice.lee_id, phone="+12025550141")
        await people.update(scope, person_id=practice.gomez_id, phone="+12025550142")
        await departments.create(scope, name="Emergencies", member_ids=[practice.lee_id])
        await departments.create(scope, name="Front desk", member_ids=[practice.gomez_id])
    line = await ring(database, business_id=practice.business_id)
    async with conversation(line, sandbox) as talk:
        await talk.say("Please put me through to the front desk.")
    assert _tools(line)[0] == ("transfer_to_person", "done"), talk.dialogue
    (request,) = line.call.handed_over
    assert request.plan.rounds[0].telephones[0].number == "+12025550142"


async def test_the_assistant_ends_the_call_when_the_caller_is_done(
    line: Line, sandbox: Sandbox
) -> None:
    async with conversation(line, sandbox) as talk:
        await talk.say("That's all, thank you, goodbye")
    assert line.call.ended == ["assistant_ended"], talk.dialogue
