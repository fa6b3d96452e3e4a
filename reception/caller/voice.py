"""The caller's voice: espeak-ng, without silence at its ends."""

from __future__ import annotations

from reception.caller.audio import Samples, from_bytes, trim_silence
from sandbox.voice import CALLER_VOICE, speak


def synthesise(text: str, *, rate: int) -> Samples:
    """`text` as speech at `rate` Hz. Raises ValueError for a text with nothing to say."""
    pcm = speak(text, voice=CALLER_VOICE, sample_rate=rate)
    samples = trim_silence(from_bytes(pcm), rate=rate)
    if samples.size == 0:
        raise ValueError("text: nothing in it can be spoken")
    return samples
