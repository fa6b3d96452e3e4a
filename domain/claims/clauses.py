"""A sentence in its clauses, and which of them only ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.claims.grammar import Grammar
from domain.text import normalised


@dataclass(frozen=True)
class Clause:
    """`text` is normalised; `asks`: it is a question."""

    text: str
    asks: bool


def clauses_of(sentence: str, grammar: Grammar) -> Sequence[Clause]:
    """In order. A question mark makes a question of the last clause alone; one that only asks for agreement
    ("…, right?") is left out, and nothing is a question for it."""
    text = normalised(sentence)
    question = "?" in text[-3:]
    parts = [part.strip(" .!?¿¡।\"'()") for part in grammar.split.split(text)]
    parts = [part for part in parts if part]
    if question and len(parts) > 1 and grammar.tag.fullmatch(parts[-1]):
        parts.pop()
        question = False
    last = len(parts) - 1
    return tuple(
        Clause(
            text=part,
            asks=bool(grammar.asks.match(part)) or (question and index == last),
        )
        for index, part in enumerate(parts)
    )
