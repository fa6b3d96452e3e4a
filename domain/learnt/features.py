"""What a learnt classifier sees of a sentence: its words, their neighbours and their parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from domain.text import normalised

_WORD: Final = re.compile(r"[^\W\d_](?:[\w\u0900-\u097f']*[\w\u0900-\u097f])?|\d+|\?")
_LONGEST_RUN: Final = 3
_PARTS: Final = (3, 4)


def features(text: str) -> set[str]:
    """Each once, however often it is there. Numbers are all the same: which day or hour is said decides nothing."""
    words = ["^", *_words(text), "$"]
    found = set(words[1:-1])
    for length in range(2, _LONGEST_RUN + 1):
        found |= {" ".join(words[at : at + length]) for at in range(len(words) - length + 1)}
    # One word between two, whichever: "booked you in", "booked them in".
    found |= {f"{words[at]} * {words[at + 2]}" for at in range(len(words) - 2)}
    found.update(part for word in words[1:-1] for part in _parts(word))
    return found


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(normalised(text)):
        yield "0" if word.isdigit() else word


def _parts(word: str) -> Iterator[str]:
    whole = f"<{word}>"
    for length in _PARTS:
        for at in range(len(whole) - length + 1):
            yield f"~{whole[at : at + length]}"
