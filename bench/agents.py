"""The two agents that are compared, each as a worker process of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.stack import Stack, free_ports
from bench.usage import Usage, process_tree, usage_between, usage_of
from reception.parts import PYTHON
from reception.ports import LOOPBACK
from reception.probes import http_ok
from reception.supervisor import Part

_SETTLED_CORES: Final = 0.12
_SETTLE_WINDOW: Final = 2.0
_SETTLE_TIMEOUT: Final = 60.0


@dataclass(frozen=True)
class BenchAgent:
    """One of the compared agents."""

    name: str
    """The agent's name in LiveKit, and the column in the results."""
    command: tuple[str, ...]
    ready_path: str
    """Of its health server, 200 when it can take a call."""
    registered: str = ""
    """What its log says once livekit-server knows it, where the health server doesn't tell."""


OURS: Final = BenchAgent(
    name="reception",
    command=(*PYTHON, "reception", "worker"),
    ready_path="/ready",
)
QUICKSTART: Final = BenchAgent(
    name="quickstart",
    command=(
        sys.executable,
        *("-m", "livekit.agents", "start"),
        str(Path(__file__).with_name("quickstart_agent.py")),
    ),
    ready_path="/",
    registered="registered worker",
)


@dataclass(frozen=True)
class Worker:
    """A worker that runs and is idle."""

    agent: BenchAgent
    pid: int
    idle: Usage
    """Over a few seconds before the first call."""


@asynccontextmanager
async def running(agent: BenchAgent, stack: Stack, **changes: str) -> AsyncIterator[Worker]:
    """Start the agent's worker, wait until it is idle, route SIP calls to it; stopped at the end.

    `changes` are made to its environment. Raises PartFailed.
    """
    port = free_ports(1)
    log = stack.home.logs / f"{agent.name}.log"
    sandbox = {"BENCH_SANDBOX": stack.environment.sandbox_address}
    env = stack.worker_env(port) | sandbox | changes
    supervisor = stack.supervisor()
    part = Part(
        name=agent.name,
        command=agent.command,
        log=log,
        address=f"http://{LOOPBACK}:{port}",
        ready=_ready(agent, port, log),
        stage=0,
        env=env,
        # A `.env` of the working folder would bring the user's keys back.
        folder=stack.home.folder,
        ready_within=90,
    )
    try:
        await supervisor.start(part)
        if stack.telephony is not None:
            await stack.route_calls_to(agent.name)
        pid = supervisor.process_ids()[agent.name]
        yield Worker(agent, pid, await _settled(pid))
    finally:
        await supervisor.stop()


def _ready(agent: BenchAgent, port: int, log: Path) -> Callable[[], Awaitable[bool]]:
    healthy = http_ok(f"http://{LOOPBACK}:{port}{agent.ready_path}")

    async def ready() -> bool:
        if agent.registered:
            text = await asyncio.to_thread(log.read_text, errors="replace")
            if agent.registered not in text:
                return False
        return await healthy()

    return ready


async def _settled(pid: int) -> Usage:
    """Wait until the idle processes have warmed up; the usage of the last look."""
    clock = asyncio.get_running_loop().time
    give_up = clock() + _SETTLE_TIMEOUT
    before = usage_of(process_tree(pid))
    while True:
        await asyncio.sleep(_SETTLE_WINDOW)
        after = usage_of(process_tree(pid))
        used = usage_between(before, after)
        if used.cores < _SETTLED_CORES or clock() > give_up:
            return used
        before = after
