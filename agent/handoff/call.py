"""What handing over needs of the call."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from agent.changeover import Changeover
from agent.conversation import CallSession
from agent.floor import FloorState
from domain.calls.events import EndReason


class HandingCall(Protocol):
    """A port that `agent.call.Call` serves."""

    @property
    def floor(self) -> FloorState: ...

    @property
    def session(self) -> CallSession: ...

    @property
    def changeover(self) -> Changeover: ...

    @property
    def undisturbed(self) -> bool: ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]: ...

    async def finish(self, reason: EndReason) -> None: ...
