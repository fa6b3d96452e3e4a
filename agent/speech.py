"""The sound of fixed sentences on a call: kept, else synthesised now, else the bundled recording."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from livekit import rtc
from livekit.agents import APIConnectOptions, tts
from livekit.agents.utils.audio import audio_frames_from_file

from agent.chain.member import describe
from agent.phrases import PhraseName, bundled, phrase
from agent.speech_store import RATE, SpeechStore, Voicing, frames
from domain.businesses.settings import Language

LIVE_SECONDS: Final = 1.2
"""What a provider may take for the first sound of a fixed sentence: there is a recording to fall back on."""
_CONNECT: Final = APIConnectOptions(max_retry=0, timeout=LIVE_SECONDS)

log = logging.getLogger("reception.agent.speech")


class CallSpeech:
    """The voice of one call, for what is said without the model."""

    def __init__(
        self,
        store: SpeechStore,
        *,
        voicing: Voicing,
        vendor: tts.TTS[Any],
        language: Language,
        as_recorded: Callable[[], bool] = lambda: True,
    ) -> None:
        """`as_recorded`: whether what `vendor` said last is in the voice of `voicing`."""
        self.synthesising = False
        """A sentence is being synthesised here: its failure is met here too."""
        self._store = store
        self._voicing = voicing
        self._vendor = vendor
        self._language: Language = language
        self._as_recorded = as_recorded

    def ready(self, text: str) -> bool:
        """Whether `text` was synthesised ahead."""
        return self._store.has(self._voicing, text)

    def phrase(self, name: PhraseName) -> str:
        return phrase(name, self._language)

    def sound(self, text: str, *, fallback: PhraseName) -> AsyncIterator[rtc.AudioFrame]:
        """The sound of `text`; that of `fallback` if no vendor speaks and nothing was kept."""
        kept = self._store.find(self._voicing, text)
        return frames(kept) if kept else self._live(text, fallback)

    def recorded(self, name: PhraseName) -> AsyncIterator[rtc.AudioFrame]:
        """The sound of a fixed sentence without asking a vendor: kept or bundled."""
        kept = self._store.find(self._voicing, self.phrase(name))
        return frames(kept) if kept else bundled_sound(name, self._language)

    def told(self, text: str, *, fallback: PhraseName) -> AsyncIterator[rtc.AudioFrame]:
        """As `sound`, for what is private to one call: it is kept nowhere."""
        return self._live(text, fallback, keep=False)

    async def _live(
        self, text: str, fallback: PhraseName, *, keep: bool = True
    ) -> AsyncIterator[rtc.AudioFrame]:
        pieces: list[bytes] = []
        self.synthesising = True
        try:
            async with self._vendor.synthesize(text, conn_options=_CONNECT) as stream:
                async for audio in stream:
                    pieces.append(bytes(audio.frame.data.cast("b")))
                    yield audio.frame
            whole = bool(pieces)
        except Exception as error:
            log.warning("sentence not synthesised", extra={"error": describe(error)})
            whole = False
        finally:
            self.synthesising = False
        if whole and keep and self._as_recorded():
            await asyncio.to_thread(self._store.keep, self._voicing, text, b"".join(pieces))
        elif not whole:
            # After half a sentence too: the caller has to hear one that ends.
            async for frame in bundled_sound(fallback, self._language):
                yield frame


def bundled_sound(name: PhraseName, language: Language) -> AsyncIterator[rtc.AudioFrame]:
    """A fixed sentence as it comes with the program."""
    path = str(bundled(name, language))
    return aiter(audio_frames_from_file(path, sample_rate=RATE, num_channels=1))
