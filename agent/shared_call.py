"""The call as those see it who share it between the assistant and people."""

from __future__ import annotations

from typing import Protocol

from agent.changeover import Changeover
from agent.floor import FloorState
from agent.watched_call import WatchedCall


class SharedCall(WatchedCall, Protocol):
    """What is needed of the call."""

    @property
    def floor(self) -> FloorState: ...

    @property
    def changeover(self) -> Changeover: ...
