"""The queue's own upkeep: jobs whose process died, and what nobody needs any more."""

from __future__ import annotations

import structlog
from procrastinate import JobContext
from procrastinate.jobs import Status

from jobs.backoff import Backoff
from jobs.job_manager import LastingJobManager

HEARTBEAT_SECONDS = 10.0
STALLED_AFTER = 30
"""Seconds without a sign of life after which a process counts as dead."""
KEEP_HOURS = 30 * 24

log = structlog.get_logger("jobs.upkeep")


async def recover_jobs(context: JobContext, *, timestamp: int) -> None:
    """Queue again what a process had when it died (`kill -9`, out of memory, its machine).

    A job that its process dies of every time ends as a dead letter instead.
    """
    manager = context.app.job_manager
    assert isinstance(manager, LastingJobManager)
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        task = context.app.tasks.get(job.task_name)
        strategy = task.retry_strategy if task else None
        await manager.note_failure(job, "ProcessDied")
        if isinstance(strategy, Backoff) and strategy.is_last(job):
            log.error("job failed with its process", job_id=job.id, task=job.task_name)
            await manager.finish_job(job, Status.FAILED, delete_job=False)
        else:
            log.warning("job recovered from a dead process", job_id=job.id, task=job.task_name)
            await manager.retry_job(job)
    await manager.prune_stalled_workers(STALLED_AFTER)


async def remove_old_jobs(context: JobContext, *, timestamp: int) -> None:
    """Delete what was given up or dropped a month ago. Dead letters stay until somebody decides."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=KEEP_HOURS, include_cancelled=True, include_aborted=True
    )
