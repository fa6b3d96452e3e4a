"""The callers' voice in a bench run: what a telephone line leaves of it, over SIP and WebRTC alike."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from reception.caller.audio import (
    PHONE_RATE,
    Samples,
    decode_mu_law,
    encode_mu_law,
    from_bytes,
    resample,
    trim_silence,
)
from sandbox.voice import speak

_VOICE: Final = "en-us+f3"
"""Of espeak-ng's voices the one whose sentence ends the end-of-turn model knows best (0.4 to 0.6)."""


@lru_cache(maxsize=256)
def phone_voice(text: str, *, rate: int) -> Samples:
    """`text` as it comes over G.711, at `rate` Hz."""
    spoken = from_bytes(speak(text, voice=_VOICE, sample_rate=PHONE_RATE))
    heard = decode_mu_law(encode_mu_law(trim_silence(spoken, rate=PHONE_RATE)))
    return trim_silence(resample(heard, source_rate=PHONE_RATE, target_rate=rate), rate=rate)
