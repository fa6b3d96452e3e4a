"""The background jobs: whether a process works on them, and whether some have failed for good."""

from __future__ import annotations

import psycopg

from domain.environment import Environment
from reception.doctor.check import Check, ok, problem, skipped, warning

NAMES = ("jobs", "dead letters")
SILENT_AFTER = 45.0
"""Seconds without a sign of life; a process gives one every ten."""

HEARTBEAT = """
SELECT count(*), EXTRACT(epoch FROM now() - max(last_heartbeat))::float
FROM jobs.procrastinate_workers
"""
DEAD = "SELECT count(*) FROM jobs.procrastinate_jobs WHERE status = 'failed'"


def check_jobs(environment: Environment) -> list[Check]:
    """Two checks; skipped where the database can't be asked, which a check of its own tells."""
    try:
        with psycopg.connect(environment.database_url, connect_timeout=5) as connection:
            heartbeat = connection.execute(HEARTBEAT).fetchone()
            dead = connection.execute(DEAD).fetchone()
    except psycopg.Error:
        return [skipped(name, "needs the database in its newest version") for name in NAMES]
    assert heartbeat and dead
    return [_check_heartbeat(*heartbeat), _check_dead(dead[0])]


def _check_heartbeat(processes: int, seconds: float | None) -> Check:
    mend = "start `reception jobs` (or `make run`); see $RECEPTION_HOME/logs/jobs.log"
    if seconds is None:
        return problem("jobs", "no process works on them: calendars stand still", mend)
    if seconds > SILENT_AFTER:
        return problem("jobs", f"their process has been silent for {seconds:.0f} s", mend)
    noun = "process" if processes == 1 else "processes"
    return ok("jobs", f"{processes} {noun}, heard of {seconds:.0f} s ago")


def _check_dead(count: int) -> Check:
    if not count:
        return ok("dead letters", "none")
    return warning(
        "dead letters",
        f"{count} job{'' if count == 1 else 's'} failed for good",
        "see GET /api/v1/dead-letters and docs/running.md#background-jobs",
    )
