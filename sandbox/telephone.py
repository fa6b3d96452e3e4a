"""What a telephone does to sound: 8 kHz and G.711 µ-law (ITU-T G.711), there and back."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

_BIAS = 33
_CLIP = 8158
_PHONE_RATE = 8000


def through_telephone(pcm: bytes, *, sample_rate: int = 16000) -> bytes:
    """PCM16 mono as it arrives after 8 kHz µ-law, at the same rate (Hz)."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    narrow = soxr.resample(samples, sample_rate, _PHONE_RATE)
    heard = soxr.resample(_expanded(_compressed(narrow)), _PHONE_RATE, sample_rate)
    return bytes(np.clip(np.round(heard), -32768, 32767).astype("<i2").tobytes())


def _compressed(samples: NDArray[np.float64]) -> NDArray[np.int64]:
    """Sign, exponent and mantissa, unpacked: 14-bit magnitude to (sign, segment, step)."""
    magnitude = np.minimum(np.abs(samples) / 4, _CLIP) + _BIAS
    segment = np.clip(np.floor(np.log2(magnitude)).astype(int) - 5, 0, 7)
    step = np.floor(magnitude / 2.0 ** (segment + 1)).astype(int) - 16
    return np.stack([np.where(samples < 0, -1, 1), segment, np.clip(step, 0, 15)])


def _expanded(code: NDArray[np.int64]) -> NDArray[np.float64]:
    sign, segment, step = code
    return np.asarray(sign * ((2 * step + _BIAS) * 2.0**segment - _BIAS) * 4, dtype=np.float64)
