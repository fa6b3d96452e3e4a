"""The demo business."""

from __future__ import annotations

import asyncio
from datetime import date

from domain.businesses.directory import business_for_number, business_ids
from domain.businesses.profile_loader import load_profile
from domain.database import Database
from domain.demo import DEMO_NUMBER, seed_demo
from domain.rooms import operations as rooms
from domain.services import operations as services


async def test_the_demo_business_is_made_once_even_by_several_at_once(database: Database) -> None:
    made = await asyncio.gather(*(seed_demo(database) for _ in range(4)))
    assert len(set(made)) == 1
    assert await seed_demo(database) == made[0]
    assert await business_ids(database) == [made[0]]
    assert await business_for_number(database, DEMO_NUMBER) == made[0]


async def test_the_demo_business_has_all_that_a_call_asks_for(database: Database) -> None:
    business_id = await seed_demo(database)
    async with database.scope(business_id=business_id) as scope:
        profile = await load_profile(scope)
    assert (profile.name, profile.time_zone) == ("Riverside Dental", "America/New_York")
    services = {service.name: service for service in profile.services}
    assert {"Check-up", "Cleaning", "Filling", "Whitening", "Emergency visit"} <= set(services)
    assert all(service.price and service.description for service in services.values())
    given = {service_id for person in profile.people for service_id in person.service_ids}
    assert len(profile.people) == 3 and given == {service.id for service in services.values()}
    assert {span.weekday for span in profile.hours} == {0, 1, 2, 3, 4, 5}
    assert [(one.first_day, one.reason) for one in profile.closures] == [
        (date(2026, 11, 26), "Thanksgiving Day"),
        (date(2026, 11, 27), "the day after Thanksgiving"),
        (date(2026, 12, 24), "Christmas Eve"),
        (date(2026, 12, 25), "Christmas Day"),
        (date(2026, 12, 26), "Christmas"),
        (date(2027, 1, 1), "New Year's Day"),
    ]
    desk, emergencies = profile.departments
    assert (desk.name, desk.phone, desk.hours) == ("Front desk", "+12025550140", "opening")
    assert (emergencies.name, emergencies.hours, emergencies.tries) == ("Emergencies", "always", 2)
    reached = {one.id for one in profile.people if one.phone}
    assert {*desk.member_ids, *emergencies.member_ids} == reached and len(reached) == 3
    assert profile.settings.booking.late_cancellation_fee == "50 dollars"
    assert len(profile.knowledge) >= 10


async def test_a_cleaning_of_the_demo_business_needs_its_chair(database: Database) -> None:
    business_id = await seed_demo(database)
    async with database.scope(business_id=business_id) as scope:
        chair = (await rooms.list_rooms(scope))[0]
        every = {one.id: one.name for one in await services.list_services(scope, limit=200)}
        needed = await services.rooms_of(scope, service_ids=every)
    assert {every[one]: ids for one, ids in needed.items() if ids} == {"Cleaning": [chair.id]}
