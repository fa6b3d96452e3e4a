"""Sound as 16-bit samples: levels, voiced packets, resampling and G.711."""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import soxr

Samples: TypeAlias = npt.NDArray[np.int16]
"""One channel of signed 16-bit samples; the rate is named where it is used."""

PACKET_SECONDS: Final = 0.02
"""A telephone's packet (RFC 3551 section 4.2: 20 ms by default)."""
PHONE_RATE: Final = 8000
"""Hz, of G.711."""
SILENCE_DBFS: Final = -96.0
"""The level that stands for digital silence: below one step of 16 bits."""
VOICED_DBFS: Final = -42.0
"""A packet at or above this level is voice: speech is 10 to 30 dB above it, comfort noise and the
rounding of codecs are well below."""


def level(samples: Samples) -> float:
    """Root-mean-square level in dBFS, never below SILENCE_DBFS; an empty packet is silence."""
    if samples.size == 0:
        return SILENCE_DBFS
    mean_square = float(np.mean(np.square(samples, dtype=np.float64)))
    if mean_square <= 0:
        return SILENCE_DBFS
    return max(10 * math.log10(mean_square / 32768**2), SILENCE_DBFS)


def voiced(samples: Samples) -> bool:
    """Whether a packet holds voice (VOICED_DBFS)."""
    return level(samples) >= VOICED_DBFS


def from_bytes(pcm: bytes) -> Samples:
    """Samples of 16-bit little-endian PCM. Raises ValueError on half a sample."""
    return np.frombuffer(pcm, dtype="<i2").astype(np.int16)


def resample(samples: Samples, *, source_rate: int, target_rate: int) -> Samples:
    """The same sound at another rate (Hz), by soxr."""
    if source_rate == target_rate or samples.size == 0:
        return samples
    moved: Samples = soxr.resample(samples, source_rate, target_rate).astype(np.int16)
    return moved


def packets(samples: Samples, *, rate: int) -> list[Samples]:
    """Cut into packets of PACKET_SECONDS at `rate` Hz, the last one filled up with silence."""
    size = round(rate * PACKET_SECONDS)
    short = -samples.size % size
    whole = np.concatenate([samples, np.zeros(short, np.int16)]) if short else samples
    return [whole[at : at + size] for at in range(0, whole.size, size)]


def trim_silence(samples: Samples, *, rate: int) -> Samples:
    """Without the silent packets at both ends (speech synthesisers add up to 0.3 s)."""
    parts = packets(samples, rate=rate)
    loud = [index for index, part in enumerate(parts) if voiced(part)]
    if not loud:
        return samples[:0]
    return np.concatenate(parts[loud[0] : loud[-1] + 1])


def tone(*, frequency: float, seconds: float, rate: int, dbfs: float = -12.0) -> Samples:
    """A sine of `frequency` Hz whose root-mean-square level is `dbfs`."""
    amplitude = 32768 * 10 ** (dbfs / 20) * math.sqrt(2)
    times = np.arange(round(seconds * rate)) / rate
    wave = np.clip(amplitude * np.sin(2 * math.pi * frequency * times), -32768, 32767)
    return np.round(wave).astype(np.int16)


def strongest_frequency(samples: Samples, *, rate: int) -> float:
    """The frequency (Hz) with the most energy, to within rate / number of samples. 0 for silence."""
    if samples.size == 0 or not np.any(samples):
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum)) * rate / samples.size


def encode_mu_law(samples: Samples) -> bytes:
    """G.711 µ-law (ITU-T G.711 table 2a), one octet a sample."""
    octets: bytes = _ENCODE[samples.view(np.uint16)].tobytes()
    return octets


def decode_mu_law(octets: bytes) -> Samples:
    """Samples of G.711 µ-law octets."""
    return _DECODE[np.frombuffer(octets, dtype=np.uint8)]


def _decode_table() -> Samples:
    code = ~np.arange(256, dtype=np.uint8)
    exponent = (code >> 4) & 0x07
    magnitude = ((((code & 0x0F).astype(np.int32) << 3) + 0x84) << exponent) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _encode_table() -> npt.NDArray[np.uint8]:
    value = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    biased = np.minimum(np.abs(value), 32635) + 0x84
    # The exponent is the position of the highest set bit, counted from bit 7 (the bias sets it).
    exponent = np.floor(np.log2(biased)).astype(np.int32) - 7
    mantissa = (biased >> (exponent + 3)) & 0x0F
    sign = np.where(value < 0, 0x80, 0)
    code: npt.NDArray[np.int32] = ~(sign | (exponent << 4) | mantissa) & 0xFF
    return code.astype(np.uint8)


_DECODE: Final = _decode_table()
_ENCODE: Final = _encode_table()
