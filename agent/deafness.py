"""Noticing that the caller speaks and no word of it arrives, or no last one, sooner than the silence becomes strange
to them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from livekit.agents import UserStateChangedEvent

from agent.detector import PAUSE_SECONDS

DOUBT_SECONDS: Final = 1.2
"""After the end of what was said: words come within half of that as a rule."""
LONG_SPEECH: Final = 3.5
"""Seconds of speech in which at least a first word would have been told."""
REHEARD_SECONDS: Final = 1.3
"""What another recogniser gets to hear the same again: then the caller is told."""
SHORTEST: Final = PAUSE_SECONDS + 0.35
"""Seconds of voice, with the pause that ends it, below which it was a cough or a knock, and nobody is told that
they were not understood."""
FINAL_SECONDS: Final = 2.0
"""After the end of what was said: a recogniser that has told words by then, and not that they were the last, hangs,
or takes the noise of the place for speech."""


class Deafness:
    """Watches one caller. First the recogniser is doubted; if the next hears no word either, so it is told."""

    def __init__(
        self,
        *,
        doubt: Callable[[], None],
        not_understood: Callable[[], None],
        unfinished: Callable[[], None],
    ) -> None:
        """`unfinished`: there are words, and nobody says that they are final."""
        self._doubt = doubt
        self._not_understood = not_understood
        self._unfinished = unfinished
        self._since: float | None = None
        self._words = False
        self._open = False
        """Words were told, and none since that were final."""
        self._doubted = False
        self._timer: asyncio.TimerHandle | None = None

    def user_state_changed(self, event: UserStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self.stop()
            self._since = time.monotonic()
            self._words = self._open = self._doubted = False
            self._after(LONG_SPEECH, self._suspect)
        elif event.old_state == "speaking" and self._since is not None:
            lasted = time.monotonic() - self._since
            self._since = None
            told = self._not_understood if lasted >= SHORTEST else None
            if self._open:
                self._after(FINAL_SECONDS, self._unfinished)
            elif not self._words and self._doubted:
                self._after(REHEARD_SECONDS, told)
            elif not self._words:
                self._after(DOUBT_SECONDS, lambda: self._suspect(then=told))

    def heard(self, *, final: bool) -> None:
        """Words arrived."""
        # Later ones that are not final put nothing off: noise is words without end.
        if final or not self._open:
            self.stop()
            if not final and self._since is None:
                self._after(FINAL_SECONDS, self._unfinished)
        self._words, self._open = True, not final

    def stop(self) -> None:
        """Nobody waits for words any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _suspect(self, *, then: Callable[[], None] | None = None) -> None:
        self._doubted = True
        self._doubt()
        self._after(REHEARD_SECONDS, then)

    def _after(self, seconds: float, work: Callable[[], None] | None) -> None:
        self.stop()
        if work is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, work)
