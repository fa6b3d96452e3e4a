"""Offers as they are said: the few that fit best, a day named once."""

from __future__ import annotations

import re

from sandbox.thinking.listing import Listed
from sandbox.thinking.situation import Situation

_OFFERED_AT_ONCE = 3
_DAY_TIME = re.compile(r"(?P<day>.+) at (?P<time>[^,]+?)(?P<rest> with .+)?")


def nearest(situation: Situation) -> list[Listed]:
    """The offers nearest to the time asked for, else the first, one in the middle and the last."""
    wished, offers = situation.when.minute, situation.offers
    if wished is None:
        return offers if len(offers) <= 3 else [offers[0], offers[len(offers) // 2], offers[-1]]
    return sorted(situation.offers, key=lambda o: abs((o.minute or 0) - wished))


def offering(offers: list[Listed]) -> str:
    """The first of them in a sentence that asks which one."""
    said = _shortened([o.text for o in offers[:_OFFERED_AT_ONCE]])
    if len(said) == 1:
        return f"I have {said[0]}. Would that work for you?"
    return f"I have {', '.join(said[:-1])}, or {said[-1]}. Which would you like?"


def _shortened(texts: list[str]) -> list[str]:
    """Offers of one day name the day once: "Tuesday at 9", "9:30", "10 with Dr. Chen"."""
    matches = [_DAY_TIME.fullmatch(t) for t in texts]
    parts = [(m["day"], m["time"], m["rest"]) for m in matches if m]
    if len(parts) < 2 or len(parts) < len(texts) or len({d for d, _, _ in parts}) > 1:
        return texts
    same = len({rest for _, _, rest in parts}) == 1
    times = [t if same else f"{t}{rest}" for _, t, rest in parts]
    times[0] = f"{parts[0][0]} at {times[0]}"
    if same:
        times[-1] += parts[0][2]
    return times
