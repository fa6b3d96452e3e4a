"""What callers tell of themselves; being connected; the end."""

from __future__ import annotations

import pytest
from livekit.agents import ToolError

from domain.calls.events import (
    ContactSaved,
)
from domain.contacts import operations as contacts
from domain.database import Database
from tests.domain.practice import Practice
from tests.tools.fakes import Line, ring
from tools import (
    end_call,
    save_caller,
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


async def test_ending_the_call_leaves_time_for_a_goodbye(line: Line) -> None:
    assert "Say goodbye" in await line.use(end_call, reason="finished")
    assert line.call.ended == ["assistant_ended"]
