"""What callers tell of themselves; being connected; the end."""

from __future__ import annotations

import pytest
from livekit.agents import ToolError

from domain.businesses.settings import BusinessSettings
from domain.businesses.versions import change_settings
from domain.calls.events import (
    ContactSaved,
    TransferStarted,
)
from domain.contacts import operations as contacts
from domain.database import Database
from tests.domain.practice import Practice
from tests.tools.fakes import Line, ring
from tools import (
    end_call,
    save_caller,
    transfer_to_person,
)


async def test_what_callers_tell_of_themselves_is_kept(
    database: Database, practice: Practice
) -> None:
    line = await ring(database, business_id=practice.business_id, caller="+12025550177")
    told = await line.use(save_caller, name="Bob Roe", email="Bob@Example.com")
    assert told.startswith(
        "Noted: Bob Roe, the number they call from, 2 0 2, 5 5 5, 0 1 7 7, Bob@example.com"
    )
    async with database.scope(business_id=practice.business_id) as scope:
        kept = await contacts.find_by_phone(scope, phone="+12025550177")
    assert kept is not None
    assert (kept.name, kept.email) == ("Bob Roe", "Bob@example.com")
    assert line.context.contact_id == kept.id
    assert [event.contact_id for event in line.journal.deeds_of(ContactSaved)] == [kept.id]


async def test_another_persons_contact_is_not_changed_from_a_strange_telephone(
    database: Database, practice: Practice
) -> None:
    line = await ring(database, business_id=practice.business_id, caller="+12025550177")
    await line.use(save_caller, name="Mallory", phone="+12025550123", email="m@example.com")
    async with database.scope(business_id=practice.business_id) as scope:
        kept = await contacts.get(scope, contact_id=practice.contact_id)
    assert (kept.name, kept.email) == ("Jane Doe", None)


async def test_nothing_and_nonsense_are_not_kept(line: Line) -> None:
    with pytest.raises(ToolError, match="nothing to keep"):
        await line.use(save_caller)
    with pytest.raises(ToolError, match="email: is not an e-mail address"):
        await line.use(save_caller, email="jane at example")


async def _with_person(database: Database, practice: Practice) -> Line:
    async with database.scope(business_id=practice.business_id) as scope:
        settings = BusinessSettings(greeting="Hello.", transfer_number="+12025550142")
        await change_settings(scope, document=settings.model_dump(mode="json"))
    return await ring(database, business_id=practice.business_id)


async def test_a_caller_is_connected_and_the_model_says_nothing_more(
    database: Database, practice: Practice
) -> None:
    line = await _with_person(database, practice)
    result = await transfer_to_person(line.run, reason="a complaint", department="billing")
    assert result.reply_required is False
    assert line.call.transferred == ["+12025550142"]
    started = [fact for fact in line.journal.facts if isinstance(fact, TransferStarted)]
    assert [fact.reason for fact in started] == ["billing: a complaint"]


async def test_without_anybody_to_take_the_call_a_message_is_offered(
    database: Database, practice: Practice, line: Line
) -> None:
    assert "offer to take a message" in await line.use(transfer_to_person, reason="complaint")
    assert line.call.transferred == []
    busy = await _with_person(database, practice)
    busy.call.answers = False
    told = await busy.use(transfer_to_person, reason="complaint")
    assert told.startswith("The person did not take the call | ")
    assert busy.journal.tool_calls[-1].outcome == "failed"


async def test_ending_the_call_leaves_time_for_a_goodbye(line: Line) -> None:
    assert "Say goodbye" in await line.use(end_call, reason="finished")
    assert line.call.ended == ["assistant_ended"]
