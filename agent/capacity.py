"""How many calls one worker takes at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from livekit.agents import JobRequest

CALLS_PER_CORE: Final = 4
"""Measured: from about five calls a core on, answers come late."""
TARGET_LOAD: Final = 0.7
"""livekit-server's own `agents.target_load`: it offers nothing to workers at or above it."""

_CPU_LIMIT: Final = Path("/sys/fs/cgroup/cpu.max")


def cores(limit: Path = _CPU_LIMIT) -> float:
    """The cores that this process may use: a container is seldom given its machine's.

    `limit` is the control group's: "quota period" in microseconds, or "max"
    (https://docs.kernel.org/admin-guide/cgroup-v2.html, cpu.max).
    """
    allowed = float(
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    try:
        quota, period = limit.read_text().split()
        return min(allowed, int(quota) / int(period))
    except (OSError, ValueError):
        return allowed


class Capacity:
    """Counts calls exactly: those that run and those that were accepted a moment ago.

    livekit-agents estimates the latter from the load of the former, and refuses a burst of calls at
    an idle worker.
    """

    def __init__(self, *, maximum: int, active: Callable[[], Iterable[str]]) -> None:
        """`active` gives the ids of the jobs that run; `maximum` 0: four for each core."""
        self.maximum = maximum or max(1, int(CALLS_PER_CORE * cores()))
        self._active = active
        self._accepted: set[str] = set()

    @property
    def calls(self) -> int:
        return len(self._accepted.union(self._active()))

    @property
    def load(self) -> float:
        """What livekit-server is told: TARGET_LOAD when full."""
        return TARGET_LOAD * (self.calls / self.maximum)

    async def answer(self, request: JobRequest) -> None:
        """Take the job, or leave it to another worker."""
        if self.calls >= self.maximum:
            await request.reject(terminate=False)
            return
        self._accepted.add(request.id)
        try:
            await request.accept(name="Reception")
        finally:
            self._accepted.discard(request.id)
