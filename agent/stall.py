"""Noticing that this process stood still: another job may have its call since then."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

BEAT_SECONDS: Final = 0.5
STALL_SECONDS: Final = 4.0
"""Longer than anything that a loaded machine does to a process; a frozen one is fenced after more."""

log = logging.getLogger("reception.agent.stall")


class StallWatch:
    """Asks `still_ours` when the process has stood still, before it does anything that others would notice."""

    def __init__(
        self,
        *,
        still_ours: Callable[[], Awaitable[bool]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._still_ours = still_ours
        self._clock = clock
        self._beat = clock()
        self._asking: asyncio.Task[bool] | None = None

    async def run(self, *, on_stalled: Callable[[], None], on_back: Callable[[bool], None]) -> None:
        """Watch until cancelled. `on_stalled`: it stood still, and is to be quiet; `on_back`: whether the call
        is still its own."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            if self.stalled:
                log.warning("the process stood still")
                on_stalled()
                on_back(await self.ours())
            self._beat = self._clock()

    @property
    def stalled(self) -> bool:
        """It stood still, and has not asked yet."""
        return self._clock() - self._beat > STALL_SECONDS

    async def ours(self) -> bool:
        """Whether the call is this job's to end: at once, unless the process stood still."""
        if not self.stalled:
            return True
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._still_ours())
        return await asyncio.shield(self._asking)
