"""What procrastinate leaves open about jobs that end: a database that is away at that moment, work
that is queued anew meanwhile, and why a job failed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg
import structlog
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import QUEUEING_LOCK_CONSTRAINT, JobManager, NotificationCallback

from domain.seam import Seam

LONGEST_PAUSE = 5.0
"""Seconds between two tries to tell a database that is away how a job ended."""
QUIET_SECONDS = 20.0
"""A worker asks for jobs every two seconds, and gives a sign of life every ten when it has its fill."""
UNKNOWN_TASK_TRIES = 60
UNKNOWN_TASK_WAIT = timedelta(minutes=1)

log = structlog.get_logger("jobs.queue")

_NOTE_FAILURE = """
    INSERT INTO failures (job_id, error, failed_at) VALUES (%(job_id)s, %(error)s, %(at)s)
    ON CONFLICT (job_id) DO UPDATE SET error = excluded.error, failed_at = excluded.failed_at
"""
_FORGET_EARLIER = """
    WITH forgotten AS (
        DELETE FROM procrastinate_jobs
        WHERE status = 'failed' AND queueing_lock = %(work)s AND id < %(job_id)s RETURNING id
    ) SELECT count(*) AS count FROM forgotten
"""

Told = Callable[[Job, bool], Awaitable[None]]


class LastingJobManager(JobManager):
    """Ends jobs so that none is lost and none stays `doing` for ever."""

    def __init__(self, connector: BaseConnector, *, seam: Seam, known: Collection[str]) -> None:
        """`known` are the names of the tasks that this process can do."""
        super().__init__(connector)
        self._seam = seam
        self._known = known
        self.on_dead_letters: Told | None = None
        """Told of a job that became a dead letter (True), or by whose success earlier ones went (False)."""
        self._reached_at: float | None = None

    @property
    def reachable(self) -> bool:
        """Whether the queue answered when it was last spoken to, which is not long ago."""
        return self._reached_at is not None and time.monotonic() - self._reached_at < QUIET_SECONDS

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """The next job for a worker, marked as its own."""
        with self._noting():
            return await super().fetch_job(queues, worker_id)

    async def update_heartbeat(self, worker_id: int) -> None:
        """Give a worker's sign of life."""
        with self._noting():
            await super().update_heartbeat(worker_id)

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """Hear of new jobs until cancelled, or until the connection is lost for good."""
        try:
            await super().listen_for_jobs(on_notification=on_notification, queues=queues)
        except ConnectorException:
            self._reached_at = None
            raise

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Settle a job; waits for a database that is away."""
        if status is Status.FAILED and job.task_name not in self._known:
            if job.attempts < UNKNOWN_TASK_TRIES:
                # While versions are changed, a new process queues what this old one has never heard of.
                await self.retry_job(job, retry_at=self._seam.now() + UNKNOWN_TASK_WAIT)
                return
            await self.note_failure(job, "TaskNotFound")
        finish = super().finish_job
        await self._tell(job, lambda: finish(job, status, delete_job))
        gone = False
        if job.queueing_lock and status in (Status.SUCCEEDED, Status.FAILED):
            # Work that comes again by itself is one dead letter however often it fails, and none once
            # it has succeeded.
            gone = await self._forget_earlier(job)
        failed = status is Status.FAILED
        if (failed or gone) and self.on_dead_letters is not None:
            try:
                await self.on_dead_letters(job, failed)
            except Exception as error:
                # Whoever lists dead letters sees it all the same.
                log.warning("dead letter not told of", job_id=job.id, exc_info=error)

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Queue a job again; waits for a database that is away. Where the same work has been queued
        meanwhile the job is dropped: procrastinate would leave it `doing` for ever."""
        retry = super().retry_job
        try:
            await self._tell(job, lambda: retry(job, retry_at, priority, queue, lock))
        except UniqueViolation as error:
            if error.constraint_name != QUEUEING_LOCK_CONSTRAINT:
                raise
            finish = super().finish_job
            await self._tell(job, lambda: finish(job, Status.ABORTED, delete_job=True))

    async def note_failure(self, job: Job, error: str) -> None:
        """Keep why the job failed last. `error` is the type of an exception, never its text."""
        await self._execute(_NOTE_FAILURE, job_id=job.id, error=error, at=self._seam.now())

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except ConnectorException:
            self._reached_at = None
            raise
        self._reached_at = time.monotonic()

    async def _forget_earlier(self, job: Job) -> bool:
        """Whether there were any."""
        try:
            row = await self.connector.execute_query_one_async(
                _FORGET_EARLIER, work=job.queueing_lock, job_id=job.id
            )
        except ConnectorException as error:
            log.warning("dead letters not forgotten", job_id=job.id, exc_info=error)
            return False
        return bool(row["count"])

    async def _execute(self, query: str, **values: object) -> None:
        # What is kept about a job must not stop it from being settled.
        try:
            await self.connector.execute_query_async(query, **values)
        except ConnectorException as error:
            log.warning("a note about a job is lost", job_id=values["job_id"], exc_info=error)

    async def _tell(self, job: Job, deed: Callable[[], Awaitable[None]]) -> None:
        pause = 0.1
        while True:
            try:
                return await deed()
            except UniqueViolation:
                raise
            except ConnectorException as error:
                if isinstance(error.__cause__, psycopg.errors.RaiseException):
                    # It is not `doing` any more: the answer to the try before was lost, or another
                    # process took this one for dead and the job over.
                    log.warning("a job was settled by another", job_id=job.id, task=job.task_name)
                    return None
                if not isinstance(error.__cause__, psycopg.OperationalError):
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
