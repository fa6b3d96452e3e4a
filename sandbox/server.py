"""All stand-ins and their control endpoint on one port."""

from __future__ import annotations

import asyncio
from types import TracebackType

from aiohttp import web

from sandbox import control
from sandbox.calendars import control as calendar_control, fhir, google, microsoft
from sandbox.hearing import deepgram
from sandbox.shared import STATE, Shared
from sandbox.speaking import elevenlabs
from sandbox.thinking import openai

_MAX_BODY = 33 * 1024 * 1024


def build_app() -> web.Application:
    app = web.Application(client_max_size=_MAX_BODY)
    app[STATE] = Shared()
    app.add_routes([web.get("/healthz", _healthy)])
    for module in (deepgram, openai, elevenlabs, control, calendar_control):
        app.add_routes(module.routes)
    for calendar in (google, microsoft, fhir):
        app.add_routes(calendar.routes)
    app.on_cleanup.append(_close)
    return app


async def _healthy(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok", "sandbox": True})


async def _close(app: web.Application) -> None:
    app[STATE].recognisers.close()


class Sandbox:
    """A running sandbox: `async with Sandbox() as sandbox: …`; port 0 takes a free one.

    Raises OSError when the port is taken.
    """

    def __init__(self, *, port: int = 0, host: str = "127.0.0.1") -> None:
        self._host = host
        self._asked = port
        self._runner: web.AppRunner | None = None
        self.port = port

    async def __aenter__(self) -> Sandbox:
        self.app = build_app()
        # A hanging fault must not hold up the end: its handlers are cancelled.
        self._runner = web.AppRunner(
            self.app, handler_cancellation=True, access_log=None, shutdown_timeout=0.5
        )
        await self._runner.setup()
        try:
            site = web.TCPSite(self._runner, self._host, self._asked)
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.port = self._runner.addresses[0][1]
        self._warming = asyncio.create_task(self.shared.recognisers.warm())
        return self

    async def warm(self) -> None:
        """Wait until the recogniser is loaded."""
        await self._warming

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
            await self._runner.cleanup()

    @property
    def shared(self) -> Shared:
        """Delays, faults, scripts and counters, for tests in the same process."""
        return self.app[STATE]

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self.port}"

    @property
    def google_url(self) -> str:
        """In the place of Google's hosts."""
        return f"{self.url}/google"

    @property
    def microsoft_url(self) -> str:
        """In the place of Microsoft's hosts."""
        return f"{self.url}/microsoft"

    @property
    def fhir_url(self) -> str:
        return f"{self.url}/fhir"

    @property
    def deepgram_url(self) -> str:
        return f"{self.url}/v1/listen"

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def elevenlabs_url(self) -> str:
        return f"{self.url}/v1"
