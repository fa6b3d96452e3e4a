"""A call's row rebuilt from its events alone, in whatever order they arrived."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from domain.calls.closing import close_open
from domain.calls.events import (
    AppointmentBooked,
    CallAnswered,
    CallEnded,
    CallFlagged,
    CallStarted,
    ContactSaved,
    Event,
    FloorChanged,
    JournalEntry,
    MessageTaken,
    TransferEnded,
)
from domain.calls.models import Call, CallEvent
from domain.calls.record import PlaceTaken, append, as_entry
from domain.calls.replay import rebuild, record_of
from domain.database import Database
from domain.seam import PinnedSeam
from tests.conftest import NOON
from tests.factories import make_business

CALL = uuid4()


def started(**fields: object) -> CallStarted:
    told = {"room": f"call-{CALL}", "channel": "sip", "dialled": "+12025550100", **fields}
    return CallStarted.model_validate(told)


def floor(after: str) -> FloorChanged:
    return FloorChanged.model_validate({"before": "assistant", "after": after})


def entry(epoch: int, seq: int, event: Event) -> JournalEntry:
    at = NOON + timedelta(minutes=epoch, seconds=seq)
    return JournalEntry(call_id=CALL, epoch=epoch, seq=seq, at=at, event=event)


BOOKED = AppointmentBooked(
    appointment_id=uuid4(), service_id=uuid4(), person_id=uuid4(), starts_at=NOON
)
CONTACT = uuid4()
TOLD = [
    entry(1, 1, started(sandbox=["openai"])),
    entry(1, 2, CallAnswered(setup_seconds=0.5, greeting_ready=True)),
    entry(1, 3, floor("assistant")),
    entry(1, 4, CallFlagged(flag="abuse")),
    entry(1, 5, MessageTaken(message_id=uuid4(), urgency="normal")),
    entry(1, 6, floor("ended")),
    # What a job that was taken for dead said at its own end: the call went on.
    entry(1, 7, CallEnded(reason="worker_stopped")),
    entry(2, 1, started(sandbox=["deepgram"])),
    entry(2, 2, CallAnswered(setup_seconds=0.4, greeting_ready=True)),
    entry(2, 3, ContactSaved(contact_id=CONTACT)),
    entry(2, 4, BOOKED),
    entry(2, 5, CallFlagged(flag="emergency")),
    entry(2, 6, TransferEnded(outcome="connected")),
    entry(2, 7, floor("person")),
]


@pytest.fixture
async def business_id(database: Database) -> UUID:
    return await make_business(database)


async def row_of(database: Database, business_id: UUID) -> Call:
    async with database.scope(business_id=business_id) as scope:
        return (await scope.session.scalars(select(Call).where(Call.id == CALL))).one()


@pytest.mark.parametrize("shuffle", range(6))
async def test_whatever_the_order_of_arrival_the_row_is_what_the_events_tell(
    database: Database, business_id: UUID, shuffle: int
) -> None:
    arriving = list(TOLD)
    if shuffle:
        random.Random(shuffle).shuffle(arriving)
    for one in arriving:
        async with database.scope(business_id=business_id) as scope:
            assert await append(scope, [one]) == 1
    call = await row_of(database, business_id)
    assert record_of(call) == rebuild(TOLD)
    assert (call.state, call.epoch, call.ended_at, call.end_reason) == ("person", 2, None, None)
    assert (call.started_at, call.answered_at) == (TOLD[0].at, TOLD[1].at)
    assert (call.outcome, call.contact_id) == ("booked", CONTACT)
    assert (call.sandbox, call.flags) == (["openai", "deepgram"], ["abuse", "emergency"])
    async with database.scope(business_id=business_id) as scope:
        rows = await scope.session.scalars(select(CallEvent).where(CallEvent.call_id == CALL))
        assert rebuild(as_entry(row) for row in rows) == record_of(call)


async def test_the_end_of_a_job_before_ends_nothing(database: Database, business_id: UUID) -> None:
    """The dead job's spool arrives when another has long gone on with the call."""
    for one in (TOLD[0], TOLD[7], TOLD[6], TOLD[5]):
        async with database.scope(business_id=business_id) as scope:
            await append(scope, [one])
    assert (await row_of(database, business_id)).ended_at is None
    own = entry(2, 9, CallEnded(reason="caller_hung_up"))
    async with database.scope(business_id=business_id) as scope:
        await append(scope, [own])
    call = await row_of(database, business_id)
    assert (call.state, call.end_reason, call.ended_at) == ("ended", "caller_hung_up", own.at)


async def test_a_job_that_comes_after_the_call_was_closed_opens_it_again(
    database: Database, business_id: UUID, seam: PinnedSeam
) -> None:
    """It was on its way when the call was given up: its words are not lost to the place of the end."""
    async with database.scope(business_id=business_id) as scope:
        await append(scope, [TOLD[0]])
    async with database.scope(business_id=business_id) as scope:
        assert await close_open(scope, call_id=CALL, reason="worker_lost")
    assert (await row_of(database, business_id)).end_reason == "worker_lost"
    async with database.scope(business_id=business_id) as scope:
        assert await append(scope, TOLD[7:9]) == 2
    assert (await row_of(database, business_id)).ended_at is None
    async with database.scope(business_id=business_id) as scope:
        assert await close_open(scope, call_id=CALL, reason="no_worker")
    call = await row_of(database, business_id)
    assert (call.state, call.end_reason, call.ended_at) == ("ended", "no_worker", seam.now())


async def test_two_facts_of_one_place_are_not_taken_for_one(
    database: Database, business_id: UUID
) -> None:
    async with database.scope(business_id=business_id) as scope:
        await append(scope, TOLD[:2])
    with pytest.raises(PlaceTaken):
        async with database.scope(business_id=business_id) as scope:
            await append(scope, [entry(1, 2, CallFlagged(flag="threat"))])
    async with database.scope(business_id=business_id) as scope:
        assert await append(scope, TOLD[:3]) == 1


async def test_other_businesses_calls_are_not_written_into(
    database: Database, business_id: UUID
) -> None:
    other = await make_business(database, name="Other")
    async with database.scope(business_id=business_id) as scope:
        await append(scope, TOLD[:2])
    with pytest.raises(PlaceTaken):
        async with database.scope(business_id=other) as scope:
            await append(scope, TOLD[:2])
