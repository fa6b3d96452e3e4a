"""Calls as they are read back: the log, the words, the latencies, the end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.calls import closing, log
from domain.calls.events import (
    AppointmentBooked,
    AssistantSaid,
    CallAnswered,
    CallEnded,
    CallerSaid,
    JournalEntry,
    ToolCalled,
    TurnLatency,
)
from domain.calls.log import CallFilter
from domain.calls.record import append
from domain.calls.replay import CLOSING_SEQ
from domain.contacts import operations as contacts
from domain.database import Database
from domain.errors import Invalid, NotFound
from domain.paging import Position
from domain.seam import PinnedSeam
from tests.factories import make_business, make_call


async def test_the_log_is_filtered(database: Database, seam: PinnedSeam) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        contact = await contacts.save(scope, name="Jane")
    start = seam.now()
    booked = AppointmentBooked(
        appointment_id=seam.new_id(),
        service_id=seam.new_id(),
        person_id=seam.new_id(),
        starts_at=start,
    )
    one = await make_call(database, business_id=business_id, events=[booked])
    seam.advance(timedelta(minutes=1))
    two = await make_call(
        database, business_id=business_id, channel="webrtc", caller="", contact_id=contact.id
    )
    seam.advance(timedelta(minutes=1))
    three = await make_call(database, business_id=business_id, caller="+12025550199", end=None)
    expected: list[tuple[dict[str, Any], list[object]]] = [
        ({}, [three, two, one]),
        ({"state": "ended"}, [two, one]),
        ({"state": "answering"}, [three]),
        ({"outcome": "booked"}, [one]),
        ({"outcome": "none"}, [three, two]),
        ({"channel": "webrtc"}, [two]),
        ({"caller_phone": "+12025550123"}, [one]),
        ({"caller_phone": "+12025550100"}, []),
        ({"contact_id": contact.id}, [two]),
        ({"started_from": start + timedelta(minutes=1)}, [three, two]),
        ({"started_to": start + timedelta(minutes=1)}, [one]),
        ({"state": "ended", "channel": "sip"}, [one]),
    ]
    async with database.scope(business_id=business_id) as scope:
        for matching, ids in expected:
            calls = await log.list_calls(scope, matching=CallFilter(**matching))
            assert [call.id for call in calls] == ids, matching
        with pytest.raises(Invalid) as refusal:
            await log.list_calls(scope, matching=CallFilter(started_from=start, started_to=start))
    assert refusal.value.field == "started_to"


async def test_synthetic_calls_are_in_no_list_but_their_own(database: Database) -> None:
    business_id = await make_business(database)
    real = await make_call(database, business_id=business_id, end=None)
    synthetic = await make_call(database, business_id=business_id, end=None, synthetic=True)
    async with database.scope(business_id=business_id) as scope:
        assert [call.id for call in await log.list_calls(scope)] == [real]
        assert [call.id for call in await log.in_progress(scope, limit=9)] == [real]
        own = await log.list_calls(scope, matching=CallFilter(synthetic=True))
        assert [call.id for call in own] == [synthetic]


async def test_pages_hold_still_while_calls_come_in(database: Database, seam: PinnedSeam) -> None:
    business_id = await make_business(database)
    made = []
    for count in range(6):
        # Three pairs of calls that began at the same instant: the id must break the tie.
        if count % 2 == 0:
            seam.advance(timedelta(seconds=1))
        made.append(await make_call(database, business_id=business_id))
    read: list[object] = []
    after: Position | None = None
    while True:
        async with database.scope(business_id=business_id) as scope:
            page = await log.list_calls(scope, limit=1, after=after)
        if not page:
            break
        read.append(page[0].id)
        after = Position(at=page[0].started_at, id=page[0].id)
        seam.advance(timedelta(seconds=1))
        await make_call(database, business_id=business_id)
    assert read == made[::-1]


async def test_the_transcript_holds_what_was_said(database: Database, seam: PinnedSeam) -> None:
    business_id = await make_business(database)
    at = seam.now()
    call_id = await make_call(
        database,
        business_id=business_id,
        events=[
            CallAnswered(setup_seconds=0.4, greeting_ready=True),
            AssistantSaid(text="Good morning.", kind="greeting"),
            CallerSaid(text="I need a cleaning.", started_at=at - timedelta(seconds=3)),
            ToolCalled(name="find_times", arguments={}, result="", outcome="done", seconds=0.1),
            AssistantSaid(text="On Mon", interrupted=True),
        ],
    )
    async with database.scope(business_id=business_id) as scope:
        lines = await log.transcript(scope, call_id=call_id)
    assert [(line.who, line.text, line.at, line.interrupted, line.kind) for line in lines] == [
        ("assistant", "Good morning.", at, False, "greeting"),
        ("caller", "I need a cleaning.", at - timedelta(seconds=3), False, "turn"),
        ("assistant", "On Mon", at, True, "reply"),
    ]


async def test_latencies_are_told_by_answer_and_over_the_call(database: Database) -> None:
    business_id = await make_business(database)
    totals = [0.8, 1.2, 1.0, 0.9]
    call_id = await make_call(
        database,
        business_id=business_id,
        events=[
            CallAnswered(setup_seconds=0.4, greeting_ready=True),
            AssistantSaid(text="Good morning.", kind="greeting"),
            *(
                AssistantSaid(text="Yes.", latency=TurnLatency(total=total, model=0.3))
                for total in totals
            ),
            AssistantSaid(text="One moment.", latency=TurnLatency(speech=0.15)),
        ],
    )
    async with database.scope(business_id=business_id) as scope:
        latency = await log.latency(scope, call_id=call_id)
    assert latency.setup_seconds == 0.4
    assert [answer.seconds.total for answer in latency.answers] == [*totals, None]
    assert set(latency.stages) == {"total", "model", "speech"}
    total = latency.stages["total"]
    assert total.count == 4
    assert total.median == pytest.approx(0.95)
    assert total.p95 == pytest.approx(1.17)
    assert latency.stages["speech"].median == 0.15


async def test_a_call_without_answers_has_no_figures(database: Database) -> None:
    business_id = await make_business(database)
    call_id = await make_call(database, business_id=business_id)
    async with database.scope(business_id=business_id) as scope:
        latency = await log.latency(scope, call_id=call_id)
    assert (latency.setup_seconds, latency.answers, latency.stages) == (None, (), {})


async def test_events_come_in_pages_across_epochs(database: Database) -> None:
    business_id = await make_business(database)
    call_id = await make_call(database, business_id=business_id, end=None)
    async with database.scope(business_id=business_id) as scope:
        await closing.close_open(scope, call_id=call_id, reason="worker_lost")
    async with database.scope(business_id=business_id) as scope:
        first = await log.events(scope, call_id=call_id, limit=1)
        rest = await log.events(scope, call_id=call_id, after=(first[0].epoch, first[0].seq))
    assert [(entry.epoch, entry.seq) for entry in (*first, *rest)] == [(1, 1), (2, CLOSING_SEQ)]


async def test_other_businesses_calls_cannot_be_read(database: Database) -> None:
    one, two = await make_business(database), await make_business(database, name="Two")
    call_id = await make_call(database, business_id=one)
    async with database.scope(business_id=two) as scope:
        assert await log.list_calls(scope) == []
        for read in (log.get, log.events, log.transcript, log.latency):
            with pytest.raises(NotFound):
                await read(scope, call_id=call_id)
        with pytest.raises(NotFound):
            await closing.close_open(scope, call_id=call_id, reason="worker_lost")


async def test_an_open_call_is_closed_once_with_the_reason(
    database: Database, seam: PinnedSeam
) -> None:
    business_id = await make_business(database)
    call_id = await make_call(database, business_id=business_id, end=None)
    seam.advance(timedelta(seconds=30))

    async def close() -> bool:
        async with database.scope(business_id=business_id) as scope:
            return await closing.close_open(scope, call_id=call_id, reason="worker_lost")

    assert sorted(await asyncio.gather(close(), close(), close())) == [False, False, True]
    async with database.scope(business_id=business_id) as scope:
        call = await log.get(scope, call_id=call_id)
        events = await log.events(scope, call_id=call_id)
    assert (call.state, call.end_reason, call.ended_at) == ("ended", "worker_lost", seam.now())
    assert [entry.event.type for entry in events] == ["call_started", "call_ended"]


async def test_the_workers_own_late_events_are_kept_and_tell_the_true_end(
    database: Database, seam: PinnedSeam
) -> None:
    business_id = await make_business(database)
    call_id = await make_call(database, business_id=business_id, end=None)
    late = [
        JournalEntry(call_id=call_id, epoch=1, seq=2, at=seam.now(), event=CallerSaid(text="Bye.")),
        JournalEntry(
            call_id=call_id,
            epoch=1,
            seq=3,
            at=seam.now(),
            event=CallEnded(reason="caller_hung_up"),
        ),
    ]
    seam.advance(timedelta(seconds=30))
    async with database.scope(business_id=business_id) as scope:
        await closing.close_open(scope, call_id=call_id, reason="worker_lost")
    async with database.scope(business_id=business_id) as scope:
        assert await append(scope, late) == 2
        call = await log.get(scope, call_id=call_id)
    assert (call.end_reason, call.ended_at) == ("caller_hung_up", late[1].at)


async def test_open_calls_and_rooms_are_found_across_businesses(database: Database) -> None:
    one, two = await make_business(database), await make_business(database, name="Two")
    first = await make_call(database, business_id=one, end=None)
    second = await make_call(database, business_id=two, end=None)
    await make_call(database, business_id=two)
    found = {(call.call_id, call.business_id) for call in await log.open_calls(database)}
    assert found == {(first, one), (second, two)}
    assert await log.call_by_room(database, f"call-{first}") == (first, one)
    assert await log.call_by_room(database, "call-nobody") is None


@pytest.mark.parametrize(
    ("values", "share", "value"),
    [([3.0], 0.95, 3.0), ([1.0, 2.0], 0.5, 1.5), (list(range(101)), 0.95, 95.0)],
)
def test_percentiles_are_interpolated(values: list[float], share: float, value: float) -> None:
    assert log.percentile(values, share) == pytest.approx(value)
