"""What our processes tell Prometheus (`docs/metrics.md`): the same registry for each of them."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

# They would double the series, and Prometheus does not need them.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Registry(CollectorRegistry):
    """The metrics of one process. Each has its own, not the library's global one, so that tests can have many."""

    def counter(self, name: str, text: str, *labels: str) -> Counter:
        """`name` is without the `_total` that is told."""
        return Counter(name, text, labels, registry=self)

    def gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self)

    def histogram(
        self,
        name: str,
        text: str,
        *labels: str,
        buckets: Sequence[float] = Histogram.DEFAULT_BUCKETS,
    ) -> Histogram:
        """`buckets`: upper bounds, in the unit of the values."""
        return Histogram(name, text, labels, buckets=buckets, registry=self)

    def text(self) -> bytes:
        """All of them in Prometheus's text format."""
        return generate_latest(self)
