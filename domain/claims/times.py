"""What the readings of days and times have in common, whatever the language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from domain.claims.moments import SaidClock


def either(words: Iterable[str]) -> str:
    """A pattern that matches any of `words`, of two with the same beginning the longer one."""
    return "|".join(sorted(words, key=len, reverse=True))


def weekdays_in(text: str, names: Sequence[str]) -> frozenset[int]:
    """The weekdays that `text` names, 0 being the first of `names`; in the plural too."""
    return frozenset(index for index, name in enumerate(names) if re.search(rf"\b{name}s?\b", text))


def clocks_in(
    text: str,
    patterns: Iterable[re.Pattern[str]],
    read: Callable[[re.Match[str]], SaidClock | None],
) -> set[SaidClock]:
    """The times that `patterns` find in `text`; what one has found is not looked at by the next."""
    clocks = set()
    for pattern in patterns:
        clocks |= {read(found) for found in pattern.finditer(text)}
        text = pattern.sub(" ", text)
    return {clock for clock in clocks if clock is not None}


def half_named(said: str | None) -> str:
    """`am` or `pm` as it was written ("p. m."); empty for nothing."""
    return (said or "").replace(".", "").replace(" ", "")


def clock_told(hour: int, minute: int, half: str) -> SaidClock:
    """A time of day (`hour` 0 to 24) in the half of the day that was said with it, or in none."""
    if half and hour <= 12:
        return SaidClock(hour % 12 + (12 if half == "pm" else 0), minute, exact=True)
    return SaidClock(hour % 24, minute, exact=hour > 12)
