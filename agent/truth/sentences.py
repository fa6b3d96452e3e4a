"""Cutting the model's stream into sentences, as early as that is certain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

LONGEST_SENTENCE: Final = 240
"""Characters; a longer one is cut at a comma or a space: what is held must not keep the caller waiting."""

_END: Final = re.compile(r"[.!?…]+[\"')\]*_]*(?=\s)|।+(?=.)|\n+", re.DOTALL)
_ABBREVIATED: Final = re.compile(
    r"(?:\b(?:dr|dra|mr|mrs|ms|sr|sra|srta|st|no|vs|prof|approx|ud|uds|ext|e\.g|i\.e)|डॉ|श्री|\b[a-z]|\d)\.$",
    re.IGNORECASE,
)
_HALF_DAY: Final = re.compile(r"\b[ap]\.?\s?m\.$", re.IGNORECASE)


class Sentences:
    """Takes pieces of text, and gives whole sentences with what stands between them."""

    def __init__(self) -> None:
        self._waiting = ""

    @property
    def waiting(self) -> str:
        """The beginning of a sentence that is not whole."""
        return self._waiting

    def push(self, piece: str) -> Iterator[str]:
        """The sentences that `piece` makes whole."""
        self._waiting += piece
        while (end := self._end()) is not None:
            sentence, self._waiting = self._waiting[:end], self._waiting[end:]
            yield sentence

    def take(self, size: int) -> str:
        """The first `size` characters of what waits, before its sentence is whole."""
        taken, self._waiting = self._waiting[:size], self._waiting[size:]
        return taken

    def rest(self) -> str:
        """What is left at the end of the stream; empty if nothing is."""
        rest, self._waiting = self._waiting, ""
        return rest

    def _end(self) -> int | None:
        for found in _END.finditer(self._waiting):
            if "\n" in found[0] or self._ends(found.end()):
                return found.end()
        if len(self._waiting) > LONGEST_SENTENCE:
            cut = self._waiting.rfind(", ", 60, LONGEST_SENTENCE)
            cut = cut if cut > 0 else self._waiting.rfind(" ", 60, LONGEST_SENTENCE)
            return cut + 1 if cut > 0 else LONGEST_SENTENCE
        return None

    def _ends(self, end: int) -> bool:
        before, after = self._waiting[:end], self._waiting[end:].lstrip()
        if _HALF_DAY.search(before):
            # "2 p.m. Dr. Lee …" or "2 p.m. on Tuesday": the next letter tells.
            return bool(after) and not after[0].islower() and not after[0].isdigit()
        if _ABBREVIATED.search(before):
            # "1. Monday" and "Dr. Lee" go on; "at 10. Shall I" does not.
            return bool(re.search(r"(?:\s\S*\d|\d\d)\.$", before)) and bool(after) and after[0].isupper()  # fmt: skip
        return True
