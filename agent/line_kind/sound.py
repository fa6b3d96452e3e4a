"""The caller's sound on its way to the session, listened to in passing: no second stream, no second resampling."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

import numpy as np
from livekit import rtc
from livekit.agents.voice.io import AudioInput

from agent.line_kind.music import MusicDetector
from agent.line_kind.tones import ToneDetector
from agent.providers import HEARING_RATE
from domain.calls.events import LineKind

log = logging.getLogger("reception.agent.line_kind")

TONES_SECONDS: Final = 60.0
"""How long tones are listened for: a fax calls at once, or never."""


class PassingSound(AudioInput):
    """Hands every frame of `source` on, and shows it to `listener`, until that fails: whoever listens in passing
    must never make the call deaf."""

    def __init__(self, source: AudioInput, listener: Callable[[rtc.AudioFrame], None]) -> None:
        super().__init__(label="line kind", source=source)
        self._listener: Callable[[rtc.AudioFrame], None] | None = listener

    async def __anext__(self) -> rtc.AudioFrame:
        frame = await super().__anext__()
        if self._listener is not None:
            try:
                self._listener(frame)
            except Exception as error:
                self._listener = None
                log.error("sound not watched any more", extra={"error": type(error).__name__})
        return frame


class SoundWatch:
    """What the caller's sound tells of the kind of line; 0.06% of a core for a call."""

    def __init__(self, found: Callable[[LineKind], None]) -> None:
        self._found = found
        self._tones = ToneDetector(rate=HEARING_RATE)
        self._music = MusicDetector(rate=HEARING_RATE)
        self._seconds = 0.0

    def words_heard(self) -> None:
        """Somebody speaks."""
        self._music.words_heard()

    def frame(self, frame: rtc.AudioFrame) -> None:
        if frame.sample_rate != HEARING_RATE or frame.num_channels != 1:
            return
        samples = np.frombuffer(frame.data, np.int16)
        self._seconds += samples.size / HEARING_RATE
        if self._seconds <= TONES_SECONDS and (tone := self._tones.feed(samples)) is not None:
            self._found(tone)
        if self._music.feed(samples):
            self._found("hold_music")
