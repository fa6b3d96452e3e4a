"""Figures for Prometheus. Labels are routes, methods, statuses and states: never anybody's data."""

from __future__ import annotations

from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from admin.installation_metrics import InstallationMetrics

# They would double the series, and Prometheus does not need them.
disable_created_metrics()  # type: ignore[no-untyped-call]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
Kept = Literal["rescued", "sent_again", "refused", "fenced", "given_up"]
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


class Metrics:
    """The figures of one application; each has its own registry, so that tests can have many."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "reception_http_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "reception_http_request_seconds",
            "Time to answer a request.",
            ["method", "route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._calls_open = Gauge(
            "reception_calls_open", "Calls that have not ended.", registry=self._registry
        )
        self._database_up = Gauge(
            "reception_database_up", "Whether the database answers.", registry=self._registry
        )
        self._sandbox = Gauge(
            "reception_sandbox_vendor",
            "1 for each vendor that is a stand-in.",
            ["vendor"],
            registry=self._registry,
        )
        self._webhooks = Counter(
            "reception_livekit_webhooks",
            "Webhooks of LiveKit, by event, or `refused`.",
            ["event"],
            registry=self._registry,
        )
        self._closed = Counter(
            "reception_calls_closed_for_worker",
            "Calls that were closed because their worker did not.",
            registry=self._registry,
        )

        self._kept = Counter(
            "reception_calls_kept",
            "What the call keeper did: rescued, sent_again, refused, fenced, given_up.",
            ["deed"],
            registry=self._registry,
        )

        self.installation = InstallationMetrics(self._registry)

    def request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        # Anybody can send any method: an unknown one must not make a new series.
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def webhook(self, event: str) -> None:
        self._webhooks.labels(event).inc()

    def closed_for_worker(self) -> None:
        self._closed.inc()

    def kept(self, deed: Kept) -> None:
        self._kept.labels(deed).inc()

    def calls_open(self, count: int | None) -> None:
        """`None`: the database is away, and the last count stands."""
        self._database_up.set(0 if count is None else 1)
        if count is not None:
            self._calls_open.set(count)

    def sandbox(self, vendor: str) -> None:
        self._sandbox.labels(vendor).set(1)

    def text(self) -> bytes:
        """The figures in Prometheus's text format, version 0.0.4."""
        return generate_latest(self._registry)
