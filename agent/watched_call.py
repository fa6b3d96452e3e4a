"""The call as its parts see it: they hear of the conversation, speak in it, and may end it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from agent.conversation import CallSession
from agent.phrases import PhraseName
from agent.voice import Voice
from domain.calls.events import EndReason


class WatchedCall(Protocol):
    """What is needed of the call."""

    @property
    def session(self) -> CallSession: ...

    @property
    def voice(self) -> Voice: ...

    @property
    def undisturbed(self) -> bool:
        """The assistant has the floor, and nothing is ending the call."""
        ...

    @property
    def with_person(self) -> bool:
        """A person has the floor, or is being sought for the caller."""
        ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]: ...

    async def interrupt(self) -> None: ...

    async def say_phrase(self, name: PhraseName, *, interruptible: bool = True) -> None: ...

    async def finish(self, reason: EndReason) -> None: ...
