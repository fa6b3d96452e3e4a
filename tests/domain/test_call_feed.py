"""What is new in a business's calls: each event once, whatever the order in which transactions commit."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from domain.calls import feed
from domain.calls.events import (
    AppointmentCancelled,
    CallerSaid,
    CallStarted,
    JournalEntry,
)
from domain.calls.feed import FeedEvent, FeedPosition
from domain.calls.record import append
from domain.database import Database, Scope
from domain.seam import PinnedSeam
from tests.factories import make_business, make_call


@pytest.fixture
async def business_id(database: Database) -> UUID:
    return await make_business(database)


@pytest.fixture
async def call_id(database: Database, business_id: UUID) -> UUID:
    return await make_call(database, business_id=business_id, end=None)


async def _present(database: Database, business_id: UUID) -> FeedPosition:
    async with database.scope(business_id=business_id) as scope:
        return await feed.present(scope)


async def _read(
    database: Database, business_id: UUID, position: FeedPosition, *, limit: int = feed.PAGE
) -> tuple[list[FeedEvent], FeedPosition]:
    async with database.scope(business_id=business_id) as scope:
        return await feed.read(scope, position, limit=limit)


def _said(call_id: UUID, seq: int, scope: Scope, *, epoch: int = 1) -> JournalEntry:
    return JournalEntry(
        call_id=call_id, epoch=epoch, seq=seq, at=scope.seam.now(), event=CallerSaid(text=str(seq))
    )


def _words(events: Sequence[FeedEvent]) -> list[str]:
    return [one.entry.event.text for one in events if isinstance(one.entry.event, CallerSaid)]


async def test_nothing_of_the_past_is_told(
    database: Database, business_id: UUID, call_id: UUID
) -> None:
    position = await _present(database, business_id)
    events, after = await _read(database, business_id, position)
    assert events == []
    assert (await _read(database, business_id, after))[0] == []


async def test_an_event_whose_transaction_began_first_and_commits_last_is_not_lost(
    database: Database, business_id: UUID, call_id: UUID
) -> None:
    position = await _present(database, business_id)
    async with database.scope(business_id=business_id) as early:
        await append(early, [_said(call_id, 11, early)])
        async with database.scope(business_id=business_id) as late:
            await append(late, [_said(call_id, 12, late)])
        events, position = await _read(database, business_id, position)
        assert _words(events) == ["12"], "told at once, though an earlier transaction is still open"
        assert (await _read(database, business_id, position))[0] == []
    events, position = await _read(database, business_id, position)
    assert _words(events) == ["11"]
    assert (await _read(database, business_id, position))[0] == []


async def test_what_is_rolled_back_is_never_told(
    database: Database, business_id: UUID, call_id: UUID
) -> None:
    position = await _present(database, business_id)
    with pytest.raises(ZeroDivisionError):
        async with database.scope(business_id=business_id) as scope:
            await append(scope, [_said(call_id, 11, scope)])
            raise ZeroDivisionError
    assert (await _read(database, business_id, position))[0] == []


async def test_events_of_a_savepoint_are_told(
    database: Database, business_id: UUID, call_id: UUID
) -> None:
    position = await _present(database, business_id)
    async with database.scope(business_id=business_id) as scope:
        async with scope.session.begin_nested():
            await append(scope, [_said(call_id, 11, scope)])
        await append(scope, [_said(call_id, 12, scope)])
    assert _words((await _read(database, business_id, position))[0]) == ["11", "12"]


async def test_pages_can_be_broken_off_after_any_event(
    database: Database, business_id: UUID, call_id: UUID
) -> None:
    position = await _present(database, business_id)
    async with database.scope(business_id=business_id) as scope:
        await append(scope, [_said(call_id, seq, scope) for seq in range(11, 16)])
    told: list[str] = []
    while len(told) < 7:
        events, _ = await _read(database, business_id, position, limit=2)
        # Only the first of the page arrived, and meanwhile something else happens.
        told += _words(events[:1])
        assert events[0].position is not None
        resumed = FeedPosition.of_id(events[0].position.as_id())
        assert resumed is not None
        position = resumed
        if told[-1] in ("12", "14"):
            async with database.scope(business_id=business_id) as scope:
                await append(scope, [_said(call_id, int(told[-1]) + 10, scope)])
    assert told == ["11", "12", "13", "14", "15", "22", "24"]
    assert (await _read(database, business_id, position))[0] == []


async def test_every_event_of_a_storm_is_told_once_to_a_reader_who_reconnects(
    database: Database, business_id: UUID
) -> None:
    calls = [await make_call(database, business_id=business_id, end=None) for _ in range(4)]
    position = await _present(database, business_id)
    dice = random.Random(5)

    async def write(call_id: UUID, size: int) -> None:
        """Transactions of `size` events: the long ones end after short ones that began later."""
        for first in range(11, 51, size):
            async with database.scope(business_id=business_id) as scope:
                for seq in range(first, first + size):
                    await append(scope, [_said(call_id, seq, scope)])

    writing = asyncio.gather(*map(write, calls, (20, 10, 2, 1)))
    told: list[tuple[UUID, int]] = []
    pages = 0
    done = False
    while True:
        ended = writing.done()
        events, after = await _read(database, business_id, position, limit=7)
        pages += 1
        if events and dice.random() < 0.5:
            # The connection breaks in the middle of the page.
            events = events[: dice.randrange(len(events)) + 1]
            assert events[-1].position is not None
            broken_off = FeedPosition.of_id(events[-1].position.as_id())
            assert broken_off is not None
            after = broken_off
        told += [(one.entry.call_id, one.entry.seq) for one in events]
        position = after
        if ended and not events:
            if done:
                break
            done = True
    await writing
    assert len(told) == len(set(told)), "told twice"
    assert set(told) == {(call_id, seq) for call_id in calls for seq in range(11, 51)}
    assert pages > 20
    for call_id in calls:
        seqs = [seq for one, seq in told if one == call_id]
        assert seqs == sorted(seqs), "a call's own events come in its order"


async def test_a_deed_that_is_there_before_the_start_of_its_call_waits_for_it(
    database: Database, business_id: UUID, seam: PinnedSeam
) -> None:
    position = await _present(database, business_id)
    call_id = seam.new_id()
    cancelled = AppointmentCancelled(appointment_id=seam.new_id())
    deed = JournalEntry(call_id=call_id, epoch=1, seq=9, at=seam.now(), event=cancelled)
    async with database.scope(business_id=business_id) as scope:
        await append(scope, [deed])
    events, position = await _read(database, business_id, position)
    assert events == []
    started = CallStarted(room="call-1", channel="sip", dialled="+12025550100")
    begun = JournalEntry(call_id=call_id, epoch=1, seq=1, at=seam.now(), event=started)
    async with database.scope(business_id=business_id) as scope:
        await append(scope, [begun])
    events, position = await _read(database, business_id, position)
    assert [one.entry for one in events] == [deed, begun]
    taken_over = JournalEntry(call_id=call_id, epoch=2, seq=1, at=seam.now(), event=started)
    async with database.scope(business_id=business_id) as scope:
        await append(scope, [taken_over])
    events, _ = await _read(database, business_id, position)
    assert [one.entry for one in events] == [taken_over], "the rest is not told again"


async def test_what_the_installation_says_to_itself_is_not_told(
    database: Database, business_id: UUID, call_id: UUID
) -> None:
    position = await _present(database, business_id)
    synthetic = await make_call(database, business_id=business_id, end=None, synthetic=True)
    async with database.scope(business_id=business_id) as scope:
        await append(scope, [_said(synthetic, 11, scope), _said(call_id, 12, scope)])
    assert _words((await _read(database, business_id, position))[0]) == ["12"]


async def test_other_businesses_are_not_told(
    database: Database, business_id: UUID, call_id: UUID
) -> None:
    other = await make_business(database, name="Other")
    position = await _present(database, other)
    async with database.scope(business_id=business_id) as scope:
        await append(scope, [_said(call_id, 11, scope)])
    assert (await _read(database, other, position))[0] == []


async def test_what_a_position_has_behind_it(
    database: Database, business_id: UUID, call_id: UUID
) -> None:
    start = await _present(database, business_id)
    async with database.scope(business_id=business_id) as scope:
        await append(scope, [_said(call_id, seq, scope) for seq in (11, 12, 13)])
    events, end = await _read(database, business_id, start)
    middle = events[1].position
    assert middle is not None
    for position, seqs in ((start, [1]), (middle, [1, 11, 12]), (end, [1, 11, 12, 13])):
        async with database.scope(business_id=business_id) as scope:
            behind = await feed.events_behind(scope, position, call_ids=[call_id])
        assert [entry.seq for entry in behind[call_id]] == seqs


def _id(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()


SOME_KEY = ["7", str(UUID(int=1)), 1, 1]


@pytest.mark.parametrize(
    "position_id",
    [
        "",
        "nonsense",
        "\u20ac",
        "A" * (feed.LONGEST_ID + 1),
        _id(),
        _id("1:2:"),
        _id(7, "", None, 1),
        _id("1:2", "", None, 1),
        _id("0:2:", "", None, 1),
        _id("3:2:", "", None, 1),
        _id("1:5:4,3", "", None, 1),
        _id("1:5:3,3", "", None, 1),
        _id("1:5:5", "", None, 1),
        _id("2:5:1", "", None, 1),
        _id("1:9223372036854775808:", "", None, 1),
        _id("1:2:", "", None, "1"),
        _id("1:2:", "", None, True),
        _id("1:2:", "1:2:", None, 1),
        _id("1:2:", "", SOME_KEY, 1),
        _id("1:2:", "1:2:", ["x", str(UUID(int=1)), 1, 1], 1),
        _id("1:2:", "1:2:", ["7", "x", 1, 1], 1),
        _id("1:2:", "1:2:", ["7", str(UUID(int=1)), 1, 2**31], 1),
        _id("1:2:", "1:2:", ["7", str(UUID(int=1)), 1], 1),
        _id("1:2:", "1:2:", ["9223372036854775808", str(UUID(int=1)), 1, 1], 1),
    ],
)
async def test_a_malformed_id_begins_anew(
    database: Database, business_id: UUID, position_id: str
) -> None:
    async with database.scope(business_id=business_id) as scope:
        assert await feed.resume(scope, position_id) is None


async def test_an_id_is_good_for_ten_minutes_and_for_its_own_database(
    database: Database, business_id: UUID, seam: PinnedSeam
) -> None:
    position = await _present(database, business_id)
    ahead = FeedPosition(seen=f"1:{2**40}:", at=position.at)
    future = FeedPosition(seen=position.seen, at=position.at + 60)
    async with database.scope(business_id=business_id) as scope:
        assert await feed.resume(scope, position.as_id()) == position
        assert await feed.resume(scope, ahead.as_id()) is None
        assert await feed.resume(scope, future.as_id()) is None
        seam.advance(feed.RESUMED_WITHIN)
        assert await feed.resume(scope, position.as_id()) == position
        seam.advance(timedelta(seconds=1))
        assert await feed.resume(scope, position.as_id()) is None
