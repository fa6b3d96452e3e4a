"""Call keepers beside the stack, and the processes that serve a call: found, killed, stopped."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psutil
from livekit import api

from domain.calls.models import Call
from reception.caller.caller import Caller
from reception.caller.webrtc import WebRtcCaller
from tests.calls.conftest import Line
from tests.calls.events import until
from tests.calls.stack import Part, Stack, find_livekit_server, free_port

SETTLED_SECONDS = 6.0
"""A keeper that has just started rescues nothing for 5 s: it cannot know how long the database is there."""


@dataclass
class Keeper:
    """A running admin service."""

    part: Part
    address: str

    def kill(self) -> None:
        self.part.process.kill()
        self.part.process.wait(10)

    async def calls(self, *, key: str, state: str) -> list[str]:
        """The ids of the calls in a state, as the console is told them."""
        request = urllib.request.Request(
            f"{self.address}/api/v1/calls?state={state}", headers={"Authorization": f"Bearer {key}"}
        )
        found = await asyncio.to_thread(_read, request)
        return [one["id"] for one in json.loads(found)["items"]]


@asynccontextmanager
async def keeper(stack: Stack) -> AsyncIterator[Keeper]:
    """An admin service as a process of its own, whose keeper has settled."""
    port = free_port()
    part = stack.start_part("admin", ["-m", "reception", "admin"], RECEPTION_ADMIN_PORT=str(port))
    try:
        await until(lambda: asyncio.to_thread(_answers, port), timeout=60)
        await asyncio.sleep(SETTLED_SECONDS)
        yield Keeper(part, f"http://127.0.0.1:{port}")
    finally:
        part.stop()
        stack.parts.remove(part)


def _read(request: urllib.request.Request) -> bytes:
    with urllib.request.urlopen(request, timeout=10) as reply:
        body: bytes = reply.read()
        return body


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
            return True
    except OSError:
        return False


@dataclass
class Job:
    """The process that serves a call."""

    process: psutil.Process

    def kill(self) -> float:
        """`kill -9`; the moment of it (seconds of the monotonic clock)."""
        at = asyncio.get_running_loop().time()
        os.kill(self.process.pid, signal.SIGKILL)
        return at

    def freeze(self) -> float:
        at = asyncio.get_running_loop().time()
        os.kill(self.process.pid, signal.SIGSTOP)
        return at

    def go_on(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGCONT)

    @property
    def gone(self) -> bool:
        return not self.process.is_running() or self.process.status() == psutil.STATUS_ZOMBIE


async def job_of(line: Line, room: str, *, epoch: int | None = None) -> Job:
    """The job of a room's call: who holds the spool of its newest epoch open, or that of `epoch`."""

    async def look() -> Job | None:
        call = await line.find(room)
        if call is None:
            return None
        number = epoch or max(call.epoch, call.rescue_epoch or 0)
        return _holder(line.stack, call.id, number)

    return await until(look, timeout=30)


async def call_of(line: Line, room: str) -> Call:
    """The call of a room, once the database has it."""
    return await until(lambda: line.find(room), timeout=30)


def _holder(stack: Stack, call_id: UUID, epoch: int) -> Job | None:
    wanted = f"{call_id}.{epoch}.spool"
    for part in stack.parts:
        if part.name != "worker" or part.process.poll() is not None:
            continue
        with suppress(psutil.Error):
            for process in psutil.Process(part.process.pid).children(recursive=True):
                if _holds(process.pid, wanted):
                    return Job(process)
    return None


def _holds(pid: int, name: str) -> bool:
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if Path(os.readlink(descriptor)).name == name:
                    return True
    return False


async def silent(caller: Caller, *, seconds: float = 1.0) -> None:
    """Wait until nothing has been heard for so long."""

    async def look() -> bool:
        now = asyncio.get_running_loop().time()
        return not caller.ear.talking(at=now, pause=seconds)

    await until(look, timeout=30)


async def first_sound(caller: Caller, *, since: float, timeout: float = 30) -> float:
    """Seconds from `since` to the first voice after it."""

    async def look() -> float | None:
        bursts = caller.ear.since(since)
        return bursts[0].started - since if bursts else None

    return await until(look, timeout=timeout, every=0.02)


def now() -> float:
    return asyncio.get_running_loop().time()


def worker_of(stack: Stack, job: Job) -> Part:
    """The worker that a job belongs to."""
    parents = {one.pid for one in job.process.parents()}
    (found,) = [part for part in stack.parts if part.process.pid in parents]
    return found


def kill_workers(stack: Stack, *dying: Part) -> None:
    """`kill -9` of a worker (or all of them) with every process that it has."""
    for part in [one for one in stack.parts if one.name == "worker"]:
        if dying and part not in dying:
            continue
        main = psutil.Process(part.process.pid)
        for process in [main, *main.children(recursive=True)]:
            with suppress(psutil.Error):
                process.kill()
        part.process.wait(10)
        stack.parts.remove(part)


async def restart_livekit(
    stack: Stack, *, meanwhile: Callable[[], Awaitable[None]] | None = None
) -> None:
    """`kill -9` of livekit-server, and another one in its place; `meanwhile` happens between the two."""
    binary = find_livekit_server()
    assert binary is not None
    (part,) = [one for one in stack.parts if one.name == "livekit"]
    part.process.kill()
    part.process.wait(10)
    stack.parts.remove(part)
    if meanwhile is not None:
        await meanwhile()
    await asyncio.to_thread(stack.start_livekit, binary)


async def agents_of(line: Line, caller: WebRtcCaller) -> list[str]:
    """The agents that livekit-server has in the caller's room."""
    livekit = line.stack.livekit
    async with api.LiveKitAPI(livekit.url, livekit.api_key, livekit.api_secret) as client:
        request = api.ListParticipantsRequest(room=caller.room_name)
        found = await client.room.list_participants(request)
    kind = api.ParticipantInfo.Kind.AGENT
    return [one.identity for one in found.participants if one.kind == kind]


async def call_of_newest(line: Line) -> Call:
    """The call that started last."""

    async def look() -> Call | None:
        room = await line.newest_room()
        return None if room is None else await line.find(room)

    return await until(look, timeout=30)
