"""The journal of one call, as its job writes it (the port `tools.context.Journal`)."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from agent.journal.commits import Outcome, outcome_of
from agent.journal.delivery import Delivery
from agent.journal.keeping import Keeping
from agent.journal.spool import SpoolHeader
from domain.calls.events import Event, JournalEntry
from domain.calls.record import write
from domain.database import Actor, Database, Scope
from tools.database import OutcomeUnknown

SETTLE_SECONDS: Final = 10.0
"""The longest that a tool waits for the database, and a little more."""
CLOSE_SECONDS: Final = 5.0
"""How long the end of a job waits for the database before it leaves the rest in the spool."""
LEARN_SECONDS: Final = 2.0
"""How long a tool waits to learn what became of a commit that was not answered."""

log = logging.getLogger("reception.agent.journal")


class CallJournal:
    """Numbers the facts of a call, keeps them in the spool, and sees them delivered."""

    def __init__(
        self,
        database: Database,
        *,
        home: Path,
        call_id: UUID,
        epoch: int,
        business_id: UUID,
        watch: Callable[[JournalEntry], None] | None = None,
    ) -> None:
        """`watch` is told of each fact when it is kept."""
        self.call_id = call_id
        self.epoch = epoch
        self.kinds: Counter[str] = Counter()
        """How often each type of event was told by this job."""
        self._database = database
        self._business_id = business_id
        self._watch = watch
        header = SpoolHeader(call_id=call_id, epoch=epoch, business_id=business_id)
        self._keeping = Keeping(home, header=header, keyring=database.keyring)
        self._seq = self._keeping.last_seq
        self._undone: list[JournalEntry] = []
        """Events of deeds that were not done, or may not have been."""
        self._deeds = 0
        self._settled = asyncio.Event()
        self._settled.set()
        self._learning: set[asyncio.Task[None]] = set()
        self._delivery = Delivery(database, business_id=business_id, keeping=self._keeping)

    def record(self, event: Event, *, instead_of: Event | None = None) -> None:
        """Keep a fact: on disk when this returns, in the database soon.

        `instead_of` is an event of a deed that failed: the fact takes its place, so that of the two the
        database holds one, also when the deed was done after all.
        """
        entry = self._entry(event, instead_of)
        self._delivery.add(entry, kept_at=self._keep(entry))

    @asynccontextmanager
    async def deed(self) -> AsyncIterator[CallDeed]:
        """A transaction that commits on a clean exit, together with the events recorded in it.

        Raises what the database raises when nothing was done, and OutcomeUnknown when its answer to the
        commit was lost and it cannot be asked now; what came of it is then learnt in the background.
        """
        self._deeds += 1
        self._settled.clear()
        try:
            deed = CallDeed(self)
            try:
                actor = Actor(kind="assistant", id=str(self.call_id), call_id=self.call_id)
                async with self._database.scope(
                    business_id=self._business_id, actor=actor
                ) as scope:
                    deed.open(scope)
                    yield deed
                    deed.committing = True
            except BaseException as error:
                self._undone.extend(deed.entries)
                # Before COMMIT was sent nothing can have been done.
                if not deed.committing or not deed.entries:
                    raise
                given_up = isinstance(error, asyncio.CancelledError)
                outcome = "unknown" if given_up else await self._learn(deed, LEARN_SECONDS)
                if outcome == "undone":
                    raise
                if outcome == "unknown":
                    self._learn_later(deed)
                    raise OutcomeUnknown from None
            self._done(deed)
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
        for task in self._learning:
            task.cancel()
        complete = await self._delivery.finish(timeout=timeout)
        self._keeping.close(complete=complete)
        return complete

    def _entry(self, event: Event, instead_of: Event | None) -> JournalEntry:
        for entry in self._undone if instead_of is not None else ():
            if entry.event == instead_of:
                self._undone.remove(entry)
                return entry.model_copy(update={"event": event})
        return self._next(event)

    def _next(self, event: Event) -> JournalEntry:
        self._seq += 1
        return JournalEntry(
            call_id=self.call_id,
            epoch=self.epoch,
            seq=self._seq,
            at=self._database.seam.now(),
            event=event,
        )

    def _keep(self, entry: JournalEntry, *, delivered: bool = False) -> int | None:
        self.kinds[entry.event.type] += 1
        if self._watch is not None:
            self._watch(entry)
        return self._keeping.keep(entry, delivered=delivered)

    def _done(self, deed: CallDeed) -> None:
        for entry in deed.entries:
            if entry in self._undone:
                self._undone.remove(entry)
            self._keep(entry, delivered=True)

    async def _learn(self, deed: CallDeed, seconds: float | None) -> Outcome:
        assert deed.transaction is not None
        return await outcome_of(
            self._database,
            business_id=self._business_id,
            entry=deed.entries[0],
            transaction=deed.transaction,
            seconds=seconds,
        )

    def _learn_later(self, deed: CallDeed) -> None:
        async def learn() -> None:
            outcome = await self._learn(deed, None)
            log.info("learnt what became of a commit", extra={"outcome": outcome})
            # Where another fact has taken its place meanwhile, that is what is told.
            if outcome == "done" and all(entry in self._undone for entry in deed.entries):
                self._done(deed)

        log.warning("the answer to a commit was lost")
        task = asyncio.create_task(learn(), name="journal_commit")
        self._learning.add(task)
        task.add_done_callback(self._learning.discard)


class CallDeed:
    """An open transaction in which something is done and told at once."""

    def __init__(self, journal: CallJournal) -> None:
        self._journal = journal
        self._scope: Scope | None = None
        self.entries: list[JournalEntry] = []
        self.transaction: int | None = None
        self.committing = False

    def open(self, scope: Scope) -> None:
        self._scope = scope

    @property
    def scope(self) -> Scope:
        assert self._scope is not None
        return self._scope

    async def record(self, event: Event) -> None:
        """Write the deed's event in the deed's own transaction: both are there, or neither."""
        entry = self._journal._next(event)
        # Before it is written: a deed that breaks here has told of it, as far as anybody can know.
        self.entries.append(entry)
        written = await write(self.scope, [entry])
        self.transaction = written.transaction
