"""Around every job: a limit on its time, its outcome in log and metrics, its failure kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from procrastinate import JobContext
from procrastinate.worker import Worker

from jobs.backoff import Backoff
from jobs.job_manager import LastingJobManager
from jobs.metrics import Metrics

LONGEST_JOB = 300.0
"""Seconds after which a job that does not come back is cancelled and counts as failed."""

log = structlog.get_logger("jobs.job")

Middleware = Callable[[Callable[[], Awaitable[Any]], JobContext, Worker], Awaitable[Any]]


def watching(*, metrics: Metrics, limit: float) -> Middleware:
    """The middleware that every job runs in; `limit` in seconds."""

    async def watch(
        call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: Worker
    ) -> None:
        job = context.job
        told = {"job_id": job.id, "task": job.task_name, "tries": job.attempts + 1}
        began = time.perf_counter()
        outcome = "done"
        try:
            async with asyncio.timeout(limit):
                # What a task returns would be written into procrastinate's log: it is dropped here.
                await call_next()
        except asyncio.CancelledError:
            outcome = "handed_back"
            log.info("job handed back", **told)
            raise
        except Exception as error:
            outcome = "failed" if _is_last(context) else "retried"
            tell = log.error if outcome == "failed" else log.warning
            tell(f"job {outcome}", **told, exc_info=error)
            manager = context.app.job_manager
            if isinstance(manager, LastingJobManager):
                await manager.note_failure(job, type(error).__name__)
            raise
        finally:
            seconds = time.perf_counter() - began
            metrics.ended(task=job.task_name, outcome=outcome, seconds=seconds)
        log.debug("job done", **told, seconds=round(seconds, 4))

    return watch


def _is_last(context: JobContext) -> bool:
    strategy = context.task.retry_strategy
    return not isinstance(strategy, Backoff) or strategy.is_last(context.job)
