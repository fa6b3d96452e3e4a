"""Fax and modem tones in the caller's sound.

CNG, the calling tone of a fax: 1100 Hz ±38 Hz for 0.5 s, then 3 s of silence, each ±15% (ITU-T T.30, 4.2.1). CED and
ANS, the answering tone of a fax or modem: 2100 Hz ±15 Hz for 2.6 to 4 s (ITU-T T.30, 4.1.1; V.25), with phase
reversals every 450 ms where an echo canceller is to be switched off. By Goertzel's algorithm, as one product of each
block with the few sinusoids that matter.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Tone = Literal["fax", "modem"]

BLOCK_SECONDS: Final = 0.025
"""40 Hz of resolution: a phase reversal spoils one block of eighteen."""
_CNG: Final = (1070.0, 1100.0, 1130.0)
_ANS: Final = (2090.0, 2100.0, 2110.0)
_PURE: Final = 0.85
"""Share of a block's power that one sinusoid holds: in speech and music harmonics share it."""
_QUIET: Final = 50.0
"""Root mean square of 16-bit samples below which a block is silence (-56 dBFS)."""
_BURST: Final = (0.4, 0.6)
"""Seconds of a CNG burst, with a block of doubt at both ends."""
_PAUSE: Final = (2.4, 3.6)
_ANSWER_SECONDS: Final = 1.5
"""Nobody whistles so long on one note."""
_GAP: Final = 2
"""Blocks that a tone may miss: a phase reversal, a lost packet."""


class ToneDetector:
    """Fed with the caller's sound as it comes; tells of a tone once."""

    def __init__(self, *, rate: int) -> None:
        """`rate` in Hz."""
        self._size = round(rate * BLOCK_SECONDS)
        times = np.arange(self._size) / rate
        angles = 2 * np.pi * np.outer((*_CNG, *_ANS), times)
        # Two rows for each frequency; of a pure tone their squares add up to (amplitude · size / 2)².
        self._waves: NDArray[np.float32] = np.vstack([np.cos(angles), np.sin(angles)]).astype(
            np.float32
        )
        self._rest: NDArray[np.float32] = np.empty(0, np.float32)
        self._clock = 0.0
        self._cng = _Run()
        self._ans = _Run()
        self._last_burst: float | None = None
        self._found: Tone | None = None

    def feed(self, samples: NDArray[np.int16]) -> Tone | None:
        """The tone, at the moment in which it is certain."""
        if self._found is not None:
            return None
        sound = np.concatenate([self._rest, samples.astype(np.float32)])
        count = sound.size // self._size
        self._rest = sound[count * self._size :]
        if not count:
            return None
        blocks = sound[: count * self._size].reshape(count, self._size)
        for cng, ans in self._pure(blocks):
            self._clock += BLOCK_SECONDS
            self._found = self._calling(cng) or self._answering(ans)
            if self._found is not None:
                return self._found
        return None

    def _pure(self, blocks: NDArray[np.float32]) -> list[tuple[bool, bool]]:
        power = np.square(blocks).mean(axis=1)
        parts = blocks @ self._waves.T
        half = len(_CNG) + len(_ANS)
        strengths = (parts[:, :half] ** 2 + parts[:, half:] ** 2) * (2.0 / self._size**2)
        audible = power > _QUIET**2
        shares = strengths / np.maximum(power, 1.0)[:, np.newaxis]
        cng = audible & (shares[:, : len(_CNG)].max(axis=1) > _PURE)
        ans = audible & (shares[:, len(_CNG) :].max(axis=1) > _PURE)
        return list(zip(cng.tolist(), ans.tolist(), strict=True))

    def _calling(self, heard: bool) -> Tone | None:
        """Two bursts, with the pause that belongs between them."""
        ended = self._cng.step(heard)
        if ended is None or not _BURST[0] <= ended <= _BURST[1]:
            return None
        began = self._clock - self._cng.missed - ended
        before, self._last_burst = self._last_burst, began + ended
        if before is not None and _PAUSE[0] <= began - before <= _PAUSE[1]:
            return "fax"
        return None

    def _answering(self, heard: bool) -> Tone | None:
        self._ans.step(heard)
        return "modem" if self._ans.seconds >= _ANSWER_SECONDS else None


class _Run:
    """How long a tone has lasted."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.missed = 0.0
        """Seconds since it was last heard."""
        self._misses = 0

    def step(self, heard: bool) -> float | None:
        """One block; the seconds that the tone had lasted, at the moment in which it is over."""
        if heard:
            self.seconds += BLOCK_SECONDS * (1 + self._misses if self.seconds else 1)
            self._misses = 0
            return None
        if not self.seconds:
            return None
        self._misses += 1
        if self._misses <= _GAP:
            return None
        lasted, self.seconds = self.seconds, 0.0
        self.missed, self._misses = self._misses * BLOCK_SECONDS, 0
        return lasted
