"""Weekly hours and closures."""

from __future__ import annotations

from datetime import UTC, date, time

import pytest

from domain.database import Database
from domain.errors import Invalid, NotFound
from domain.hours import dates, operations as hours
from domain.hours.spans import DateSpan, Span
from domain.places import operations as places
from tests.domain.practice import Practice, at_once, make_practice


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
        ([_span(0, 9, 12), _span(1, 9, 12), _span(0, 11, 14)], "hours[2].opens"),
        ([_span(0, 22, 2), _span(1, 1, 3)], "hours[1].opens"),
        ([_span(0, 1, 3), _span(6, 22, 2)], "hours[1].opens"),
        ([_span(0, 9, 9), _span(1, 8, 10)], "hours[1].opens"),
        ([_span(3, 0, 0), _span(3, 23, 0)], "hours[1].opens"),
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
        # Over midnight and over the end of the week too; the whole day is from 00:00 to 00:00.
        await hours.replace_hours(
            scope, spans=[_span(6, 22, 2), _span(0, 2, 6), _span(0, 22, 0), _span(1, 0, 0)]
        )
        week = await hours.list_hours(scope)
    assert [(one.weekday, one.opens.hour, one.closes.hour) for one in week] == [
        (0, 2, 6),
        (0, 22, 0),
        (1, 0, 0),
        (6, 22, 2),
    ]


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


async def test_each_place_has_hours_of_its_own_and_each_person_at_each(
    database: Database, practice: Practice
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        uptown = await places.create(scope, name="Uptown")
        await hours.replace_hours(scope, spans=[_span(5, 10, 14)], place_id=uptown.id)
        await hours.replace_hours(
            scope, spans=[_span(5, 11, 12)], place_id=uptown.id, person_id=practice.lee_id
        )
        await hours.replace_hours(
            scope,
            spans=[_span(0, 9, 10)],
            person_id=practice.lee_id,
            place_id=practice.business_id,
        )
        weeks = [
            await hours.list_hours(scope),
            await hours.list_hours(scope, place_id=uptown.id),
            await hours.list_hours(scope, place_id=uptown.id, person_id=practice.lee_id),
            await hours.list_hours(scope, person_id=practice.lee_id),
            await hours.list_hours(scope, place_id=uptown.id, person_id=practice.gomez_id),
        ]
    assert [[(one.weekday, one.opens.hour) for one in week] for week in weeks] == [
        [(day, 9) for day in range(5)],
        [(5, 10)],
        [(5, 11)],
        [(0, 9)],
        [],
    ]


async def test_two_who_set_the_same_week_at_once_leave_one_of_both(
    database: Database, practice: Practice
) -> None:
    async def set_week(opens: int) -> None:
        async with database.scope(business_id=practice.business_id) as scope:
            await hours.replace_hours(scope, spans=[_span(0, opens, opens + 1)])

    await at_once(*(set_week(opens) for opens in range(8, 14)))
    async with database.scope(business_id=practice.business_id) as scope:
        assert len(await hours.list_hours(scope)) == 1


async def test_a_date_has_hours_of_its_own_until_they_are_removed(
    database: Database, practice: Practice
) -> None:
    eve, other = date(2026, 12, 24), date(2026, 12, 31)
    morning = [DateSpan(opens=time(9), closes=time(12))]
    async with database.scope(business_id=practice.business_id) as scope:
        await dates.set_date(scope, day=eve, spans=[DateSpan(opens=time(20), closes=time(2))])
        await dates.set_date(scope, day=eve, spans=morning)
        await dates.set_date(scope, day=other, spans=morning)
        await dates.set_date(scope, day=eve, spans=morning, person_id=practice.lee_id)
        listed = await dates.list_dates(scope)
        assert [(one.day, [span.opens.hour for span in one.spans]) for one in listed] == [
            (eve, [9]),
            (other, [9]),
        ]
        assert [one.day for one in await dates.list_dates(scope, after=eve)] == [other]
        assert [one.day for one in await dates.list_dates(scope, not_before=other)] == [other]
        await dates.delete_date(scope, day=eve)
        with pytest.raises(NotFound, match="hours of this date"):
            await dates.delete_date(scope, day=eve)
        own = await dates.list_dates(scope, person_id=practice.lee_id)
        assert [one.day for one in own] == [eve]


@pytest.mark.parametrize(
    ("spans", "field"),
    [
        ([], "hours"),
        ([(9, 12), (11, 14)], "hours[1].opens"),
        ([(20, 2), (9, 21)], "hours[1].opens"),
        ([(0, 0), (9, 10)], "hours[1].opens"),
    ],
)
async def test_wrong_hours_of_a_date_name_their_entry(
    database: Database, practice: Practice, spans: list[tuple[int, int]], field: str
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(Invalid) as caught:
            await dates.set_date(
                scope,
                day=date(2026, 12, 24),
                spans=[DateSpan(opens=time(one), closes=time(two)) for one, two in spans],
            )
        assert caught.value.field == field
        assert await dates.list_dates(scope) == []


@pytest.mark.parametrize(
    ("between", "field"),
    [
        ((time(12), None), "until_time"),
        ((None, time(12)), "from_time"),
        ((time(12), time(12)), "until_time"),
        ((time(12, 0, 1), time(13)), "from_time"),
    ],
)
async def test_a_closure_between_two_times_needs_both_in_their_order(
    database: Database,
    practice: Practice,
    between: tuple[time | None, time | None],
    field: str,
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(Invalid) as caught:
            await hours.create_closure(
                scope,
                first_day=date(2026, 12, 1),
                from_time=between[0],
                until_time=between[1],
            )
        assert caught.value.field == field
        assert await hours.list_closures(scope) == []


async def test_a_place_is_closed_by_itself(database: Database, practice: Practice) -> None:
    other = await make_practice(database)
    async with database.scope(business_id=other.business_id) as scope:
        strange = await places.create(scope, name="Uptown")
    async with database.scope(business_id=practice.business_id) as scope:
        uptown = await places.create(scope, name="Uptown")
        made = await hours.create_closure(
            scope,
            first_day=date(2026, 12, 1),
            place_id=uptown.id,
            from_time=time(12),
            until_time=time(14),
        )
        await hours.create_closure(scope, first_day=date(2026, 12, 1))
        assert [one.id for one in await hours.list_closures(scope, place_id=uptown.id)] == [made.id]
        with pytest.raises(NotFound, match="place"):
            await hours.create_closure(scope, first_day=date(2026, 12, 1), place_id=strange.id)
        with pytest.raises(NotFound, match="place"):
            await hours.replace_hours(scope, spans=[_span(0, 9, 10)], place_id=strange.id)
        with pytest.raises(Invalid, match="place_id"):
            await hours.create_closure(
                scope, first_day=date(2026, 12, 1), place_id=practice.business_id
            )
