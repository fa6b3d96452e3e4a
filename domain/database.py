"""The way to PostgreSQL: one transaction of one business at a time."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

import psycopg
from psycopg import waiting
from psycopg.abc import PQGen
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from domain.encryption import Keyring, use_keyring
from domain.seam import Seam, SystemSeam

_STOP_SECONDS: Final = 0.5
_LONGEST_PAUSE: Final = "60s"
"""Between two statements of a transaction."""
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does something and why, for events and the audit.

    `kind` is one of caller, assistant, staff, operator, system; `id` is an id (a call's, a key's),
    never a name or a number.
    """

    kind: str
    id: str = ""
    call_id: UUID | None = None


SYSTEM = Actor(kind="system")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """One open transaction of one business: what every domain operation takes first."""

    session: AsyncSession
    business_id: UUID
    seam: Seam
    keyring: Keyring
    actor: Actor

    def blind_index(self, kind: str, value: str) -> bytes:
        return self.keyring.blind_index(business_id=self.business_id, kind=kind, value=value)


class _Connection(psycopg.AsyncConnection[Any]):
    """A connection on which a wait that is given up ends soon. psycopg gives a server that does not answer
    ten seconds to confirm that it stopped; a caller waits for as long."""

    async def wait(self, gen: PQGen[_T], interval: float = 0.1, timeout: float | None = None) -> _T:
        descriptor = self.pgconn.socket
        try:
            return await waiting.wait_async(gen, descriptor, interval=interval, timeout=timeout)
        except asyncio.CancelledError:
            if self.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
                await self._stop(gen, descriptor)
            raise

    async def _stop(self, gen: PQGen[_T], descriptor: int) -> None:
        """Ask the server to stop; a connection that does not is closed, as nobody knows its state."""
        try:
            await self.cancel_safe(timeout=_STOP_SECONDS)
            await waiting.wait_async(gen, descriptor, interval=0.1, timeout=_STOP_SECONDS)
        except psycopg.errors.QueryCanceled:
            pass
        except BaseException as error:
            self.pgconn.finish()
            if not isinstance(error, Exception):
                raise


class Database:
    """A small pool of connections as `reception_app`, whom row-level security binds.

    `url` is a libpq URL (`postgresql://…`). Nothing connects before the first scope.
    """

    def __init__(
        self,
        url: str,
        *,
        keyring: Keyring,
        seam: Seam | None = None,
        pool_size: int = 5,
        connect_timeout: int = 5,
    ) -> None:
        use_keyring(keyring)
        self.url = url
        self.keyring = keyring
        self.seam: Seam = seam or SystemSeam()
        self._engine = create_async_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            pool_size=pool_size,
            max_overflow=pool_size,
            # A database that restarted leaves dead connections in the pool; without the ping the
            # first call after its return would fail on one.
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": connect_timeout,
                "async_creator_fn": _Connection.connect,
                # A server that vanished without a word shows itself within seconds, not hours.
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 3,
                "tcp_user_timeout": 10_000,
            },
            # Private values travel as parameters: they must never reach a log or an exception.
            hide_parameters=True,
        )
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    @asynccontextmanager
    async def scope(self, *, business_id: UUID, actor: Actor = SYSTEM) -> AsyncIterator[Scope]:
        """A transaction in which only `business_id`'s rows exist; commits on a clean exit."""
        async with self._sessions() as session, session.begin():
            await session.execute(
                # set_config(…, true) is SET LOCAL with a bindable value: gone at the transaction's end.
                # A process that froze, or lost its network, must not keep what it has locked for ever.
                text(
                    "SELECT set_config('app.business_id', :business_id, true),"
                    " set_config('idle_in_transaction_session_timeout', :longest, true)"
                ),
                {"business_id": str(business_id), "longest": _LONGEST_PAUSE},
            )
            yield Scope(
                session=session,
                business_id=business_id,
                seam=self.seam,
                keyring=self.keyring,
                actor=actor,
            )

    @asynccontextmanager
    async def unscoped(self) -> AsyncIterator[AsyncSession]:
        """A transaction of no business: sees only what the SECURITY DEFINER look-ups return."""
        async with self._sessions() as session, session.begin():
            yield session

    @asynccontextmanager
    async def try_lock(self, *, noun: str, id: UUID) -> AsyncIterator[bool]:
        """Whether nobody else works on this thing, in any process; held to the end of the block on a
        connection of its own, outside any transaction. Gone with the connection, if that breaks."""
        digest = hashlib.blake2b(noun.encode() + id.bytes, digest_size=8).digest()
        key = {"key": int.from_bytes(digest, signed=True)}
        async with self._engine.connect() as opened:
            connection = await opened.execution_options(isolation_level="AUTOCOMMIT")
            taken = await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), key)
            try:
                yield bool(taken)
            finally:
                if taken:
                    try:
                        await connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
                    except DBAPIError:
                        # The connection broke, and the lock with it.
                        await connection.invalidate()

    async def aclose(self) -> None:
        await self._engine.dispose()
