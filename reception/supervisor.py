"""Starts processes, watches them, restarts the ones that die, stops them in the reverse order."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from reception.errors import ReceptionError

Say = Callable[[str, str], None]

LAST_LINES = 5
FIRST_BACK_OFF = 1.0
LONGEST_BACK_OFF = 30.0
STABLE_AFTER = 60.0
"""Seconds a restarted part must live before its next death is a first one again."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One process of the installation. Times are in seconds."""

    name: str
    command: Sequence[str]
    log: Path
    address: str
    ready: Callable[[], Awaitable[bool]]
    stage: int
    """Parts of a higher stage depend on lower ones and are stopped before them."""
    env: Mapping[str, str] | None = None
    user: tuple[int, int] | None = None
    """Unix user and group id to run as, for a program that refuses to run as root."""
    folder: Path | None = None
    """Working folder; None: ours."""
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0
    ready_within: float = 120.0


class PartFailed(ReceptionError):
    """A part did not start; the message names it, its exit code, its log and its last lines."""


class Supervisor:
    """Owns the processes of the parts. Use within one running event loop.

    `say` gets (part, line) for everything a person should know. `restarted` is awaited after a part
    has come back, for what has to be told to it again.
    """

    def __init__(
        self, *, say: Say, lock: IO[str], restarted: Callable[[str], Awaitable[None]] | None = None
    ) -> None:
        self._say = say
        self._restarted = restarted
        self._running: list[_Running] = []
        self._hurry = asyncio.Event()
        # The guardian shares the lock's file: a new `up` waits until it has cleaned up.
        self._guardian = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("guardian.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[lock.fileno()],
            start_new_session=True,
            cwd="/",
        )

    async def start(self, part: Part) -> None:
        """Start a part and return when it is ready; afterwards it is restarted if it dies.

        Raises PartFailed.
        """
        started = time.monotonic()
        _keep_previous_log(part.log)
        running = _Running(part)
        self._running.append(running)
        await self._launch(running)
        seconds = time.monotonic() - started
        self._say(part.name, f"{part.address}  ({seconds:.1f} s)")
        running.watcher = asyncio.create_task(self._watch(running), name=f"watch {part.name}")

    async def stop(self) -> None:
        """Stop every part, the highest stage first; nothing is left when it returns."""
        watchers = [running.watcher for running in self._running if running.watcher]
        for watcher in watchers:
            watcher.cancel()
        # A restart under way must be over before the parts are ended, or it would outlive them.
        await asyncio.gather(*watchers, return_exceptions=True)
        for stage in sorted({running.part.stage for running in self._running}, reverse=True):
            await asyncio.gather(
                *(self._end(running) for running in self._running if running.part.stage == stage)
            )
        assert self._guardian.stdin
        self._guardian.stdin.close()
        await asyncio.to_thread(self._guardian.wait)

    def hurry(self) -> None:
        """Kill what has not stopped yet, instead of waiting for it."""
        self._hurry.set()

    def process_ids(self) -> dict[str, int]:
        """Process id of each part that lives, by name."""
        return {
            running.part.name: running.process.pid
            for running in self._running
            if running.process and running.process.returncode is None
        }

    async def _launch(self, running: _Running) -> None:
        part = running.part
        descriptor = os.open(part.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            process = await asyncio.create_subprocess_exec(
                *part.command,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                env=part.env,
                cwd=part.folder,
                user=part.user[0] if part.user else None,
                group=part.user[1] if part.user else None,
                extra_groups=[] if part.user else None,
                # Its own group: Ctrl-C in the terminal reaches `up` alone, which stops in order.
                process_group=0,
            )
        except OSError as error:
            raise PartFailed(f"{part.name} did not start: {error}") from None
        finally:
            os.close(descriptor)
        running.process = process
        self._tell_guardian(f"+ {process.pid} {int(part.stop_signal)}")
        await self._until_ready(running, process)

    async def _until_ready(self, running: _Running, process: asyncio.subprocess.Process) -> None:
        part = running.part
        died = asyncio.create_task(process.wait())
        ready = asyncio.create_task(_poll(part.ready))
        try:
            await asyncio.wait(
                {died, ready}, timeout=part.ready_within, return_when=asyncio.FIRST_COMPLETED
            )
            if died.done():
                self._tell_guardian(f"- {process.pid}")
                raise PartFailed(f"{part.name} {_epitaph(part, process.returncode)}")
            if not ready.done():
                raise PartFailed(
                    f"{part.name} was not ready after {part.ready_within:.0f} s{_log_tail(part)}"
                )
            running.ready_at = time.monotonic()
        finally:
            died.cancel()
            ready.cancel()

    async def _watch(self, running: _Running) -> None:
        part = running.part
        back_off = FIRST_BACK_OFF
        while True:
            assert running.process
            code = await running.process.wait()
            # What the dead process started itself must not hold its port against the new one.
            _kill_group(running.process.pid)
            self._tell_guardian(f"- {running.process.pid}")
            if time.monotonic() - running.ready_at > STABLE_AFTER:
                back_off = FIRST_BACK_OFF
            self._say(part.name, f"{_epitaph(part, code)}\n  starting it again in {back_off:.0f} s")
            while True:
                await asyncio.sleep(back_off)
                back_off = min(back_off * 2, LONGEST_BACK_OFF)
                try:
                    await self._launch(running)
                    break
                except PartFailed as error:
                    await self._end(running)
                    self._say(part.name, f"{error}\n  trying again in {back_off:.0f} s")
            self._say(part.name, f"is back at {part.address}")
            if self._restarted:
                await self._restarted(part.name)

    async def _end(self, running: _Running) -> None:
        process, part = running.process, running.part
        if process is None:
            return
        if process.returncode is None:
            _signal(process.pid, part.stop_signal)
            ended = asyncio.create_task(process.wait())
            hurried = asyncio.create_task(self._hurry.wait())
            await asyncio.wait(
                {ended, hurried}, timeout=part.grace, return_when=asyncio.FIRST_COMPLETED
            )
            hurried.cancel()
            if not ended.done():
                self._say(part.name, "did not stop in time, killing it")
        _kill_group(process.pid)
        await process.wait()
        self._tell_guardian(f"- {process.pid}")

    def _tell_guardian(self, line: str) -> None:
        assert self._guardian.stdin
        with suppress(BrokenPipeError, ValueError):
            self._guardian.stdin.write(f"{line}\n".encode())
            self._guardian.stdin.flush()


class _Running:
    def __init__(self, part: Part) -> None:
        self.part = part
        self.process: asyncio.subprocess.Process | None = None
        self.watcher: asyncio.Task[None] | None = None
        self.ready_at = 0.0


async def _poll(ready: Callable[[], Awaitable[bool]]) -> None:
    # Nothing tells us when another program is ready: it can only be asked.
    while not await ready():  # noqa: ASYNC110
        await asyncio.sleep(0.05)


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _keep_previous_log(log: Path) -> None:
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))


def _epitaph(part: Part, code: int | None) -> str:
    if code is not None and code < 0:
        how = f"was ended by {signal.Signals(-code).name}"
    else:
        how = f"stopped with exit code {code}"
    return f"{how}{_log_tail(part)}"


def _log_tail(part: Part) -> str:
    try:
        with open(part.log, "rb") as file:
            file.seek(max(0, part.log.stat().st_size - 8192))
            text = file.read().decode(errors="replace")
    except OSError:
        text = ""
    lines = [line[:300] for line in text.splitlines() if line.strip()][-LAST_LINES:]
    tail = "".join(f"\n    {line}" for line in lines)
    return f"; log: {part.log}{'; last lines:' if tail else ' (empty)'}{tail}"
