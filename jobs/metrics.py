"""Figures of a jobs process for Prometheus."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST

from domain.metrics import Registry

CONTENT_TYPE = CONTENT_TYPE_LATEST


@dataclass(frozen=True, kw_only=True)
class QueueFigures:
    """The queue of the whole installation at one moment."""

    due: int
    """Jobs that could run now."""
    later: int
    """Jobs that wait for their time, most of them to be tried again."""
    running: int
    dead: int
    """Jobs that failed for good."""
    oldest_due_seconds: float


class Metrics:
    """What this process did, and what waits."""

    def __init__(self) -> None:
        self._registry = registry = Registry()
        self._ended = registry.counter(
            "reception_jobs_ended",
            "Tries of jobs, by how they ended: done, retried, failed (for good), handed_back.",
            "task",
            "outcome",
        )
        self._seconds = registry.histogram("reception_job_seconds", "How long a try took.", "task")
        self._queue = {
            name: registry.gauge(f"reception_jobs_{name}", text)
            for name, text in (
                ("due", "Jobs that could run now."),
                ("later", "Jobs that wait for their time."),
                ("running", "Jobs that some process runs."),
                ("dead", "Jobs that failed for good."),
                ("oldest_due_seconds", "How long the oldest job that could run has waited."),
            )
        }
        self._database_up = registry.gauge(
            "reception_jobs_database_up", "Whether the database answered just now."
        )

    def ended(self, *, task: str, outcome: str, seconds: float) -> None:
        self._ended.labels(task, outcome).inc()
        self._seconds.labels(task).observe(seconds)

    def queue(self, figures: QueueFigures | None) -> None:
        """`None`: the database is away, and the last figures stand."""
        self._database_up.set(0 if figures is None else 1)
        if figures is not None:
            for name, gauge in self._queue.items():
                gauge.set(getattr(figures, name))

    def text(self) -> bytes:
        """The figures in Prometheus's text format."""
        return self._registry.text()
