"""The rota: who is on call, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import pytest

from domain.database import Database
from domain.errors import Invalid, NotFound
from domain.handoffs import departments, rota
from domain.people import operations as people
from tests.domain.practice import Practice, at, make_practice
from tests.factories import make_business

MONDAY = date(2026, 11, 23)


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


@pytest.fixture
async def desk(database: Database, practice: Practice) -> UUID:
    async with database.scope(business_id=practice.business_id) as scope:
        return (await departments.create(scope, name="Desk")).department.id


async def test_a_repeated_shift_comes_on_its_days_and_over_midnight(
    database: Database, practice: Practice, desk: UUID
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await people.update(scope, person_id=practice.gomez_id, phone="+12025550142")
        await rota.create(
            scope,
            department_id=desk,
            person_id=practice.lee_id,
            day=MONDAY,
            begins=time(18),
            ends=time(8),
            every_weeks=2,
            until=date(2026, 12, 31),
        )
        once = await rota.create(
            scope,
            department_id=desk,
            person_id=practice.gomez_id,
            day=date(2026, 12, 7),
            begins=time(9),
            ends=time(9),
        )
        found = await rota.list_occurrences(
            scope, first_day=MONDAY, last_day=date(2026, 12, 20), department_id=desk
        )
        assert [(one.day.day, one.begins_at, one.ends_at, one.unreachable) for one in found] == [
            (23, at(18, day=MONDAY), at(8, day=date(2026, 11, 24)), True),
            (7, at(9, day=date(2026, 12, 7)), at(9, day=date(2026, 12, 8)), False),
            (7, at(18, day=date(2026, 12, 7)), at(8, day=date(2026, 12, 8)), True),
        ]
        theirs = await rota.list_occurrences(
            scope, first_day=MONDAY, last_day=date(2026, 12, 20), person_id=practice.gomez_id
        )
        assert [one.shift_id for one in theirs] == [once.id]
        assert not await rota.list_occurrences(
            scope, first_day=date(2027, 1, 1), last_day=date(2027, 1, 31)
        )


async def test_a_night_in_which_the_clock_changes_is_as_long_as_it_is(
    database: Database, practice: Practice, desk: UUID
) -> None:
    """New York: 8 March 2026 has no 2:30, 1 November 2026 has 1:30 twice."""
    async with database.scope(business_id=practice.business_id) as scope:
        common = {"department_id": desk, "person_id": practice.lee_id}
        for day, begins, ends in (
            (date(2026, 3, 7), time(22), time(6)),
            (date(2026, 3, 8), time(2), time(2, 45)),
            (date(2026, 3, 8), time(2, 30), time(4)),
            (date(2026, 11, 1), time(1, 30), time(2)),
        ):
            await rota.create(scope, **common, day=day, begins=begins, ends=ends)
        spring = await rota.list_occurrences(
            scope, first_day=date(2026, 3, 1), last_day=date(2026, 3, 9)
        )
        autumn = await rota.list_occurrences(
            scope, first_day=date(2026, 11, 1), last_day=date(2026, 11, 1)
        )
    hours = [(one.ends_at - one.begins_at).total_seconds() / 3600 for one in spring]
    assert hours == [7, 1]
    assert spring[1].begins_at == datetime(2026, 3, 8, 7, tzinfo=UTC)
    assert [(one.ends_at - one.begins_at).total_seconds() for one in autumn] == [90 * 60]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"department_id": UUID(int=5)}, "department_id"),
        ({"person_id": UUID(int=5)}, "person_id"),
        ({"day": date(1990, 1, 1)}, "day"),
        ({"begins": time(9, 0, 30)}, "begins"),
        ({"ends": time(9, tzinfo=UTC)}, "ends"),
        ({"every_weeks": 0}, "every_weeks"),
        ({"until": MONDAY}, "until"),
        ({"every_weeks": 1, "until": date(2026, 11, 22)}, "until"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_changed(
    database: Database, practice: Practice, desk: UUID, values: dict[str, Any], field: str
) -> None:
    good = {
        "department_id": desk,
        "person_id": practice.lee_id,
        "day": MONDAY,
        "begins": time(9),
        "ends": time(17),
    }
    async with database.scope(business_id=practice.business_id) as scope:
        shift = await rota.create(scope, **good)
        with pytest.raises(Invalid) as refused:
            await rota.create(scope, **(good | values))
        assert refused.value.field == field
        with pytest.raises(Invalid) as refused:
            await rota.update(scope, shift_id=shift.id, **({"ends": time(18)} | values))
        assert refused.value.field == field
    async with database.scope(business_id=practice.business_id) as scope:
        assert [one.ends for one in await rota.list_shifts(scope)] == [time(17)]


async def test_a_shift_is_changed_and_stops_coming_again(
    database: Database, practice: Practice, desk: UUID
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        shift = await rota.create(
            scope,
            department_id=desk,
            person_id=practice.lee_id,
            day=MONDAY,
            begins=time(9),
            ends=time(17),
            every_weeks=1,
            until=date(2026, 12, 31),
        )
        kept = await rota.update(scope, shift_id=shift.id, person_id=practice.gomez_id)
        assert (kept.person_id, kept.every_weeks, kept.until) == (
            practice.gomez_id,
            1,
            date(2026, 12, 31),
        )
        assert (await rota.update(scope, shift_id=shift.id, until=None)).every_weeks == 1
        once = await rota.update(scope, shift_id=shift.id, every_weeks=None)
        assert (once.every_weeks, once.until) == (None, None)
        await rota.remove(scope, shift_id=shift.id)
        with pytest.raises(NotFound):
            await rota.get(scope, shift_id=shift.id)


async def test_who_is_not_active_gets_no_new_shift(
    database: Database, practice: Practice, desk: UUID
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await people.deactivate(scope, person_id=practice.lee_id)
        with pytest.raises(Invalid, match="is a person who is not active"):
            await rota.create(
                scope,
                department_id=desk,
                person_id=practice.lee_id,
                day=MONDAY,
                begins=time(9),
                ends=time(17),
            )


async def test_too_long_a_span_is_refused_and_others_rotas_are_not_seen(
    database: Database, practice: Practice, desk: UUID
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await rota.create(
            scope,
            department_id=desk,
            person_id=practice.lee_id,
            day=MONDAY,
            begins=time(9),
            ends=time(17),
        )
        for last_day in (date(2026, 11, 22), date(2027, 1, 24)):
            with pytest.raises(Invalid, match="last_day"):
                await rota.list_occurrences(scope, first_day=MONDAY, last_day=last_day)
    other = await make_business(database, name="Other")
    async with database.scope(business_id=other) as scope:
        assert not await rota.list_occurrences(scope, first_day=MONDAY, last_day=MONDAY)
        with pytest.raises(Invalid, match="department_id"):
            await rota.create(
                scope,
                department_id=desk,
                person_id=practice.lee_id,
                day=MONDAY,
                begins=time(9),
                ends=time(17),
            )
