"""The port through which a call tells what happens on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from domain.calls.events import Event


class CallFacts(Protocol):
    """The part of the journal that the call itself needs."""

    def record(self, event: Event) -> None: ...

    @property
    def epoch(self) -> int:
        """Which of the jobs that served the call this is; the first is 1."""
        ...

    @property
    def kinds(self) -> Mapping[str, int]:
        """How often each type of event was told."""
        ...

    async def settle(self) -> None:
        """Wait until no deed is under way, or until that has taken too long."""
        ...
