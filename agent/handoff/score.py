"""Composes the hold music: `python -m agent.handoff.score` writes it anew. Not used by calls.

Eight slow chords of soft sine tones, each fading in and out over its neighbours, the last over the first:
the loop has no seam. Loudness is that of ITU-R BS.1770-4.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from agent.handoff.hold_music import LOOP_SECONDS, MARGIN_SECONDS, RECORDING

LOUDNESS: Final = -30.0
"""LUFS: under a voice, above a telephone's noise."""
_RATE: Final = 48_000
_BIT_RATE: Final = 32_000
_CHORDS: Final = (
    ("A3", "C4", "E4"), ("F3", "A3", "C4"), ("C4", "E4", "G4"), ("G3", "B3", "D4"),
    ("A3", "C4", "E4"), ("D4", "F4", "A4"), ("F3", "A3", "C4"), ("G3", "B3", "E4"),
)  # fmt: skip
_SEMITONES: Final = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}
_PARTIALS: Final = ((1, 1.0), (2, 0.28), (3, 0.08))
"""Partials and their strength: a telephone lets nothing through below 300 Hz, so the second one carries."""

Samples = NDArray[np.float64]


def compose() -> Samples:
    """One turn of the loop at 48 kHz, at LOUDNESS."""
    length = round(LOOP_SECONDS * _RATE)
    each = length / len(_CHORDS)
    loop = np.zeros(length)
    for place, chord in enumerate(_CHORDS):
        # Twice as long as its place, so that it sounds into both neighbours; the end goes into the start.
        size = round(2 * each)
        time = np.arange(size) / _RATE
        swell = np.sin(np.pi * np.arange(size) / size) ** 2
        where = (round(place * each) + np.arange(size)) % length
        for number, note in enumerate(chord):
            loop[where] += swell * _tone(note, time) * (0.9**number)
    return loop * 10 ** ((LOUDNESS - loudness(loop)) / 20)


def loudness(samples: Samples, *, rate: int = _RATE) -> float:
    """Integrated loudness of a mono signal in LUFS, ungated (there are no pauses): BS.1770-4, with the
    K-weighting applied to the spectrum (the coefficients of its tables 1 and 2 are for 48 kHz)."""
    spectrum = np.fft.rfft(samples)
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(samples.size, 1 / rate) / 48_000)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    weighted = np.fft.irfft(spectrum * shelf * high_pass, samples.size)
    return float(-0.691 + 10 * np.log10(np.mean(weighted**2) + 1e-20))


def write(path: Path) -> None:
    """Encode the loop as Ogg Opus, with MARGIN_SECONDS of its other end on both sides."""
    loop = compose()
    margin = round(MARGIN_SECONDS * _RATE)
    whole = np.concatenate([loop[-margin:], loop, loop[:margin]])
    samples = np.clip(np.round(whole * 32767), -32768, 32767).astype(np.int16)
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=_RATE, layout="mono")
        stream.bit_rate = _BIT_RATE
        for start in range(0, samples.size, 960):
            piece = np.zeros((1, 960), np.int16)
            given = samples[start : start + 960]
            piece[0, : given.size] = given
            frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="mono")
            frame.sample_rate, frame.pts = _RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _tone(note: str, time: Samples) -> Samples:
    pitch = 440.0 * 2 ** (_SEMITONES[note[0]] / 12 + int(note[1]) - 4)
    # A slow beat of a few cents keeps the sines from sounding like a test tone.
    sound = np.zeros_like(time)
    for cents in (-3, 3):
        base = pitch * 2 ** (cents / 1200)
        for partial, strength in _PARTIALS:
            sound += strength * np.sin(2 * np.pi * base * partial * time)
    return sound


if __name__ == "__main__":
    write(RECORDING)
