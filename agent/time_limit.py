"""The longest call: only the assistant's time counts."""

from __future__ import annotations

import asyncio
import time

from agent.floor import Floor


class TimeLimit:
    """Counts the time in which the assistant has the floor: with a person on the line a call may be as
    long as they like."""

    def __init__(self) -> None:
        self._others = 0.0
        self._since: float | None = None

    def floor_changed(self, after: Floor) -> None:
        now = time.monotonic()
        if self._since is not None:
            self._others += now - self._since
        self._since = None if after in ("answering", "assistant") else now

    async def wait(self, seconds: float) -> None:
        """Return when the assistant has had the floor for so long from now on, and has it."""
        left = seconds
        while left > 0:
            before = self._with_others()
            await asyncio.sleep(left)
            # A short rest is not looked at a thousand times while a person speaks.
            left = self._with_others() - before
            if self._since is not None:
                left = max(left, 1.0)

    def _with_others(self) -> float:
        now = time.monotonic()
        return self._others + (now - self._since if self._since is not None else 0.0)
