"""Our own voice that comes back: a telephone on loudspeaker, a line that echoes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from domain.text import plain_words

_KEPT_SECONDS: Final = 12.0
"""From the moment in which a sentence was over: a recogniser may be seconds behind."""
_LEAST_WORDS: Final = 5
"""A caller repeats short things: `Tuesday at nine?`, `yes please`."""
_SAME: Final = 0.9
"""Share of the words heard that stand in what was said, in that order: a recogniser errs."""


class Echo:
    """What the assistant said lately, and whether words that are heard are those again."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said: deque[tuple[float, list[str]]] = deque(maxlen=6)

    def said(self, text: str) -> None:
        """A sentence of the assistant is being spoken, or was."""
        self._said.append((self._clock(), plain_words(text)))

    def is_echo(self, text: str) -> bool:
        """Whether `text` is what we said ourselves. Ask only of what began while the assistant was speaking: a
        caller may well answer with the assistant's own words (`Tuesday at half past nine with Doctor Lee`)."""
        words = plain_words(text)
        if len(words) < _LEAST_WORDS:
            return False
        now = self._clock()
        said = [word for at, one in self._said if now - at <= _KEPT_SECONDS for word in one]
        return _in_order(words, said) >= _SAME * len(words)


def _in_order(words: list[str], said: list[str]) -> int:
    """How many of `words` stand in `said` in the same order, near each other: the longest common subsequence
    within any stretch of `said` that is a little longer than `words`."""
    best = 0
    span = len(words) + 2
    for start in range(max(1, len(said) - len(words) + 3)):
        stretch = said[start : start + span]
        if not stretch:
            break
        row = [0] * (len(words) + 1)
        for one in stretch:
            before = 0
            for place, word in enumerate(words, start=1):
                above = row[place]
                row[place] = before + 1 if word == one else max(above, row[place - 1])
                before = above
        best = max(best, row[-1])
    return best
