"""Every metric that our processes export, as their registries tell it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from admin.metrics import Metrics as AdminMetrics
from agent.health import WorkerState, health_server
from agent.watching.metrics import WorkerMetrics
from agent.watching.spool_depth import SpoolDepth
from jobs.metrics import Metrics as JobsMetrics


@dataclass(frozen=True)
class Exported:
    """One metric, by the name that is written in queries, without the suffixes of a histogram."""

    process: str
    name: str
    kind: str
    labels: tuple[str, ...]
    text: str

    @property
    def series(self) -> set[str]:
        """The names that a query may use."""
        if self.kind == "histogram":
            return {f"{self.name}_{suffix}" for suffix in ("bucket", "sum", "count")}
        return {self.name}


def exported() -> list[Exported]:
    worker = WorkerMetrics()
    state = WorkerState(
        registered=True, reconnecting=False, draining=False, active_calls=0, capacity=1
    )

    async def depth() -> SpoolDepth:
        return SpoolDepth()

    health_server(lambda: state, metrics=worker, depth=depth, host="127.0.0.1", port=0)
    registries: dict[str, Any] = {
        "worker": worker._registry,
        "admin": AdminMetrics()._registry,
        "jobs": JobsMetrics()._registry,
    }
    return sorted(
        (one for process, registry in registries.items() for one in _of(process, registry)),
        key=lambda one: (one.process, one.name),
    )


def _of(process: str, registry: Any) -> Iterator[Exported]:
    for metric in registry._collector_to_names:
        kind = metric._type
        name = f"{metric._name}_total" if kind == "counter" else metric._name
        yield Exported(process, name, kind, tuple(metric._labelnames), metric._documentation)
