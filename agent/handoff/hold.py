"""The caller's side of a handoff: why they wait, the hold music, and what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, Callable
from contextlib import suppress
from typing import Protocol

from livekit import rtc

from agent.handoff.hold_music import hold_music
from agent.phrases import PhraseName
from agent.speech import CallSpeech
from domain.calls.events import AssistantSaid, Event


class HeldTrack(Protocol):
    """The track that the caller alone hears."""

    async def heard(self) -> None: ...

    async def play(self, sound: AsyncIterable[rtc.AudioFrame]) -> None: ...


class Hold:
    """Plays until it is ended. On a track of its own, so that it needs neither the session nor a vendor."""

    def __init__(
        self, track: HeldTrack, *, speech: CallSpeech, record: Callable[[Event], None]
    ) -> None:
        self._track = track
        self._speech = speech
        self._record = record
        self._playing: asyncio.Task[None] | None = None

    def begin(self, notice: str = "") -> None:
        """Tell the caller that they are being connected, and play music; `notice` is said before."""
        self._playing = asyncio.create_task(self._play(notice))

    async def end(self) -> None:
        """Stop at once."""
        playing, self._playing = self._playing, None
        if playing is not None:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)

    async def conclude(self, name: PhraseName) -> None:
        """Stop the music, and say what came of it."""
        await self.end()
        await self._say(name)

    async def _play(self, notice: str) -> None:
        await self._track.heard()
        if notice:
            self._record(AssistantSaid(text=notice, kind="notice"))
            await self._track.play(self._speech.sound(notice, fallback="connecting"))
        await self._say("connecting")
        try:
            await self._track.play(hold_music())
        except OSError as error:
            log.error("no hold music", extra={"error": type(error).__name__})

    async def _say(self, name: PhraseName) -> None:
        self._record(AssistantSaid(text=self._speech.phrase(name), kind="notice"))
        with suppress(OSError):
            await self._track.play(self._speech.recorded(name))


log = logging.getLogger("reception.agent.handoff")
