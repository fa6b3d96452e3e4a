"""The sound of a telephone that was answered: how long somebody speaks, when they pause, and a beep.

An answering machine is told by it too: the library's detector (`livekit.agents.AMD`) listens only to the
participant whom a session is linked with, and that is the caller.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 16_000
WINDOW_SECONDS: Final = 0.05
PAUSE_SECONDS: Final = 0.5
"""A gap as long as that ends an utterance."""
MONOLOGUE_SECONDS: Final = 5.0
"""Nobody who takes a call speaks for so long without a pause of PAUSE_SECONDS; announcements do."""
BEEP_SECONDS: Final = 0.3
_AUDIBLE: Final = 400.0
"""Root mean square of 16-bit samples (-38 dBFS): above a telephone line's noise."""
_BEEP_HZ: Final = (350.0, 2200.0)
_PURITY: Final = 0.9
"""Share of the energy that a beep has within 60 Hz of its peak; speech has less than half."""
_STEADY_HZ: Final = 40.0


class LineSound:
    """Follows one track, window by window; times are seconds of sound."""

    def __init__(self) -> None:
        self.heard_seconds = 0.0
        """Of everything so far."""
        self.spoke = False
        self.machine = False
        """An announcement or a beep was heard."""
        self._utterance = 0.0
        self._silence = 0.0
        self._beep = 0.0
        self._pitch = 0.0

    @property
    def silent_seconds(self) -> float:
        """Since the last sound, or since the beginning."""
        return self._silence

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Take a window of WINDOW_SECONDS at RATE."""
        wave = samples.astype(np.float64)
        self.heard_seconds += WINDOW_SECONDS
        if np.sqrt((wave**2).mean()) < _AUDIBLE:
            self._silence += WINDOW_SECONDS
            self._beep = 0.0
            if self._silence >= PAUSE_SECONDS:
                self._utterance = 0.0
            return
        if self._silence < PAUSE_SECONDS:
            self._utterance += self._silence
        self._utterance += WINDOW_SECONDS
        self._silence = 0.0
        self._follow_beep(wave)
        if self._beep == 0.0:
            self.spoke = True
        self.machine = self.machine or (
            self._utterance >= MONOLOGUE_SECONDS or self._beep >= BEEP_SECONDS
        )

    def _follow_beep(self, wave: NDArray[np.float64]) -> None:
        energy = np.abs(np.fft.rfft(wave * np.hanning(wave.size))) ** 2
        hertz = np.fft.rfftfreq(wave.size, 1 / RATE)
        pitch = float(hertz[int(energy.argmax())])
        share = energy[np.abs(hertz - pitch) <= 60].sum() / max(float(energy.sum()), 1e-9)
        pure = share >= _PURITY and _BEEP_HZ[0] <= pitch <= _BEEP_HZ[1]
        steady = self._beep == 0.0 or abs(pitch - self._pitch) <= _STEADY_HZ
        self._beep = (self._beep + WINDOW_SECONDS if steady else WINDOW_SECONDS) if pure else 0.0
        self._pitch = pitch
