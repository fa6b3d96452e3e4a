"""The journal against a real PostgreSQL: once, in order, whatever dies."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text

from agent.journal.journal import CallJournal
from agent.journal.leftovers import deliver_leftovers
from agent.journal.spool import Spool, SpoolHeader
from domain.calls.events import (
    CallEnded,
    CallerSaid,
    CallStarted,
    DigitPressed,
    Event,
    JournalEntry,
    MessageTaken,
)
from domain.calls.models import Call, CallEvent
from domain.calls.record import as_entry
from domain.database import Database
from domain.encryption import Keyring
from domain.messages.models import Message
from tests.calls.proxy import DatabaseProxy
from tests.conftest import NOON
from tests.factories import make_business
from tests.postgres import DatabaseAddress

STARTED = CallStarted(room="call-1", channel="sip", dialled="+12025550100")


@pytest.fixture
async def business_id(database: Database) -> UUID:
    return await make_business(database)


def journal(database: Database, home: Path, business_id: UUID, call_id: UUID) -> CallJournal:
    return CallJournal(database, home=home, call_id=call_id, epoch=1, business_id=business_id)


async def texts(database: Database, business_id: UUID, call_id: UUID) -> list[str]:
    """What was said, in the order of the journal."""
    async with database.scope(business_id=business_id) as scope:
        rows = await scope.session.scalars(
            select(CallEvent).where(CallEvent.call_id == call_id).order_by(CallEvent.seq)
        )
        events = [as_entry(row).event for row in rows]
    return [event.text for event in events if isinstance(event, CallerSaid)]


def spools(home: Path) -> list[Path]:
    return list((home / "spool").glob("*.spool"))


async def test_facts_reach_the_database_in_order_and_the_spool_goes(
    database: Database, business_id: UUID, tmp_path: Path
) -> None:
    call_id = uuid4()
    written = journal(database, tmp_path, business_id, call_id)
    written.record(STARTED)
    for number in range(120):
        written.record(CallerSaid(text=str(number)))
    written.record(CallEnded(reason="caller_hung_up"))
    assert spools(tmp_path)
    assert await written.close()
    assert not spools(tmp_path)
    assert await texts(database, business_id, call_id) == [str(number) for number in range(120)]
    async with database.scope(business_id=business_id) as scope:
        call = await scope.session.get(Call, call_id)
    assert call is not None
    assert (call.state, call.end_reason) == ("ended", "caller_hung_up")


async def test_a_deed_and_its_event_are_both_there(
    database: Database, business_id: UUID, tmp_path: Path
) -> None:
    call_id = uuid4()
    written = journal(database, tmp_path, business_id, call_id)
    written.record(STARTED)
    async with written.deed() as deed:
        await deed.scope.session.execute(text("UPDATE businesses SET name = 'Changed'"))
        await deed.record(CallerSaid(text="done"))
    await written.close()
    assert await texts(database, business_id, call_id) == ["done"]
    async with database.scope(business_id=business_id) as scope:
        assert await scope.session.scalar(text("SELECT name FROM businesses")) == "Changed"


async def test_a_deed_that_fails_leaves_neither_itself_nor_its_event(
    database: Database, business_id: UUID, tmp_path: Path
) -> None:
    call_id = uuid4()
    written = journal(database, tmp_path, business_id, call_id)
    written.record(STARTED)
    with pytest.raises(LookupError):
        async with written.deed() as deed:
            await deed.scope.session.execute(text("UPDATE businesses SET name = 'Changed'"))
            await deed.record(CallerSaid(text="done"))
            raise LookupError
    written.record(CallerSaid(text="after"))
    await written.close()
    assert await texts(database, business_id, call_id) == ["after"]
    async with database.scope(business_id=business_id) as scope:
        assert await scope.session.scalar(text("SELECT name FROM businesses")) != "Changed"


async def test_the_end_waits_for_a_deed_under_way(
    database: Database, business_id: UUID, tmp_path: Path
) -> None:
    call_id = uuid4()
    written = journal(database, tmp_path, business_id, call_id)
    written.record(STARTED)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def book() -> None:
        async with written.deed() as deed:
            begun.set()
            await go_on.wait()
            await deed.record(CallerSaid(text="booked"))

    booking = asyncio.create_task(book())
    await begun.wait()
    closing = asyncio.create_task(written.close())
    done, _ = await asyncio.wait({closing}, timeout=0.2)
    assert not done
    go_on.set()
    await booking
    assert await closing
    assert await texts(database, business_id, call_id) == ["booked"]


@pytest.fixture
async def cut_off(
    database_address: DatabaseAddress, keyring: Keyring, database: Database
) -> AsyncIterator[tuple[Database, DatabaseProxy]]:
    """A database behind a proxy that is closed."""
    proxy = DatabaseProxy(database_address.app)
    proxy.cut()
    behind = Database(proxy.url, keyring=keyring, seam=database.seam, connect_timeout=2)
    yield behind, proxy
    await behind.aclose()
    proxy.stop()


async def test_with_the_database_away_facts_wait_and_are_delivered_once_it_is_back(
    database: Database,
    cut_off: tuple[Database, DatabaseProxy],
    business_id: UUID,
    tmp_path: Path,
) -> None:
    behind, proxy = cut_off
    call_id, message_id = uuid4(), uuid4()
    written = journal(behind, tmp_path, business_id, call_id)
    written.record(STARTED)
    written.record(DigitPressed(digit="1"))
    written.record(
        MessageTaken(message_id=message_id, urgency="normal", text="call me", spooled=True)
    )
    assert not await written.close(timeout=0.5)
    assert len(spools(tmp_path)) == 1
    assert await deliver_leftovers(behind, home=tmp_path) == 0
    assert len(spools(tmp_path)) == 1
    proxy.restore()
    assert await deliver_leftovers(behind, home=tmp_path) == 1
    assert await deliver_leftovers(behind, home=tmp_path) == 0
    assert not spools(tmp_path)
    async with database.scope(business_id=business_id) as scope:
        rows = list(await scope.session.scalars(select(CallEvent).order_by(CallEvent.seq)))
        message = await scope.session.get(Message, message_id)
    assert [row.type for row in rows] == ["call_started", "digit_pressed", "message_taken"]
    assert message is not None
    assert message.text == "call me"


async def test_a_living_job_delivers_by_itself_when_the_database_returns(
    database: Database,
    cut_off: tuple[Database, DatabaseProxy],
    business_id: UUID,
    tmp_path: Path,
) -> None:
    behind, proxy = cut_off
    call_id = uuid4()
    written = journal(behind, tmp_path, business_id, call_id)
    written.record(STARTED)
    written.record(CallerSaid(text="one"))
    # The worker's main process must leave a living job's spool alone.
    assert await deliver_leftovers(database, home=tmp_path) == 0
    proxy.restore()
    written.record(CallerSaid(text="two"))
    assert await written.close(timeout=30)
    assert await texts(database, business_id, call_id) == ["one", "two"]
    assert not spools(tmp_path)


async def test_nothing_is_lost_or_doubled_by_kill_9(
    database: Database, database_address: DatabaseAddress, business_id: UUID, tmp_path: Path
) -> None:
    key, call_id = Fernet.generate_key().decode(), uuid4()
    arguments = [str(tmp_path), key, str(call_id), str(business_id)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.agent.spool_writer", database_address.app),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 60) == b"written\n"
    process.kill()
    await process.wait()
    recovered = Database(
        database_address.app, keyring=Keyring(encryption_keys=[key], index_key="index" * 8)
    )
    try:
        await deliver_leftovers(recovered, home=tmp_path)
        said = await texts(recovered, business_id, call_id)
    finally:
        await recovered.aclose()
    assert said == [f"line {number}" for number in range(20)]
    assert not spools(tmp_path)


async def test_a_spool_of_another_key_is_set_aside_and_delivered_once_the_key_is_there(
    database: Database, database_address: DatabaseAddress, business_id: UUID, tmp_path: Path
) -> None:
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    before, after = (Keyring(encryption_keys=[key], index_key="i" * 32) for key in keys)
    call_id = uuid4()
    header = SpoolHeader(call_id=call_id, epoch=1, business_id=business_id)
    spool = Spool.create(tmp_path / "spool", header=header, keyring=before)
    spool.append(entry(call_id, 1, STARTED))
    spool.close(remove=False)
    database.keyring = after
    assert await deliver_leftovers(database, home=tmp_path) == 0
    assert [path.suffix for path in (tmp_path / "spool").iterdir()] == [".aside"]
    database.keyring = Keyring(encryption_keys=list(reversed(keys)), index_key="i" * 32)
    assert await deliver_leftovers(database, home=tmp_path) == 0, "not looked at each time"
    assert await deliver_leftovers(database, home=tmp_path, aside=True) == 1
    assert not list((tmp_path / "spool").iterdir())


def entry(call_id: UUID, seq: int, event: Event) -> JournalEntry:
    return JournalEntry(call_id=call_id, epoch=1, seq=seq, at=NOON, event=event)
