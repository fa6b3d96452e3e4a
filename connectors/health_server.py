"""A process's health over HTTP, for `reception up`, containers and Prometheus."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

Ready = Callable[[], tuple[bool, Mapping[str, Any]]]
"""Whether the process does its work, and what it says of itself."""


class HealthServer:
    """`GET /healthz`, `/ready` (503 when it does not do its work) and `/metrics` (Prometheus)."""

    def __init__(
        self,
        *,
        ready: Ready,
        metrics: Callable[[], Awaitable[bytes]],
        content_type: str,
        host: str,
        port: int,
    ) -> None:
        """`content_type` is that of `metrics`."""
        self._ready, self._metrics = ready, metrics
        self._content_type = content_type
        self._host, self._port = host, port
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/ready", self._ready_page)
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

    async def _ready_page(self, _: web.Request) -> web.Response:
        ready, state = self._ready()
        return web.json_response(dict(state), status=200 if ready else 503)

    async def _metrics_page(self, _: web.Request) -> web.Response:
        headers = {"Content-Type": self._content_type}
        return web.Response(body=await self._metrics(), headers=headers)
