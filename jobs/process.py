"""One jobs process: takes jobs from the queue until it is told to stop, and outlives the database."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Final
from uuid import UUID

import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from domain import tracing
from domain.database import Database
from domain.environment import Environment
from domain.jobs import dead_letters
from domain.tables import INSTALLATION
from jobs.app import Queue, make_queue
from jobs.health import JobsState, health_server
from jobs.metrics import Metrics, QueueFigures
from jobs.upkeep import HEARTBEAT_SECONDS, STALLED_AFTER
from jobs.watch import LONGEST_JOB, watching
from jobs.work import ACTOR

AT_ONCE: Final = 20
"""Jobs that one process runs at the same time; nearly all of their time they wait for others."""
STOP_SECONDS: Final = 6.0
"""How long jobs may go on after SIGTERM; then they are handed back."""
LOST_SECONDS: Final = 30.0
"""How long jobs may go on after the queue is lost; a new worker begins when they have ended."""
_HAND_BACK_SECONDS: Final = 3.0
_LONGEST_PAUSE: Final = 5.0
_POLL_SECONDS: Final = 2.0
"""How late a job may be that nothing tells of: one to be tried again, one whose work was under way."""

log = structlog.get_logger("jobs.process")

_FIGURES = """
    SELECT count(*) FILTER (WHERE status = 'todo' AND COALESCE(scheduled_at, now()) <= now()) AS due,
           count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()) AS later,
           count(*) FILTER (WHERE status = 'doing') AS running,
           count(*) FILTER (WHERE status = 'failed') AS dead,
           COALESCE(EXTRACT(epoch FROM now() - min(COALESCE(scheduled_at, (
               SELECT min(e.at) FROM procrastinate_events e
               WHERE e.job_id = j.id AND e.type = 'deferred'
           ))) FILTER (WHERE status = 'todo' AND COALESCE(scheduled_at, now()) <= now())), 0)
               AS oldest
      FROM procrastinate_jobs j WHERE status IN ('todo', 'doing', 'failed')
"""


class JobsProcess:
    """The worker of the queue and what runs beside it. Use within one running event loop."""

    def __init__(self, environment: Environment, *, queue: Queue | None = None) -> None:
        self._environment = environment
        self._database = Database(environment.database_url, keyring=environment.keyring)
        self._queue = queue or make_queue(environment.database_url, seam=self._database.seam)
        self._queue.manager.on_dead_letters = self._tell_dead_letters
        self._metrics = Metrics()
        self._traces = tracing.of_process(
            environment.otel_exporter_otlp_endpoint, service="reception-jobs"
        )
        self._stop = asyncio.Event()
        self._signals = 0

    async def serve(self) -> None:
        """Run until told to stop. Raises OSError when the health port is taken."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        health = health_server(
            state=self.state,
            figures=self.figures,
            metrics=self._metrics,
            host="",
            port=self._environment.reception_jobs_port,
        )
        await health.start()
        await self._queue.open()
        log.info("jobs process started", at_once=AT_ONCE)
        try:
            await self._keep_working()
        finally:
            await health.stop()
            await self._queue.close()
            await self._database.aclose()
            await tracing.flush(self._traces)
        log.info("jobs process stopped")

    def stop(self) -> None:
        """Take no more jobs and finish those that were begun."""
        self._stop.set()

    def state(self) -> JobsState:
        """What `/ready` tells."""
        return JobsState(connected=self._queue.manager.reachable, stopping=self._stop.is_set())

    async def figures(self) -> QueueFigures | None:
        """The queue as it is now; None when the database does not answer."""
        try:
            row = await self._queue.app.connector.execute_query_one_async(_FIGURES)
        except ConnectorException:
            return None
        return QueueFigures(
            due=row["due"],
            later=row["later"],
            running=row["running"],
            dead=row["dead"],
            oldest_due_seconds=float(row["oldest"]),
        )

    async def _tell_dead_letters(self, job: Job, failed: bool) -> None:
        business_id = job.task_kwargs.get("business_id")
        owner = UUID(str(business_id)) if business_id else INSTALLATION
        async with self._database.scope(business_id=owner, actor=ACTOR) as scope:
            tell = dead_letters.tell_new if failed else dead_letters.tell_gone
            await tell(scope, task=job.task_name)

    def _on_signal(self) -> None:
        self._signals += 1
        if self._signals > 1:
            # What it had is recovered by another process, or by the next.
            log.warning("stopping at once")
            os._exit(1)
        self._stop.set()

    async def _keep_working(self) -> None:
        """A worker ends when it loses the database: then comes another."""
        pause = 0.2
        while not self._stop.is_set():
            began = asyncio.get_running_loop().time()
            await self._work()
            if self._stop.is_set():
                return
            if asyncio.get_running_loop().time() - began > STALLED_AFTER:
                pause = 0.2
            try:
                await asyncio.wait_for(self._stop.wait(), pause)
            except TimeoutError:
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _work(self) -> None:
        worker = Worker(
            self._queue.app,
            name="jobs",
            concurrency=AT_ONCE,
            fetch_job_polling_interval=_POLL_SECONDS,
            shutdown_graceful_timeout=LOST_SECONDS,
            delete_jobs="successful",
            additional_context={"database": self._database, "environment": self._environment},
            # Ours: one signal has to end the worker and the loop that would start another.
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_AFTER,
            worker_middleware=[
                watching(metrics=self._metrics, limit=LONGEST_JOB, traces=self._traces)
            ],
        )
        running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                worker.shutdown_graceful_timeout = STOP_SECONDS
                worker.stop()  # type: ignore[no-untyped-call]
                await asyncio.wait({running}, timeout=STOP_SECONDS + _HAND_BACK_SECONDS)
        finally:
            stopping.cancel()
        if not running.done():
            # Only a database that is away keeps it. What it had is recovered later; waiting for it
            # would keep the process until somebody kills it.
            log.warning("jobs could not be handed back")
            os._exit(0)
        if error := running.exception():
            log.warning("the queue is lost, trying again", exc_info=error)
