"""A way to PostgreSQL that breaks at one exact place of a transaction."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import make_url

_QUERY, _EXECUTE, _READY = b"Q", b"E", b"Z"
_BEGIN, _COMMIT = b"BEGIN", b"COMMIT"


class CuttingProxy:
    """Forwards to the server behind `url` over a Unix socket, one message of the protocol at a time
    (PostgreSQL 18 documentation, 54.7 "Message Formats"), so that it knows between which two statements it is.

    Armed, it breaks one transaction and is then disarmed. The server rolls back what it had not been
    told to commit; the client learns only that the connection is gone.
    """

    def __init__(self, url: str) -> None:
        behind = make_url(url)
        folder = str(behind.query["host"])
        self._behind = Path(folder) / f".s.PGSQL.{behind.port or 5432}"
        self._folder = Path(tempfile.mkdtemp(prefix="cut"))
        self.url = behind.update_query_dict({"host": str(self._folder)}).render_as_string(
            hide_password=False
        )
        self._socket = self._folder / self._behind.name
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self._before: int | None = None
        self._answer = False
        self._counted: int | None = None
        self._skip = 0
        self.broke = ""
        """How the last armed transaction broke: `before` a statement, without the `answer` to its COMMIT, or
        empty if it ended whole."""

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self._socket)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for client in list(self._clients):
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def cut_before(self, statement: int, *, skip: int = 0) -> None:
        """Break a transaction, the next or the one after `skip` others, before its `statement`-th
        statement (1 is the first) is sent."""
        self.disarm()
        self._before, self._skip, self.broke = statement, skip, ""

    def lose_answer(self, *, skip: int = 0) -> None:
        """Let a COMMIT through and carried out, and break before its answer."""
        self.disarm()
        self._answer, self._skip, self.broke = True, skip, ""

    def disarm(self) -> None:
        self._before, self._answer, self._counted, self._skip = None, False, None, 0

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._forward(reader, writer))
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_unix_connection(self._behind)
        answer_is_lost = asyncio.Event()
        pumps = [
            asyncio.ensure_future(self._requests(reader, behind_writer, answer_is_lost)),
            asyncio.ensure_future(_answers(behind_reader, writer, answer_is_lost)),
        ]
        try:
            # Whichever side ends first ends both.
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for one in (writer, behind_writer):
                one.close()
                with suppress(OSError):
                    await one.wait_closed()

    async def _requests(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answer_is_lost: asyncio.Event,
    ) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):
            await _pass_start_up(reader, writer)
            while True:
                kind, message = await _read(reader)
                if kind in (_QUERY, _EXECUTE):
                    text = message[5:-1] if kind == _QUERY else b""
                    if self._breaks_before(text):
                        return
                    if self._loses_answer(text):
                        answer_is_lost.set()
                writer.write(message)
                await writer.drain()

    def _breaks_before(self, text: bytes) -> bool:
        if self._before is None:
            return False
        if text == _BEGIN:
            # The pool's own look at the connection comes before.
            self._counted = 0 if self._skip == 0 else None
            self._skip -= self._skip > 0
        elif self._counted is not None:
            self._counted += 1
            if self._counted == self._before:
                self.disarm()
                self.broke = "before"
                return True
        return False

    def _loses_answer(self, text: bytes) -> bool:
        if not self._answer or text != _COMMIT:
            return False
        if self._skip:
            self._skip -= 1
            return False
        self.disarm()
        self.broke = "answer"
        return True


async def _answers(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer_is_lost: asyncio.Event
) -> None:
    with suppress(asyncio.IncompleteReadError, OSError):
        while True:
            kind, message = await _read(reader)
            if answer_is_lost.is_set():
                if kind == _READY:
                    return
                continue
            writer.write(message)
            await writer.drain()


async def _read(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    length = int.from_bytes(head[1:], "big")
    return head[:1], head + await reader.readexactly(length - 4)


async def _pass_start_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The first packet alone has no type."""
    length = await reader.readexactly(4)
    writer.write(length + await reader.readexactly(int.from_bytes(length, "big") - 4))
    await writer.drain()
