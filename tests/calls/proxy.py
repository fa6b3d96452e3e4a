"""A TCP way to PostgreSQL that can be cut, frozen or slowed down, so that a call can lose its database."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.engine import make_url

Mode = Literal["open", "refused", "hanging", "frozen"]
"""`hanging`: connections break, new ones are taken and not answered. `frozen`: as with a server that was
stopped (SIGSTOP), no connection breaks and none moves."""

Lost = Literal["order", "answer"]
"""What breaks a connection at its COMMIT: the order does not arrive, or it does and its answer is lost."""

_UNDELAYED = b"\0pX"
"""First bytes of what a client sends that is no query: the start, a password, the end (PostgreSQL, "Message
Formats")."""


@dataclass
class _Link:
    """One connection of a client."""

    answer_lost: bool = False


class DatabaseProxy:
    """Forwards to the server behind `url`. Runs in a thread, so that no test can stall it."""

    def __init__(self, url: str) -> None:
        self.behind = url
        """The way around the proxy."""
        self._behind = make_url(url)
        self._mode: Mode = "open"
        self._writers: set[asyncio.StreamWriter] = set()
        self._restored = asyncio.Event()
        self._moving = asyncio.Event()
        self._moving.set()
        self._delay = 0.0
        self._lost: Lost | None = None
        self._then: Mode = "open"
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
        """Let everything through again, at once."""
        self._delay, self._lost = 0.0, None
        self._call(self._cut, "open")

    def slow_down(self, seconds: float) -> None:
        """Hold up each query for so long."""
        self._delay = seconds

    def lose_commit(self, what: Lost, *, then: Mode = "open") -> None:
        """Break the next connection that commits, just there; `then` is how the database is from then on."""
        self._lost, self._then = what, then

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
        thawed = self._mode == "frozen" and mode == "open"
        self._mode = mode
        if mode == "hanging":
            self._restored.clear()
        else:
            self._restored.set()
        if mode == "frozen":
            self._moving.clear()
        else:
            self._moving.set()
        if mode == "frozen" or thawed:
            return
        for writer in list(self._writers):
            writer.transport.abort()

    def _fail(self) -> None:
        if self._then != "open":
            self._cut(self._then)

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
            try:
                behind_reader, behind_writer = await self._connect()
            except OSError:
                # Killed, or not up again yet.
                return
            self._writers.add(behind_writer)
            try:
                link = _Link()
                await asyncio.gather(
                    self._pump(reader, behind_writer, link, ask=True),
                    self._pump(behind_reader, writer, link, ask=False),
                )
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

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        link: _Link,
        *,
        ask: bool,
    ) -> None:
        """`ask`: from the client to the server."""
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._moving.wait()
                if ask and self._delay and data[0] not in _UNDELAYED:
                    await asyncio.sleep(self._delay)
                if not ask and link.answer_lost:
                    self._fail()
                    break
                if ask and self._lost and b"COMMIT\0" in data:
                    lost, self._lost = self._lost, None
                    if lost == "order":
                        self._fail()
                        break
                    link.answer_lost = True
                writer.write(data)
                await writer.drain()
        with suppress(OSError):
            writer.transport.abort()
