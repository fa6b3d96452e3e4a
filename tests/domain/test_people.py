"""People and the resource that each of them is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.database import Database
from domain.errors import Invalid, NotFound
from domain.people import operations as people
from domain.people.models import Resource
from domain.places import operations as places
from tests.domain.practice import Practice, make_practice


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def test_everybody_is_a_resource_of_their_own(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        made = await people.create(
            scope, name=" Tom  Fox ", title="dentist", phone="202 555 0188", email="t@Example.com"
        )
        assert (made.name, made.phone, made.email) == ("Tom Fox", "+12025550188", "t@example.com")
        resources = (await scope.session.scalars(select(Resource))).all()
        everybody = await people.list_people(scope)
        assert {one.resource_id for one in everybody} == {one.id for one in resources}
        assert len(everybody) == 3
        assert {one.kind for one in resources} == {"person"}


async def test_a_person_is_changed_and_switched_off(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await people.update(
            scope, person_id=practice.lee_id, phone="+12025550188", email="l@example.com"
        )
        changed = await people.update(scope, person_id=practice.lee_id, phone="", title="")
        assert (changed.phone, changed.email, changed.title) == (None, "l@example.com", "")
        await people.deactivate(scope, person_id=practice.lee_id)
        assert [one.id for one in await people.list_people(scope, active=True)] == [
            practice.gomez_id
        ]
        assert [
            one.id for one in await people.list_people(scope, limit=1, after=practice.lee_id)
        ] == [practice.gomez_id]
        names = await people.names(scope, person_ids=[practice.lee_id, practice.gomez_id])
        assert names[practice.lee_id] == "Dr. Lee"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"title": "x" * 81}, "title"),
        ({"phone": "123"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"daily_limit": 0}, "daily_limit"),
        ({"weekly_limit": 10_001}, "weekly_limit"),
        ({"place_id": UUID(int=1)}, "place_id"),
    ],
)
async def test_wrong_values_are_refused_by_name(
    database: Database, practice: Practice, values: dict[str, Any], field: str
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        for attempt in (
            people.create(scope, **{"name": "Tom Fox", **values}),
            people.update(scope, person_id=practice.lee_id, **{"name": "Who", **values}),
        ):
            with pytest.raises(Invalid) as caught:
                await attempt
            assert caught.value.field == field
        assert len((await scope.session.scalars(select(Resource))).all()) == 2
        await scope.session.flush()
        lee = await people.get(scope, person_id=practice.lee_id)
        assert (lee.name, lee.title) == ("Dr. Lee", "dentist")


async def test_limits_and_the_place_are_set_kept_and_removed(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        uptown = await places.create(scope, name="Uptown")
        made = await people.create(
            scope, name="Tom Fox", place_id=uptown.id, daily_limit=4, weekly_limit=10
        )
        changed = await people.update(scope, person_id=made.id, title="dentist", daily_limit=None)
        assert (changed.place_id, changed.daily_limit, changed.weekly_limit) == (
            uptown.id,
            None,
            10,
        )
        main = await people.update(scope, person_id=made.id, place_id=practice.business_id)
        assert main.place_id is None


async def test_another_businesss_person_does_not_exist(
    database: Database, practice: Practice
) -> None:
    other = await make_practice(database)
    async with database.scope(business_id=other.business_id) as scope:
        with pytest.raises(NotFound, match="person"):
            await people.get(scope, person_id=practice.lee_id)
        with pytest.raises(NotFound, match="person"):
            await people.deactivate(scope, person_id=practice.lee_id)


async def test_a_person_is_found_by_name_or_by_title(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        assert (await people.named(scope, name="doctor lee")).id == practice.lee_id
        assert (await people.named(scope, name="the hygienist")).id == practice.gomez_id
        with pytest.raises(Invalid, match=r"Dr\. Lee \(dentist\), Ana Gomez \(hygienist\)"):
            await people.named(scope, name="Dr. Who")
