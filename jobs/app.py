"""procrastinate's application: our tasks, when they come by themselves, and the way to the queue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector
from psycopg_pool import AsyncConnectionPool

from domain.migrations.job_queue import SCHEMA
from domain.seam import Seam
from jobs import businesses, calendars, synthetic_calls, upkeep
from jobs.backoff import Backoff
from jobs.job_manager import LastingJobManager

RECONNECT_SECONDS = 10.0
"""The pool's tries to reach the database become rarer for so long, then begin anew with the next
query: after an outage of an hour the first is not ten minutes away."""
_WAIT_SECONDS = 5.0
_CONNECTIONS = 4


@dataclass(frozen=True, kw_only=True)
class Work:
    """A task. `every` is a crontab line with seconds as its sixth field; empty: it is queued by others."""

    run: Callable[..., Awaitable[None]]
    every: str = ""
    priority: int = 0
    alone: bool = True
    """Two jobs of it never run at once (those that `queue_each` queues are told apart by their work)."""
    tries: int = 6

    @property
    def name(self) -> str:
        return self.run.__name__


# What comes by itself soon again is not tried often.
WORKS: tuple[Work, ...] = (
    Work(run=calendars.find_due_calendars, every="* * * * * */15", priority=10, tries=2),
    Work(run=calendars.sync_calendar, tries=4),
    # Not alone: a dead process's job would keep out the one that recovers it.
    Work(run=upkeep.recover_jobs, every="* * * * * */30", priority=20, alone=False, tries=2),
    Work(run=upkeep.remove_old_jobs, every="17 3 * * *"),
    Work(run=businesses.each_minute, every="* * * * *", priority=10, tries=2),
    Work(run=businesses.each_hour, every="23 * * * *", tries=4),
    # Tried once: the next minute it is due again.
    Work(run=synthetic_calls.call_itself, every="* * * * *", tries=1),
    Work(run=businesses.clear_expired_holds, tries=3),
    Work(run=businesses.pass_on_waiting_list, tries=3),
    Work(run=businesses.forget_old_requests, tries=3),
)


@dataclass(frozen=True, kw_only=True)
class Queue:
    """An application and its connections; opened and closed by whoever made it."""

    app: App
    manager: LastingJobManager
    pool: AsyncConnectionPool[Any] = field(repr=False)

    async def open(self) -> None:
        """Begin to connect, in the background: a database that is away is waited for."""
        await self.pool.open(wait=False)
        await self.app.open_async(self.pool)

    async def close(self) -> None:
        await self.app.close_async()
        await self.pool.close(timeout=_WAIT_SECONDS)


def make_queue(url: str, *, seam: Seam, works: Sequence[Work] = WORKS) -> Queue:
    """The queue in the database at `url` (libpq), which is `reception_app`'s."""
    connector = PsycopgConnector(configure=_configure)
    app = App(connector=connector)
    for work in works:
        _add(app, work, seam)
    manager = LastingJobManager(connector, seam=seam, known=frozenset(app.tasks))
    app.job_manager = manager
    pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
        url,
        open=False,
        min_size=1,
        max_size=_CONNECTIONS,
        timeout=_WAIT_SECONDS,
        reconnect_timeout=RECONNECT_SECONDS,
        configure=_configure,
        # A database that restarted leaves dead connections behind.
        check=AsyncConnectionPool.check_connection,
        kwargs={"connect_timeout": int(_WAIT_SECONDS)},
        name="jobs",
    )
    return Queue(app=app, manager=manager, pool=pool)


def _add(app: App, work: Work, seam: Seam) -> None:
    lock = work.name if work.every and work.alone else None
    task = app.task(
        name=work.name,
        pass_context=True,
        priority=work.priority,
        lock=lock,
        queueing_lock=work.name if work.every else None,
        retry=Backoff(seam=seam, tries=work.tries),
    )(work.run)
    if work.every:
        app.periodic(cron=work.every)(task)


async def _configure(connection: psycopg.AsyncConnection[Any]) -> None:
    # Not as a start-up option: poolers between us and the server refuse those.
    await connection.execute(f"SET search_path TO {SCHEMA}, pg_temp")
    await connection.commit()
