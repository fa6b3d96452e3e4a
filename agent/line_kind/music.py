"""Hold music in the caller's sound: it goes on and on, without a word, and holds notes.

Noise has no notes, speech holds none for long and has pauses. A hum (a fan, a transformer) holds one note for ever:
music changes.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW_SECONDS: Final = 0.128
_EVERY_SECONDS: Final = 0.2
SPAN_SECONDS: Final = 30.0
"""What is looked at, as a whole: a caller may well put us on hold for a moment."""
_LOUD: Final = 60.0
"""Root mean square of 16-bit samples above which something sounds (-55 dBFS)."""
_SOUNDING: Final = 0.85
"""Share of the windows that sound."""
_TONAL: Final = 0.6
"""Share of the sounding windows that hold notes."""
_NOTES: Final = 5
"""Different pitches within the span."""
_BAND: Final = (180.0, 3400.0)
"""Hz: what a telephone lets through, less the mains' hum."""
_PEAKS: Final = 4
"""Bins in which the notes of a window stand; with the two beside each they hold most of its power."""


class MusicDetector:
    """Fed with the caller's sound while no words are recognised in it."""

    def __init__(self, *, rate: int) -> None:
        self._window = round(rate * WINDOW_SECONDS)
        self._hop = round(rate * _EVERY_SECONDS)
        self._taper = np.hanning(self._window).astype(np.float32)
        frequencies = np.fft.rfftfreq(self._window, 1 / rate)
        self._band = (frequencies >= _BAND[0]) & (frequencies <= _BAND[1])
        self._frequencies = frequencies[self._band]
        self._rest: NDArray[np.int16] = np.empty(0, np.int16)
        self._looks: deque[tuple[bool, int]] = deque(maxlen=round(SPAN_SECONDS / _EVERY_SECONDS))
        """For each window whether it sounds, and its strongest note (a semitone's number; 0: none)."""

    def words_heard(self) -> None:
        """Somebody speaks: what sounded before is no mere music."""
        self._looks.clear()

    def feed(self, samples: NDArray[np.int16]) -> bool:
        """Whether it has been music for the whole span."""
        sound = np.concatenate([self._rest, samples])
        looked = False
        while sound.size >= self._hop:
            self._looks.append(self._look(sound[: self._window]))
            sound = sound[self._hop :]
            looked = True
        self._rest = sound
        return looked and self._is_music()

    def _look(self, window: NDArray[np.int16]) -> tuple[bool, int]:
        values = window.astype(np.float32)
        values -= values.mean()
        if float(np.sqrt(np.square(values).mean())) < _LOUD:
            return False, 0
        power = np.square(np.abs(np.fft.rfft(values * self._taper)))[self._band]
        total = float(power.sum())
        if total <= 0:
            return True, 0
        strongest = np.argsort(power)[-_PEAKS:]
        near = np.unique(
            np.clip(np.concatenate([strongest - 1, strongest, strongest + 1]), 0, power.size - 1)
        )
        if float(power[near].sum()) < 0.7 * total:
            return True, 0
        pitch = float(self._frequencies[int(np.argmax(power))])
        return True, round(12 * np.log2(pitch / 55.0))

    def _is_music(self) -> bool:
        if len(self._looks) < (self._looks.maxlen or 0):
            return False
        sounding = [note for sounds, note in self._looks if sounds]
        notes = [note for note in sounding if note]
        return (
            len(sounding) >= _SOUNDING * len(self._looks)
            and len(notes) >= _TONAL * len(sounding)
            and len(set(notes)) >= _NOTES
        )
