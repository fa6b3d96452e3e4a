"""A caller's name in what they say."""

from __future__ import annotations

import re
from typing import Final

from sandbox.hearing.vocabulary import MONTHS, WEEKDAYS
from sandbox.thinking.intents import plain
from sandbox.thinking.numbers import CARDINALS, ORDINALS

_INTRODUCED: Final = re.compile(
    r"\b(?:my (?:full )?name(?: is|'s)|the name(?: is|'s)|name's|this is|i am|i'm|it's|it is)"
    r" ((?:[a-z][a-z'-]*)(?: [a-z][a-z'-]*){0,2})"
)
_SURNAME: Final = re.compile(r"last name(?: is|'s)? ([a-z][a-z'-]*)")
_NOT_NAMES: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "for",
        "at",
        "on",
        "in",
        "to",
        "my",
        "your",
        "our",
        "his",
        "her",
        "not",
        "fine",
        "okay",
        "ok",
        "good",
        "great",
        "perfect",
        "yes",
        "no",
        "yeah",
        "sure",
        "and",
        "about",
        "calling",
        "looking",
        "here",
        "there",
        "just",
        "really",
        "very",
        "sorry",
        "late",
        "running",
        "urgent",
        "correct",
        "right",
        "wrong",
        "going",
        "please",
        "thanks",
        "thank",
        "you",
        "hello",
        "hi",
        "hey",
        "book",
        "appointment",
        "number",
        "phone",
        "that",
        "this",
        "it",
        "with",
        "from",
        "in",
        "morning",
        "afternoon",
        "evening",
        "today",
        "tomorrow",
        "next",
        "week",
        "double",
        "oh",
        "zero",
        "plus",
        "speaking",
        "what",
        "when",
        "where",
        "how",
        "who",
        "is",
        "are",
        "do",
        "does",
        "can",
        "could",
        "would",
        "like",
        "want",
        "need",
        "i",
        "i'm",
        "i'd",
        "having",
        "trying",
        "able",
        "new",
        "patient",
        "emergency",
        "cleaning",
        "filling",
        "checkup",
        "wait",
        "actually",
        "instead",
        "rather",
        "maybe",
        "let's",
        "we",
        "accept",
        "anything",
        "something",
    ]
) | frozenset([*WEEKDAYS, *CARDINALS, *ORDINALS])
_MONTH_NAMES: Final = frozenset(MONTHS) - {"may", "june", "april", "august"}


def name_of(text: str, *, asked: bool) -> str | None:
    """The name in `text`; `asked`: the caller was asked for it, so that the bare name counts."""
    bare = plain(text).replace("?", "")
    bare = re.sub(r" (?:speaking|here|calling)$", "", bare)
    for match in _INTRODUCED.finditer(bare):
        if name := _name(match[1].split()):
            return name
    if surname := _SURNAME.search(bare):
        return _name([surname[1]])
    if not asked:
        return None
    words = re.sub(r"^(?:yes|yeah|sure|okay|ok|of course|certainly)\b", "", bare).split()
    return _name(words) if len(words) <= 3 else None


def _name(words: list[str]) -> str | None:
    kept: list[str] = []
    for word in words:
        if word in _NOT_NAMES or word in _MONTH_NAMES or any(c.isdigit() for c in word):
            break
        kept.append(word)
    return " ".join(_capitalised(w) for w in kept) or None


def _capitalised(word: str) -> str:
    return "-".join(part[:1].upper() + part[1:] for part in word.split("-"))
