"""The further addresses of a business."""

from __future__ import annotations

from typing import Any

import pytest

from domain.businesses.profile_loader import load_profile
from domain.database import Database
from domain.errors import Conflict, Invalid, NotFound
from domain.people import operations as people
from domain.places import operations as places
from domain.scheduling import appointments
from domain.scheduling.outside import outside_hours
from tests.domain.practice import Practice, at, make_practice


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def test_a_place_has_the_businesss_zone_and_country_unless_it_says_others(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        near = await places.create(scope, name=" Up  town ", address="12 Hill Road")
        far = await places.create(
            scope, name="Berlin", time_zone="Europe/Berlin", country="DE", subdivision="BE"
        )
        assert (near.name, near.time_zone, near.country) == ("Up town", "America/New_York", "US")
        assert (far.time_zone, far.country, far.subdivision) == ("Europe/Berlin", "DE", "BE")
        changed = await places.update(
            scope, place_id=far.id, country="AT", subdivision="9", time_zone="Europe/Vienna"
        )
        assert (changed.country, changed.subdivision) == ("AT", "9")
        assert [one.id for one in await places.list_places(scope, limit=1)] == [near.id]
        assert [one.id for one in await places.list_places(scope, after=near.id)] == [far.id]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"address": "x" * 301}, "address"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"country": "XX"}, "country"),
        ({"subdivision": "ZZ"}, "subdivision"),
        ({"country": "DE", "subdivision": "NY"}, "subdivision"),
    ],
)
async def test_wrong_values_are_refused_by_name_and_nothing_is_written(
    database: Database, practice: Practice, values: dict[str, Any], field: str
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        place = await places.create(scope, name="Uptown", subdivision="NY")
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(Invalid) as caught:
            await places.create(scope, **{"name": "Downtown", **values})
        assert caught.value.field == field
        with pytest.raises(Invalid) as caught:
            await places.update(scope, place_id=place.id, **{"name": "Midtown", **values})
        assert caught.value.field == field
    async with database.scope(business_id=practice.business_id) as scope:
        kept = await places.list_places(scope)
    assert [(one.name, one.country, one.subdivision) for one in kept] == [("Uptown", "US", "NY")]


async def test_names_differ_by_more_than_case(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await places.create(scope, name="Uptown")
        second = await places.create(scope, name="Downtown")
        with pytest.raises(Conflict):
            await places.create(scope, name="UPTOWN")
        with pytest.raises(Conflict):
            await places.update(scope, place_id=second.id, name="uptown")


async def test_a_place_of_another_business_does_not_exist(
    database: Database, practice: Practice
) -> None:
    other = await make_practice(database)
    async with database.scope(business_id=other.business_id) as scope:
        strange = await places.create(scope, name="Uptown")
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(NotFound, match="place"):
            await places.update(scope, place_id=strange.id, name="Mine")
        with pytest.raises(Invalid) as caught:
            await people.update(scope, person_id=practice.lee_id, place_id=strange.id)
        assert caught.value.field == "place_id"
        with pytest.raises(Invalid, match="place_id"):
            await people.create(scope, name="Tom", place_id=strange.id)


async def test_appointments_at_a_place_that_is_closed_are_kept_and_told(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        uptown = await places.create(scope, name="Uptown")
        await people.update(scope, person_id=practice.lee_id, place_id=uptown.id)
        booked = await appointments.book_directly(
            scope,
            service_id=practice.service_id,
            person_id=practice.lee_id,
            place_id=uptown.id,
            starts_at=at(10),
            contact_id=practice.contact_id,
        )
    async with database.scope(business_id=practice.business_id) as scope:
        assert await outside_hours(scope, place_id=uptown.id) == []
        await places.deactivate(scope, place_id=uptown.id)
        assert [one.id for one in await outside_hours(scope)] == [booked.id]
        assert [one.id for one in await places.list_places(scope, active=True)] == []
        assert (await load_profile(scope)).places == ()


async def test_a_call_knows_the_places(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await places.create(scope, name="Uptown", address="12 Hill Road")
        await places.create(scope, name="Airport", time_zone="America/Chicago")
        told = (await load_profile(scope)).places
    assert [(one.name, one.address, one.time_zone) for one in told] == [
        ("Airport", "", "America/Chicago"),
        ("Uptown", "12 Hill Road", "America/New_York"),
    ]
