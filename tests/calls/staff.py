"""Staff in a call under test: what the admin service would send, and what the caller hears of whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal
from uuid import UUID, uuid4

from pydantic import BaseModel

from reception.caller.ear import Ear
from reception.caller.staff import Console, Ears, StaffBrowser
from reception.caller.webrtc import LiveKit, WebRtcCaller
from tests.calls.events import until

QUIET_SECONDS = 0.8
"""Silence that is no pause between two sentences."""


class Desk:
    """The staff's side of one call."""

    def __init__(self, livekit: LiveKit, caller: WebRtcCaller) -> None:
        self.livekit = livekit
        self.caller = caller
        self.ears = Ears(caller.room)
        self._console = Console(livekit, caller.room_name)

    @property
    def agent(self) -> str:
        """The agent's identity."""
        (found,) = [
            one.identity for one in self.caller.room.remote_participants.values() if one.kind == 4
        ]
        return found

    @property
    def assistant(self) -> Ear:
        """What the caller hears of the assistant."""
        return self.ears.of(self.agent)

    async def send(self, control: BaseModel) -> None:
        """What the admin service sends to the agent."""
        await self._console.send(control)

    @asynccontextmanager
    async def join(
        self, *, user_id: UUID | None = None, mode: Literal["listen", "takeover"] = "takeover"
    ) -> AsyncIterator[StaffBrowser]:
        staff = await StaffBrowser.join(
            self.livekit, self.caller.room_name, user_id=user_id or uuid4(), mode=mode
        )
        try:
            yield staff
        finally:
            await staff.hang_up()

    async def assistant_speaks(self, *, since: float, timeout: float = 15) -> float:
        """Wait for the assistant's voice after `since`; when it began (monotonic seconds)."""

        async def look() -> float | None:
            bursts = self.assistant.since(since)
            return bursts[0].started if bursts else None

        return await until(look, timeout=timeout, every=0.02)

    async def assistant_silent(self, *, timeout: float = 15) -> float:
        """Wait until the assistant is silent; when its last voice was heard (monotonic seconds)."""

        async def look() -> float | None:
            now = asyncio.get_running_loop().time()
            if not self.assistant.bursts or self.assistant.talking(at=now, pause=QUIET_SECONDS):
                return None
            return self.assistant.bursts[-1].last_voiced

        return await until(look, timeout=timeout, every=0.02)

    async def close(self) -> None:
        await self.ears.close()
        await self._console.__aexit__()


@asynccontextmanager
async def desk_of(livekit: LiveKit, caller: WebRtcCaller) -> AsyncIterator[Desk]:
    """The staff's side of a caller's call."""
    desk = Desk(livekit, caller)
    try:
        yield desk
    finally:
        await desk.close()
