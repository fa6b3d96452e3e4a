"""A jobs process in the test's own loop, with tasks of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet
from procrastinate import JobContext

from domain.environment import Environment
from domain.seam import SystemSeam
from jobs.app import Queue, Work, make_queue
from jobs.process import JobsProcess
from tests.calls.stack import free_port
from tests.postgres import DatabaseAddress

PATIENCE = 60.0
"""Seconds; nothing takes so long unless it is broken."""


@dataclass
class Bench:
    """A queue with the test's tasks, and processes that work on it."""

    address: DatabaseAddress
    done: list[str] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, text: str) -> None:
        self.done.append(text)
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition`, looking again whenever a task has noted something."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def until_job(self, job_id: int, status: str | None) -> None:
        """Wait until a job has a status; None: until it is gone. Nothing tells of it: it is asked."""
        async with asyncio.timeout(PATIENCE):
            while self.status(job_id) != status:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def status(self, job_id: int) -> str | None:
        rows = self.rows("SELECT status::text FROM jobs.procrastinate_jobs WHERE id = %s", job_id)
        return rows[0][0] if rows else None

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.address.superuser) as connection:
            found = connection.execute(query.encode(), values)
            return found.fetchall() if found.description else []

    def queue(self, *works: Work) -> Queue:
        return make_queue(self.address.app, seam=SystemSeam(), works=works)

    async def defer(
        self, queue: Queue, task: str, work: str | None = None, **arguments: str
    ) -> int:
        job: int = await queue.app.configure_task(
            task, allow_unknown=False, lock=work, queueing_lock=work
        ).defer_async(**arguments)
        return job

    @asynccontextmanager
    async def working(self, *works: Work, processes: int = 1) -> AsyncIterator[Queue]:
        """Processes that work until the end; gives the first one's queue."""
        queues = [self.queue(*works) for _ in range(processes)]
        running = [JobsProcess(self.environment(), queue=queue) for queue in queues]
        tasks = [asyncio.create_task(process.serve()) for process in running]
        try:
            async with asyncio.timeout(PATIENCE):
                while not all(process.state().ready for process in running):
                    for task in tasks:
                        if task.done():
                            await task
                    await asyncio.sleep(0.01)
            yield queues[0]
        finally:
            for process in running:
                process.stop()
            await asyncio.gather(*tasks)

    def environment(self) -> Environment:
        return Environment(
            _env_file=None,
            database_url=self.address.app,
            reception_jobs_port=free_port(),
            reception_encryption_keys=Fernet.generate_key().decode(),
            reception_index_key="i" * 40,
        )


@pytest.fixture
def bench(database_address: DatabaseAddress) -> Bench:
    return Bench(database_address)


def task(name: str, run: Callable[..., Awaitable[None]], **settings: Any) -> Work:
    """`run` gets the job's arguments, and no context."""

    async def with_context(context: JobContext, **arguments: Any) -> None:
        await run(**arguments)

    with_context.__name__ = name
    return Work(run=with_context, **settings)


def statuses(bench: Bench, ids: Sequence[int]) -> list[str | None]:
    return [bench.status(one) for one in ids]
