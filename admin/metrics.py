"""Figures for Prometheus. Labels are routes, methods, statuses and states: never anybody's data."""

from __future__ import annotations

from typing import Literal

from admin.installation_metrics import InstallationMetrics
from domain.metrics import Registry

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
Kept = Literal["rescued", "sent_again", "refused", "fenced", "given_up"]
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


class Metrics:
    """The figures of one application."""

    def __init__(self) -> None:
        self._registry = registry = Registry()
        self._requests = registry.counter(
            "reception_http_requests", "Requests answered.", "method", "route", "status"
        )
        self._seconds = registry.histogram(
            "reception_http_request_seconds",
            "Time to answer a request.",
            "method",
            "route",
            buckets=_SECONDS,
        )
        self._calls_open = registry.gauge("reception_calls_open", "Calls that have not ended.")
        self._database_up = registry.gauge("reception_database_up", "Whether the database answers.")
        self._sandbox = registry.gauge(
            "reception_sandbox_vendor", "1 for each vendor that is a stand-in.", "vendor"
        )
        self._webhooks = registry.counter(
            "reception_livekit_webhooks", "Webhooks of LiveKit, by event, or `refused`.", "event"
        )
        self._closed = registry.counter(
            "reception_calls_closed_for_worker",
            "Calls that were closed because their worker did not.",
        )
        self._kept = registry.counter(
            "reception_calls_kept",
            "What the call keeper did: rescued, sent_again, refused, fenced, given_up.",
            "deed",
        )
        self.installation = InstallationMetrics(registry)

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
        return self._registry.text()
