"""Heard tokens written as Deepgram writes them: capitals, punctuation, numerals."""

from __future__ import annotations

from dataclasses import replace

from sandbox.hearing import vocabulary
from sandbox.hearing.words import Word

_NAMES = frozenset(
    [
        *vocabulary.FIRST_NAMES,
        *vocabulary.LAST_NAMES,
        *vocabulary.WEEKDAYS,
        *vocabulary.MONTHS,
        "i",
        "i'm",
        "i'd",
        "i'll",
        "i've",
        "aetna",
        "cigna",
        "metlife",
        "medicare",
        "medicaid",
        "spanish",
        "french",
        "german",
        "chinese",
        "delta",
    ]
) - frozenset(["may", "march", "mark", "grace", "rose", "young", "white", "king", "green"])
_NAMED = frozenset(["may", "march", "mark", "grace", "young", "white", "king", "green"])
_INTRODUCES_NAME = frozenset(["is", "doctor", "it's", "i'm", "with"])
_ASKS = frozenset(
    [
        "what",
        "what's",
        "where",
        "when",
        "how",
        "which",
        "who",
        "is",
        "are",
        "do",
        "does",
        "can",
        "could",
        "may",
        "am",
        "should",
        "have",
    ]
)
_OPENS = frozenset(["hello", "hi", "hey", "yes", "no", "sorry", "actually", "ok", "okay", "yeah"])
_DIGITS = dict(
    zip(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
        "0123456789",
        strict=True,
    )
) | {"oh": "0"}


def revised(token: str) -> str:
    """What a recogniser takes the unfinished last word for, before it knows better."""
    sounds_like = {
        "two": "to",
        "four": "for",
        "eight": "ate",
        "one": "won",
        "to": "two",
        "for": "four",
    }
    if token in sounds_like:
        return sounds_like[token]
    return token[:-1] if token.endswith("s") and len(token) > 3 else f"{token}s"


def written(words: list[Word]) -> list[Word]:
    """Grammar tokens as words of a transcript (`ayem` is AM)."""
    return [replace(w, text=vocabulary.DISPLAY.get(w.text, w.text)) for w in words]


def numerals(words: list[Word]) -> list[Word]:
    """Spoken digits as numerals, a run of them as one word."""
    joined: list[Word] = []
    running = False
    for word in words:
        digit = _DIGITS.get(word.text.lower().strip(".,?"))
        if digit and running:
            joined[-1] = replace(joined[-1], text=joined[-1].text + digit, end=word.end)
        else:
            joined.append(replace(word, text=digit) if digit else word)
        running = digit is not None
    return joined


def punctuated(words: list[Word]) -> list[str]:
    """Each word with its capital and its mark."""
    marks: list[str] = []
    lowered = [w.text.lower() for w in words]
    for at, word in enumerate(words):
        text = word.text
        before = lowered[at - 1] if at else ""
        named = lowered[at] in _NAMED and (
            before in _INTRODUCES_NAME or before in vocabulary.FIRST_NAMES
        )
        if not at or lowered[at] in _NAMES or named:
            text = text[:1].upper() + text[1:]
        if at == 0 and lowered[at] in _OPENS and len(words) > 1:
            text += ","
        if at == len(words) - 1 and text[-1:].isalnum():
            text += "?" if _is_question(lowered) else "."
        marks.append(text)
    return marks


def _is_question(lowered: list[str]) -> bool:
    rest = lowered[1:] if lowered and lowered[0] in _OPENS and len(lowered) > 1 else lowered
    if rest[:1] == ["may"]:
        return rest[1:2] == ["i"]
    return bool(rest) and rest[0] in _ASKS and len(rest) > 1
