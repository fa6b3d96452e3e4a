"""What calls cost the worker: memory and processor time while several talk at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.agents import Worker
from bench.calls import Place
from bench.usage import Usage, process_tree, usage_between, usage_of
from reception.caller.caller import CallEnded, Caller, NothingHeard

_WINDOW: Final = 15.0
_PLACING_TIMEOUT: Final = 60.0


@dataclass(frozen=True)
class Cost:
    """A worker idle and with `calls` calls that talk."""

    calls: int
    idle: Usage
    busy: Usage

    @property
    def cores_per_call(self) -> float:
        return (self.busy.cores - self.idle.cores) / self.calls

    @property
    def memory_per_call(self) -> float:
        """Bytes of PSS."""
        return (self.busy.pss - self.idle.pss) / self.calls


async def measure_cost(
    worker: Worker, place: Place, lines: Sequence[str], *, calls: int, window: float = _WINDOW
) -> Cost:
    """Place `calls` calls that go on talking, and look at the worker's tree for `window` seconds.

    Raises ConnectionError when a call ended early: then fewer than `calls` were measured.
    """
    placed: list[Caller] = []
    talking: list[asyncio.Task[None]] = []
    try:
        for _ in range(calls):
            async with asyncio.timeout(_PLACING_TIMEOUT):
                call = await place()
                placed.append(call)
                await call.hear()
            talking.append(asyncio.create_task(_talk(call, lines)))
        before = usage_of(process_tree(worker.pid))
        await asyncio.sleep(window)
        after = usage_of(process_tree(worker.pid))
        if any(call.ended.is_set() for call in placed):
            raise ConnectionError("a call ended while the worker was measured")
    finally:
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        await asyncio.gather(*(call.hang_up() for call in placed))
    return Cost(calls=calls, idle=worker.idle, busy=usage_between(before, after))


async def _talk(call: Caller, lines: Sequence[str]) -> None:
    while True:
        for line in lines:
            try:
                await call.speak(line)
                await call.hear()
            except NothingHeard:
                continue
            except CallEnded:
                return
