"""Delivery of a call's entries to PostgreSQL: in the background, in order, tried again for ever."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

from agent.journal.spool import Spool
from domain.calls.events import JournalEntry
from domain.calls.record import append
from domain.database import Actor, Database

BATCH: Final = 50
ATTEMPT_SECONDS: Final = 10.0
FIRST_BACK_OFF: Final = 0.25
LONGEST_BACK_OFF: Final = 5.0

log = logging.getLogger("reception.agent.delivery")


async def deliver(
    database: Database, *, business_id: UUID, entries: Sequence[JournalEntry]
) -> None:
    """Write entries of one call in one transaction; those already there are left alone."""
    actor = Actor(kind="system", call_id=entries[0].call_id)
    async with (
        asyncio.timeout(ATTEMPT_SECONDS),
        database.scope(business_id=business_id, actor=actor) as scope,
    ):
        await append(scope, entries)


class Delivery:
    """The queue of one call. Entries leave it only when the database has them."""

    def __init__(self, database: Database, *, business_id: UUID, spool: Spool | None) -> None:
        self._database = database
        self._business_id = business_id
        self._spool = spool
        self._waiting: deque[JournalEntry] = deque()
        self._arrived = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._task = asyncio.create_task(self._run(), name="journal_delivery")

    @property
    def done(self) -> bool:
        """Whether the database has everything."""
        return not self._waiting

    def add(self, entry: JournalEntry) -> None:
        self._waiting.append(entry)
        self._empty.clear()
        self._arrived.set()

    async def finish(self, *, timeout: float) -> bool:
        """Stop when everything is delivered, or after `timeout` seconds. Whether everything is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._empty.wait()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        return self.done

    async def _run(self) -> None:
        back_off = FIRST_BACK_OFF
        while True:
            await self._arrived.wait()
            batch = [self._waiting[place] for place in range(min(BATCH, len(self._waiting)))]
            try:
                await deliver(self._database, business_id=self._business_id, entries=batch)
            except Exception as error:
                # Whatever is wrong, the facts are kept: here, in the spool, and tried again.
                log.warning(
                    "journal not delivered, trying again",
                    extra={"error": type(error).__name__, "waiting": len(self._waiting)},
                )
                await self._wait_out(back_off)
                back_off = min(back_off * 2, LONGEST_BACK_OFF)
                continue
            back_off = FIRST_BACK_OFF
            self._delivered(batch)

    def _delivered(self, batch: Sequence[JournalEntry]) -> None:
        for _ in batch:
            self._waiting.popleft()
        if self._spool is not None:
            # Without the note the entries are only delivered a second time, which changes nothing.
            with suppress(OSError):
                self._spool.mark_delivered(entry.seq for entry in batch)
        if not self._waiting:
            self._arrived.clear()
            self._empty.set()

    async def _wait_out(self, seconds: float) -> None:
        if self._spool is not None:
            # With the database away the spool is all there is: it should survive a power cut too.
            with suppress(OSError):
                await asyncio.to_thread(self._spool.sync)
        await asyncio.sleep(seconds)
