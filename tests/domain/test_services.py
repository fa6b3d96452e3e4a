"""Services and who gives them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from domain.businesses.profile_loader import load_profile
from domain.database import Database
from domain.errors import Conflict, Invalid, NotFound
from domain.rooms import operations as rooms
from domain.services import operations as services
from tests.domain.practice import Practice, make_practice


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def test_a_service_is_made_changed_and_switched_off(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        made = await services.create(
            scope,
            name="  Deep   cleaning ",
            duration_minutes=60,
            price="200 dollars",
            person_ids=[practice.gomez_id, practice.gomez_id],
        )
        assert (made.name, made.active) == ("Deep cleaning", True)
        changed = await services.update(
            scope, service_id=made.id, name="deep Cleaning", duration_minutes=75, price=""
        )
        assert (changed.name, changed.duration_minutes, changed.price) == ("deep Cleaning", 75, "")
        listed = await services.people_of(scope, service_ids=[made.id, practice.service_id])
        assert listed == {made.id: [practice.gomez_id], practice.service_id: []}
        await services.update(scope, service_id=made.id, person_ids=[])
        assert (await services.people_of(scope, service_ids=[made.id]))[made.id] == []
        await services.deactivate(scope, service_id=made.id)
        active = await services.list_services(scope, active=True)
        assert [one.id for one in active] == [practice.service_id]
        assert [one.id for one in await services.list_services(scope)] == [
            practice.service_id,
            made.id,
        ]
        assert [
            one.id
            for one in await services.list_services(scope, limit=1, after=practice.service_id)
        ] == [made.id]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"duration_minutes": 4}, "duration_minutes"),
        ({"duration_minutes": 1441}, "duration_minutes"),
        ({"buffer_before_minutes": -1}, "buffer_before_minutes"),
        ({"buffer_after_minutes": 241}, "buffer_after_minutes"),
        ({"description": "x" * 1001}, "description"),
        ({"price": "x" * 81}, "price"),
        ({"channel": "smoke"}, "channel"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 201}, "capacity"),
        ({"daily_limit": 0}, "daily_limit"),
        ({"weekly_limit": 0}, "weekly_limit"),
        ({"minimum_notice_minutes": -1}, "minimum_notice_minutes"),
        ({"person_ids": [UUID(int=1)]}, "person_ids[0]"),
        ({"room_ids": [UUID(int=1)]}, "room_ids[0]"),
    ],
)
async def test_wrong_values_are_refused_by_name_and_nothing_is_written(
    database: Database, practice: Practice, values: dict[str, Any], field: str
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(Invalid) as caught:
            await services.create(scope, **{"name": "Crown", "duration_minutes": 60, **values})
        assert caught.value.field == field
        with pytest.raises(Invalid) as caught:
            await services.update(
                scope, service_id=practice.service_id, **{"name": "Polish", **values}
            )
        assert caught.value.field == field
    async with database.scope(business_id=practice.business_id) as scope:
        assert [one.name for one in await services.list_services(scope)] == ["Cleaning"]


async def test_limits_and_notice_are_set_kept_and_removed(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        room = await rooms.create(scope, name="Chair")
        made = await services.create(
            scope,
            name="Talk",
            duration_minutes=20,
            channel="phone",
            new_contacts_only=True,
            daily_limit=2,
            weekly_limit=5,
            minimum_notice_minutes=0,
            room_ids=[room.id, room.id],
        )
        assert (made.channel, made.new_contacts_only, made.capacity) == ("phone", True, 1)
        assert await services.rooms_of(scope, service_ids=[made.id]) == {made.id: [room.id]}
        changed = await services.update(scope, service_id=made.id, weekly_limit=None)
        assert (changed.daily_limit, changed.weekly_limit) == (2, None)
        assert changed.minimum_notice_minutes == 0
        await services.update(
            scope, service_id=made.id, minimum_notice_minutes=None, channel="online", room_ids=[]
        )
        told = {one.name: one for one in (await load_profile(scope)).services}
        assert await services.rooms_of(scope, service_ids=[made.id]) == {made.id: []}
    assert (changed.minimum_notice_minutes, changed.channel) == (None, "online")
    assert (told["Talk"].channel, told["Talk"].new_contacts_only) == ("online", True)
    assert (told["Cleaning"].channel, told["Cleaning"].new_contacts_only) == ("in_person", False)


async def test_names_differ_by_more_than_case(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(Conflict):
            await services.create(scope, name="CLEANING", duration_minutes=30)
        crown = await services.create(scope, name="Crown", duration_minutes=30)
        with pytest.raises(Conflict):
            await services.update(scope, service_id=crown.id, name="cleaning")
    other = await make_practice(database)
    async with database.scope(business_id=other.business_id) as scope:
        await services.create(scope, name="Crown", duration_minutes=30)


async def test_a_strange_person_is_named_by_place(database: Database, practice: Practice) -> None:
    other = await make_practice(database)
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(Invalid) as caught:
            await services.set_people(
                scope,
                service_id=practice.service_id,
                person_ids=[practice.lee_id, other.lee_id],
            )
        assert caught.value.field == "person_ids[1]"
        assert await services.people_of(scope, service_ids=[practice.service_id]) == {
            practice.service_id: []
        }


async def test_another_businesss_service_does_not_exist(
    database: Database, practice: Practice
) -> None:
    other = await make_practice(database)
    async with database.scope(business_id=other.business_id) as scope:
        for attempt in (
            services.get(scope, service_id=practice.service_id),
            services.deactivate(scope, service_id=practice.service_id),
            services.set_people(scope, service_id=practice.service_id, person_ids=[]),
        ):
            with pytest.raises(NotFound, match="service"):
                await attempt


async def test_a_service_is_found_by_what_callers_call_it(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        assert (await services.named(scope, name="teeth cleaning")).id == practice.service_id
        with pytest.raises(Invalid, match="there are: Cleaning"):
            await services.named(scope, name="massage")
        await services.deactivate(scope, service_id=practice.service_id)
        with pytest.raises(Invalid, match="none at all"):
            await services.named(scope, name="cleaning")
