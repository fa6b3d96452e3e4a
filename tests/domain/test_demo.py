"""The demo business."""

from __future__ import annotations

import asyncio
from datetime import date

from domain.businesses.directory import business_for_number, business_ids
from domain.businesses.profile_loader import load_profile
from domain.database import Database
from domain.demo import DEMO_NUMBER, seed_demo


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
    assert (date(2026, 11, 26), date(2026, 11, 27)) in [
        (closure.first_day, closure.last_day) for closure in profile.closures
    ]
    assert len(profile.knowledge) >= 10
