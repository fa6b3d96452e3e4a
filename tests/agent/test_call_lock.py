"""One agent for each call: the advisory lock, and the rule of presence."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from agent.call_lock import CallLock
from agent.presence import OtherAgent, must_leave
from domain.calls.lock import lock_key
from tests.calls.events import until
from tests.calls.proxy import DatabaseProxy
from tests.postgres import DatabaseAddress


async def test_a_call_has_one_lock_and_gives_it_back(database_address: DatabaseAddress) -> None:
    first = CallLock(database_address.app, room="call-1")
    second = CallLock(database_address.app, room="call-1")
    other = CallLock(database_address.app, room="call-2")
    assert await first.acquire() is True
    assert await second.acquire() is False
    assert await other.acquire() is True
    await first.release()
    assert await second.acquire() is True
    await second.release()
    await other.release()


async def test_without_the_database_the_answer_is_none() -> None:
    lock = CallLock("postgresql://nobody@127.0.0.1:1/none", room="call-1")
    assert await lock.acquire() is None


async def test_a_broken_connection_takes_the_lock_again(database_address: DatabaseAddress) -> None:
    proxy = DatabaseProxy(database_address.app)
    lock = CallLock(proxy.url, room="call-1")
    assert await lock.acquire() is True
    lost = asyncio.Event()
    told: list[bool] = []
    lock.keep(on_lost=lost.set, on_held=told.append)
    proxy.cut("open")

    async def held() -> bool | None:
        async with await psycopg.AsyncConnection.connect(database_address.app) as connection:
            cursor = await connection.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            )
            row = await cursor.fetchone()
        return (row is not None and row[0] == 1 and lock.held) or None

    await until(held, timeout=20)
    assert not lost.is_set()
    # Whoever looks into the room must not take it for dead meanwhile.
    assert told == [False, True]
    assert await lock.confirm() is True
    await lock.release()
    proxy.stop()


async def test_who_lost_the_lock_to_another_is_told(database_address: DatabaseAddress) -> None:
    proxy = DatabaseProxy(database_address.app)
    lock = CallLock(proxy.url, room="call-1")
    assert await lock.acquire() is True
    lost = asyncio.Event()
    proxy.cut("refused")
    lock.keep(on_lost=lost.set)
    rival = CallLock(database_address.app, room="call-1")

    async def taken() -> bool | None:
        return (await rival.acquire()) or None

    await until(taken, timeout=20)
    proxy.restore()
    async with asyncio.timeout(20):
        await lost.wait()
    await lock.release()
    await rival.release()
    proxy.stop()


async def test_a_job_that_was_fenced_learns_who_has_the_lock(
    database_address: DatabaseAddress,
) -> None:
    lock = CallLock(database_address.app, room="call-1")
    assert await lock.confirm() is None
    assert await lock.acquire() is True
    assert await lock.confirm() is True
    async with await psycopg.AsyncConnection.connect(database_address.app) as connection:
        await connection.execute("SELECT pg_terminate_backend(%s)", (lock._backend,))

    async def nobodys() -> bool:
        # Nothing watches its connection: as in a process that stands still.
        return await lock.confirm() is None

    await until(nobodys, timeout=10)
    rival = CallLock(database_address.app, room="call-1")
    assert await rival.acquire() is True
    assert await lock.confirm() is False
    assert await rival.confirm() is True
    await rival.release()
    await lock.release()


async def test_without_the_database_nobody_can_confirm(database_address: DatabaseAddress) -> None:
    proxy = DatabaseProxy(database_address.app)
    lock = CallLock(proxy.url, room="call-1")
    assert await lock.acquire() is True
    proxy.cut("refused")
    assert await lock.confirm() is None
    await lock.release()
    proxy.stop()


def test_the_key_is_of_the_room_and_fits_a_bigint() -> None:
    assert lock_key("call-1") == lock_key("call-1") != lock_key("call-2")
    assert -(2**63) <= lock_key("call-1") < 2**63


@pytest.mark.parametrize(
    ("own", "serving", "other", "leaves"),
    [
        ("b", False, OtherAgent("a", ""), True),
        ("a", False, OtherAgent("b", ""), False),
        ("a", False, OtherAgent("b", "presence"), True),
        ("b", True, OtherAgent("a", ""), False),
        ("b", True, OtherAgent("a", "presence"), True),
        ("a", True, OtherAgent("b", "presence"), False),
        ("a", True, OtherAgent("b", "lock"), True),
    ],
)
def test_of_two_agents_without_a_database_one_leaves(
    own: str, serving: bool, other: OtherAgent, leaves: bool
) -> None:
    assert must_leave(own, [other], serving=serving) is leaves
    if other.claim != "lock":
        claim = "presence" if serving else ""
        seen_from_there = must_leave(
            other.identity, [OtherAgent(own, claim)], serving=bool(other.claim)
        )
        assert seen_from_there is not leaves


def test_alone_nobody_leaves() -> None:
    assert not must_leave("a", [], serving=False)
