"""Fixed words within an answer: an utterance of their own, heard as they were recorded."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable

from livekit import rtc
from livekit.agents import FlushSentinel


def utterance(text: str) -> tuple[str, FlushSentinel]:
    """`text` in an answer's stream, ended: it is heard now, and what follows is an utterance of its own."""
    return f"{text} ", FlushSentinel()


async def recorded_or_spoken(
    text: AsyncIterable[str],
    *,
    recorded: Callable[[str], AsyncIterable[rtc.AudioFrame] | None],
    speak: Callable[[AsyncIterable[str]], AsyncIterable[rtc.AudioFrame]],
) -> AsyncGenerator[rtc.AudioFrame, None]:
    """The sound of one utterance: `recorded` gives that of fixed words by their text, or None; all else is for
    `speak`."""
    pieces = aiter(text)
    first = await anext(pieces, "")
    sound = recorded(first.strip())

    async def whole() -> AsyncGenerator[str, None]:
        if first:
            yield first
        async for piece in pieces:
            yield piece

    async for frame in speak(whole()) if sound is None else sound:
        yield frame
