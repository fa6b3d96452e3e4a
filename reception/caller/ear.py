"""What the caller hears: arrival times, bursts of voice, and the recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from reception.caller.audio import PACKET_SECONDS, Samples, voiced

BURST_GAP: Final = 0.2
"""Seconds without a voiced packet that end a burst: longer than a stop consonant, shorter than the
pause between two sentences."""
BURST_PACKETS: Final = 2
"""A single voiced packet is a click of a codec or a jitter buffer, not speech."""


@dataclass
class Burst:
    """A stretch of voice; times are seconds of the monotonic clock."""

    started: float
    """Arrival of its first voiced packet."""
    last_voiced: float
    """Arrival of its latest voiced packet."""
    voiced_packets: int = 1

    @property
    def counts(self) -> bool:
        return self.voiced_packets >= BURST_PACKETS


class Ear:
    """Collects packets as they arrive, from one source or several (each agent's track is one)."""

    def __init__(self, *, rate: int) -> None:
        self.rate = rate
        self.packets_heard = 0
        self._bursts: list[Burst] = []
        self._began: float | None = None
        self._ends: dict[str, int] = {}
        self._pieces: list[tuple[int, Samples]] = []

    def feed(self, samples: Samples, *, at: float, source: str = "") -> None:
        """Take a packet that arrived at `at` (seconds of the monotonic clock)."""
        self.packets_heard += 1
        self._record(samples, at=at, source=source)
        if not voiced(samples):
            return
        latest = self._bursts[-1] if self._bursts else None
        if latest is not None and at - latest.last_voiced <= BURST_GAP:
            latest.last_voiced = at
            latest.voiced_packets += 1
        else:
            self._bursts.append(Burst(started=at, last_voiced=at))

    @property
    def bursts(self) -> list[Burst]:
        """The bursts so far that are speech; the latest may still be growing."""
        return [burst for burst in self._bursts if burst.counts]

    def since(self, moment: float) -> list[Burst]:
        """The bursts that started after `moment`."""
        return [burst for burst in self.bursts if burst.started > moment]

    def talking(self, *, at: float, pause: float = BURST_GAP) -> bool:
        """Whether voice was heard within `pause` seconds before `at`."""
        bursts = self.bursts
        return bool(bursts) and at - bursts[-1].last_voiced < pause

    @property
    def first_voiced(self) -> float | None:
        """Arrival of the first voiced packet of the call."""
        bursts = self.bursts
        return bursts[0].started if bursts else None

    def recording(self, *, since: float | None = None) -> Samples:
        """All that was heard, sources mixed, at `rate`; gaps of more than 60 ms are kept as silence.

        `since`: only what arrived after that moment.
        """
        if self._began is None:
            return np.zeros(0, np.int16)
        first = 0 if since is None else max(0, round((since - self._began) * self.rate))
        length = max(start + piece.size for start, piece in self._pieces)
        mixed = np.zeros(length, np.int32)
        for start, piece in self._pieces:
            mixed[start : start + piece.size] += piece
        return np.clip(mixed[first:], -32768, 32767).astype(np.int16)

    def _record(self, samples: Samples, *, at: float, source: str) -> None:
        if self._began is None:
            self._began = at
        end = self._ends.get(source, 0)
        due = round((at - self._began) * self.rate)
        # Packets arrive unevenly but play evenly: only a real gap moves the place in the recording.
        start = due if due - end > 3 * PACKET_SECONDS * self.rate else end
        self._pieces.append((start, samples))
        self._ends[source] = start + samples.size
