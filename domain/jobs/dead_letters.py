"""Dead letters: background jobs that failed for good, and wait for somebody to decide.

The queue's tables are everybody's (`domain.migrations.job_queue` says why), so each statement here
names the scope's business. Jobs that serve no single business are the installation's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError

from domain.alerts.operations import open_alert, resolve_alert
from domain.database import Database, Scope
from domain.errors import Conflict, NotFound
from domain.paging import check_limit
from domain.tables import INSTALLATION

State = Literal["failed", "given_up"]

_STATUS = {"failed": "failed", "given_up": "cancelled"}
_STATE: dict[str, State] = {"failed": "failed", "cancelled": "given_up"}
_LARGEST_ID = 2**63 - 1

_OURS = "(j.args ->> 'business_id') IS NOT DISTINCT FROM CAST(:business_id AS text)"
# A job that procrastinate itself ended has no line of ours; its own event says when.
_COLUMNS = """
    j.id, j.task_name AS task, j.args, j.attempts AS tries, j.status::text AS status,
    COALESCE(f.error, '') AS error, f.given_up_at,
    COALESCE(f.failed_at, (
        SELECT max(e.at) FROM jobs.procrastinate_events e WHERE e.job_id = j.id AND e.type = 'failed'
    )) AS failed_at
"""


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A job that failed for good. `id` is the job's, as it stands in the logs of `reception jobs`.

    `arguments` are ids; `error` is the type of what was raised, never its message, which may repeat
    what a caller said.
    """

    id: int
    task: str
    arguments: dict[str, str]
    tries: int
    error: str
    failed_at: datetime | None
    state: State
    given_up_at: datetime | None


async def list_dead_letters(
    scope: Scope, *, limit: int, after: int | None = None, state: State = "failed"
) -> Sequence[DeadLetter]:
    """The newest job first; `after` is the id at which the page before ended."""
    rows = await scope.session.execute(
        text(
            f"SELECT {_COLUMNS} FROM jobs.procrastinate_jobs j"
            " LEFT JOIN jobs.failures f ON f.job_id = j.id"
            f" WHERE {_OURS} AND j.status::text = :status"
            " AND j.status IN ('failed', 'cancelled') AND j.id < :before"
            " ORDER BY j.id DESC LIMIT :limit"
        ),
        {
            "business_id": _business(scope),
            "status": _STATUS[state],
            "before": _LARGEST_ID if after is None else after,
            "limit": check_limit(limit),
        },
    )
    return [_dead_letter(row) for row in rows]


async def get(scope: Scope, *, job_id: int) -> DeadLetter:
    """Raises NotFound, also for a job that goes on or is another business's."""
    row = None
    if 0 < job_id <= _LARGEST_ID:
        found = await scope.session.execute(
            text(
                f"SELECT {_COLUMNS} FROM jobs.procrastinate_jobs j"
                " LEFT JOIN jobs.failures f ON f.job_id = j.id"
                f" WHERE {_OURS} AND j.id = :id AND j.status IN ('failed', 'cancelled')"
                " FOR UPDATE OF j"
            ),
            {"business_id": _business(scope), "id": job_id},
        )
        row = found.one_or_none()
    if row is None:
        raise NotFound("dead letter")
    return _dead_letter(row)


async def retry(scope: Scope, *, job_id: int) -> DeadLetter:
    """Queue the job again, with as many tries as a new one; returns what it was.

    Raises NotFound, and Conflict when the same work is queued already.
    """
    found = await get(scope, job_id=job_id)
    try:
        async with scope.session.begin_nested():
            await scope.session.execute(
                text(
                    "UPDATE jobs.procrastinate_jobs SET status = 'todo', attempts = 0,"
                    " scheduled_at = NULL, worker_id = NULL WHERE id = :id"
                ),
                {"id": job_id},
            )
    except IntegrityError:
        raise Conflict("the same work is queued already") from None
    await scope.session.execute(
        text("DELETE FROM jobs.failures WHERE job_id = :id"), {"id": job_id}
    )
    await tell_gone(scope, task=found.task)
    # procrastinate tells its workers of new jobs only; of this one they would learn at their next look.
    await scope.session.execute(
        text(
            "SELECT pg_notify('procrastinate_any_queue_v1',"
            " json_build_object('type', 'job_inserted', 'job_id', CAST(:id AS bigint))::text)"
        ),
        {"id": job_id},
    )
    return found


async def give_up(scope: Scope, *, job_id: int) -> DeadLetter:
    """Settle that the job will not be done; it is kept as such, with who and when. Repeated, it
    changes nothing. Raises NotFound."""
    found = await get(scope, job_id=job_id)
    if found.state == "given_up":
        return found
    now = scope.seam.now()
    await scope.session.execute(
        text("UPDATE jobs.procrastinate_jobs SET status = 'cancelled' WHERE id = :id"),
        {"id": job_id},
    )
    await scope.session.execute(
        text(
            "INSERT INTO jobs.failures (job_id, error, failed_at, given_up_at, given_up_by)"
            " VALUES (:id, :error, :failed_at, :now, :by) ON CONFLICT (job_id) DO UPDATE"
            " SET given_up_at = excluded.given_up_at, given_up_by = excluded.given_up_by"
        ),
        {
            "id": job_id,
            "error": found.error,
            "failed_at": found.failed_at or now,
            "now": now,
            "by": f"{scope.actor.kind} {scope.actor.id}".strip(),
        },
    )
    await tell_gone(scope, task=found.task)
    return await get(scope, job_id=job_id)


async def tell_new(scope: Scope, *, task: str) -> None:
    """A job of this task failed for good: the alert that stands for all of them is opened, or counted up."""
    await open_alert(scope, kind="work_failed", subject=task, urgent=False)


async def tell_gone(scope: Scope, *, task: str) -> None:
    """There is a dead letter of this task less: the alert goes with the last."""
    if not await _waiting(scope, task=task):
        await resolve_alert(scope, kind="work_failed", subject=task)


async def _waiting(scope: Scope, *, task: str) -> bool:
    found = await scope.session.scalar(
        text(
            "SELECT EXISTS (SELECT 1 FROM jobs.procrastinate_jobs j"
            f" WHERE {_OURS} AND j.task_name = :task AND j.status = 'failed')"
        ),
        {"business_id": _business(scope), "task": task},
    )
    return bool(found)


async def count(database: Database) -> int:
    """How many wait on the whole installation, for metrics."""
    async with database.unscoped() as session:
        found: int = (
            await session.scalar(
                text("SELECT count(*) FROM jobs.procrastinate_jobs WHERE status = 'failed'")
            )
            or 0
        )
    return found


def _business(scope: Scope) -> str | None:
    """As a job's arguments name it; None: jobs of no business."""
    return None if scope.business_id == INSTALLATION else str(scope.business_id)


def _dead_letter(row: Row[Any]) -> DeadLetter:
    arguments = {name: str(value) for name, value in row.args.items() if name != "business_id"}
    return DeadLetter(
        id=row.id,
        task=row.task,
        arguments=arguments,
        tries=row.tries,
        error=row.error,
        failed_at=row.failed_at,
        state=_STATE[row.status],
        given_up_at=row.given_up_at,
    )
