"""The worker's own health: livekit-agents' says neither draining nor reconnecting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from agent.watching.metrics import CONTENT_TYPE, WorkerMetrics
from agent.watching.spool_depth import SpoolDepth
from connectors.health_server import HealthServer


@dataclass(frozen=True, kw_only=True)
class WorkerState:
    """What the worker is doing at one moment."""

    registered: bool
    """With livekit-server, at some time."""
    reconnecting: bool
    """The connection to livekit-server is being made again."""
    draining: bool
    """Calls are finished, none is taken."""
    active_calls: int
    capacity: int

    @property
    def accepting(self) -> bool:
        return (
            self.registered
            and not self.reconnecting
            and not self.draining
            and self.active_calls < self.capacity
        )


def health_server(
    state: Callable[[], WorkerState],
    *,
    metrics: WorkerMetrics,
    depth: Callable[[], Awaitable[SpoolDepth]],
    host: str,
    port: int,
) -> HealthServer:
    """`GET /healthz`, `/ready` (503 when no call is taken) and `/metrics`."""
    metrics.watch(
        {
            "reception_worker_active_calls": (
                "Calls that this worker serves.",
                lambda: state().active_calls,
            ),
            "reception_worker_capacity": (
                "Calls that it takes at once.",
                lambda: state().capacity,
            ),
            "reception_worker_accepting": (
                "Whether it takes calls now.",
                lambda: state().accepting,
            ),
            "reception_worker_draining": (
                "Whether it finishes its calls and takes none.",
                lambda: state().draining,
            ),
            "reception_worker_registered": (
                "Whether livekit-server knows it and can reach it.",
                lambda: state().registered and not state().reconnecting,
            ),
        }
    )

    def ready() -> tuple[bool, dict[str, object]]:
        now = state()
        return now.accepting, {"accepting": now.accepting, **asdict(now)}

    async def text() -> bytes:
        metrics.spool(await depth())
        return metrics.text()

    return HealthServer(ready=ready, metrics=text, content_type=CONTENT_TYPE, host=host, port=port)
