"""Finding what a caller means among the names that a business uses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")

_SPOKEN = {"doctor": "dr", "missus": "mrs", "mister": "mr"}
_IDLE = frozenset(
    {"a", "an", "the", "please", "with", "for", "and", "of", "my", "appointment", "visit"}
)
_SHORTEST_STEM = 4


def match(wanted: str, named: Iterable[tuple[str, T]]) -> T | None:
    """The one thing that `wanted` names, by the strictest of these that anything fits: the same
    text; the same but for case, spaces and signs (`check up`, `Check-up`); every word of one among
    the words of the other (`teeth cleaning`, `Cleaning`). None if nothing fits, or several do."""
    things = list(named)
    for same in (_exactly, _loosely, _by_words):
        found = [thing for name, thing in things if same(wanted, name)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _exactly(wanted: str, name: str) -> bool:
    return wanted.strip() == name


def _loosely(wanted: str, name: str) -> bool:
    return "".join(_words(wanted)) == "".join(_words(name)) != ""


def _by_words(wanted: str, name: str) -> bool:
    left, right = _telling(wanted), _telling(name)
    if not left or not right:
        return False
    return _all_among(left, right) or _all_among(right, left)


def _all_among(few: list[str], many: list[str]) -> bool:
    # Two words may be one (`check up`): neighbours are compared joined too.
    joined = many + [first + second for first, second in pairwise(many)]
    return all(any(_same_stem(word, other) for other in joined) for word in few)


def _same_stem(left: str, right: str) -> bool:
    """`clean` and `cleaning` are one word, `ann` and `anna` are two people."""
    short, long = sorted((left, right), key=len)
    return left == right or (len(short) >= _SHORTEST_STEM and long.startswith(short))


def _words(text: str) -> list[str]:
    found = re.findall(r"\w+", text.casefold().replace("'", "").replace("’", ""))
    return [_SPOKEN.get(word, word) for word in found]


def _telling(text: str) -> list[str]:
    unhyphenated = text.replace("-", "")
    words = _words(unhyphenated)
    return [word for word in words if word not in _IDLE and word not in _SPOKEN.values()]
