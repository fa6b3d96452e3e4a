"""Where speech begins and ends, by energy above an adaptive floor of noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_FRAME = 0.01
_ABOVE_FLOOR_DB = 12.0
_QUIETEST_SPEECH_DBFS = -48.0
_ONSET_FRAMES = 4
_FLOOR_RISE_DB = 0.02
"""Per 10 ms frame: a lasting louder noise becomes the floor within seconds, speech doesn't."""


@dataclass(frozen=True)
class Heard:
    """What a piece of audio changed."""

    started: bool = False
    ended: bool = False
    voiced: bool = False


class Endpointer:
    """Fed PCM16 mono in order; tells where utterances begin and end.

    An utterance begins with 40 ms of sound and ends after `silence` seconds without.
    """

    def __init__(self, *, sample_rate: int, silence: float) -> None:
        self._samples = round(sample_rate * _FRAME)
        self.silence = silence
        self._rest = np.zeros(0, dtype=np.int16)
        self._floor = -60.0
        self._run = 0
        self.speaking = False
        self.quiet = 0.0
        """Seconds since the last sound of the present utterance."""
        self.spoken = 0.0
        """Seconds since the present utterance began."""

    def feed(self, pcm: bytes, *, hold: float = 0.0) -> Heard:
        """Take in audio. While the utterance is younger than `hold` seconds no pause ends it."""
        samples = np.concatenate([self._rest, np.frombuffer(pcm, dtype="<i2")])
        whole = len(samples) // self._samples * self._samples
        self._rest = samples[whole:]
        frames = samples[:whole].reshape(-1, self._samples).astype(np.float32) / 32768.0
        levels = 10 * np.log10(np.mean(np.square(frames), axis=1) + 1e-12) if len(frames) else []
        started = ended = voiced = False
        for level in levels:
            sound = self._is_sound(float(level))
            voiced |= sound
            if not self.speaking:
                self._run = self._run + 1 if sound else 0
                if self._run >= _ONSET_FRAMES:
                    self.speaking, self._run = True, 0
                    self.quiet, self.spoken = 0.0, _ONSET_FRAMES * _FRAME
                    started = True
                continue
            self.spoken += _FRAME
            self.quiet = 0.0 if sound else self.quiet + _FRAME
            if self.quiet >= self.silence - 1e-9 and self._lasted(hold):
                self.speaking = False
                ended = True
        return Heard(started, ended, voiced)

    def _lasted(self, hold: float) -> bool:
        """Of an utterance whose last sounds were lost on the way, or too low, less is heard than `hold`
        seconds: it ends a pause later, not never."""
        return self.spoken - min(self.quiet, self.silence) >= hold - 1e-9

    def _is_sound(self, level: float) -> bool:
        threshold = max(self._floor + _ABOVE_FLOOR_DB, _QUIETEST_SPEECH_DBFS)
        if level < self._floor:
            self._floor += (level - self._floor) * 0.2
        else:
            self._floor = min(level, self._floor + _FLOOR_RISE_DB)
        self._floor = max(self._floor, -75.0)
        return level > threshold
