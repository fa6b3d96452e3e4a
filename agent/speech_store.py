"""Speech that was synthesised ahead, on disk: greetings, notices and the fixed sentences."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import time
from collections.abc import AsyncIterator, Collection
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

RATE: Final = 24000
"""Hz of everything the agent says."""
UNUSED_SECONDS: Final = 14 * 24 * 3600.0
"""After this long without use a file is removed."""
LEAD_SECONDS: Final = 0.6
_FRAME_SECONDS: Final = 0.05
_WINDOW_SECONDS: Final = 0.01
_AUDIBLE: Final = 250.0
"""Root mean square of 16-bit samples above which a window is sound (-42 dBFS)."""
_HEAD_SECONDS: Final = 0.02
_TAIL_SECONDS: Final = 0.1

log = logging.getLogger("reception.agent.speech")


@dataclass(frozen=True, kw_only=True)
class Voicing:
    """What makes two recordings of one text differ."""

    vendor: str
    origin: str
    """Base URL, or `sandbox`, so that a stand-in's voice is never played for the vendor's."""
    model: str
    voice: str
    language: str


class SpeechStore:
    """Recordings under `$RECEPTION_HOME/greetings`: 16-bit mono PCM at RATE, named by a hash."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "greetings"

    def find(self, voicing: Voicing, text: str) -> bytes | None:
        """The recording, or None."""
        path = self._path(voicing, text)
        try:
            sound = path.read_bytes()
            # The time of the last use, for `forget_unused`.
            os.utime(path)
        except OSError:
            return None
        return sound or None

    def has(self, voicing: Voicing, text: str) -> bool:
        return self._path(voicing, text).exists()

    def keep(self, voicing: Voicing, text: str, sound: bytes) -> None:
        """Write a recording, whole or not at all. A disk that refuses is logged, never raised."""
        sound = trimmed(sound)
        if not sound:
            return
        path = self._path(voicing, text)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished = path.with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(sound)
            unfinished.rename(path)
        except OSError as error:
            log.error("recording not written", extra={"error": type(error).__name__})

    def forget_unused(self, wanted: Collection[tuple[Voicing, str]]) -> None:
        """Remove recordings that nobody wants and nobody used for UNUSED_SECONDS."""
        kept = {self._path(voicing, text) for voicing, text in wanted}
        for path in self._folder.glob("*.pcm"):
            try:
                if path not in kept and time.time() - path.stat().st_mtime > UNUSED_SECONDS:
                    path.unlink()
            except OSError:
                continue

    def _path(self, voicing: Voicing, text: str) -> Path:
        key = "\x00".join([*astuple(voicing), str(RATE), text])
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.pcm"


def trimmed(sound: bytes, *, rate: int = RATE) -> bytes:
    """`sound` (16-bit mono) without the silence at its ends: the caller would hear it as delay."""
    samples: NDArray[np.int16] = np.frombuffer(sound[: len(sound) // 2 * 2], np.int16)
    window = round(rate * _WINDOW_SECONDS)
    count = samples.size // window
    if not count:
        return b""
    windows = samples[: count * window].astype(np.float64).reshape(count, window)
    audible = np.flatnonzero(np.sqrt((windows**2).mean(axis=1)) > _AUDIBLE)
    if not audible.size:
        return b""
    first = max(0, int(audible[0]) * window - round(rate * _HEAD_SECONDS))
    last = (int(audible[-1]) + 1) * window + round(rate * _TAIL_SECONDS)
    return samples[first:last].tobytes()


async def frames(sound: bytes, *, rate: int = RATE) -> AsyncIterator[rtc.AudioFrame]:
    """A recording as the frames that a session plays, never more than LEAD_SECONDS ahead.

    All at once, the session would work through the whole recording in one step, and the caller who
    interrupts would be heard late.
    """
    step = round(rate * _FRAME_SECONDS) * 2
    clock = asyncio.get_running_loop().time
    began = clock()
    for start in range(0, len(sound), step):
        ahead = start / (rate * 2) - (clock() - began)
        if ahead > LEAD_SECONDS:
            await asyncio.sleep(ahead - LEAD_SECONDS)
        piece = sound[start : start + step]
        yield rtc.AudioFrame(piece, rate, 1, len(piece) // 2)
