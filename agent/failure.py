"""What happens to a caller when a vendor fails: never silence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from domain.businesses.settings import Kind

Remedy = Literal["wait", "say_again", "retry_keys", "person", "message", "call_back"]
"""Let the chain recover; ask the caller to say it again; the same, and tell them of the keys for a message and a
person; send them to a person; take a message without the model; keep their number for calling them back, when
nobody understands what they say."""

TRIES: Final = 2
"""The failure in a row at which the call does not go on as before."""
HEARING_GRACE: Final = 3.5
"""Seconds that the recogniser may be away: what is said meanwhile is kept for the one that is there first."""
_HEARING_GAP: Final = 6.0
"""Seconds without a failure after which the recogniser is taken to be back: longer than the pause between two
rounds over its chain."""


@dataclass
class FailurePolicy:
    """Decides the remedy for each failure of one call that every provider of a chain shared."""

    can_transfer: bool
    """There is a number to send the caller to, and their leg can be sent."""
    _counts: dict[Kind, int] = field(default_factory=dict)
    _deaf_since: float | None = None
    _deaf_last: float = 0.0

    def worked(self, kind: Kind) -> None:
        """The chain answered: earlier failures no longer count."""
        self._counts.pop(kind, None)
        if kind == "hearing":
            self._deaf_since = None

    def failed(self, kind: Literal["model", "speech"]) -> Remedy:
        """An answer of the assistant was lost."""
        return self._count(kind, first="retry_keys")

    def not_understood(self) -> Remedy:
        """The caller spoke and nothing was recognised."""
        return self._count("hearing", first="say_again")

    def hearing_lost(self, at: float) -> Remedy:
        """The recogniser's stream broke at `at` (seconds of a monotonic clock)."""
        if self._deaf_since is None or at - self._deaf_last > _HEARING_GAP:
            self._deaf_since = at
        self._deaf_last = at
        if at - self._deaf_since < HEARING_GRACE:
            return "wait"
        self._counts["hearing"] = TRIES
        return self._last_resort()

    @property
    def failing(self) -> bool:
        """The last answer was lost, or the caller was not understood."""
        return bool(self._counts)

    @property
    def deaf(self) -> bool:
        """The recogniser is away, or tells nothing of what the caller says."""
        return self._deaf_since is not None or bool(self._counts.get("hearing"))

    def without_person(self) -> Remedy:
        """What is left when nobody takes the call."""
        # A message needs the recogniser, and nothing else: it is confirmed by a recording.
        return "call_back" if self.deaf else "message"

    def _count(self, kind: Kind, *, first: Remedy) -> Remedy:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return first if self._counts[kind] < TRIES else self._last_resort()

    def _last_resort(self) -> Remedy:
        return "person" if self.can_transfer else self.without_person()
