"""A worker without calls does not leave before the database has what it holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from agent.drain import deliver_rest, left_over
from agent.journal.journal import CallJournal
from domain.calls.events import CallEnded, CallStarted
from domain.database import Database
from domain.encryption import Keyring
from tests.calls.proxy import DatabaseProxy
from tests.factories import make_business
from tests.postgres import DatabaseAddress

STARTED = CallStarted(room="call-1", channel="sip", dialled="+12025550100")


@pytest.fixture
async def business_id(database: Database) -> UUID:
    return await make_business(database)


@pytest.fixture
async def away(
    database_address: DatabaseAddress, keyring: Keyring, database: Database
) -> AsyncIterator[tuple[Database, DatabaseProxy]]:
    """A database behind a proxy that is closed."""
    proxy = DatabaseProxy(database_address.app)
    proxy.cut()
    behind = Database(proxy.url, keyring=keyring, seam=database.seam, connect_timeout=2)
    yield behind, proxy
    await behind.aclose()
    proxy.stop()


def _journal(database: Database, home: Path, business_id: UUID) -> CallJournal:
    return CallJournal(database, home=home, call_id=uuid4(), epoch=1, business_id=business_id)


async def test_it_waits_for_a_database_that_is_away(
    away: tuple[Database, DatabaseProxy],
    business_id: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agent.drain._LOOK_SECONDS", 0.1)
    behind, proxy = away
    ended = _journal(behind, tmp_path, business_id)
    ended.record(STARTED)
    ended.record(CallEnded(reason="caller_hung_up"))
    assert not await ended.close(timeout=0.2)
    assert left_over(tmp_path)
    assert not await deliver_rest(behind, home=tmp_path, seconds=0.5)
    # Nothing is thrown away for it.
    assert left_over(tmp_path)
    waiting = asyncio.create_task(deliver_rest(behind, home=tmp_path, seconds=60))
    proxy.restore()
    assert await waiting
    assert not left_over(tmp_path)


async def test_another_workers_call_is_not_waited_for(
    away: tuple[Database, DatabaseProxy], business_id: UUID, tmp_path: Path
) -> None:
    behind, proxy = away
    living = _journal(behind, tmp_path, business_id)
    living.record(STARTED)
    assert await deliver_rest(behind, home=tmp_path, seconds=30)
    proxy.restore()
    assert await living.close(timeout=30)


async def test_with_nothing_left_it_leaves_at_once(database: Database, tmp_path: Path) -> None:
    assert await deliver_rest(database, home=tmp_path, seconds=0.5)
