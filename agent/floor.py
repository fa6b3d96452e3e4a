"""Who speaks with the caller: the states of a call and the ways between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from domain.calls.events import FloorChanged

Floor = Literal["answering", "assistant", "briefing", "person", "ended"]

_AFTER: Final[dict[Floor, frozenset[Floor]]] = {
    "answering": frozenset({"assistant", "ended"}),
    "assistant": frozenset({"briefing", "person", "ended"}),
    "briefing": frozenset({"assistant", "person", "ended"}),
    "person": frozenset({"assistant", "ended"}),
    "ended": frozenset(),
}


class FloorState:
    """The floor of one call. Every change is told to `on_change`; nothing follows `ended`."""

    def __init__(self, on_change: Callable[[FloorChanged], None]) -> None:
        self.now: Floor = "answering"
        self._on_change = on_change

    @property
    def ended(self) -> bool:
        return self.now == "ended"

    def change(self, after: Floor, *, reason: str = "") -> bool:
        """Give the floor to `after`; False (and nothing told) when it is not the way from here."""
        if after not in _AFTER[self.now]:
            return False
        before, self.now = self.now, after
        self._on_change(FloorChanged(before=before, after=after, reason=reason))
        return True
