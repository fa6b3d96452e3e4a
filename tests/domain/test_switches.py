"""The switch of a business: on, messages only, off."""

from __future__ import annotations

import pytest

from domain.businesses import numbers
from domain.businesses.profile_loader import load_profile
from domain.database import Actor, Database
from domain.errors import Invalid
from domain.switches import operations as switches
from tests.factories import make_business

STAFF = Actor(kind="staff", id="01a20959-a680-7000-8000-000000000001")


async def test_the_assistant_is_on_until_it_is_switched(database: Database) -> None:
    business_id = await make_business(database)
    other = await make_business(database, name="Other")
    async with database.scope(business_id=business_id, actor=STAFF) as scope:
        assert (await switches.read(scope)).mode == "on"
        off = await switches.change(scope, mode="off", forward_to="202 555 0140")
        assert (off.mode, off.forward_to) == ("off", "+12025550140")
        assert (off.changed_at, off.changed_by) == (scope.seam.now(), STAFF.id)
        assert (await switches.change(scope, mode="messages_only")).forward_to == ""
    async with database.scope(business_id=business_id) as scope:
        assert (await load_profile(scope)).switch.mode == "messages_only"
    async with database.scope(business_id=other) as scope:
        assert (await switches.read(scope)).mode == "on"


@pytest.mark.parametrize(
    ("mode", "forward_to", "field"),
    [
        ("asleep", "", "mode"),
        ("off", "12", "forward_to"),
        ("off", "+12025550100", "forward_to"),
        ("on", "+12025550100", "forward_to"),
    ],
)
async def test_nonsense_and_a_circle_are_refused(
    database: Database, mode: str, forward_to: str, field: str
) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        await numbers.add(scope, e164="+12025550100")
        with pytest.raises(Invalid) as refused:
            await switches.change(scope, mode=mode, forward_to=forward_to)
        assert refused.value.field == field
        assert (await switches.read(scope)).mode == "on"


async def test_a_number_that_the_assistant_answers_by_now_is_not_forwarded_to(
    database: Database,
) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        await switches.change(scope, mode="off", forward_to="+12025550140")
        await numbers.add(scope, e164="+12025550140")
        assert (await load_profile(scope)).switch.forward_to == ""
