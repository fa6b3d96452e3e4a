"""Counts over the whole installation, for metrics and readiness."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select, text

from domain.database import Database
from domain.tables import INSTALLATION
from domain.watching import synthetic_calls, workers
from domain.watching.models import SyntheticCall, SyntheticOutcome, WorkerSign

_BREAKERS = "breakers_"

# The queue gives its signs by the database's clock.
_QUEUE = """
    SELECT (SELECT count(*) FROM jobs.procrastinate_workers
             WHERE last_heartbeat > now() - interval '45 seconds') AS processes,
           count(*) FILTER (WHERE status = 'failed') AS dead,
           COALESCE(EXTRACT(epoch FROM now() - min(scheduled_at)
               FILTER (WHERE status = 'todo' AND scheduled_at <= now())), 0) AS oldest
      FROM jobs.procrastinate_jobs WHERE status IN ('todo', 'failed')
"""


@dataclass(frozen=True, kw_only=True)
class InstallationFigures:
    """How everything is at one moment. None of it is anybody's data."""

    alerts: dict[tuple[str, bool], int] = field(default_factory=dict)
    """The open ones, by kind and whether they are urgent."""
    breakers: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """By kind, vendor and state, with what an operator has decided in the place of the state."""
    calendars: dict[tuple[str, str], int] = field(default_factory=dict)
    """By state and kind."""
    workers: tuple[WorkerSign, ...] = ()
    jobs_processes: int = 0
    """That gave a sign of life not long ago."""
    oldest_job_seconds: float = 0.0
    """How long the oldest background job that could run has waited."""
    dead_letters: int = 0
    synthetic: SyntheticFigures | None = None
    """None: no such call was ever made."""


@dataclass(frozen=True, kw_only=True)
class SyntheticFigures:
    """The last synthetic call, and how the last ones went."""

    last: SyntheticCall
    passed_at: datetime | None
    failures_in_a_row: int
    counts: dict[SyntheticOutcome, int]
    """Of those that are kept."""


async def read_figures(database: Database) -> InstallationFigures:
    """Raises SQLAlchemyError and OSError."""
    async with database.scope(business_id=INSTALLATION) as scope:
        rows = (await scope.session.execute(text("SELECT * FROM watch_figures()"))).all()
        queue = (await scope.session.execute(text(_QUEUE))).one()
        alive = await workers.alive(scope)
        newest = await synthetic_calls.latest(scope)
        synthetic = None
        if newest:
            counts = await scope.session.execute(
                select(SyntheticCall.outcome, func.count()).group_by(SyntheticCall.outcome)
            )
            passed_at = await scope.session.scalar(
                select(func.max(SyntheticCall.placed_at)).where(SyntheticCall.outcome == "passed")
            )
            synthetic = SyntheticFigures(
                last=newest[0],
                passed_at=passed_at,
                failures_in_a_row=await synthetic_calls.failures_in_a_row(scope),
                counts={row[0]: row[1] for row in counts.all()},
            )
    found = InstallationFigures(
        workers=tuple(alive),
        jobs_processes=queue.processes,
        oldest_job_seconds=float(queue.oldest),
        dead_letters=queue.dead,
        synthetic=synthetic,
    )
    for row in rows:
        value = int(row.value)
        if row.figure == "alerts":
            found.alerts[row.first, row.second == "yes"] = value
        elif row.figure == "calendars":
            found.calendars[row.first, row.second] = value
        elif row.figure.startswith(_BREAKERS):
            # Without the host of an address of a business's own: vendors are few, addresses are not.
            vendor = row.second.partition("@")[0]
            key = row.first, vendor, row.figure.removeprefix(_BREAKERS)
            found.breakers[key] = found.breakers.get(key, 0) + value
    return found
