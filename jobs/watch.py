"""Around every job: a limit on its time, its outcome in log and metrics, its failure kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Link, Span, Tracer
from procrastinate import JobContext
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from domain import tracing
from jobs.backoff import Backoff
from jobs.job_manager import LastingJobManager
from jobs.metrics import Metrics

LONGEST_JOB = 300.0
"""Seconds after which a job that does not come back is cancelled and counts as failed."""

log = structlog.get_logger("jobs.job")

Middleware = Callable[[Callable[[], Awaitable[Any]], JobContext, Worker], Awaitable[Any]]


def watching(*, metrics: Metrics, limit: float, traces: TracerProvider | None = None) -> Middleware:
    """The middleware that every job runs in; `limit` in seconds."""
    tracer = traces.get_tracer("reception") if traces is not None else None

    async def watch(
        call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: Worker
    ) -> None:
        job = context.job
        told = {"job_id": job.id, "task": job.task_name, "tries": job.attempts + 1}
        call_id = _call_id(job)
        if call_id is not None:
            told["call_id"] = str(call_id)
        span = _begin(tracer, told, call_id)
        began = time.perf_counter()
        outcome = "done"
        try:
            # Whatever the job logs says whose it is.
            with structlog.contextvars.bound_contextvars(**told):
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
            if span is not None:
                span.set_attribute("job.outcome", outcome)
                span.end()
        log.debug("job done", **told, seconds=round(seconds, 4))

    return watch


def _call_id(job: Job) -> UUID | None:
    """The call that a job is about, where its arguments name one."""
    try:
        return UUID(str(job.task_kwargs["call_id"]))
    except (KeyError, ValueError):
        return None


def _begin(tracer: Tracer | None, told: Mapping[str, Any], call_id: UUID | None) -> Span | None:
    if tracer is None:
        return None
    attributes = {"job.task": told["task"], "job.id": told["job_id"], "job.tries": told["tries"]}
    links = [Link(tracing.call_context(call_id))] if call_id is not None else []
    return tracer.start_span("job", attributes=attributes, links=links)


def _is_last(context: JobContext) -> bool:
    strategy = context.task.retry_strategy
    return not isinstance(strategy, Backoff) or strategy.is_last(context.job)
