"""The waiting list: a time that comes free is kept for the first whom it suits, then for the next."""

from __future__ import annotations

from collections import Counter
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.businesses.settings import BookingRules, BusinessSettings
from domain.businesses.versions import change_settings
from domain.contacts import operations as contacts
from domain.database import Database
from domain.errors import Invalid, NotFound, Refused
from domain.hours import operations as hours
from domain.messages import operations as messages
from domain.places import operations as places
from domain.scheduling import appointments, history, waiting_list
from domain.scheduling.expiry import clear_all_expired_holds
from domain.scheduling.models import Appointment, WaitingListEntry
from domain.scheduling.occupation import TimeTaken
from domain.seam import PinnedSeam
from domain.services import operations as services
from tests.domain.practice import (
    TUESDAY,
    Practice,
    at,
    at_once,
    book_cleaning,
    count_taken,
    make_offer,
    make_practice,
)

HOLD = timedelta(minutes=240)
"""As long as a business keeps a time for somebody on the list unless it says otherwise."""


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


@pytest.fixture
async def booked(database: Database, practice: Practice) -> Appointment:
    """A cleaning with Dr. Lee on Tuesday at two, of somebody who is not on the list."""
    return await book_cleaning(database, practice, call_id=database.seam.new_id())


async def _waiting(
    database: Database, practice: Practice, name: str, **changes: Any
) -> WaitingListEntry:
    async with database.scope(business_id=practice.business_id) as scope:
        contact = await contacts.save(scope, name=name)
        wanted: dict[str, Any] = {
            "contact_id": contact.id,
            "service_id": practice.service_id,
            "first_day": TUESDAY,
            "last_day": TUESDAY,
        }
        return await waiting_list.add(scope, **(wanted | changes))


async def _cancel(database: Database, practice: Practice, appointment_id: UUID) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.cancel(scope, appointment_id=appointment_id, by_staff=True)


async def _entry(database: Database, practice: Practice, entry_id: UUID) -> WaitingListEntry:
    async with database.scope(business_id=practice.business_id) as scope:
        return await waiting_list.get(scope, entry_id=entry_id)


async def _states(database: Database, practice: Practice, *entries: WaitingListEntry) -> list[str]:
    return [(await _entry(database, practice, entry.id)).state for entry in entries]


async def test_a_cancelled_time_is_kept_for_who_has_waited_longest(
    database: Database, practice: Practice, booked: Appointment, seam: PinnedSeam
) -> None:
    first = await _waiting(database, practice, "Ann")
    seam.advance(timedelta(minutes=1))
    second = await _waiting(database, practice, "Bob")
    await _cancel(database, practice, booked.id)
    assert await _states(database, practice, first, second) == ["offered", "waiting"]
    with pytest.raises(TimeTaken):
        await book_cleaning(database, practice, call_id=database.seam.new_id())
    async with database.scope(business_id=practice.business_id) as scope:
        (offered,) = await waiting_list.offered_to(scope, first.contact_id)
        assert offered.entry.offered_until == seam.now() + HOLD
        assert (offered.appointment.state, offered.appointment.starts_at) == ("held", at(14))
        assert await waiting_list.offered_to(scope, second.contact_id) == []
        (message,) = await messages.list_messages(scope)
        assert message.contact_id == first.contact_id
        assert "Cleaning with Dr. Lee on Tuesday 2026-11-24 14:00" in message.text
        assert "Ann" not in message.text
        assert offered.appointment.code not in message.text
        for _ in range(2):
            taken = await waiting_list.accept(scope, entry_id=first.id, note="at last")
            assert (taken.state, taken.contact_id, taken.note) == (
                "booked",
                first.contact_id,
                "at last",
            )
        events = await history.events_of(scope, taken.id)
        assert [event.kind for event in events] == ["held", "booked"]
    assert await _states(database, practice, first, second) == ["booked", "waiting"]
    seam.advance(HOLD)
    async with database.scope(business_id=practice.business_id) as scope:
        assert await waiting_list.pass_on(scope) == 0
        assert await waiting_list.offered_to(scope, first.contact_id) == []


@pytest.mark.parametrize(
    ("changes", "suits"),
    [
        ({}, True),
        ({"part_of_day": "afternoon"}, True),
        ({"part_of_day": "morning"}, False),
        ({"first_day": TUESDAY + timedelta(days=1), "last_day": date(2026, 12, 1)}, False),
        ({"first_day": date(2026, 11, 23)}, True),
    ],
)
async def test_a_time_is_offered_only_to_whom_it_suits(
    database: Database,
    practice: Practice,
    booked: Appointment,
    changes: dict[str, Any],
    suits: bool,
) -> None:
    entry = await _waiting(database, practice, "Ann", **changes)
    await _cancel(database, practice, booked.id)
    assert await _states(database, practice, entry) == ["offered" if suits else "waiting"]
    assert await count_taken(database, practice) == int(suits)


async def test_person_service_and_notice_count(
    database: Database, practice: Practice, booked: Appointment, seam: PinnedSeam
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        other = await services.create(scope, name="Whitening", duration_minutes=30)
    entries = [
        await _waiting(database, practice, "Ann", person_id=practice.gomez_id),
        await _waiting(database, practice, "Bob", service_id=other.id),
        await _waiting(database, practice, "Cem", person_id=practice.lee_id),
    ]
    seam.advance(at(13, 30) - seam.now())
    await _cancel(database, practice, booked.id)
    states = await _states(database, practice, *entries)
    assert states == ["waiting"] * 3, "half an hour is less than the notice of an hour"
    again = await book_cleaning(database, practice, call_id=database.seam.new_id(), hour=16)
    await _cancel(database, practice, again.id)
    assert await _states(database, practice, *entries) == ["waiting", "waiting", "offered"]
    held = await _entry(database, practice, entries[2].id)
    assert held.offered_until == at(16), "no time is kept beyond its beginning"


async def test_an_offer_that_passes_goes_to_the_next_and_is_not_made_again(
    database: Database, practice: Practice, booked: Appointment, seam: PinnedSeam
) -> None:
    first = await _waiting(database, practice, "Ann")
    second = await _waiting(database, practice, "Bob")
    await _cancel(database, practice, booked.id)
    held_id = (await _entry(database, practice, first.id)).appointment_id
    async with database.scope(business_id=practice.business_id) as scope:
        assert await waiting_list.pass_on(scope) == 0
    seam.advance(HOLD)
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(TimeTaken):
            await waiting_list.accept(scope, entry_id=first.id)
        assert await waiting_list.offered_to(scope, first.contact_id) == []
    async with database.scope(business_id=practice.business_id) as scope:
        assert await waiting_list.pass_on(scope) == 1
        assert held_id is not None
        events = await history.events_of(scope, held_id)
        assert [event.kind for event in events] == ["held", "expired"]
    assert await _states(database, practice, first, second) == ["waiting", "offered"]
    seam.advance(at(14) - HOLD - seam.now())
    async with database.scope(business_id=practice.business_id) as scope:
        await waiting_list.pass_on(scope)
    assert await _states(database, practice, first, second) == ["waiting", "waiting"]
    assert await count_taken(database, practice) == 0
    seam.advance(timedelta(days=3))
    async with database.scope(business_id=practice.business_id) as scope:
        await waiting_list.pass_on(scope)
    assert await _states(database, practice, first, second) == ["expired", "expired"]


async def test_the_next_in_line_is_offered_a_hold_that_another_job_cleared(
    database: Database, practice: Practice, booked: Appointment, seam: PinnedSeam
) -> None:
    first = await _waiting(database, practice, "Ann")
    second = await _waiting(database, practice, "Bob")
    await _cancel(database, practice, booked.id)
    seam.advance(HOLD)
    async with database.scope(business_id=practice.business_id) as scope:
        assert await clear_all_expired_holds(scope) == 1
    async with database.scope(business_id=practice.business_id) as scope:
        await waiting_list.pass_on(scope)
    assert await _states(database, practice, first, second) == ["waiting", "offered"]


async def test_a_time_that_is_moved_away_from_is_offered_too(
    database: Database, practice: Practice, booked: Appointment
) -> None:
    entry = await _waiting(database, practice, "Ann")
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.move(scope, appointment_id=booked.id, starts_at=at(10))
        (offered,) = await waiting_list.offered_to(scope, entry.contact_id)
        assert offered.appointment.starts_at == at(14)
    assert await count_taken(database, practice) == 2


async def test_a_time_that_overlaps_where_it_was_moved_to_is_not_offered(
    database: Database, practice: Practice, booked: Appointment
) -> None:
    entry = await _waiting(database, practice, "Ann")
    async with database.scope(business_id=practice.business_id) as scope:
        moved = await appointments.move(scope, appointment_id=booked.id, starts_at=at(14, 15))
        assert moved.changed
    assert await _states(database, practice, entry) == ["waiting"]


async def test_who_is_taken_off_the_list_leaves_the_time_to_the_next(
    database: Database, practice: Practice, booked: Appointment
) -> None:
    first = await _waiting(database, practice, "Ann")
    second = await _waiting(database, practice, "Bob")
    third = await _waiting(database, practice, "Cem")
    await _cancel(database, practice, booked.id)
    for _ in range(2):
        async with database.scope(business_id=practice.business_id) as scope:
            await waiting_list.remove(scope, entry_id=first.id)
    assert await _states(database, practice, first, second) == ["removed", "offered"]
    held_id = (await _entry(database, practice, second.id)).appointment_id
    assert held_id is not None
    await _cancel(database, practice, held_id)  # they say no to this time
    states = await _states(database, practice, first, second, third)
    assert states == ["removed", "waiting", "offered"]


async def test_the_same_wish_is_one_entry(database: Database, practice: Practice) -> None:
    async def add() -> UUID:
        async with database.scope(business_id=practice.business_id) as scope:
            entry = await waiting_list.add(
                scope,
                contact_id=practice.contact_id,
                service_id=practice.service_id,
                first_day=TUESDAY,
                last_day=TUESDAY,
            )
            return entry.id

    assert len(set(await at_once(*(add() for _ in range(4))))) == 1
    other = await _waiting(
        database, practice, "Ann", contact_id=practice.contact_id, part_of_day="morning"
    )
    async with database.scope(business_id=practice.business_id) as scope:
        listed = await waiting_list.list_entries(scope, contact_id=practice.contact_id)
    assert [entry.id for entry in listed] == [await add(), other.id]


async def test_what_nobody_can_wait_for_is_refused_by_field(
    database: Database, practice: Practice
) -> None:
    stranger = await make_practice(database)
    for changes, field in (
        ({"last_day": date(2026, 11, 1)}, "last_day"),
        ({"first_day": date(2026, 11, 20), "last_day": date(2026, 11, 21)}, "last_day"),
        ({"last_day": date(2028, 11, 24)}, "last_day"),
        ({"person_id": stranger.lee_id}, "person_id"),
    ):
        with pytest.raises(Invalid, match=field):
            await _waiting(database, practice, "Ann", **changes)
    for changes, noun in (
        ({"contact_id": stranger.contact_id}, "contact"),
        ({"service_id": stranger.service_id}, "service"),
        ({"place_id": stranger.business_id}, "place"),
    ):
        with pytest.raises(NotFound, match=noun):
            await _waiting(database, practice, "Ann", **changes)
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(NotFound):
            await waiting_list.accept(scope, entry_id=practice.business_id)


async def test_a_business_sets_how_long_it_keeps_a_time(
    database: Database, practice: Practice, booked: Appointment, seam: PinnedSeam
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await change_settings(
            scope,
            document=BusinessSettings(
                greeting="Hello.", booking=BookingRules(waiting_list_hold_minutes=30)
            ).model_dump(mode="json"),
        )
    entry = await _waiting(database, practice, "Ann")
    await _cancel(database, practice, booked.id)
    offered = await _entry(database, practice, entry.id)
    assert offered.offered_until == seam.now() + timedelta(minutes=30)


async def test_new_people_alone_are_offered_what_is_for_new_people(
    database: Database, practice: Practice, booked: Appointment
) -> None:
    known = await _waiting(database, practice, "Ann")
    new = await _waiting(database, practice, "Bob")
    offer = await make_offer(database, practice, call_id=database.seam.new_id(), starts_at=at(9))
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.book(
            scope, call_id=offer.call_id, offer_id=offer.id, contact_id=known.contact_id
        )
        service = await services.get(scope, service_id=practice.service_id)
        service.new_contacts_only = True
    with pytest.raises(Refused):
        await _waiting(
            database, practice, "Ann", contact_id=known.contact_id, part_of_day="morning"
        )
    await _cancel(database, practice, booked.id)
    assert await _states(database, practice, known, new) == ["waiting", "offered"]


async def test_an_offer_that_is_taken_while_it_passes_has_one_end(
    database: Database, practice: Practice, booked: Appointment, seam: PinnedSeam
) -> None:
    first = await _waiting(database, practice, "Ann")
    second = await _waiting(database, practice, "Bob")
    await _cancel(database, practice, booked.id)

    async def accept() -> str:
        async with database.scope(business_id=practice.business_id) as scope:
            try:
                await waiting_list.accept(scope, entry_id=first.id)
            except TimeTaken:
                return "too late"
            seam.advance(HOLD)  # the others come when its time is over, before this is committed
            return "accepted"

    async def pass_on() -> str:
        async with database.scope(business_id=practice.business_id) as scope:
            return f"passed on {await waiting_list.pass_on(scope)}"

    ends = Counter(await at_once(accept(), accept(), pass_on(), pass_on()))
    states = await _states(database, practice, first, second)
    if ends["accepted"]:
        assert states == ["booked", "waiting"]
    else:
        assert states == ["waiting", "offered"]
    assert await count_taken(database, practice) == 1
    async with database.scope(business_id=practice.business_id) as scope:
        assert await waiting_list.pass_on(scope) == 0


async def test_of_many_who_wait_each_freed_time_goes_to_one(
    database: Database, practice: Practice
) -> None:
    made = [
        await book_cleaning(database, practice, call_id=database.seam.new_id(), hour=hour)
        for hour in (9, 10, 11, 14)
    ]
    entries = [await _waiting(database, practice, f"Ann {number}") for number in range(6)]
    await at_once(*(_cancel(database, practice, one.id) for one in made))
    states = Counter(await _states(database, practice, *entries))
    assert states == {"offered": 4, "waiting": 2}
    assert await count_taken(database, practice) == 4


async def test_the_place_and_its_own_day_count(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        sydney = await places.create(
            scope, name="Sydney", time_zone="Australia/Sydney", country="AU"
        )
        week = [hours.Span(weekday=day, opens=time(9), closes=time(17)) for day in range(5)]
        await hours.replace_hours(scope, place_id=sydney.id, spans=week)
        for place_id in (None, sydney.id):
            await hours.replace_hours(
                scope, person_id=practice.lee_id, place_id=place_id, spans=week
            )
        # Tuesday evening in New York, Wednesday morning in Sydney.
        booked = await appointments.book_directly(
            scope,
            service_id=practice.service_id,
            person_id=practice.lee_id,
            place_id=sydney.id,
            starts_at=at(18),
            contact_id=practice.contact_id,
        )
    wednesday = {"first_day": date(2026, 11, 25), "last_day": date(2026, 11, 25)}
    entries = [
        await _waiting(database, practice, "Ann"),
        await _waiting(database, practice, "Bob", **wednesday, part_of_day="evening"),
        await _waiting(
            database, practice, "Cem", **wednesday, part_of_day="morning", place_id=sydney.id
        ),
    ]
    home = await book_cleaning(database, practice, call_id=database.seam.new_id())
    await _cancel(database, practice, booked.id)
    assert await _states(database, practice, *entries) == ["waiting", "waiting", "offered"]
    await _cancel(database, practice, home.id)
    assert await _states(database, practice, *entries) == ["offered", "waiting", "offered"]
    async with database.scope(business_id=practice.business_id) as scope:
        messages_left = [message.text for message in await messages.list_messages(scope)]
    assert "Wednesday 2026-11-25 10:00" in messages_left[-1]
