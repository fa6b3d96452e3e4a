"""Reading server-sent events from the service as it is served."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from httpx import AsyncClient, Response
from litestar import Litestar

READ_WITHIN = 10.0
"""Seconds; generous: what is late is a failure of another kind."""


@asynccontextmanager
async def served(app: Litestar) -> AsyncIterator[AsyncClient]:
    """A client of `app` on a port of its own: what streams can't be read over httpx's ASGI transport."""
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2)
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # Not `serve`: that takes the signals of the process.
        serving = asyncio.create_task(server._serve([listener]))
        host, port = listener.getsockname()[:2]
        try:
            async with AsyncClient(base_url=f"http://{host}:{port}", timeout=30) as client:
                yield client
        finally:
            app.state.live.close()
            server.should_exit = True
            await serving


@dataclass
class Message:
    """One event of the stream."""

    event: str = ""
    data: Any = None
    id: str = ""


@dataclass
class Stream:
    """An open stream; `last_id` is what a browser would send as Last-Event-ID."""

    response: Response
    last_id: str = ""
    retry: str = ""
    comments: int = 0
    _lines: AsyncIterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self._lines = self.response.aiter_lines()

    async def next(self, event: str | None = None) -> Message:
        """The next event, or the next of one kind. Raises StopAsyncIteration at the stream's end."""
        async with asyncio.timeout(READ_WITHIN):
            while True:
                message = await self._block()
                if message.event and event in (None, message.event):
                    return message

    async def rest(self) -> list[Message]:
        """What comes until the service ends the stream."""
        found = []
        try:
            while True:
                found.append(await self.next())
        except StopAsyncIteration:
            return found

    async def comment(self) -> None:
        """Until the next sign of life."""
        before = self.comments
        async with asyncio.timeout(READ_WITHIN):
            while self.comments == before:
                await self._block()

    async def _block(self) -> Message:
        message = Message()
        async for line in self._lines:
            if not line:
                return message
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                message.event = value
            elif name == "data":
                message.data = json.loads(value)
            elif name == "id":
                message.id = self.last_id = value
            elif name == "retry":
                self.retry = value
            elif name == "":
                self.comments += 1
        raise StopAsyncIteration


@asynccontextmanager
async def follow(
    client: AsyncClient, headers: dict[str, str], *, last_id: str = "", query: str = ""
) -> AsyncIterator[Stream]:
    """The live feed, as a browser opens it."""
    if last_id:
        headers = headers | {"Last-Event-ID": last_id}
    async with client.stream("GET", f"/api/v1/live{query}", headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response)
