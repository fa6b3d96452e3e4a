"""Messages, with and without a number, with and without a database."""

from __future__ import annotations

import pytest
from livekit.agents import ToolError
from sqlalchemy import select

from domain.calls.events import (
    MessageTaken,
)
from domain.calls.models import Call
from domain.calls.record import append
from domain.database import Database
from domain.messages.models import Message
from tests.domain.practice import Practice
from tests.tools.fakes import Line, ring
from tools import (
    take_message,
)


async def _messages(database: Database, practice: Practice) -> list[Message]:
    async with database.scope(business_id=practice.business_id) as scope:
        return list(await scope.session.scalars(select(Message)))


async def test_a_message_is_kept_once_and_read_back(
    database: Database, practice: Practice, line: Line
) -> None:
    wanted = {
        "caller_name": "Jane Doe",
        "text": "Please call me about my bill.",
        "urgency": "urgent",
    }
    told = await line.use(take_message, **wanted)
    assert told.startswith(
        "Message taken from Jane Doe, call back on the number they call from, 2 0 2, 5 5 5,"
        " 0 1 2 3: Please call me about my bill."
    )
    assert await line.use(take_message, **wanted) == told
    stored = await _messages(database, practice)
    assert [(one.text, one.urgency, one.caller_name) for one in stored] == [
        ("Please call me about my bill.", "urgent", "Jane Doe")
    ]
    assert stored[0].contact_id == practice.contact_id
    assert stored[0].call_id == line.context.call_id
    assert [event.message_id for event in line.journal.deeds_of(MessageTaken)] == [stored[0].id]
    async with database.scope(business_id=practice.business_id) as scope:
        assert (await scope.session.get_one(Call, line.context.call_id)).outcome == "message"


async def test_a_message_survives_the_database_being_away(
    database: Database, practice: Practice, cut_off: Line
) -> None:
    wanted = {"caller_name": "Jane Doe", "text": "I am late.", "caller_phone": "202-555-0188"}
    for _ in range(2):
        told = await cut_off.use(take_message, **wanted)
    assert told.startswith("Message taken from Jane Doe, call back on number 2 0 2, 5 5 5, 0 1 8 8")
    spooled = [fact for fact in cut_off.journal.facts if isinstance(fact, MessageTaken)]
    assert len(spooled) == 1
    assert spooled[0].spooled
    async with database.scope(business_id=practice.business_id) as scope:
        await append(scope, [cut_off.journal.entry(fact) for fact in spooled])
    stored = await _messages(database, practice)
    assert [(one.text, one.caller_phone, one.caller_name) for one in stored] == [
        ("I am late.", "+12025550188", "Jane Doe")
    ]


async def test_when_the_caller_would_like_to_be_called_back_is_passed_on_in_their_words(
    database: Database, practice: Practice, line: Line, cut_off: Line
) -> None:
    wanted = {"caller_name": "Jane Doe", "text": "My bill.", "call_back_time": " after  four "}
    told = await line.use(take_message, **wanted)
    assert ", if possible after four: My bill." in told
    await cut_off.use(take_message, **wanted)
    async with database.scope(business_id=practice.business_id) as scope:
        spooled = [fact for fact in cut_off.journal.facts if isinstance(fact, MessageTaken)]
        await append(scope, [cut_off.journal.entry(fact) for fact in spooled])
    stored = await _messages(database, practice)
    assert [one.call_back_time for one in stored] == ["after four", "after four"]


async def test_a_number_that_is_none_is_asked_for_again_and_then_kept_as_said(
    database: Database, practice: Practice, line: Line
) -> None:
    wanted = {"caller_name": "Jane Doe", "text": "Call me.", "caller_phone": "extension 42"}
    with pytest.raises(ToolError, match="digit by digit"):
        await line.use(take_message, **wanted)
    told = await line.use(take_message, **wanted)
    assert "no number to call" in told
    assert [one.caller_phone for one in await _messages(database, practice)] == ["extension 42"]


async def test_a_withheld_number_is_asked_for_and_may_stay_unknown(
    database: Database, practice: Practice
) -> None:
    line = await ring(database, business_id=practice.business_id, caller="")
    with pytest.raises(ToolError, match="withheld"):
        await line.use(take_message, caller_name="Jane Doe", text="Thank you all.")
    await line.use(take_message, caller_name="Jane Doe", text="Thank you all.", caller_phone="none")
    assert [one.caller_phone for one in await _messages(database, practice)] == [None]


async def test_an_empty_message_is_refused(line: Line) -> None:
    with pytest.raises(ToolError, match="text: must not be empty"):
        await line.use(take_message, caller_name="Jane Doe", text="  ")
