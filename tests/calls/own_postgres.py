"""A PostgreSQL of a test's own: the shared one must never be stopped or killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil

from reception.postgres import prepare
from reception.prepare_database import prepare_embedded
from tests.calls.events import until


class OwnPostgres:
    """The embedded server as `reception up` runs it, with durable commits."""

    def __init__(self, folder: Path) -> None:
        self._prepared = prepare(folder)
        self._log = (folder / "postgres.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def app_url(self) -> str:
        return self._prepared.app_url

    async def start(self) -> None:
        """Start it, or start it again after `kill`; returns when it takes connections."""
        self._process = self._begin()
        await until(self._prepared.ready, timeout=90)

    def _begin(self) -> subprocess.Popen[bytes]:
        user, group = self._prepared.user or (None, None)
        return subprocess.Popen(
            self._prepared.command,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            cwd="/",
            stdout=self._log,
            stderr=self._log,
        )

    async def make_database(self) -> None:
        """Roles, database and schema."""
        await prepare_embedded(self._prepared, lambda *_: None)

    def freeze(self) -> None:
        """SIGSTOP: it answers nobody, and no connection breaks."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    def kill(self) -> None:
        """`kill -9`, all of it at once."""
        self._send(signal.SIGKILL)
        self._ended()

    async def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.go_on()
            self._process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, 30)
            self.kill()
        self._log.close()

    def _send(self, number: signal.Signals) -> None:
        assert self._process is not None
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self._process.pid)
            # The postmaster first: it would start anew what it sees dying.
            for one in (parent, *parent.children(recursive=True)):
                with suppress(ProcessLookupError):
                    os.kill(one.pid, number)

    def _ended(self) -> None:
        assert self._process is not None
        self._process.wait(30)
