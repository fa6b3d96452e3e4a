"""How the figures of a job's process reach the worker's: datagrams on a Unix socket (unix(7)).

prometheus_client's own way (files shared by all processes) leaves files for each process behind, and every
call is a process: they would grow for ever, or forget what ended calls counted. A datagram is whole or not there at
all, so a job that is killed in the middle leaves nothing behind but the figures it had not yet sent.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from agent.watching.address import VARIABLE, choose_address
from agent.watching.figures import Figure, closed

LARGEST: Final = 16_384
"""Bytes of a datagram."""
MOST_WAITING: Final = 500
_AT_ONCE: Final = 50
_AGAIN_SECONDS: Final = 0.2

log = logging.getLogger("reception.agent.figures")


class FigureTeller:
    """A job's side. Never waits and never raises: what the worker does not take is sent later, and the oldest
    is dropped, and counted as lost, when too much waits."""

    def __init__(self, address: str) -> None:
        """`address` is the socket's path; empty: nothing is told."""
        self._address = address
        self._waiting: deque[Figure] = deque()
        self._lost = 0
        self._again: asyncio.TimerHandle | None = None
        self._socket: socket.socket | None = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)

    def tell(self, figure: Figure) -> None:
        if self._socket is None:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self._lost += 1
        self._waiting.append(figure)
        self._send()

    def close(self) -> None:
        """One last try."""
        self._send()
        if self._again is not None:
            self._again.cancel()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self) -> None:
        if self._socket is None:
            return
        while self._waiting:
            batch = [self._waiting[place] for place in range(min(_AT_ONCE, len(self._waiting)))]
            if self._lost:
                batch.append(Figure("figures_lost", value=float(self._lost)))
            told = json.dumps([[one.name, one.labels, one.value] for one in batch]).encode()
            try:
                self._socket.sendto(told, self._address)
            except OSError:
                # Full, or the worker is gone: a call never waits for its own figures.
                self._try_again()
                return
            if self._lost:
                self._lost = 0
                batch.pop()
            for _ in batch:
                self._waiting.popleft()

    def _try_again(self) -> None:
        if self._again is not None and not self._again.cancelled():
            return
        with suppress(RuntimeError):
            self._again = asyncio.get_running_loop().call_later(_AGAIN_SECONDS, self._sent_later)

    def _sent_later(self) -> None:
        self._again = None
        self._send()


class FigureSocket:
    """The worker's side: takes what its jobs tell, for as long as it is open."""

    def __init__(self, take: Callable[[Figure], None]) -> None:
        self._take = take
        self._path: Path | None = None
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Bind, at the address that was chosen or at a new one. Within the running loop. A worker that cannot
        serves calls all the same, and says so."""
        chosen = os.environ.get(VARIABLE)
        self._path = Path(chosen) if chosen else choose_address()
        if self._path is None:
            log.error("no figures of calls: no folder for temporary files")
            return
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            self._socket.bind(str(self._path))
        except OSError as error:
            log.error("no figures of calls", extra={"error": type(error).__name__})
            self.close()
            return
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def close(self) -> None:
        if self._socket is not None:
            with suppress(RuntimeError):
                asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None
        os.environ.pop(VARIABLE, None)
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
                self._path.parent.rmdir()
            self._path = None

    def _read(self) -> None:
        assert self._socket is not None
        # Not for ever: a flood must not keep the loop from its other work.
        for _ in range(100):
            try:
                told = self._socket.recv(LARGEST)
            except (BlockingIOError, InterruptedError):
                return
            for figure in _figures(told):
                self._take(figure)


def _figures(told: bytes) -> list[Figure]:
    found = []
    try:
        for name, labels, value in json.loads(told):
            figure = closed(Figure(str(name), tuple(map(str, labels)), float(value)))
            if figure is not None:
                found.append(figure)
    except (ValueError, TypeError):
        # Whoever may write to it is this user: nothing of it is worth more than a line.
        log.warning("figures not understood")
    return found
