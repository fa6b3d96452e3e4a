"""Silence of both sides: the caller is asked whether they are there, and then the call ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from livekit.agents import UserStateChangedEvent

from domain.businesses.settings import CallLimits
from domain.calls.events import SilenceNoticed


class AwayTimer(Protocol):
    """The part of an AgentSession that counts the silence."""

    def reset_away_timer(self) -> None: ...


class SilenceWatch:
    """Asks `silence_prompts` times, then gives up. Speech of the caller starts the count again."""

    def __init__(
        self,
        limits: CallLimits,
        *,
        timer: AwayTimer,
        record: Callable[[SilenceNoticed], None],
        ask: Callable[[], Awaitable[None]],
        give_up: Callable[[], Awaitable[None]],
    ) -> None:
        """`ask` returns when the question has been heard."""
        self._limits = limits
        self._timer = timer
        self._record = record
        self._ask = ask
        self._give_up = give_up
        self._asked = 0
        self._task: asyncio.Task[None] | None = None

    def user_state_changed(self, event: UserStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self._asked = 0
        elif event.new_state == "away" and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._noticed(), name="silence")

    def stop(self) -> None:
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    async def _noticed(self) -> None:
        if self._asked >= self._limits.silence_prompts:
            await self._give_up()
            return
        self._asked += 1
        self._record(SilenceNoticed(times=self._asked))
        await self._ask()
        # The library counts again only after the caller spoke: silence after a prompt counts too.
        self._timer.reset_away_timer()
