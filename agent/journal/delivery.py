"""Delivery of a call's entries to PostgreSQL: in the background, in order, tried again for ever."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

from agent.journal.keeping import Keeping
from agent.journal.refusals import is_refusal, tell_set_aside
from domain.calls.events import JournalEntry
from domain.calls.record import append
from domain.database import Actor, Database

BATCH: Final = 50
STALL_SECONDS: Final = 20.0
"""For a connection, and for all statements of a batch: a database that takes seconds for each is slow, not
away."""
FIRST_BACK_OFF: Final = 0.25
LONGEST_BACK_OFF: Final = 2.0
MOST_IN_MEMORY: Final = 1_000
"""Entries; what is told beyond them while the database is away waits in the spool alone."""
MOST_REFUSALS: Final = 3
"""So often an entry is refused by itself before it is set aside."""

log = logging.getLogger("reception.agent.delivery")


async def deliver(
    database: Database, *, business_id: UUID, entries: Sequence[JournalEntry]
) -> None:
    """Write entries of one call in one transaction; those already there are left alone."""
    actor = Actor(kind="system", call_id=entries[0].call_id)
    clock = asyncio.get_running_loop()
    async with (
        asyncio.timeout(STALL_SECONDS) as limit,
        database.scope(business_id=business_id, actor=actor) as scope,
    ):
        limit.reschedule(clock.time() + STALL_SECONDS)
        await append(scope, entries)
        limit.reschedule(clock.time() + STALL_SECONDS)


class Delivery:
    """The queue of one call. Entries leave it only when the database has them."""

    def __init__(self, database: Database, *, business_id: UUID, keeping: Keeping) -> None:
        self._database = database
        self._business_id = business_id
        self._keeping = keeping
        self._waiting: deque[JournalEntry] = deque()
        self._read_on: int | None = None
        """Where in the spool those begin that do not wait in memory."""
        self._last_spooled = 0
        """The place (seq) of the last of those."""
        self._unspooled: list[JournalEntry] = []
        """Told after those, when the disk took no more."""
        self._set_aside = 0
        self._at_once = BATCH
        self._refusals = 0
        self._away_since: float | None = None
        self._arrived = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._task = asyncio.create_task(self._run(), name="journal_delivery")

    @property
    def done(self) -> bool:
        """Whether the database has everything."""
        return self._nothing_waits and not self._set_aside

    def add(self, entry: JournalEntry, *, kept_at: int | None) -> None:
        """`kept_at`: where in the spool it is; None when it is not."""
        if kept_at is not None and (
            self._read_on is not None or len(self._waiting) >= MOST_IN_MEMORY
        ):
            self._read_on = kept_at if self._read_on is None else self._read_on
            self._last_spooled = entry.seq
        elif self._read_on is not None:
            self._unspooled.append(entry)
        else:
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

    @property
    def _nothing_waits(self) -> bool:
        return not self._waiting and self._read_on is None and not self._unspooled

    async def _run(self) -> None:
        back_off = FIRST_BACK_OFF
        while True:
            await self._arrived.wait()
            try:
                await self._read_more()
                batch = [
                    self._waiting[place] for place in range(min(self._at_once, len(self._waiting)))
                ]
                if batch:
                    await deliver(self._database, business_id=self._business_id, entries=batch)
            except Exception as error:
                if is_refusal(error):
                    if await self._without_refused(error):
                        continue
                else:
                    if isinstance(error, TimeoutError):
                        self._at_once = max(1, self._at_once // 2)
                    self._note_away(error)
                await self._wait_out(back_off)
                back_off = min(back_off * 2, LONGEST_BACK_OFF)
                continue
            back_off = FIRST_BACK_OFF
            self._note_back()
            self._delivered(batch)

    def _note_away(self, error: Exception) -> None:
        """Whatever is wrong, the facts are kept: here, in the spool, and tried again. Said once: an hour without
        the database is two thousand tries."""
        if self._away_since is None:
            self._away_since = asyncio.get_running_loop().time()
            log.warning(
                "journal not delivered, trying again",
                extra={"error": type(error).__name__, "waiting": len(self._waiting)},
            )

    def _note_back(self) -> None:
        if self._away_since is not None:
            seconds = asyncio.get_running_loop().time() - self._away_since
            self._away_since = None
            log.info("journal delivered again", extra={"after_seconds": round(seconds, 1)})

    async def _read_more(self) -> None:
        """Fetch from the spool what did not stay in memory. Raises OSError."""
        if self._waiting or self._read_on is None:
            return
        start = self._read_on
        found, after = await asyncio.to_thread(self._keeping.read_on, start, limit=MOST_IN_MEMORY)
        self._waiting.extend(found)
        self._read_on = after
        last = found[-1].seq if found else 0
        if last < self._last_spooled and after > start:
            # More was told while the file was read.
            return
        if last < self._last_spooled:
            log.error("the spool has lost facts that were written to it")
        self._read_on = None
        self._waiting.extend(self._unspooled)
        self._unspooled.clear()

    async def _without_refused(self, error: Exception) -> bool:
        """One entry must not hold up all that come after it: it is looked for, and set aside. Whether to go
        on at once."""
        if len(self._waiting) > 1 and self._at_once > 1:
            self._at_once = 1
            return True
        self._refusals += 1
        if self._refusals < MOST_REFUSALS:
            return False
        self._refusals = 0
        entry = self._waiting.popleft()
        self._set_aside += 1
        log.error(
            "an event is refused by the database, and set aside",
            extra={"type": entry.event.type, "error": type(error).__name__, "seq": entry.seq},
        )
        subject = f"spool {entry.call_id}.{entry.epoch}"
        await tell_set_aside(self._database, call_id=entry.call_id, subject=subject)
        self._look_whether_empty()
        return True

    def _delivered(self, batch: Sequence[JournalEntry]) -> None:
        for _ in batch:
            self._waiting.popleft()
        self._at_once = min(self._at_once * 2, BATCH)
        self._refusals = 0
        if batch:
            self._keeping.mark_delivered(entry.seq for entry in batch)
        self._look_whether_empty()

    def _look_whether_empty(self) -> None:
        if self._nothing_waits:
            self._arrived.clear()
            self._empty.set()

    async def _wait_out(self, seconds: float) -> None:
        self._keeping.offer_again()
        # With the database away the spool is all there is: it should survive a power cut too.
        await asyncio.to_thread(self._keeping.sync)
        await asyncio.sleep(seconds)
