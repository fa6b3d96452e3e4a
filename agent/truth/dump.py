"""Whether a sentence is the instructions read out.

They hold no secret; but a caller who has them read out hears a machine, and business is not done. What the
business tells about itself in them (hours, prices, answers) is there to be said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

RUN: Final = 7
"""So many words in a row are no accident."""

_WORD: Final = re.compile(r"[\w']+")


class Instructions:
    """The part of the instructions that is nobody's business."""

    def __init__(self, *texts: str) -> None:
        self._runs = {run for text in texts for run in _runs(text)}

    def read_out_in(self, sentence: str) -> bool:
        """Whether `sentence` has a long run of words in common with them."""
        return any(run in self._runs for run in _runs(sentence))


def _runs(text: str) -> Iterator[str]:
    words = _WORD.findall(text.casefold())
    for start in range(len(words) - RUN + 1):
        yield " ".join(words[start : start + RUN])
