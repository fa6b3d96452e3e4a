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
    # From one person to another: who has it is said with the change.
    "person": frozenset({"person", "assistant", "ended"}),
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

    def leads_to(self, after: Floor) -> bool:
        """Whether there is a way from here to `after`."""
        return after in _AFTER[self.now]

    def change(self, after: Floor, *, reason: str = "", by: str = "", identity: str = "") -> bool:
        """Give the floor to `after` (a person: the participant `identity`), by the deed of the user `by`;
        False (and nothing told) when it is not the way from here."""
        if not self.leads_to(after):
            return False
        before, self.now = self.now, after
        self._on_change(
            FloorChanged(before=before, after=after, reason=reason, by=by, identity=identity)
        )
        return True
