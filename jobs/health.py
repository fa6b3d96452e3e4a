"""The process's health over HTTP, for `reception up`, containers and Prometheus."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from connectors.health_server import HealthServer
from jobs.metrics import CONTENT_TYPE, Metrics, QueueFigures


@dataclass(frozen=True, kw_only=True)
class JobsState:
    """What the process is doing at one moment."""

    connected: bool
    """To the queue; jobs are taken."""
    stopping: bool
    """What was begun is finished, nothing is taken."""

    @property
    def ready(self) -> bool:
        return self.connected and not self.stopping


def health_server(
    *,
    state: Callable[[], JobsState],
    figures: Callable[[], Awaitable[QueueFigures | None]],
    metrics: Metrics,
    host: str,
    port: int,
) -> HealthServer:
    """`GET /healthz`, `/ready` (503 when no job is taken) and `/metrics`."""

    def ready() -> tuple[bool, dict[str, object]]:
        now = state()
        return now.ready, {"ready": now.ready, **asdict(now)}

    async def text() -> bytes:
        metrics.queue(await figures())
        return metrics.text()

    return HealthServer(ready=ready, metrics=text, content_type=CONTENT_TYPE, host=host, port=port)
