"""A TCP way to PostgreSQL that can be cut, so that a call can lose its database."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal

from sqlalchemy.engine import make_url

Mode = Literal["open", "refused", "hanging"]


class DatabaseProxy:
    """Forwards to the server behind `url`. Runs in a thread, so that no test can stall it."""

    def __init__(self, url: str) -> None:
        self.behind = url
        """The way around the proxy."""
        self._behind = make_url(url)
        self._mode: Mode = "open"
        self._writers: set[asyncio.StreamWriter] = set()
        self._restored = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._port = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._listening = threading.Event()
        self._thread.start()
        if not self._listening.wait(10):
            raise RuntimeError("the proxy does not listen")

    @property
    def url(self) -> str:
        """What a client connects to."""
        ours = self._behind.set(host="127.0.0.1", port=self._port).difference_update_query(["host"])
        return ours.render_as_string(hide_password=False)

    def cut(self, mode: Mode = "refused") -> None:
        """Break every connection, and let new ones through no more (or hang)."""
        self._call(self._cut, mode)

    def restore(self) -> None:
        self._call(self._cut, "open")

    def stop(self) -> None:
        self._call(self._cut, "refused")
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _call(self, work: Callable[[Mode], None], mode: Mode) -> None:
        done = threading.Event()

        def run() -> None:
            work(mode)
            done.set()

        self._loop.call_soon_threadsafe(run)
        if not done.wait(10):
            raise RuntimeError("the proxy does not answer")

    def _cut(self, mode: Mode) -> None:
        self._mode = mode
        if mode == "hanging":
            self._restored.clear()
        else:
            self._restored.set()
        for writer in list(self._writers):
            writer.transport.abort()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self._port = server.sockets[0].getsockname()[1]
        self._listening.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if self._mode == "refused":
                writer.transport.abort()
                return
            if self._mode == "hanging":
                await self._restored.wait()
                return
            behind_reader, behind_writer = await self._connect()
            self._writers.add(behind_writer)
            try:
                await asyncio.gather(_pump(reader, behind_writer), _pump(behind_reader, writer))
            finally:
                self._writers.discard(behind_writer)
                behind_writer.transport.abort()
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        folder: Any = self._behind.query.get("host")
        if folder:
            return await asyncio.open_unix_connection(
                f"{folder}/.s.PGSQL.{self._behind.port or 5432}"
            )
        return await asyncio.open_connection(self._behind.host, self._behind.port or 5432)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.transport.abort()
