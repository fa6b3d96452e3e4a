"""People and the resource that each of them is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from domain.database import Database
from domain.errors import Invalid, NotFound
from domain.people import operations as people
from domain.people.models import Resource
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
    ],
)
async def test_wrong_values_are_refused_by_name(
    database: Database, practice: Practice, values: dict[str, Any], field: str
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        for attempt in (
            people.create(scope, **{"name": "Tom Fox", **values}),
            people.update(scope, person_id=practice.lee_id, **values),
        ):
            with pytest.raises(Invalid) as caught:
                await attempt
            assert caught.value.field == field
        assert len((await scope.session.scalars(select(Resource))).all()) == 2


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
