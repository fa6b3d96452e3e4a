"""The journal of one call, as its job writes it (the port `tools.context.Journal`)."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from agent.journal.delivery import Delivery
from agent.journal.spool import Spool, SpoolHeader, spool_folder
from domain.calls.events import Event, JournalEntry
from domain.calls.record import append
from domain.database import Actor, Database, Scope

SETTLE_SECONDS: Final = 10.0
"""The longest that a tool waits for the database, and a little more."""
CLOSE_SECONDS: Final = 5.0
"""How long the end of a job waits for the database before it leaves the rest in the spool."""

log = logging.getLogger("reception.agent.journal")


class CallJournal:
    """Numbers the facts of a call, keeps them in the spool, and sees them delivered."""

    def __init__(
        self, database: Database, *, home: Path, call_id: UUID, epoch: int, business_id: UUID
    ) -> None:
        self.call_id = call_id
        self.epoch = epoch
        self.kinds: Counter[str] = Counter()
        """How often each type of event was told by this job."""
        self._database = database
        self._business_id = business_id
        self._seq = 0
        self._deeds = 0
        self._settled = asyncio.Event()
        self._settled.set()
        self._spool = self._open_spool(home)
        self._delivery = Delivery(database, business_id=business_id, spool=self._spool)

    def record(self, event: Event) -> None:
        """Keep a fact: on disk when this returns, in the database soon."""
        entry = self._next(event)
        self._keep(entry)
        self._delivery.add(entry)

    @asynccontextmanager
    async def deed(self) -> AsyncIterator[CallDeed]:
        """A transaction that commits on a clean exit, together with the events recorded in it."""
        actor = Actor(kind="assistant", id=str(self.call_id), call_id=self.call_id)
        self._deeds += 1
        self._settled.clear()
        try:
            async with self._database.scope(business_id=self._business_id, actor=actor) as scope:
                deed = CallDeed(self, scope)
                yield deed
            for entry in deed.entries:
                self._keep(entry, delivered=True)
        finally:
            self._deeds -= 1
            if not self._deeds:
                self._settled.set()

    async def settle(self) -> None:
        """Wait until no deed is under way: the caller may hang up in the middle of one."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                await self._settled.wait()

    async def close(self, *, timeout: float = CLOSE_SECONDS) -> bool:
        """Wait for the delivery; what remains after `timeout` seconds is left to the worker.

        Whether the database has everything; the spool is gone then.
        """
        await self.settle()
        complete = await self._delivery.finish(timeout=timeout)
        if self._spool is not None:
            self._spool.close(remove=complete)
        return complete

    def _next(self, event: Event) -> JournalEntry:
        self._seq += 1
        return JournalEntry(
            call_id=self.call_id,
            epoch=self.epoch,
            seq=self._seq,
            at=self._database.seam.now(),
            event=event,
        )

    def _keep(self, entry: JournalEntry, *, delivered: bool = False) -> None:
        self.kinds[entry.event.type] += 1
        if self._spool is None:
            return
        try:
            self._spool.append(entry, delivered=delivered)
        except OSError as error:
            # A full disk must not end the call: the entry is still delivered from memory.
            log.error("spool not written", extra={"error": type(error).__name__})

    def _open_spool(self, home: Path) -> Spool | None:
        header = SpoolHeader(call_id=self.call_id, epoch=self.epoch, business_id=self._business_id)
        try:
            return Spool.create(spool_folder(home), header=header, keyring=self._database.keyring)
        except OSError as error:
            log.error("spool not opened", extra={"error": type(error).__name__})
            return None


class CallDeed:
    """An open transaction in which something is done and told at once."""

    def __init__(self, journal: CallJournal, scope: Scope) -> None:
        self._journal = journal
        self._scope = scope
        self.entries: list[JournalEntry] = []

    @property
    def scope(self) -> Scope:
        return self._scope

    async def record(self, event: Event) -> None:
        """Write the deed's event in the deed's own transaction: both are there, or neither."""
        entry = self._journal._next(event)
        await append(self._scope, [entry])
        self.entries.append(entry)
