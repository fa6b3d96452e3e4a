"""Waiting for what a call leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from domain.calls.events import Event

Found = TypeVar("Found")
Kind = TypeVar("Kind", bound=Event)


async def until(
    look: Callable[[], Awaitable[Found | None]], *, timeout: float, every: float = 0.1
) -> Found:
    """The first result of `look` that is neither None nor False. Raises TimeoutError."""
    async with asyncio.timeout(timeout):
        while True:
            found = await look()
            if found is not None and found is not False:
                return found
            await asyncio.sleep(every)


def of_type(events: Iterable[Event], kind: type[Kind]) -> list[Kind]:
    """Those of the events that are of one type."""
    return [event for event in events if isinstance(event, kind)]
