"""What the database knows of the installation's parts, as `/ready` tells it: none of it keeps one call from being
served now."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, Field

from domain.watching.figures import InstallationFigures
from domain.watching.synthetic_calls import FAILURES_FOR_ALERT

State = Literal["up", "down"]

SPOOL_SECONDS: Final = 60.0
"""How old a fact may be that the database has not got."""
QUEUE_SECONDS: Final = 300.0
"""How late a background job may be."""


class PartState(BaseModel):
    """One part."""

    name: str = Field(examples=["database"])
    state: State
    needed: bool = Field(description="Whether no call can be served without it.")
    detail: str = Field("", examples=["sandbox stand-in"])


def extra_part(name: str, *, up: bool, detail: str = "") -> PartState:
    """A part without which calls are served all the same."""
    return PartState(name=name, state="up" if up else "down", needed=False, detail=detail)


def parts_of(figures: InstallationFigures) -> list[PartState]:
    """Jobs, queue, spool, and calendars and synthetic calls where there are any."""
    parts = [_jobs(figures), _queue(figures), _spool(figures)]
    if figures.calendars:
        parts.append(_calendars(figures))
    if figures.synthetic is not None:
        parts.append(_synthetic(figures))
    return parts


def worker_part(figures: InstallationFigures | None, *, local: State) -> PartState:
    """All workers there are, by their signs of life; `local` is what this machine's own says."""
    workers = figures.workers if figures is not None else ()
    accepting = sum(one.accepting for one in workers)
    if not workers:
        detail = "" if local == "up" else "not there, draining or reconnecting on this machine"
        return extra_part("worker", up=local == "up", detail=detail)
    calls = sum(one.active_calls for one in workers)
    capacity = sum(one.capacity for one in workers)
    # What the machine's own says is newer than any sign.
    up = accepting > 0 or local == "up"
    return extra_part(
        "worker",
        up=up,
        detail=f"{max(accepting, int(local == 'up'))} of {len(workers)} take calls;"
        f" {calls} calls of {capacity}",
    )


def _jobs(figures: InstallationFigures) -> PartState:
    count = figures.jobs_processes
    return extra_part(
        "jobs",
        up=count > 0,
        detail="" if count else "no process does background work: start `reception jobs`",
    )


def _queue(figures: InstallationFigures) -> PartState:
    late = figures.oldest_job_seconds > QUEUE_SECONDS
    told = [f"the oldest job is {figures.oldest_job_seconds:.0f} s late"] if late else []
    if figures.dead_letters:
        told.append(f"{figures.dead_letters} failed for good (dead letters)")
    return extra_part("queue", up=not late, detail="; ".join(told))


def _spool(figures: InstallationFigures) -> PartState:
    waiting = sum(one.undelivered for one in figures.workers)
    oldest = max((one.oldest_undelivered_seconds for one in figures.workers), default=0.0)
    late = oldest > SPOOL_SECONDS
    return extra_part(
        "spool",
        up=not late,
        detail=f"{waiting} facts wait, the oldest for {oldest:.0f} s" if late else "",
    )


def _calendars(figures: InstallationFigures) -> PartState:
    failing = sum(
        count
        for (state, _), count in figures.calendars.items()
        if state in ("failing", "sign_in_needed")
    )
    total = sum(figures.calendars.values())
    return extra_part(
        "calendars",
        up=not failing,
        detail=f"{failing} of {total} fail or need a sign-in" if failing else "",
    )


def _synthetic(figures: InstallationFigures) -> PartState:
    found = figures.synthetic
    assert found is not None
    failed = found.failures_in_a_row >= FAILURES_FOR_ALERT
    words = found.last.outcome.replace("_", " ")
    detail = f"last {words} at {found.last.placed_at:%Y-%m-%dT%H:%M:%SZ}"
    if found.last.greeting_seconds is not None:
        detail += f", greeted after {found.last.greeting_seconds:.1f} s"
    return extra_part("synthetic call", up=not failed, detail=detail)
