"""Weekly hours and closures."""

from __future__ import annotations

from datetime import UTC, date, time

import pytest

from domain.database import Database
from domain.errors import Invalid, NotFound
from domain.hours import operations as hours
from domain.hours.operations import Span
from tests.domain.practice import Practice, make_practice


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


def _span(weekday: int, opens: int, closes: int) -> Span:
    return Span(weekday=weekday, opens=time(opens), closes=time(closes))


async def test_the_whole_week_is_replaced_and_a_persons_is_their_own(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await hours.replace_hours(scope, spans=[_span(2, 13, 17), _span(2, 8, 12)])
        await hours.replace_hours(scope, spans=[_span(0, 9, 10)], person_id=practice.lee_id)
    async with database.scope(business_id=practice.business_id) as scope:
        week = await hours.list_hours(scope)
        own = await hours.list_hours(scope, person_id=practice.lee_id)
        await hours.replace_hours(scope, spans=[], person_id=practice.lee_id)
        assert await hours.list_hours(scope, person_id=practice.lee_id) == []
        assert len(await hours.list_hours(scope)) == 2
    assert [(one.weekday, one.opens, one.closes) for one in week] == [
        (2, time(8), time(12)),
        (2, time(13), time(17)),
    ]
    assert [one.person_id for one in own] == [practice.lee_id]


@pytest.mark.parametrize(
    ("spans", "field"),
    [
        ([_span(0, 9, 12), _span(7, 9, 12)], "hours[1].weekday"),
        ([_span(0, 9, 9)], "hours[0].closes"),
        ([_span(0, 17, 9)], "hours[0].closes"),
        ([_span(0, 9, 12), _span(1, 9, 12), _span(0, 11, 14)], "hours[2].opens"),
        ([Span(weekday=0, opens=time(9, 0, 30), closes=time(10))], "hours[0].opens"),
        ([Span(weekday=0, opens=time(9), closes=time(10, tzinfo=UTC))], "hours[0].closes"),
        ([_span(0, 9, 10)] * 71, "hours"),
    ],
)
async def test_wrong_hours_name_their_entry_and_change_nothing(
    database: Database, practice: Practice, spans: list[Span], field: str
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(Invalid) as caught:
            await hours.replace_hours(scope, spans=spans)
        assert caught.value.field == field
        assert len(await hours.list_hours(scope)) == 5


async def test_spans_may_touch(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await hours.replace_hours(scope, spans=[_span(0, 9, 12), _span(0, 12, 14)])


async def test_closures_are_made_listed_and_removed(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        past = await hours.create_closure(scope, first_day=date(2026, 1, 1))
        trip = await hours.create_closure(
            scope,
            first_day=date(2026, 12, 1),
            last_day=date(2026, 12, 5),
            reason="  a   trip ",
            person_id=practice.lee_id,
        )
        assert (past.last_day, trip.reason) == (date(2026, 1, 1), "a trip")
        first = await hours.list_closures(scope, limit=1)
        rest = await hours.list_closures(scope, limit=5, after=first[-1].id)
        assert [one.id for one in (*first, *rest)] == [past.id, trip.id]
        ahead = await hours.list_closures(scope, not_before=date(2026, 11, 23))
        assert [one.id for one in ahead] == [trip.id]
        assert await hours.list_closures(scope, person_id=practice.gomez_id) == []
        await hours.delete_closure(scope, closure_id=trip.id)
        with pytest.raises(NotFound, match="closure"):
            await hours.delete_closure(scope, closure_id=trip.id)
        for last_day in (date(2026, 11, 30), date(2029, 12, 1)):
            with pytest.raises(Invalid, match="last_day"):
                await hours.create_closure(scope, first_day=date(2026, 12, 1), last_day=last_day)


async def test_hours_and_closures_of_another_businesss_person_are_refused(
    database: Database, practice: Practice
) -> None:
    other = await make_practice(database)
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(NotFound, match="person"):
            await hours.replace_hours(scope, spans=[_span(0, 9, 10)], person_id=other.lee_id)
        with pytest.raises(NotFound, match="person"):
            await hours.create_closure(scope, first_day=date(2026, 12, 1), person_id=other.lee_id)
        closure = await hours.create_closure(scope, first_day=date(2026, 12, 1))
    async with database.scope(business_id=other.business_id) as scope:
        assert await hours.list_closures(scope) == []
        with pytest.raises(NotFound, match="closure"):
            await hours.delete_closure(scope, closure_id=closure.id)
