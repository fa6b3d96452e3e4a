"""The ends that the assistant comes to by itself: its goodbye, silence, the longest call."""

from __future__ import annotations

import asyncio
from typing import Final

from agent.time_limit import TimeLimit
from agent.watched_call import WatchedCall
from domain.calls.events import EndReason

END_SECONDS: Final = 20.0
"""The longest goodbye: a call whose assistant has ended it does not go on for ever."""
MORE_SECONDS: Final = 60.0
"""What a call at its limit gets when a person had taken it over."""


class Ending:
    """Brings the call to its end once what is being said has been said; a person who steps in undoes it."""

    def __init__(self, call: WatchedCall, *, limit: TimeLimit) -> None:
        self._call = call
        self._limit = limit
        self._task: asyncio.Task[None] | None = None

    @property
    def under_way(self) -> bool:
        return self._task is not None

    def begin(self, reason: EndReason) -> None:
        """End the call after what is being said. Asked again, the first time counts."""
        if self._task is None:
            self._task = self._call.spawn(self._end_when_said(reason))

    def undo(self) -> None:
        """The call goes on."""
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        self._task = None

    async def at_limit(self, seconds: float) -> None:
        """End the call when the assistant has had the floor for so long."""
        call = self._call
        await self._limit.wait(seconds)
        await call.say_phrase("time_limit", interruptible=False)
        while call.with_person:
            # Somebody of the staff stepped in: they know how long it may yet take.
            await self._limit.wait(MORE_SECONDS)
            await call.say_phrase("time_limit", interruptible=False)
        await call.finish("time_limit")

    async def for_silence(self) -> None:
        """Nobody answers any more."""
        await self._call.say_phrase("silence_goodbye")
        if not self._call.with_person:
            await self._call.finish("silence")

    async def _end_when_said(self, reason: EndReason) -> None:
        call = self._call
        # A tool's reply is a part of the turn that called the tool: its handle is done after both.
        turn = call.session.current_speech
        try:
            async with asyncio.timeout(END_SECONDS):
                if turn is not None:
                    await turn.wait_for_playout()
                await call.session.wait_for_idle()
        except (TimeoutError, RuntimeError):
            pass
        if call.with_person or (
            reason == "assistant_ended" and turn is not None and turn.interrupted
        ):
            # The caller had something to add to the goodbye, or somebody of the staff had.
            self._task = None
            return
        await call.finish(reason)
