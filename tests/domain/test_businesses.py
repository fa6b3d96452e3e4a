"""Businesses, their numbers, and what a call reads of them."""

from __future__ import annotations

from datetime import date, time

import pytest

from domain.businesses import directory, numbers, operations as businesses
from domain.businesses.profile_loader import load_profile
from domain.businesses.settings import BusinessSettings
from domain.database import Database
from domain.errors import Conflict, Invalid, NotFound
from domain.hours.models import Closure, WeeklyHours
from domain.knowledge import operations as knowledge
from domain.people.models import Person, Resource
from domain.services.models import Service, ServicePerson
from tests.factories import make_business

_SETTINGS = BusinessSettings(greeting="Hello.")


async def test_a_business_begins_with_version_one_of_its_settings(database: Database) -> None:
    business_id = await make_business(database, name="  Riverside   Dental ")
    async with database.scope(business_id=business_id) as scope:
        business = await businesses.get(scope)
    assert (business.name, business.settings_version) == ("Riverside Dental", 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "   "),
        ("name", "x" * 121),
        ("name", "bell\x07"),
        ("time_zone", "America/Gotham"),
        ("time_zone", ""),
        ("country", "usa"),
        ("country", "XX"),
    ],
)
async def test_a_business_that_cannot_be_is_refused_and_not_written(
    database: Database, field: str, value: str
) -> None:
    values = {"name": "One", "time_zone": "Europe/Berlin", "country": "DE"} | {field: value}
    business_id = database.seam.new_id()
    with pytest.raises(Invalid) as refusal:
        async with database.scope(business_id=business_id) as scope:
            await businesses.create(scope, **values, settings=_SETTINGS)
    assert refusal.value.field == field
    assert await directory.business_ids(database) == []


async def test_a_business_is_not_made_twice(database: Database) -> None:
    business_id = await make_business(database)
    with pytest.raises(Conflict):
        async with database.scope(business_id=business_id) as scope:
            await businesses.create(
                scope, name="again", time_zone="UTC", country="US", settings=_SETTINGS
            )


async def test_only_what_is_given_is_changed(database: Database) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        await businesses.update(scope, time_zone="America/Chicago")
    async with database.scope(business_id=business_id) as scope:
        business = await businesses.get(scope)
    assert (business.name, business.time_zone) == ("Riverside Dental", "America/Chicago")


async def test_operators_list_businesses_in_pages(database: Database) -> None:
    made = [await make_business(database, name=f"business {count}") for count in range(3)]
    first = await directory.list_businesses(database, limit=2)
    rest = await directory.list_businesses(database, limit=2, after=first[-1].id)
    assert [business.id for business in (*first, *rest)] == made
    assert [business.name for business in rest] == ["business 2"]


async def test_a_number_leads_to_its_business(database: Database) -> None:
    one, two = await make_business(database), await make_business(database, name="Two")
    async with database.scope(business_id=two) as scope:
        added = await numbers.add(scope, e164="(202) 555-0199", label="front desk")
    assert added.e164 == "+12025550199"
    assert await directory.business_for_number(database, "+12025550199") == two
    assert await directory.business_for_number(database, "+12025550198") is None
    async with database.scope(business_id=one) as scope:
        assert await numbers.list_numbers(scope) == []


async def test_a_number_belongs_to_one_business_of_the_installation(database: Database) -> None:
    one, two = await make_business(database), await make_business(database, name="Two")
    async with database.scope(business_id=one) as scope:
        await numbers.add(scope, e164="+12025550199")
    for business_id in (one, two):
        with pytest.raises(Conflict):
            async with database.scope(business_id=business_id) as scope:
                await numbers.add(scope, e164="+12025550199")


async def test_a_removed_number_is_free_again(database: Database) -> None:
    one, two = await make_business(database), await make_business(database, name="Two")
    async with database.scope(business_id=one) as scope:
        number = await numbers.add(scope, e164="+12025550199")
    with pytest.raises(NotFound):
        async with database.scope(business_id=two) as scope:
            await numbers.remove(scope, number_id=number.id)
    async with database.scope(business_id=one) as scope:
        await numbers.remove(scope, number_id=number.id)
    async with database.scope(business_id=two) as scope:
        await numbers.add(scope, e164="+12025550199")


async def test_a_number_that_is_none_is_refused_by_name(database: Database) -> None:
    business_id = await make_business(database)
    with pytest.raises(Invalid) as refusal:
        async with database.scope(business_id=business_id) as scope:
            await numbers.add(scope, e164="call me")
    assert refusal.value.field == "e164"


async def test_the_profile_holds_what_a_call_needs(database: Database) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        now, new_id = scope.seam.now(), scope.seam.new_id
        own = {"business_id": business_id}
        resources = [Resource(kind="person", **own) for _ in range(2)]
        scope.session.add_all(resources)
        await scope.session.flush()
        service = Service(id=new_id(), name="Cleaning", duration_minutes=30, created_at=now, **own)
        retired = Service(
            id=new_id(), name="Old", duration_minutes=30, active=False, created_at=now, **own
        )
        ann, bob = (
            Person(id=new_id(), resource_id=resource.id, name=name, created_at=now, **own)
            for resource, name in zip(resources, ("Ann", "Bob"), strict=True)
        )
        shared = Service(id=new_id(), name="Exam", duration_minutes=30, created_at=now, **own)
        scope.session.add_all([service, shared, retired, ann, bob])
        await scope.session.flush()
        scope.session.add_all(
            [
                ServicePerson(service_id=service.id, person_id=ann.id, **own),
                ServicePerson(service_id=retired.id, person_id=bob.id, **own),
                WeeklyHours(id=new_id(), weekday=0, opens=time(9), closes=time(17), **own),
                WeeklyHours(
                    id=new_id(), weekday=1, opens=time(8), closes=time(9), person_id=ann.id, **own
                ),
                Closure(
                    id=new_id(), first_day=date(2026, 11, 20), last_day=date(2026, 11, 22), **own
                ),
                Closure(
                    id=new_id(), first_day=date(2026, 11, 20), last_day=date(2026, 11, 23), **own
                ),
            ]
        )
        await knowledge.create(scope, question="Where?", answer="Here.")
        await knowledge.create(scope, question="Secret?", answer="Not yet.", active=False)
    async with database.scope(business_id=business_id) as scope:
        profile = await load_profile(scope)
    assert profile.settings_version == 1
    assert [service.name for service in profile.services] == ["Cleaning", "Exam"]
    assert [(person.name, person.service_ids) for person in profile.people] == [
        ("Ann", (service.id, shared.id)),
        # Nobody is listed for the exam, so everybody gives it.
        ("Bob", (shared.id,)),
    ]
    assert [(span.weekday, span.opens) for span in profile.hours] == [(0, time(9))]
    # The clock stands at 23 November: what ended on the 22nd is over.
    assert [closure.last_day for closure in profile.closures] == [date(2026, 11, 23)]
    assert [entry.question for entry in profile.knowledge] == ["Where?"]


async def test_there_is_no_profile_of_an_unknown_business(database: Database) -> None:
    with pytest.raises(NotFound):
        async with database.scope(business_id=database.seam.new_id()) as scope:
            await load_profile(scope)
