"""The process's health over HTTP, for `reception up`, containers and Prometheus."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from aiohttp import web

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


class HealthServer:
    """`GET /healthz`, `/ready` (503 when no job is taken) and `/metrics` (Prometheus)."""

    def __init__(
        self,
        *,
        state: Callable[[], JobsState],
        figures: Callable[[], Awaitable[QueueFigures | None]],
        metrics: Metrics,
        host: str,
        port: int,
    ) -> None:
        self._state, self._figures, self._metrics = state, figures, metrics
        self._host, self._port = host, port
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/ready", self._ready)
        app.router.add_get("/metrics", self._metrics_page)
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
        body = {"ready": state.ready, **asdict(state)}
        return web.json_response(body, status=200 if state.ready else 503)

    async def _metrics_page(self, _: web.Request) -> web.Response:
        self._metrics.queue(await self._figures())
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE})
