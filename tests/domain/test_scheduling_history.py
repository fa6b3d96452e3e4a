"""Every change of an appointment is told: by whom, on which call, why, and what it changed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from domain.database import Actor, Database
from domain.errors import Invalid, NotFound
from domain.scheduling import appointments, history
from domain.scheduling.occupation import TimeTaken
from domain.seam import PinnedSeam
from tests.domain.practice import (
    Practice,
    at,
    book_cleaning,
    make_offer,
    make_practice,
)


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


@pytest.fixture
def call_id(database: Database) -> UUID:
    return database.seam.new_id()


async def _kinds(database: Database, practice: Practice, appointment_id: UUID) -> list[str]:
    async with database.scope(business_id=practice.business_id) as scope:
        events = await history.events_of(scope, appointment_id)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    return [event.kind for event in events]


async def test_the_life_of_an_appointment_is_told(
    database: Database, practice: Practice, call_id: UUID, seam: PinnedSeam
) -> None:
    offer = await make_offer(database, practice, call_id=call_id, starts_at=at(10))
    wanted = await make_offer(
        database, practice, call_id=call_id, starts_at=at(11), person_id=practice.gomez_id
    )
    caller = Actor(kind="caller", id=str(call_id), call_id=call_id)
    staff = Actor(kind="staff", id="key")
    async with database.scope(business_id=practice.business_id, actor=caller) as scope:
        held = await appointments.hold(scope, call_id=call_id, offer_id=offer.id)
    for _ in range(2):  # what is repeated is told once
        async with database.scope(business_id=practice.business_id, actor=caller) as scope:
            await appointments.book(
                scope, call_id=call_id, offer_id=offer.id, contact_id=practice.contact_id
            )
            await appointments.confirm_attendance(scope, appointment_id=held.id)
    for _ in range(2):
        async with database.scope(business_id=practice.business_id, actor=caller) as scope:
            await appointments.move(
                scope, appointment_id=held.id, call_id=call_id, offer_id=wanted.id
            )
    seam.advance(timedelta(minutes=5))
    for _ in range(2):
        async with database.scope(business_id=practice.business_id, actor=staff) as scope:
            await appointments.correct(
                scope, appointment_id=held.id, note="secret", attendee="Tom Doe"
            )
    for _ in range(2):
        async with database.scope(business_id=practice.business_id, actor=staff) as scope:
            await appointments.cancel(
                scope, appointment_id=held.id, by_staff=True, reason="Dr. Lee is ill"
            )
    async with database.scope(business_id=practice.business_id) as scope:
        events = await history.events_of(scope, held.id)
    assert [event.kind for event in events] == [
        "held",
        "booked",
        "confirmed",
        "moved",
        "changed",
        "cancelled",
    ]
    first, booked, confirmed, moved, changed, cancelled = events
    assert (first.before, first.after["starts_at"]) == ({}, at(10).isoformat())
    assert booked.before == {"state": "held", "contact_id": None}
    assert booked.after == {"state": "booked", "contact_id": str(practice.contact_id)}
    assert (booked.actor_kind, booked.actor_id, booked.call_id) == (
        "caller",
        str(call_id),
        call_id,
    )
    assert confirmed.before == {"confirmed_at": None}
    assert moved.before["person_id"] == str(practice.lee_id)
    assert moved.after["person_id"] == str(practice.gomez_id)
    assert moved.after["confirmed_at"] is None, "they had said yes to the old time"
    assert (changed.before, changed.after) == ({}, {"fields": ["attendee", "note"]})
    assert (cancelled.reason, cancelled.actor_kind) == ("Dr. Lee is ill", "staff")
    assert cancelled.at - moved.at == timedelta(minutes=5)


async def test_what_a_history_says_is_stored_encrypted_and_for_good(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    booked = await book_cleaning(database, practice, call_id=call_id)
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.cancel(
            scope, appointment_id=booked.id, by_staff=True, reason="she is in hospital"
        )
        stored = (
            await scope.session.scalars(
                text("SELECT row_to_json(e)::text FROM appointment_events e ORDER BY number")
            )
        ).all()
    assert len(stored) == 2
    assert not any("hospital" in row for row in stored)
    for change in ("UPDATE appointment_events SET kind = 'held'", "DELETE FROM appointment_events"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with database.scope(business_id=practice.business_id) as scope:
                await scope.session.execute(text(change))


async def test_a_change_that_fails_is_not_told(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    booked = await book_cleaning(database, practice, call_id=call_id, hour=10)
    await book_cleaning(database, practice, call_id=database.seam.new_id(), hour=11)
    async with database.scope(business_id=practice.business_id) as scope:
        with pytest.raises(TimeTaken):
            await appointments.move(scope, appointment_id=booked.id, starts_at=at(11))
        with pytest.raises(Invalid, match="reason"):
            await appointments.cancel(scope, appointment_id=booked.id, reason="x" * 501)
    assert await _kinds(database, practice, booked.id) == ["booked"]


async def test_a_hold_that_others_cleared_has_expired_and_one_given_back_was_cancelled(
    database: Database, practice: Practice, call_id: UUID, seam: PinnedSeam
) -> None:
    held = []
    for hour in (10, 14):
        offer = await make_offer(database, practice, call_id=call_id, starts_at=at(hour))
        async with database.scope(business_id=practice.business_id) as scope:
            held.append(await appointments.hold(scope, call_id=call_id, offer_id=offer.id))
    seam.advance(timedelta(minutes=3))
    await book_cleaning(database, practice, call_id=database.seam.new_id(), hour=14)
    assert await _kinds(database, practice, held[0].id) == ["held", "cancelled"]
    assert await _kinds(database, practice, held[1].id) == ["held", "expired"]
    async with database.scope(business_id=practice.business_id) as scope:
        last = (await history.events_of(scope, held[1].id))[-1]
    assert (last.actor_kind, last.call_id) == ("system", None)


async def test_another_business_reads_no_history(
    database: Database, practice: Practice, call_id: UUID
) -> None:
    booked = await book_cleaning(database, practice, call_id=call_id)
    other = await make_practice(database)
    async with database.scope(business_id=other.business_id) as scope:
        with pytest.raises(NotFound):
            await history.events_of(scope, booked.id)
