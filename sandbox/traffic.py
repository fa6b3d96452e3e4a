"""What was asked of each vendor and when: counters and timestamps, never contents."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Any, get_args

from sandbox.faults import Vendor

_KEPT = 5000


@dataclass
class Record:
    """One connection, utterance, context or HTTP request. Times are monotonic nanoseconds."""

    number: int
    vendor: Vendor
    kind: str
    stream: int | None = None
    """The connection that an utterance or context belongs to."""
    fault: str | None = None
    arrived_ns: int = field(default_factory=time.monotonic_ns)
    first_byte_ns: int | None = None
    last_voice_ns: int | None = None
    """Arrival of the audio that held the caller's last sound (Deepgram)."""
    speech_end_ns: int | None = None
    """End of speech detected: `endpoint_silence` after that (Deepgram)."""
    final_ns: int | None = None
    """The final transcript was sent (Deepgram)."""
    done_ns: int | None = None

    def first_byte(self) -> None:
        if self.first_byte_ns is None:
            self.first_byte_ns = time.monotonic_ns()

    def done(self) -> None:
        if self.done_ns is None:
            self.done_ns = time.monotonic_ns()


class Traffic:
    """The records of this process, the oldest forgotten beyond 5000."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._records: deque[Record] = deque(maxlen=_KEPT)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._number = 0

    def arrived(self, vendor: Vendor, kind: str, *, stream: int | None = None) -> Record:
        self._number += 1
        self._counts[vendor, kind] += 1
        record = Record(self._number, vendor, kind, stream)
        self._records.append(record)
        return record

    def report(self) -> dict[str, Any]:
        """`{vendor: {counts: {kind: n}, requests: [record, …]}}`, for the control endpoint."""
        report: dict[str, Any] = {}
        for vendor in get_args(Vendor):
            report[vendor] = {
                "counts": {k: n for (v, k), n in self._counts.items() if v == vendor},
                "requests": [asdict(r) for r in self._records if r.vendor == vendor],
            }
        return report
