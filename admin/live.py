"""What wakes the live feed: one connection listens to PostgreSQL for the whole process, and wakes those whose
business has news."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from uuid import UUID

import psycopg
import structlog

from domain.logs import describe

CHANNEL: Final = "call_events"
_FIRST_WAIT, _LONGEST_WAIT = 0.25, 10.0
"""Seconds between attempts to connect, doubled each time."""
_PROBE_EVERY = 30.0
"""Seconds of silence after which the connection is tried: a dead one looks like a quiet one."""

logger = structlog.get_logger(__name__)


class Subscription:
    """One reader's bell."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self.closed = False
        """The service ends: so must the reader."""

    def ring(self) -> None:
        self._rung.set()

    def close(self) -> None:
        self.closed = True
        self._rung.set()

    async def wait(self, seconds: float) -> bool:
        """Until there may be news, `seconds` at most. Whether it rang."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        rang = self._rung.is_set()
        self._rung.clear()
        return rang


class Live:
    """Tells readers when to read. They read for themselves, each from its own position: a lost or late
    notification can delay an event, never lose it."""

    def __init__(
        self, url: str, *, keep_alive: float = 15.0, retry: float = 1.0, slowest: float = 30.0
    ) -> None:
        self._url = url
        self.keep_alive = keep_alive
        """Seconds at most between two signs of life, and between two looks whether the reader may go on."""
        self.retry = retry
        """Seconds between attempts to read while the database is away."""
        self.slowest = slowest
        """Seconds in which a reader has to take a message."""
        self._readers: defaultdict[UUID, set[Subscription]] = defaultdict(set)
        self._closed = False

    @contextmanager
    def subscribe(self, business_id: UUID) -> Iterator[Subscription]:
        """A bell for the block."""
        subscription = Subscription()
        if self._closed:
            subscription.close()
        self._readers[business_id].add(subscription)
        try:
            yield subscription
        finally:
            readers = self._readers[business_id]
            readers.discard(subscription)
            if not readers:
                del self._readers[business_id]

    @property
    def readers(self) -> int:
        return sum(len(readers) for readers in self._readers.values())

    def close(self) -> None:
        """End every reader: the service could not end while they read on."""
        self._closed = True
        for readers in self._readers.values():
            for reader in readers:
                reader.close()

    async def run(self) -> None:
        """Listen until cancelled, connecting anew whenever the connection breaks."""
        wait = _FIRST_WAIT
        while True:
            try:
                # Not from the pool: a listening connection is never free for another.
                async with await psycopg.AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=5
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    wait = _FIRST_WAIT
                    # What was told while nobody listened.
                    self._wake_everybody()
                    await self._pass_on(connection)
            except (psycopg.Error, OSError) as error:
                logger.warning("live_feed_disconnected", **describe(error))
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    async def _pass_on(self, connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        while True:
            async for notification in connection.notifies(timeout=_PROBE_EVERY):
                self._wake(notification.payload)
            await connection.execute("SELECT 1")

    def _wake(self, payload: str) -> None:
        with suppress(ValueError):
            for reader in self._readers.get(UUID(payload), ()):
                reader.ring()

    def _wake_everybody(self) -> None:
        for readers in self._readers.values():
            for reader in readers:
                reader.ring()
