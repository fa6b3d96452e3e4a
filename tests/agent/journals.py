"""Journals on a real database, for the tests of what befalls them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from agent.journal.journal import CallJournal
from agent.journal.spool import Spool, SpoolHeader
from domain.calls.events import (
    CallStarted,
    ContactSaved,
    Event,
    JournalEntry,
)
from domain.calls.models import CallEvent
from domain.contacts import operations as contacts
from domain.database import Database
from domain.encryption import Keyring
from tests.calls.proxy import DatabaseProxy
from tests.conftest import NOON
from tests.factories import make_business
from tests.postgres import DatabaseAddress

STARTED = CallStarted(room="call-1", channel="sip", dialled="+12025550100")
PATIENCE = 60.0
"""Seconds."""


@pytest.fixture
async def business_id(database: Database) -> UUID:
    return await make_business(database)


@pytest.fixture
async def behind(
    database_address: DatabaseAddress, keyring: Keyring, database: Database
) -> AsyncIterator[tuple[Database, DatabaseProxy]]:
    """The database as a job reaches it, and what stands between."""
    proxy = DatabaseProxy(database_address.app)
    opened = Database(
        proxy.url, keyring=keyring, seam=database.seam, pool_size=1, connect_timeout=2
    )
    yield opened, proxy
    proxy.restore()
    await opened.aclose()
    proxy.stop()


def journal(database: Database, home: Path, business_id: UUID, *, epoch: int = 1) -> CallJournal:
    call_id = uuid4()
    return CallJournal(database, home=home, call_id=call_id, epoch=epoch, business_id=business_id)


async def kept(database: Database, business_id: UUID, call_id: UUID) -> list[CallEvent]:
    async with database.scope(business_id=business_id) as scope:
        query = select(CallEvent).where(CallEvent.call_id == call_id)
        return list(await scope.session.scalars(query.order_by(CallEvent.epoch, CallEvent.seq)))


async def words(database: Database, business_id: UUID, call_id: UUID) -> list[str]:
    rows = await kept(database, business_id, call_id)
    return [row.body["text"] for row in rows if row.type == "caller_said"]


def files(home: Path) -> list[str]:
    return sorted(path.suffix for path in (home / "spool").glob("*"))


async def save(written: CallJournal) -> None:
    """A deed."""
    async with written.deed() as deed:
        contact = await contacts.save(deed.scope, phone="+12025550177", name="Ann Lee")
        await deed.record(ContactSaved(contact_id=contact.id))


def abandon(
    home: Path, keyring: Keyring, call_id: UUID, business_id: UUID, events: list[Any]
) -> Path:
    header = SpoolHeader(call_id=call_id, epoch=1, business_id=business_id)
    spool = Spool.create(home / "spool", header=header, keyring=keyring)
    for seq, event in enumerate(events, start=1):
        spool.append(entry(call_id, seq, event))
    spool.close(remove=False)
    return spool.path


def entry(call_id: UUID, seq: int, event: Event) -> JournalEntry:
    return JournalEntry(call_id=call_id, epoch=1, seq=seq, at=NOON, event=event)


async def delivered(
    database: Database, business_id: UUID, written: CallJournal, count: int
) -> bool:
    return len(await kept(database, business_id, written.call_id)) >= count
