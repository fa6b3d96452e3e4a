"""Series: the same wall-clock time every so many weeks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.businesses.settings import BookingRules, BusinessSettings
from domain.businesses.versions import change_settings
from domain.database import Database
from domain.errors import Conflict, Invalid, Refused
from domain.places import operations as places
from domain.scheduling import appointments, history, series
from domain.scheduling.models import Offer
from domain.scheduling.occupation import TimeTaken
from domain.scheduling.series import SeriesBooking
from domain.seam import PinnedSeam
from tests.domain.practice import (
    NEW_YORK,
    TUESDAY,
    Practice,
    at,
    at_once,
    book_cleaning,
    count_taken,
    make_offer,
    make_practice,
)

WEEK = timedelta(weeks=1)


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


@pytest.fixture
def call_id(database: Database) -> UUID:
    return database.seam.new_id()


async def _book(
    database: Database,
    practice: Practice,
    offer: Offer,
    *,
    every_weeks: int = 1,
    count: int = 3,
) -> SeriesBooking:
    async with database.scope(business_id=practice.business_id) as scope:
        return await series.book_series(
            scope,
            call_id=offer.call_id,
            offer_id=offer.id,
            contact_id=practice.contact_id,
            every_weeks=every_weeks,
            count=count,
            attendee="Tom Doe",
        )


@pytest.mark.parametrize(
    ("zone", "first", "hours"),
    [
        # The clocks of New York go back on 1 November and forward on 14 March.
        ("America/New_York", datetime(2026, 10, 20, 18, 0, tzinfo=UTC), [18, 18, 19, 19]),
        ("America/New_York", datetime(2027, 3, 2, 19, 0, tzinfo=UTC), [19, 19, 18, 18]),
        # Those of Sydney the other way round; those of Kolkata stand still.
        ("Australia/Sydney", datetime(2026, 9, 24, 4, 0, tzinfo=UTC), [4, 4, 3, 3]),
        ("Asia/Kolkata", datetime(2026, 10, 20, 8, 30, tzinfo=UTC), [8, 8, 8, 8]),
    ],
)
def test_the_wall_clock_counts_when_clocks_change(
    zone: str, first: datetime, hours: list[int]
) -> None:
    times = series.times_of(first, zone=ZoneInfo(zone), every_weeks=1, count=4)
    assert [time.hour for time in times] == hours
    local = {time.astimezone(ZoneInfo(zone)).time() for time in times}
    assert len(local) == 1
    assert {time.tzinfo for time in times} == {UTC}


def test_a_time_that_the_clocks_jump_over_is_the_first_one_after() -> None:
    first = datetime(2027, 3, 7, 7, 30, tzinfo=UTC)  # 2:30 in New York, a week before the jump
    times = series.times_of(first, zone=NEW_YORK, every_weeks=1, count=3)
    local = [time.astimezone(NEW_YORK).strftime("%H:%M") for time in times]
    assert local == ["02:30", "03:00", "02:30"]


async def test_a_series_keeps_what_can_be_had_and_names_what_can_not(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14))
    taken = await make_offer(
        database, practice, call_id=database.seam.new_id(), starts_at=at(14, day=TUESDAY + WEEK)
    )
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.book(
            scope, call_id=taken.call_id, offer_id=taken.id, contact_id=practice.contact_id
        )
    for _ in range(2):  # repeated, it is the same
        booked = await _book(database, practice, offer)
        assert [one.starts_at for one in booked.appointments] == [
            at(14),
            at(14, day=TUESDAY + 2 * WEEK),
        ]
        assert [missed.starts_at for missed in booked.missed] == [at(14, day=TUESDAY + WEEK)]
        assert booked.missed[0].reason
        assert {one.series_id for one in booked.appointments} == {booked.series.id}
        assert {one.attendee for one in booked.appointments} == {"Tom Doe"}
        assert await count_taken(database, practice) == 3
    with pytest.raises(Conflict, match="another series"):
        await _book(database, practice, offer, count=4)
    async with database.scope(business_id=practice.business_id) as scope:
        events = await history.events_of(scope, booked.appointments[1].id)
    assert [event.kind for event in events] == ["booked", "changed"]
    assert events[1].after == {"series_id": str(booked.series.id)}


async def test_two_requests_at_once_make_one_series(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14))
    made = await at_once(*(_book(database, practice, offer) for _ in range(3)))
    assert len({one.series.id for one in made}) == 1
    assert [len(one.appointments) for one in made] == [3, 3, 3]
    assert await count_taken(database, practice) == 3


async def test_callers_book_no_further_ahead_in_a_series_than_alone(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14))
    booked = await _book(database, practice, offer, every_weeks=4, count=4)
    assert [one.starts_at for one in booked.appointments] == [
        at(14),
        at(14, day=date(2026, 12, 22)),
        at(14, day=date(2027, 1, 19)),
    ]
    assert [missed.starts_at for missed in booked.missed] == [at(14, day=date(2027, 2, 16))]


async def test_when_the_first_time_is_gone_nothing_is_booked(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    await book_cleaning(database, practice, call_id=database.seam.new_id(), hour=14)
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14))
    with pytest.raises(TimeTaken):
        await _book(database, practice, offer)
    assert await count_taken(database, practice) == 1
    for changed, field in (({"every_weeks": 0}, "every_weeks"), ({"count": 1}, "count")):
        with pytest.raises(Invalid, match=field):
            await _book(database, practice, offer, **changed)


async def test_staff_cancel_the_rest_of_a_series(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        booked = await series.book_directly(
            scope,
            service_id=practice.service_id,
            person_id=practice.lee_id,
            starts_at=at(14),
            contact_id=practice.contact_id,
            every_weeks=2,
            count=4,
        )
        assert [len(booked.appointments), booked.missed] == [4, ()]
        second = booked.appointments[1]
        for changed in (True, False):
            changes = await series.cancel_series(scope, appointment_id=second.id, reason="moved")
            assert [change.changed for change in changes] == ([True] * 3 if changed else [False])
        first = await appointments.get(scope, appointment_id=booked.appointments[0].id)
        assert first.state == "booked"
    assert await count_taken(database, practice) == 1


async def test_a_series_is_cancelled_whole_or_not_at_all(
    database: Database, practice: Practice, call_id: UUID, seam: PinnedSeam
) -> None:
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(14))
    booked = await _book(database, practice, offer)
    async with database.scope(business_id=practice.business_id) as scope:
        await change_settings(
            scope,
            document=BusinessSettings(
                greeting="Hello.", booking=BookingRules(cancellation_notice_hours=48)
            ).model_dump(mode="json"),
        )
        with pytest.raises(Refused):
            await series.cancel_series(
                scope, appointment_id=booked.appointments[0].id, by_staff=False
            )
    assert await count_taken(database, practice) == 3


async def test_the_clock_of_the_place_counts(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        london = await places.create(scope, name="London", time_zone="Europe/London", country="GB")
        booked = await series.book_directly(
            scope,
            service_id=practice.service_id,
            person_id=practice.lee_id,
            place_id=london.id,
            # London's clocks go forward on 28 March, New York's did on the 14th.
            starts_at=datetime(2027, 3, 22, 10, 0, tzinfo=UTC),
            contact_id=practice.contact_id,
            every_weeks=1,
            count=3,
            outside_hours=True,
        )
    assert [one.place_id for one in booked.appointments] == [london.id] * 3
    assert [one.starts_at.hour for one in booked.appointments] == [10, 9, 9]
