"""Danger in words that no rule knows: callers in need have no phrases of their own.

Beside the rules (`detection`), not in their place: they know what is negated and what is long past. For whole
utterances alone: the first words of something harmless look like anything.
"""

from __future__ import annotations

from typing import Final, cast

from domain.learnt.classifier import load
from domain.safety.detection import is_harmless
from domain.safety.words import Danger

LIKELY: Final = 0.7
"""From this probability the caller is told the number: who is not in danger hears one sentence too many."""
SHORTEST: Final = 3
"""Words below which too little is known."""


def likely_danger(text: str) -> Danger | None:
    """What of danger the words of `text`, a whole utterance, make likely."""
    if len(text.split()) < SHORTEST or is_harmless(text):
        return None
    return cast(Danger | None, load("dangers").likely(text, threshold=LIKELY))
