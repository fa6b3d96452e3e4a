"""One number that calls again and again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from domain.businesses.profile_loader import load_profile
from domain.businesses.versions import change_settings
from domain.calls.repeats import called_too_often
from domain.database import Database
from domain.people import operations as people
from domain.seam import PinnedSeam
from tests.factories import make_business, make_call

PHONE, OTHER = "+12025550123", "+12025550124"


async def _too_often(database: Database, business_id: UUID, phone: str = PHONE) -> bool:
    async with database.scope(business_id=business_id) as scope:
        return await called_too_often(scope, await load_profile(scope), phone=phone)


@pytest.fixture
async def business_id(database: Database) -> UUID:
    """Five calls in ten minutes are its limit."""
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        profile = await load_profile(scope)
        document = profile.settings.model_dump(mode="json")
        document["limits"] |= {"repeat_calls": 5, "repeat_minutes": 10}
        await change_settings(scope, document=document)
    return business_id


async def test_a_number_that_called_too_often_is_one_too_many_until_the_window_is_over(
    database: Database, business_id: UUID, seam: PinnedSeam
) -> None:
    for _ in range(4):
        await make_call(database, business_id=business_id, caller=PHONE)
    assert not await _too_often(database, business_id)
    await make_call(database, business_id=business_id, caller=PHONE, end=None)
    assert await _too_often(database, business_id)
    assert not await _too_often(database, business_id, OTHER)
    assert not await _too_often(database, business_id, "")
    seam.advance(timedelta(minutes=10, seconds=1))
    assert not await _too_often(database, business_id)


async def test_calls_that_were_turned_away_are_not_counted(
    database: Database, business_id: UUID, seam: PinnedSeam
) -> None:
    for _ in range(5):
        await make_call(database, business_id=business_id, caller=PHONE)
    seam.advance(timedelta(minutes=9))
    for _ in range(20):
        await make_call(database, business_id=business_id, caller=PHONE, end="too_many_calls")
    assert await _too_often(database, business_id)
    seam.advance(timedelta(minutes=2))
    assert not await _too_often(database, business_id)


async def test_the_business_s_own_people_may_call_as_often_as_they_like(
    database: Database, business_id: UUID
) -> None:
    async with database.scope(business_id=business_id) as scope:
        await people.create(scope, name="Dr. Lee", phone=PHONE)
    for _ in range(8):
        await make_call(database, business_id=business_id, caller=PHONE)
    assert not await _too_often(database, business_id)


async def test_another_business_s_calls_are_not_counted(
    database: Database, business_id: UUID
) -> None:
    other = await make_business(database, name="Other")
    for _ in range(8):
        await make_call(database, business_id=other, caller=PHONE)
    assert not await _too_often(database, business_id)


async def test_the_default_meets_no_real_caller(database: Database) -> None:
    business_id = await make_business(database)
    # Once every quarter of a minute, without a rest.
    for _ in range(40):
        await make_call(database, business_id=business_id, caller=PHONE)
    assert not await _too_often(database, business_id)
    for _ in range(60):
        await make_call(database, business_id=business_id, caller=PHONE)
    assert await _too_often(database, business_id)
