"""A word of patience when an answer is slow to come: whoever hears nothing hangs up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import aclosing
from typing import Any, Final, TypeVar

from livekit import rtc
from livekit.agents import AgentStateChangedEvent, FlushSentinel, UserStateChangedEvent

from agent.detector import PAUSE_SECONDS
from agent.fixed_words import recorded_or_spoken, utterance
from agent.streams import iterated

PATIENCE_SECONDS: Final = 2.4
"""Of silence, from the end of what the caller or the assistant said. Nothing that works takes so long as a rule,
and the word itself is heard within three."""
SHORTEST_WAIT: Final = 0.3
"""What is asked for late, after a tool, is given at least so long."""
AGAIN_SECONDS: Final = 6.0
"""Between two of them."""

Out = TypeVar("Out")


class Patience:
    """Puts a word, as it was recorded, before an answer that has not begun in time. It is a part of the answer:
    what comes after it waits, and an interruption ends both."""

    def __init__(
        self,
        text: str,
        sound: Callable[[], AsyncIterable[rtc.AudioFrame]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`sound`: of `text`, without asking a vendor."""
        self._text = text
        self._sound = sound
        self._clock = clock
        self._quiet_since: float | None = clock()
        self._said = clock() - AGAIN_SECONDS
        self._quiet = asyncio.Event()
        self._quiet.set()

    def user_state_changed(self, event: UserStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self._busy()
        elif event.old_state == "speaking":
            self._rests(self._clock() - PAUSE_SECONDS)

    def agent_state_changed(self, event: AgentStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self._busy()
        elif event.old_state == "speaking":
            self._rests(self._clock())

    async def before_words(
        self, words: AsyncIterable[Out]
    ) -> AsyncGenerator[Out | str | FlushSentinel, None]:
        """A model's answer, after the word if it is late."""
        async for out in self._before(words, self._as_text):
            yield out

    async def before_sound(
        self, sound: AsyncIterable[rtc.AudioFrame]
    ) -> AsyncGenerator[rtc.AudioFrame, None]:
        """A voice's, likewise; and once in the middle, when what has come of it was heard to its end long ago."""
        began: float | None = None
        seconds = 0.0
        async with aclosing(iterated(self._before(sound, self._sound))) as frames:
            while True:
                coming = asyncio.ensure_future(anext(frames, None))
                try:
                    if began is not None and self._clock() - self._said >= AGAIN_SECONDS:
                        heard = max(began + seconds, self._clock())
                        wait = heard - self._clock() + PATIENCE_SECONDS
                        await asyncio.wait({coming}, timeout=wait)
                        if not coming.done():
                            self._said = self._clock()
                            async for frame in self._sound():
                                seconds += frame.duration
                                yield frame
                    frame_or_end = await coming
                finally:
                    coming.cancel()
                if frame_or_end is None:
                    return
                began = self._clock() if began is None else began
                seconds += frame_or_end.duration
                yield frame_or_end

    def word_said(self) -> None:
        """Something else of the kind is about to be heard: the next word is not due soon."""
        self._said = self._clock()

    def spoken(
        self,
        text: AsyncIterable[str],
        speak: Callable[[AsyncIterable[str]], AsyncIterable[rtc.AudioFrame]],
    ) -> AsyncGenerator[rtc.AudioFrame, None]:
        """The sound of a piece of an answer: of the word itself as it was recorded, of anything else by
        `speak`."""
        return recorded_or_spoken(
            text,
            recorded=lambda first: self._sound() if first == self._text else None,
            speak=lambda words: self.before_sound(speak(words)),
        )

    async def _before(
        self, stream: AsyncIterable[Any], word: Callable[[], AsyncIterable[Any]]
    ) -> AsyncGenerator[Any, None]:
        async with aclosing(iterated(stream)) as pieces:
            first = asyncio.ensure_future(anext(pieces, None))
            late = asyncio.ensure_future(self._late())
            try:
                await asyncio.wait({first, late}, return_when=asyncio.FIRST_COMPLETED)
                if not first.done():
                    self._said = self._clock()
                    async for piece in word():
                        yield piece
                begun = await first
                if begun is None:
                    return
                yield begun
            finally:
                late.cancel()
                first.cancel()
                await asyncio.gather(first, late, return_exceptions=True)
            async for piece in pieces:
                yield piece

    async def _as_text(self) -> AsyncGenerator[str | FlushSentinel, None]:
        for piece in utterance(self._text):
            yield piece

    async def _late(self) -> None:
        """Returns once nobody has said anything for too long."""
        asked = self._clock()
        while True:
            await self._quiet.wait()
            since = self._quiet_since
            if since is None:
                continue
            due = max(since + PATIENCE_SECONDS, asked + SHORTEST_WAIT, self._said + AGAIN_SECONDS)
            if self._clock() >= due:
                return
            await asyncio.sleep(due - self._clock())

    def _busy(self) -> None:
        self._quiet_since = None
        self._quiet.clear()

    def _rests(self, since: float) -> None:
        self._quiet_since = since
        self._quiet.set()
