"""The call keeper with rooms and a clock of the test's, on a real database with real advisory locks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select

from admin.closer import CallCloser
from admin.keeper import keeper as keeping
from admin.keeper.keeper import CallKeeper
from admin.livekit import Participant
from admin.metrics import Metrics
from domain.alerts.models import Alert
from domain.calls import log, rescue
from domain.calls.closing import close_open
from domain.calls.events import CallerSaid, JournalEntry
from domain.calls.lock import HeldLocks, fence, held_locks, lock_key
from domain.calls.models import Call
from domain.calls.record import append
from domain.database import Database
from domain.seam import PinnedSeam
from domain.tables import INSTALLATION
from domain.watching import workers
from domain.watching.workers import Sign
from tests.admin.conftest import Tenant
from tests.admin.rooms import AGENT, CALLER, FakeRooms
from tests.calls.events import until
from tests.factories import make_call
from tests.postgres import DatabaseAddress

SERVING = Participant(identity="agent-9", agent=True, claim="presence")
STAFF = Participant(identity="staff-1", staff=True)
STEP = 0.5
"""Seconds between two steps."""


@asynccontextmanager
async def job(address: DatabaseAddress, room: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """Somebody who holds the lock of a room's call."""
    async with await psycopg.AsyncConnection.connect(address.app, autocommit=True) as connection:
        await connection.execute("SELECT pg_advisory_lock(%s)", (lock_key(room),))
        yield connection


@dataclass
class Desk:
    """One keeper (or two) and what it sees."""

    database: Database
    seam: PinnedSeam
    rooms: FakeRooms
    keepers: list[CallKeeper]
    closers: list[CallCloser]
    tenant: Tenant

    async def step(self) -> None:
        await asyncio.gather(*(one.step() for one in self.keepers))

    async def run(self, seconds: float) -> None:
        """Let so much time go by."""
        for _ in range(round(seconds / STEP)):
            self.seam.advance(timedelta(seconds=STEP))
            await self.step()

    async def open_call(self) -> tuple[UUID, str]:
        call_id = await make_call(self.database, business_id=self.tenant.business_id, end=None)
        room = f"call-{call_id}"
        self.rooms.there[room] = [CALLER, AGENT]
        return call_id, room

    async def call(self, call_id: UUID) -> Call:
        async with self.database.scope(business_id=self.tenant.business_id) as scope:
            return await log.get(scope, call_id=call_id)

    @property
    def epochs(self) -> list[int]:
        """Under which the jobs that were sent serve."""
        return [json.loads(metadata)["epoch"] for _, metadata in self.rooms.jobs]


@pytest.fixture
def rooms() -> FakeRooms:
    return FakeRooms()


@pytest.fixture(autouse=True)
def an_old_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL has started with the tests, and their time runs faster than its own."""

    async def old(database: Database) -> HeldLocks:
        return replace(await held_locks(database), up_for=timedelta(days=1))

    monkeypatch.setattr(keeping, "held_locks", old)


@pytest.fixture
def make_desk(
    database: Database, seam: PinnedSeam, rooms: FakeRooms, tenant: Tenant
) -> Callable[..., Desk]:
    def make(*, count: int = 1, of: Database | None = None) -> Desk:
        used, metrics = of or database, Metrics()
        closers = [
            CallCloser(used, list_rooms=rooms.names, end_room=rooms.delete, metrics=metrics)
            for _ in range(count)
        ]
        keepers = [
            CallKeeper(used, rooms=rooms, closer=closer, metrics=metrics) for closer in closers
        ]
        return Desk(database, seam, rooms, keepers, closers, tenant)

    return make


@pytest.fixture
async def desk(make_desk: Callable[..., Desk]) -> Desk:
    """A keeper that knows the database well."""
    made = make_desk()
    await made.step()
    await made.run(6)
    return made


async def test_locks_are_seen_with_their_holders(
    database: Database, database_address: DatabaseAddress
) -> None:
    async with AsyncExitStack() as jobs:
        # Keys with and without a sign, in both halves.
        rooms = [f"call-{number}" for number in range(12)]
        assert len({(lock_key(room) < 0, lock_key(room) & 0x80000000 > 0) for room in rooms}) == 4
        held = {
            room: (await jobs.enter_async_context(job(database_address, room))).info.backend_pid
            for room in rooms
        }
        locks = await held_locks(database)
        assert {room: locks.holder(room) for room in rooms} == held
        assert locks.holder("call-none") is None
        assert locks.up_for > timedelta()
    # A closed connection's locks go when its server process notices, a moment later.
    for room in rooms:
        await _until_free(database, room)
    assert not set(map(lock_key, rooms)) & (await held_locks(database)).holders.keys()


async def test_only_who_still_holds_the_lock_is_fenced(
    database: Database, database_address: DatabaseAddress
) -> None:
    async with job(database_address, "call-1") as frozen, job(database_address, "call-2") as other:
        pid = frozen.info.backend_pid
        assert not await fence(database, room="call-2", holder=pid)
        assert await fence(database, room="call-1", holder=pid)
        await _until_free(database, "call-1")
        assert (await held_locks(database)).holder("call-2") == other.info.backend_pid
        assert not await fence(database, room="call-1", holder=pid)


async def test_a_call_whose_lock_is_free_is_rescued_after_two_seconds(desk: Desk) -> None:
    call_id, room = await desk.open_call()
    await desk.run(2)
    assert desk.rooms.jobs == []
    assert desk.rooms.removed == []
    await desk.run(1)
    assert desk.rooms.removed == [(room, AGENT.identity)]
    assert desk.rooms.jobs == [(room, json.dumps({"call_id": str(call_id), "epoch": 2}))]
    call = await desk.call(call_id)
    assert (call.rescue_epoch, call.ended_at) == (2, None)


async def test_a_call_whose_job_lives_is_left_alone(
    desk: Desk, database_address: DatabaseAddress
) -> None:
    _, room = await desk.open_call()
    async with job(database_address, room):
        await desk.run(60)
    assert desk.rooms.jobs == []
    assert desk.rooms.removed == []
    assert desk.rooms.deleted == []


async def test_a_lock_that_is_taken_again_in_time_is_nobodys_death(
    desk: Desk, database_address: DatabaseAddress
) -> None:
    _, room = await desk.open_call()
    for _ in range(3):
        async with job(database_address, room):
            await desk.run(1)
        await _until_free(desk.database, room)
        await desk.run(1.5)
    assert desk.rooms.jobs == []


async def test_of_several_keepers_one_rescues(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(count=3)
    await desk.step()
    await desk.run(6)
    call_id, _ = await desk.open_call()
    await desk.run(4)
    assert len(desk.rooms.jobs) == 1
    assert (await desk.call(call_id)).rescue_epoch == 2


async def test_the_epoch_is_above_every_event_and_every_promise(desk: Desk) -> None:
    call_id, room = await desk.open_call()
    entry = JournalEntry(
        call_id=call_id, epoch=4, seq=1, at=desk.seam.now(), event=CallerSaid(text="hello")
    )
    async with desk.database.scope(business_id=desk.tenant.business_id) as scope:
        await append(scope, [entry])
    await desk.run(2.5)
    assert desk.epochs == [5]
    # The job that was sent has written nothing yet, and dies: its number is its own all the same.
    await desk.run(3.5)
    assert desk.epochs == [5, 6]
    async with desk.database.scope(business_id=desk.tenant.business_id) as scope:
        await close_open(scope, call_id=call_id, reason="worker_lost")
        events = await log.events(scope, call_id=call_id)
    assert events[-1].epoch == 7
    assert room in desk.rooms.there


async def test_a_claim_is_one_keepers_until_it_is_time_again(desk: Desk) -> None:
    call_id, _ = await desk.open_call()
    again = timedelta(seconds=3)

    async def claim() -> int | None:
        async with desk.database.scope(business_id=desk.tenant.business_id) as scope:
            return await rescue.claim(scope, call_id=call_id, again_after=again)

    assert sorted(await asyncio.gather(claim(), claim(), claim()), key=str) == [2, None, None]
    desk.seam.advance(again)
    assert await claim() == 3
    async with desk.database.scope(business_id=desk.tenant.business_id) as scope:
        await close_open(scope, call_id=call_id, reason="worker_lost")
    desk.seam.advance(again)
    assert await claim() is None


async def test_no_worker_to_be_had_ends_the_call_within_fifteen_seconds(desk: Desk) -> None:
    call_id, room = await desk.open_call()
    await desk.run(13)
    assert (await desk.call(call_id)).ended_at is None
    assert room in desk.rooms.there
    assert len(desk.rooms.jobs) >= 3
    await desk.run(1.5)
    call = await desk.call(call_id)
    assert (call.state, call.end_reason) == ("ended", "no_worker")
    assert await _alerts(desk.database) == [("calls_refused", "no worker", 1)]
    assert desk.rooms.deleted == [room]


async def test_a_call_whose_every_job_dies_is_not_carried_on_for_ever(
    desk: Desk, database_address: DatabaseAddress
) -> None:
    call_id, room = await desk.open_call()
    for _ in range(8):
        await desk.run(2.5)
        if room not in desk.rooms.there:
            break
        async with job(database_address, room):
            await desk.run(0.5)
        await _until_free(desk.database, room)
    call = await desk.call(call_id)
    assert call.end_reason == "worker_lost"
    assert len(desk.rooms.jobs) == 5


async def test_nothing_is_rescued_while_the_database_is_away_nor_just_after_its_return(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, room = await desk.open_call()
    await desk.run(1.5)

    async def away(_: Database) -> HeldLocks:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(keeping, "held_locks", away)
        await desk.run(40)
    await desk.run(5)
    assert desk.rooms.jobs == []
    assert room in desk.rooms.there
    await desk.run(3)
    assert len(desk.rooms.jobs) == 1


async def test_a_database_that_restarted_between_two_steps_is_given_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.open_call()
    restarted = desk.seam.now()

    async def young(database: Database) -> HeldLocks:
        return HeldLocks(holders={}, up_for=desk.seam.now() - restarted)

    monkeypatch.setattr(keeping, "held_locks", young)
    await desk.run(6.5)
    assert desk.rooms.jobs == []
    await desk.run(1.5)
    assert len(desk.rooms.jobs) == 1


async def test_a_keeper_that_starts_waits_before_it_judges(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    await desk.open_call()
    await desk.step()
    await desk.run(6.5)
    assert desk.rooms.jobs == []
    await desk.run(1.5)
    assert len(desk.rooms.jobs) == 1


async def test_an_agent_that_serves_without_the_database_is_not_taken_for_dead(desk: Desk) -> None:
    _, room = await desk.open_call()
    desk.rooms.there[room] = [CALLER, SERVING]
    await desk.run(60)
    assert desk.rooms.jobs == []
    # LiveKit has missed it.
    desk.rooms.there[room] = [CALLER]
    await desk.run(3)
    assert len(desk.rooms.jobs) == 1


async def test_a_new_caller_gets_one_more_job_and_then_busy(desk: Desk) -> None:
    desk.rooms.there["call-new"] = [CALLER]
    await desk.run(2)
    assert desk.rooms.jobs == []
    await desk.run(0.5)
    assert desk.rooms.jobs == [("call-new", '{"attempt": 1}')]
    await desk.run(1.5)
    assert desk.rooms.deleted == []
    await desk.run(0.5)
    assert desk.rooms.deleted == ["call-new"]
    assert len(desk.rooms.jobs) == 1
    assert await _alerts(desk.database) == [("calls_refused", "no worker", 1)]


async def test_of_a_flood_only_those_wait_whom_a_worker_might_yet_take(
    desk: Desk, database_address: DatabaseAddress
) -> None:
    await _sign(desk.database, capacity=3)
    await _sign(desk.database, capacity=5, draining=True)
    async with job(database_address, "call-served"):
        desk.rooms.there["call-served"] = [CALLER, AGENT]
        for n in range(12):
            desk.rooms.there[f"call-early-{n:02}"] = [CALLER]
        await desk.step()
        # Two free places of three, and those who may wait for one.
        assert sorted(desk.rooms.deleted) == ["call-early-10", "call-early-11"]
        await desk.run(0.5)
        for n in range(5):
            desk.rooms.there[f"call-late-{n}"] = [CALLER]
        await desk.run(0.5)
        assert sorted(desk.rooms.deleted)[2:] == [f"call-late-{n}" for n in range(5)]
        assert await _alerts(desk.database) == [("calls_refused", "no worker", 2)]
        assert "call-served" in desk.rooms.there


async def test_many_callers_at_once_are_not_a_flood_where_there_is_room_for_them(
    desk: Desk,
) -> None:
    await _sign(desk.database, capacity=40)
    for n in range(48):
        desk.rooms.there[f"call-{n:02}"] = [CALLER]
    await desk.run(1.5)
    assert desk.rooms.deleted == []


async def test_of_a_flood_nobody_is_looked_at_again_before_something_is_due(desk: Desk) -> None:
    desk.rooms.there["call-new"] = [CALLER]
    await desk.run(1.5)
    assert desk.rooms.looks == ["call-new"]


async def test_several_keepers_send_one_more_job(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(count=3)
    await desk.step()
    await desk.run(6)
    desk.rooms.there["call-new"] = [CALLER]
    await desk.run(3)
    assert desk.rooms.jobs == [("call-new", '{"attempt": 1}')]


async def test_a_new_caller_whose_job_comes_is_not_refused(
    desk: Desk, database_address: DatabaseAddress
) -> None:
    desk.rooms.there["call-new"] = [CALLER]
    await desk.run(2.5)
    async with job(database_address, "call-new"):
        await desk.run(1)
        desk.rooms.there["call-new"] = [CALLER, AGENT]
        await desk.run(30)
    assert desk.rooms.deleted == []
    assert len(desk.rooms.jobs) == 1


async def test_who_was_served_before_the_log_knew_of_it_is_rescued_and_not_refused(
    desk: Desk, database_address: DatabaseAddress
) -> None:
    desk.rooms.there["call-new"] = [CALLER]
    async with job(database_address, "call-new"):
        await desk.run(1)
    await _until_free(desk.database, "call-new")
    await desk.run(10)
    assert len(desk.rooms.jobs) >= 3
    assert len({metadata for _, metadata in desk.rooms.jobs}) == len(desk.rooms.jobs)
    assert desk.rooms.deleted == []
    await desk.run(5)
    assert desk.rooms.deleted == ["call-new"]


async def test_whose_agent_is_still_listed_was_served_whatever_the_keeper_has_seen(
    desk: Desk,
) -> None:
    desk.rooms.there["call-new"] = [CALLER, AGENT]
    await desk.run(10)
    assert desk.rooms.removed == [("call-new", AGENT.identity)]
    assert desk.rooms.deleted == []


async def test_a_room_whose_caller_has_not_come_yet_is_nobodys(desk: Desk) -> None:
    desk.rooms.there["call-new"] = []
    desk.rooms.there["call-agent"] = [AGENT]
    desk.rooms.there["meeting"] = [CALLER]
    await desk.run(30)
    assert desk.rooms.jobs == []
    assert desk.rooms.deleted == []


async def test_without_the_database_a_new_caller_gets_busy_and_a_served_one_is_left_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, room = await desk.open_call()

    async def away(_: Database) -> HeldLocks:
        raise ConnectionError

    monkeypatch.setattr(keeping, "held_locks", away)
    await desk.run(1)
    desk.rooms.there["call-new"] = [CALLER]
    desk.rooms.there["call-answered"] = [CALLER, SERVING]
    await desk.run(8)
    assert desk.rooms.deleted == []
    await desk.run(22)
    assert desk.rooms.deleted == ["call-new"]
    assert desk.rooms.jobs == [("call-new", '{"attempt": 1}')]
    assert room in desk.rooms.there


async def test_a_frozen_job_that_livekit_has_dropped_is_fenced_and_its_call_rescued(
    desk: Desk, database_address: DatabaseAddress
) -> None:
    call_id, room = await desk.open_call()
    async with job(database_address, room) as frozen:
        await desk.run(30)
        assert frozen.info.backend_pid == (await held_locks(desk.database)).holder(room)
        desk.rooms.there[room] = [CALLER]
        await desk.run(2.5)
        assert frozen.info.backend_pid == (await held_locks(desk.database)).holder(room)
        # It is looked at every 5 s, and fenced 3 s after it is missed.
        for _ in range(12):
            await desk.run(STEP)
            if (await held_locks(desk.database)).holder(room) is None:
                break
        with pytest.raises(psycopg.OperationalError):
            await frozen.execute("SELECT 1")
        await desk.run(1)
    assert desk.epochs == [2]
    assert (await desk.call(call_id)).ended_at is None


@pytest.mark.parametrize("logged", [True, False])
async def test_a_job_that_is_on_its_way_into_the_room_is_not_fenced(
    desk: Desk, database_address: DatabaseAddress, logged: bool
) -> None:
    room = "call-new"
    if logged:
        _, room = await desk.open_call()
    desk.rooms.there[room] = [CALLER, AGENT]
    await desk.run(2.5)
    desk.rooms.there[room] = [CALLER]
    assert len(desk.rooms.jobs) == 1
    async with job(database_address, room) as sent:
        await desk.run(8)
        assert (await held_locks(desk.database)).holder(room) == sent.info.backend_pid
        desk.rooms.there[room] = [CALLER, AGENT]
        await desk.run(30)
        assert (await held_locks(desk.database)).holder(room) == sent.info.backend_pid


async def test_a_job_that_another_keeper_sent_is_not_fenced_either(
    make_desk: Callable[..., Desk], database_address: DatabaseAddress
) -> None:
    desk = make_desk()
    await desk.step()
    await desk.run(6)
    call_id, room = await desk.open_call()
    async with job(database_address, room):
        await desk.run(6)
    desk.rooms.there[room] = [CALLER]
    async with desk.database.scope(business_id=desk.tenant.business_id) as scope:
        await rescue.claim(scope, call_id=call_id, again_after=timedelta(seconds=3))
    async with job(database_address, room) as sent:
        await desk.run(8)
        assert (await held_locks(desk.database)).holder(room) == sent.info.backend_pid
    assert desk.rooms.jobs == []


async def test_a_call_whose_caller_left_while_nobody_served_it_is_ended(desk: Desk) -> None:
    call_id, room = await desk.open_call()
    desk.rooms.there[room] = [STAFF, AGENT]
    await desk.run(5)
    assert desk.rooms.deleted == []
    await desk.run(1)
    call = await desk.call(call_id)
    assert (call.end_reason, desk.rooms.deleted) == ("worker_lost", [room])
    assert desk.rooms.jobs == []


async def test_calls_that_went_with_livekit_end_with_that_reason(desk: Desk) -> None:
    call_id, room = await desk.open_call()
    kept_id, kept = await desk.open_call()
    desk.rooms.there[room] = desk.rooms.there[kept] = [CALLER, SERVING]
    await desk.run(1)
    desk.rooms.away = True
    await desk.run(3)
    del desk.rooms.there[room]
    desk.rooms.away = False
    await desk.run(1)
    await desk.closers[0].step()
    assert (await desk.call(call_id)).ended_at is None
    desk.seam.advance(timedelta(seconds=31))
    await desk.closers[0].step()
    assert (await desk.call(call_id)).end_reason == "server_lost"
    assert (await desk.call(kept_id)).ended_at is None


async def test_while_livekit_is_away_no_time_goes_by(desk: Desk) -> None:
    _, room = await desk.open_call()
    await desk.run(1.5)
    desk.rooms.away = True
    await desk.run(20)
    desk.rooms.away = False
    await desk.run(2)
    assert desk.rooms.jobs == []
    assert room in desk.rooms.there
    await desk.run(1)
    assert len(desk.rooms.jobs) == 1


async def _sign(database: Database, *, capacity: int, draining: bool = False) -> None:
    sign = Sign(
        accepting=not draining,
        draining=draining,
        active_calls=0,
        capacity=capacity,
        undelivered=0,
        oldest_undelivered_seconds=0.0,
    )
    async with database.scope(business_id=INSTALLATION) as scope:
        await workers.give_sign(scope, worker_id=database.seam.new_id(), sign=sign)


async def _alerts(database: Database) -> list[tuple[str, str, int]]:
    """What operators are told."""
    async with database.scope(business_id=INSTALLATION) as scope:
        found = (await scope.session.scalars(select(Alert))).all()
        return [(one.kind, one.subject, one.times) for one in found]


async def _until_free(database: Database, room: str) -> None:
    """PostgreSQL lets go of a lock a moment after its connection has ended."""

    async def free() -> bool:
        return (await held_locks(database)).holder(room) is None

    await until(free, timeout=10, every=0.01)
