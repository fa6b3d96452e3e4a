"""Keys in floods: a dialler gone mad, a child with the telephone."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

MOST: Final = 25
"""Keys within `SECONDS`: a card's number and more."""
SECONDS: Final = 10.0
_ENDS_AT: Final = 300
"""Keys in a row that came too fast: it never stops by itself."""


class KeyLimit:
    """Lets keys through at the pace of a person."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._passed: deque[float] = deque()
        self._dropped = 0

    def passes(self) -> bool:
        """Whether the key that is pressed now counts."""
        now = self._clock()
        while self._passed and now - self._passed[0] > SECONDS:
            self._passed.popleft()
        if len(self._passed) >= MOST:
            self._dropped += 1
            return False
        if not self._passed:
            self._dropped = 0
        self._passed.append(now)
        return True

    @property
    def endless(self) -> bool:
        """No person presses so many."""
        return self._dropped >= _ENDS_AT
