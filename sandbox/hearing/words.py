"""A heard word."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """`start` and `end` in seconds from the utterance's beginning; `confidence` 0 to 1."""

    text: str
    start: float
    end: float
    confidence: float
