"""Departments: whom callers are handed to."""

from __future__ import annotations

from datetime import time
from typing import Any
from uuid import UUID

import pytest

from domain.businesses import numbers
from domain.businesses.profile_loader import load_profile
from domain.database import Database
from domain.errors import Conflict, Invalid, NotFound
from domain.handoffs import departments, rota
from domain.handoffs.models import RotaShift
from domain.hours.spans import Span
from domain.people import operations as people
from tests.domain.practice import TUESDAY, Practice, at_once, make_practice
from tests.factories import make_business

EVENINGS = Span(weekday=0, opens=time(18), closes=time(22))


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def test_a_department_keeps_its_people_in_order_and_says_who_cant_be_rung(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await people.update(scope, person_id=practice.lee_id, phone="202-555-0141")
        made = await departments.create(
            scope,
            name="  Front   desk ",
            phone="(202) 555-0140",
            member_ids=[practice.gomez_id, practice.lee_id],
            hours="own",
            own_hours=[EVENINGS],
        )
        assert (made.department.name, made.department.phone) == ("Front desk", "+12025550140")
        assert [(one.person_id, one.name, one.unreachable) for one in made.members] == [
            (practice.gomez_id, "Ana Gomez", True),
            (practice.lee_id, "Dr. Lee", False),
        ]
        changed = await departments.update(
            scope,
            department_id=made.department.id,
            phone="",
            hours="always",
            own_hours=[],
            member_ids=[practice.lee_id, practice.gomez_id],
        )
        assert changed.department.phone is None and changed.own_hours == []
        assert [one.person_id for one in changed.members] == [practice.lee_id, practice.gomez_id]


async def test_who_leaves_stays_a_member_but_is_not_rung_nor_added_anew(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await people.update(scope, person_id=practice.lee_id, phone="+12025550141")
        made = await departments.create(scope, name="Desk", member_ids=[practice.lee_id])
        await people.deactivate(scope, person_id=practice.lee_id)
        again = await departments.update(
            scope, department_id=made.department.id, member_ids=[practice.lee_id]
        )
        assert [one.unreachable for one in again.members] == [True]
        with pytest.raises(Invalid, match=r"member_ids\[0\]: is a person who is not active"):
            await departments.create(scope, name="Other", member_ids=[practice.lee_id])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"phone": "12"}, "phone"),
        ({"phone": "+12025550100"}, "phone"),
        ({"ring": "loudly"}, "ring"),
        ({"ring_seconds": 4}, "ring_seconds"),
        ({"tries": 6}, "tries"),
        ({"hours": "sometimes"}, "hours"),
        ({"hours": "own"}, "own_hours"),
        ({"own_hours": [EVENINGS, EVENINGS]}, "own_hours[1].opens"),
        ({"member_ids": [UUID(int=5)]}, "member_ids[0]"),
        ({"description": "x" * 501}, "description"),
        ({"position": -1}, "position"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_changed(
    database: Database, practice: Practice, values: dict[str, Any], field: str
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await numbers.add(scope, e164="+12025550100")
        made = await departments.create(scope, name="Desk", member_ids=[practice.lee_id])
    for work in ("create", "update"):
        with pytest.raises(Invalid) as refused:
            async with database.scope(business_id=practice.business_id) as scope:
                if work == "create":
                    await departments.create(scope, **({"name": "Bills"} | values))
                else:
                    await departments.update(
                        scope, department_id=made.department.id, **({"tries": 3} | values)
                    )
        assert refused.value.field == field
    async with database.scope(business_id=practice.business_id) as scope:
        (one,) = await departments.list_departments(scope)
        assert (one.department.name, one.department.tries) == ("Desk", 1)
        assert [member.person_id for member in one.members] == [practice.lee_id]


async def test_names_differ_in_more_than_case_even_when_made_at_once(
    database: Database, practice: Practice
) -> None:
    async def make(name: str) -> str:
        try:
            async with database.scope(business_id=practice.business_id) as scope:
                await departments.create(scope, name=name)
        except Conflict:
            return "conflict"
        return "made"

    assert sorted(await at_once(*(make(name) for name in ("Desk", "desk", "DESK")))) == [
        "conflict",
        "conflict",
        "made",
    ]


async def test_another_businesss_people_and_departments_do_not_exist(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        made = await departments.create(scope, name="Desk")
    other = await make_business(database, name="Other")
    async with database.scope(business_id=other) as scope:
        with pytest.raises(Invalid, match="is not a person of this business"):
            await departments.create(scope, name="Desk", member_ids=[practice.lee_id])
        with pytest.raises(NotFound):
            await departments.get(scope, department_id=made.department.id)
        assert await departments.list_departments(scope) == []


async def test_departments_keep_an_order_that_can_be_changed(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:

        async def names() -> list[str]:
            found = await departments.list_departments(scope)
            assert [one.department.position for one in found] == list(range(len(found)))
            return [one.department.name for one in found]

        made = {name: (await departments.create(scope, name=name)).department.id for name in "ABC"}
        await departments.create(scope, name="D", position=1)
        assert await names() == ["A", "D", "B", "C"]
        await departments.update(scope, department_id=made["C"], position=0)
        assert await names() == ["C", "A", "D", "B"]
        await departments.update(scope, department_id=made["C"], position=9)
        assert await names() == ["A", "D", "B", "C"]
        await departments.remove(scope, department_id=made["A"])
        assert await names() == ["D", "B", "C"]


async def test_a_department_takes_its_shifts_with_it(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        made = await departments.create(
            scope, name="Desk", member_ids=[practice.lee_id], own_hours=[EVENINGS]
        )
        shift: RotaShift = await rota.create(
            scope,
            department_id=made.department.id,
            person_id=practice.lee_id,
            day=TUESDAY,
            begins=time(18),
            ends=time(8),
        )
    async with database.scope(business_id=practice.business_id) as scope:
        await departments.remove(scope, department_id=made.department.id)
        with pytest.raises(NotFound):
            await rota.get(scope, shift_id=shift.id)
        assert (await people.get(scope, person_id=practice.lee_id)).active


async def test_a_call_knows_whom_to_ring_and_never_its_own_number(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await people.update(scope, person_id=practice.lee_id, phone="+12025550141")
        await people.update(scope, person_id=practice.gomez_id, phone="+12025550142")
        desk = await departments.create(
            scope, name="Desk", member_ids=[practice.gomez_id, practice.lee_id], ring_seconds=30
        )
        asleep = await departments.create(scope, name="Asleep")
        await departments.update(scope, department_id=asleep.department.id, active=False)
        for until in (None, TUESDAY.replace(day=1)):
            await rota.create(
                scope,
                department_id=desk.department.id,
                person_id=practice.lee_id,
                day=TUESDAY.replace(month=10),
                begins=time(18),
                ends=time(8),
                every_weeks=1,
                until=until,
            )
        # The number was a colleague's before the assistant answered it.
        await numbers.add(scope, e164="+12025550142")
        routing = (await load_profile(scope)).routing
    assert [(one.name, one.member_ids, one.ring_seconds) for one in routing.departments] == [
        ("Desk", (practice.gomez_id, practice.lee_id), 30)
    ]
    assert {one.id: one.phone for one in routing.people} == {
        practice.lee_id: "+12025550141",
        practice.gomez_id: "",
    }
    assert [shift.until for shift in routing.shifts] == [None]
