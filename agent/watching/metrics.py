"""The figures of a worker and of all calls that it served, for Prometheus (`docs/metrics.md`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST

from agent.watching.figures import Figure
from agent.watching.spool_depth import SpoolDepth
from domain.metrics import Registry

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
TURN_SECONDS: Final = (
    *(0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    *(1.2, 1.5, 2.0, 3.0, 5.0),
)  # fmt: skip
"""Bounds fit for what callers notice: P95 is promised at 1.5 s."""
_TOOL_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_COUNTERS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "calls_started": ("reception_calls_started", "Calls that a job took.", ("channel",)),
    "calls_ended": ("reception_calls_ended", "Calls that a job ended.", ("reason",)),
    "calls_synthetic": (
        "reception_calls_synthetic",
        "Calls that the installation made to itself; in none of the other counts of calls.",
        (),
    ),
    "calls_flagged": ("reception_calls_flagged", "Flags that calls were given.", ("flag",)),
    "claims_withheld": (
        "reception_claims_withheld",
        "Sentences not spoken, because what they claim was not done.",
        ("deed",),
    ),
    "tools": ("reception_tools", "Tools that the model asked for.", ("tool", "outcome")),
    "provider_requests": (
        "reception_provider_requests",
        "Requests to providers.",
        ("kind", "provider", "outcome"),
    ),
    "transfers": ("reception_transfers", "Callers that were to be connected.", ("outcome",)),
    "figures_lost": ("reception_worker_figures_lost", "Figures that a job could not tell.", ()),
}
_TIMES: Final[dict[str, tuple[str, str, tuple[str, ...], tuple[float, ...]]]] = {
    "turn": (
        "reception_turn_seconds",
        "Where the time of an answer went, by stage; total: the caller's last word to the first sound.",
        ("stage",),
        TURN_SECONDS,
    ),
    "call_setup": (
        "reception_call_setup_seconds",
        "From the job's start to the greeting's first sound.",
        (),
        TURN_SECONDS,
    ),
    "tool_time": ("reception_tool_seconds", "How long tools took.", ("tool",), _TOOL_SECONDS),
}


class WorkerMetrics:
    """All that a worker tells Prometheus."""

    def __init__(self) -> None:
        self._registry = registry = Registry()
        self._counters = {
            name: registry.counter(full, text, *labels)
            for name, (full, text, labels) in _COUNTERS.items()
        }
        self._times = {
            name: registry.histogram(full, text, *labels, buckets=buckets)
            for name, (full, text, labels, buckets) in _TIMES.items()
        }
        self._spools = registry.gauge("reception_spool_files", "Spools on this machine's disk.")
        self._undelivered = registry.gauge(
            "reception_spool_undelivered",
            "Facts of calls on this machine's disk that the database has not got.",
        )
        self._oldest = registry.gauge(
            "reception_spool_oldest_seconds", "How long the oldest of them has waited."
        )
        self._unreadable = registry.gauge(
            "reception_spool_unreadable", "Spools set aside because they cannot be read."
        )

    def watch(self, gauges: dict[str, tuple[str, Callable[[], float]]]) -> None:
        """Gauges that are asked when they are read, by name, with what they say."""
        for name, (text, value) in gauges.items():
            self._registry.gauge(name, text).set_function(value)

    def take(self, figure: Figure) -> None:
        """Count something that happened on a call."""
        if (counter := self._counters.get(figure.name)) is not None:
            (counter.labels(*figure.labels) if figure.labels else counter).inc(figure.value)
        elif (time := self._times.get(figure.name)) is not None:
            (time.labels(*figure.labels) if figure.labels else time).observe(figure.value)

    def spool(self, depth: SpoolDepth) -> None:
        self._spools.set(depth.files)
        self._undelivered.set(depth.undelivered)
        self._oldest.set(depth.oldest_seconds)
        self._unreadable.set(depth.unreadable)

    def text(self) -> bytes:
        """The figures in Prometheus's text format."""
        return self._registry.text()
