"""Messages that callers leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.contacts import operations as contacts
from domain.database import Database
from domain.errors import Invalid, NotFound
from domain.messages import operations as messages
from domain.paging import Position
from domain.seam import PinnedSeam
from tests.factories import make_business


async def test_a_message_is_kept_with_who_and_what(database: Database) -> None:
    business_id = await make_business(database)
    call_id = database.seam.new_id()
    async with database.scope(business_id=business_id) as scope:
        contact = await contacts.save(scope, name="Jane")
        taken = await messages.take(
            scope,
            call_id=call_id,
            contact_id=contact.id,
            caller_name="Jane",
            # Not a number that exists, yet the message must be kept.
            caller_phone="+1202555",
            text=" Please call back. ",
            urgency="urgent",
        )
    async with database.scope(business_id=business_id) as scope:
        message = await messages.get(scope, message_id=taken.id)
    assert (message.text, message.urgency, message.state) == ("Please call back.", "urgent", "new")
    assert (message.caller_phone, message.call_id) == ("+1202555", call_id)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"urgency": "asap"}, "urgency"),
        ({"caller_name": "x" * 121}, "caller_name"),
    ],
)
async def test_a_message_that_cannot_be_kept_is_refused_by_field(
    database: Database, change: dict[str, Any], field: str
) -> None:
    business_id = await make_business(database)
    with pytest.raises(Invalid) as refusal:
        async with database.scope(business_id=business_id) as scope:
            await messages.take(scope, **({"text": "Hello", "urgency": "normal"} | change))
    assert refusal.value.field == field


async def test_another_businesss_contact_is_refused(database: Database) -> None:
    one, two = await make_business(database), await make_business(database, name="Two")
    async with database.scope(business_id=one) as scope:
        contact = await contacts.save(scope, name="Jane")
    with pytest.raises(Invalid) as refusal:
        async with database.scope(business_id=two) as scope:
            await messages.take(scope, text="Hello", contact_id=contact.id)
    assert refusal.value.field == "contact_id"


async def test_messages_are_listed_newest_first_by_state_and_urgency(
    database: Database, seam: PinnedSeam
) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        for count, urgency in enumerate(("urgent", "normal", "urgent")):
            await messages.take(scope, text=str(count), urgency=urgency)
            seam.advance(timedelta(seconds=1))
        urgent = await messages.list_messages(scope, urgency="urgent")
        assert [message.text for message in urgent] == ["2", "0"]
        await messages.set_state(scope, message_id=urgent[0].id, state="done")
        assert [m.text for m in await messages.list_messages(scope, state="new")] == ["1", "0"]
        end = Position(at=urgent[0].created_at, id=urgent[0].id)
        rest = await messages.list_messages(scope, limit=1, after=end)
        assert [message.text for message in rest] == ["1"]


async def test_a_state_that_is_none_is_refused(database: Database) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        message = await messages.take(scope, text="Hello")
        with pytest.raises(Invalid):
            await messages.set_state(scope, message_id=message.id, state="lost")
        with pytest.raises(NotFound):
            await messages.set_state(scope, message_id=scope.seam.new_id(), state="done")
