"""The worker's own health over HTTP: livekit-agents' says neither draining nor reconnecting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest


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


class HealthServer:
    """`GET /healthz`, `/ready` (503 when no call is taken) and `/metrics` (Prometheus)."""

    def __init__(self, state: Callable[[], WorkerState], *, host: str, port: int) -> None:
        self._state = state
        self._host, self._port = host, port
        self._registry = CollectorRegistry()
        gauges = {
            "reception_worker_active_calls": lambda: self._state().active_calls,
            "reception_worker_capacity": lambda: self._state().capacity,
            "reception_worker_accepting": lambda: int(self._state().accepting),
            "reception_worker_draining": lambda: int(self._state().draining),
        }
        for name, value in gauges.items():
            Gauge(name, name.replace("_", " "), registry=self._registry).set_function(value)
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/ready", self._ready)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _ready(self, _: web.Request) -> web.Response:
        state = self._state()
        body = {"accepting": state.accepting, **asdict(state)}
        return web.json_response(body, status=200 if state.accepting else 503)

    async def _metrics(self, _: web.Request) -> web.Response:
        headers = {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=generate_latest(self._registry), headers=headers)
