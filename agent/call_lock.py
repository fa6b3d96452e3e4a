"""One agent for each call: a PostgreSQL advisory lock, and without the database a rule of presence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import psycopg

from domain.calls.lock import lock_key

CONNECT_SECONDS: Final = 2
RETRY_SECONDS: Final = 1.0
"""The call keeper rescues nothing in the first 5 s after the database's return: until then every
living job has its lock back."""

log = logging.getLogger("reception.agent.lock")


class CallLock:
    """The lock of one call, on a connection of its own that lives as long as the call."""

    def __init__(self, url: str, *, room: str) -> None:
        self._url = url
        self._key = lock_key(room)
        self._backend = 0
        """The process id of the connection that has held the lock last."""
        self._connection: psycopg.AsyncConnection[tuple[object, ...]] | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def held(self) -> bool:
        return self._connection is not None

    async def acquire(self) -> bool | None:
        """True: ours. False: another job serves this call. None: the database is away."""
        try:
            connection = await psycopg.AsyncConnection.connect(
                self._url,
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
                # A job on another machine that lost its network must not hold the call for ever.
                keepalives_idle=5,
                keepalives_interval=2,
                keepalives_count=3,
            )
        except (psycopg.OperationalError, OSError):
            return None
        taken = None
        try:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (self._key,))
            row = await cursor.fetchone()
            taken = row is not None and row[0] is True
        except psycopg.OperationalError:
            pass
        finally:
            # Also when the waiting was given up: an open connection might hold the lock unseen.
            if taken:
                self._connection = connection
                self._backend = connection.info.backend_pid
            else:
                await connection.close()
        return taken

    def keep(
        self, *, on_lost: Callable[[], None], on_held: Callable[[bool], None] = lambda _: None
    ) -> None:
        """Take the lock again whenever its connection breaks; `on_lost`: another job has it now. `on_held` is
        told when it is not held any more though the job lives, and when it is again."""
        self._watch = asyncio.create_task(self._hold(on_lost, on_held), name="call_lock")

    async def confirm(self) -> bool | None:
        """Whether the lock is still ours, as the database says it: after this process stood still, its own
        connection may have been ended without its knowing. None: it is nobody's, or the database is away."""
        query = (
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
            " AND ((classid::bigint << 32) | objid::bigint) = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        try:
            async with (
                asyncio.timeout(CONNECT_SECONDS),
                await psycopg.AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=CONNECT_SECONDS
                ) as asking,
            ):
                row = await (await asking.execute(query, (self._key,))).fetchone()
        except (psycopg.Error, OSError):
            return None
        if row is None:
            return None
        return bool(row[0] == self._backend)

    async def release(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _hold(self, on_lost: Callable[[], None], on_held: Callable[[bool], None]) -> None:
        while True:
            if self._connection is not None:
                await _until_broken(self._connection)
                await self._connection.close()
                self._connection = None
                log.warning("lost the connection that holds the call's lock")
                on_held(False)
            taken = await self.acquire()
            if taken:
                on_held(True)
            if taken is False:
                on_lost()
                return
            if taken is None:
                await asyncio.sleep(RETRY_SECONDS)


async def _until_broken(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
    try:
        # Nothing is listened for: this reads the socket, which is how a broken one shows itself.
        async for _ in connection.notifies():
            pass
    except psycopg.Error:
        pass
