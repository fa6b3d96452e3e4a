"""A sentence in its clauses, and which of them only ask."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from domain.claims.grammar import Grammar

_SPACE = re.compile(r"\s+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "“": '"', "”": '"'})
_HINDI = str.maketrans({"\u0901": "\u0902", "\u093c": None})
"""Chandrabindu as anusvara, and no nukta: both are written as one pleases."""


@dataclass(frozen=True)
class Clause:
    """`text` is normalised; `asks`: it is a question."""

    text: str
    asks: bool


def normalised(text: str) -> str:
    """Lower case, one kind of quotes and spaces, and of the spellings of Hindi."""
    text = unicodedata.normalize("NFC", text).translate(_QUOTES).casefold()
    # NFD splits the letters that have a nukta of their own.
    if any("\u0900" <= letter <= "\u097f" for letter in text):
        text = unicodedata.normalize("NFD", text).translate(_HINDI)
    text = text.replace("गयी", "गई").replace("गये", "गए").replace("हुयी", "हुई")
    return _SPACE.sub(" ", text).strip()


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
