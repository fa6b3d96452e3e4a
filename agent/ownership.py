"""One agent for each call: whether this job is the one, by the call's lock, and without the database by who is in
the room."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from agent import presence
from agent.call_lock import CallLock
from agent.line import Line

LOCK_SECONDS: Final = 1.0
"""The caller hears silence meanwhile."""
CONFIRM_TRIES: Final = 4
CONFIRM_EVERY: Final = 0.3

log = logging.getLogger("reception.agent.ownership")


class Ownership:
    """This job's claim on its call."""

    def __init__(self, line: Line, lock: CallLock) -> None:
        self._line = line
        self._lock = lock
        self._locked: bool | None = None
        """As `CallLock.acquire` tells it; None as long as it is not known."""
        self._serving = False
        self._telling: set[asyncio.Task[None]] = set()

    async def take(self) -> None:
        """Try to get the call's lock."""
        try:
            async with asyncio.timeout(LOCK_SECONDS):
                self._locked = await self._lock.acquire()
        except TimeoutError:
            self._locked = None

    @property
    def ours(self) -> bool:
        """Whether no other agent is to serve this call: only then may this one speak, or hang up."""
        if self._lock.held:
            return True
        if self._locked is False:
            return False
        room = self._line.room
        if not room.isconnected():
            return True
        own, others = room.local_participant.identity, presence.other_agents(room)
        return not presence.must_leave(own, others, serving=self._serving)

    async def still_ours(self) -> bool:
        """The same after this process stood still: the lock may have been taken from it, and given to the job
        that serves the call now."""
        for _ in range(CONFIRM_TRIES):
            held = await self._lock.confirm()
            if held is not None:
                return held
            await asyncio.sleep(CONFIRM_EVERY)
        # The database is away. Who is not in the room any more cannot know who is.
        return self._line.room.isconnected() and self.ours

    def claim(self, *, on_lost: Callable[[], None]) -> None:
        """Tell the room that this job serves the call; `on_lost`: another one does."""
        self._serving = True
        self._tell(held=bool(self._locked))

        def look_again(*_: object) -> None:
            if not self.ours:
                on_lost()

        room = self._line.room
        room.on("participant_connected", look_again)
        room.on("participant_attributes_changed", look_again)

    def keep(self, *, on_lost: Callable[[], None]) -> None:
        """Take the lock again whenever it is lost with its connection; `on_lost`: another job has it."""
        # Without its lock this job would be taken for dead: whoever looks into the room sees that it lives.
        self._lock.keep(on_lost=on_lost, on_held=lambda held: self._tell(held=held))

    async def release(self) -> None:
        for task in self._telling:
            task.cancel()
        await self._lock.release()

    def _tell(self, *, held: bool) -> None:
        claim: presence.Claim = "lock" if held else "presence"
        task = asyncio.create_task(self._set_claim(claim))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _set_claim(self, claim: presence.Claim) -> None:
        try:
            await self._line.room.local_participant.set_attributes({presence.CLAIM: claim})
        except Exception as error:
            # The room may be going, or its server away: nobody is left who would ask.
            log.warning("claim not told", extra={"error": type(error).__name__})
