"""Telling all workers how providers do: counted on the call, written behind its back."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from agent.chain.member import Attempt, Member
from agent.providers import Providers
from domain.businesses.settings import Kind
from domain.calls.events import ProviderFailed
from domain.database import Database
from domain.providers import operations as providers
from domain.tables import INSTALLATION

SOON_SECONDS: Final = 0.5
"""How long a failure waits for others before it is written."""
LATER_SECONDS: Final = 5.0
"""How long what has worked waits: it is in no hurry, and each call would write after every turn."""
KEEP_SECONDS: Final = 60.0
"""With the database away counts are kept so long: older ones would be written to the wrong minute."""
CLOSE_SECONDS: Final = 1.0
CLAIM_SECONDS: Final = 1.0

log = logging.getLogger("reception.agent.tally")

_Key = tuple[UUID, Kind, str]


@dataclass
class _Count:
    since: float
    tries: int = 0
    failures: int = 0
    probe: bool = False


class Tally:
    """The tries of one call. Whatever becomes of the database, the call notices nothing."""

    def __init__(self, database: Database, *, business_id: UUID) -> None:
        self._database = database
        self._business_id = business_id
        self._counts: dict[_Key, _Count] = {}
        self._probing: set[_Key] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writing: asyncio.Task[None] | None = None
        self._due = 0.0
        self._wake = asyncio.Event()
        self._closed = False

    def follow(
        self,
        who: Providers,
        *,
        record: Callable[[ProviderFailed], None],
        worked: Callable[[Kind, str], None],
    ) -> None:
        """Count the call's attempts, `record` those that fail and tell `worked` (kind, vendor) of the others;
        and ask in the background whether this call is the one that tries a provider that has rested."""

        def told(attempt: Attempt) -> None:
            member = attempt.member
            self._add(
                self._key(member.kind, member.provider, own=member.own),
                failed=attempt.error is not None,
            )
            if attempt.error is None:
                worked(member.kind, member.vendor)

        who.watch(record, told=told)
        for kind, provider in who.left_out:
            # Only a key of its own can be missing.
            self._add(self._key(kind, provider, own=True), failed=True)
        for member in who.members:
            if member.may_be_tried:
                self._spawn(self._claim(member, who))

    async def close(self) -> None:
        """Write what is left, if the database takes it at once."""
        self._closed = True
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._write()
        except Exception as error:
            log.warning("tries not counted", extra={"error": type(error).__name__})

    async def _claim(self, member: Member, who: Providers) -> None:
        key = self._key(member.kind, member.provider, own=member.own)
        try:
            async with (
                asyncio.timeout(CLAIM_SECONDS),
                self._database.scope(business_id=key[0]) as scope,
            ):
                ours = await providers.claim_probe(scope, kind=key[1], provider=key[2])
        except Exception as error:
            log.warning("no provider tried", extra={"error": type(error).__name__})
            return
        if ours and not self._closed:
            self._probing.add(key)
            member.probe = True
            who.prefer(member)

    def _add(self, key: _Key, *, failed: bool) -> None:
        if self._closed:
            return
        count = self._counts.setdefault(key, _Count(since=time.monotonic()))
        count.tries += 1
        count.failures += failed
        if key in self._probing:
            # The first try of it decides: what comes later on this call is like any other.
            self._probing.discard(key)
            count.probe = True
        # How the trial went is what other calls wait for.
        wait = SOON_SECONDS if failed or count.probe else LATER_SECONDS
        due = time.monotonic() + wait
        self._due = min(self._due, due) if self._writing is not None else due
        self._wake.set()
        if self._writing is None:
            self._writing = self._spawn(self._write_when_due())

    async def _write_when_due(self) -> None:
        while self._counts:
            while (wait := self._due - time.monotonic()) > 0:
                self._wake.clear()
                try:
                    async with asyncio.timeout(wait):
                        await self._wake.wait()
                except TimeoutError:
                    break
            try:
                await self._write()
            except Exception as error:
                # A type is all that may be logged of it: the rest holds addresses.
                log.warning("tries not counted yet", extra={"error": type(error).__name__})
            self._due = time.monotonic() + LATER_SECONDS
        self._writing = None

    async def _write(self) -> None:
        """Write what was counted; what could not be written stays, for a while."""
        taken, self._counts = self._counts, {}
        try:
            for owner in sorted({key[0] for key in taken}):
                await self._write_scope(owner, taken)
        except BaseException:
            self._keep(taken)
            raise

    async def _write_scope(self, owner: UUID, taken: dict[_Key, _Count]) -> None:
        mine = sorted(key for key in taken if key[0] == owner)
        async with self._database.scope(business_id=owner) as scope:
            # In one order, so that two workers never wait for one another.
            for key in mine:
                count = taken[key]
                await providers.count(
                    scope,
                    kind=key[1],
                    provider=key[2],
                    tries=count.tries,
                    failures=count.failures,
                    probe=count.probe,
                )
        for key in mine:
            del taken[key]

    def _keep(self, taken: dict[_Key, _Count]) -> None:
        for key, count in taken.items():
            if time.monotonic() - count.since > KEEP_SECONDS:
                continue
            later = self._counts.get(key)
            if later is not None:
                count.tries += later.tries
                count.failures += later.failures
                count.probe = count.probe or later.probe
            self._counts[key] = count

    def _key(self, kind: Kind, provider: str, *, own: bool) -> _Key:
        return (self._business_id if own else INSTALLATION, kind, provider)

    def _spawn(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
