"""What asynchronous iterables lack."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable
from typing import TypeVar

Item = TypeVar("Item")


async def iterated(stream: AsyncIterable[Item]) -> AsyncGenerator[Item, None]:
    """`stream` with an end that can be waited for (`aclosing`), whatever it is."""
    async for item in stream:
        yield item
