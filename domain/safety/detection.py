"""Finding danger in what a caller said: by rules alone, so that it works with no model and can be measured."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from domain.safety import english, hindi, spanish
from domain.safety.words import DANGERS, Danger, DangerWords
from domain.text import plain_words

_LANGUAGES: Final = {"en": english.WORDS, "es": spanish.WORDS, "hi": hindi.WORDS}
_SENTENCES: Final = re.compile(r"[.?!;,:।¿¡]+(?=\s|$)|[¿¡।]")
_GAP: Final = " | "
"""What stands where something harmless was taken out: nothing dangerous grows across it."""


@dataclass(frozen=True)
class _Table:
    dangers: dict[Danger, re.Pattern[str]]
    certain: re.Pattern[str] | None
    harmless: re.Pattern[str]
    parts: re.Pattern[str]
    past: re.Pattern[str]
    present: re.Pattern[str]
    conditional: re.Pattern[str]
    negated: re.Pattern[str]
    negated_after: re.Pattern[str] | None


def find_dangers(text: str) -> tuple[Danger, ...]:
    """What of danger `text` tells, the weightiest first: in any of the languages, for a caller in need may fall
    back into their own. `text` is what a recogniser made of speech, with punctuation or without."""
    found: set[Danger] = set()
    for language in _LANGUAGES:
        found |= _found(text, _table(language))
    return tuple(danger for danger in DANGERS if danger in found)


def is_harmless(text: str) -> bool:
    """Whether `text` has an idiom that only sounds dangerous, or tells of long ago."""
    plain = " ".join(plain_words(text))
    return any(
        table.harmless.search(plain)
        or (table.past.search(plain) and not table.present.search(plain))
        for table in map(_table, _LANGUAGES)
    )


def _found(text: str, table: _Table) -> set[Danger]:
    whole = " ".join(plain_words(text))
    if table.certain is not None and table.certain.search(whole):
        return {"emergency"}
    found: set[Danger] = set()
    for sentence in _SENTENCES.split(text):
        plain = " ".join(plain_words(sentence))
        for part in table.parts.split(table.harmless.sub(_GAP, plain)):
            found |= _found_in_part(" ".join(part.split()), table)
    # A recogniser's comma may stand in the middle of a phrase.
    joined = " ".join(table.harmless.sub(_GAP, whole).split())
    return found | (_found_in_part(joined, table) if len(whole.split()) <= _SHORT else set())


_SHORT: Final = 6
"""Words up to which punctuation says nothing."""


def _found_in_part(part: str, table: _Table) -> set[Danger]:
    return {
        danger
        for danger, pattern in table.dangers.items()
        if any(_holds(part, match, danger, table) for match in pattern.finditer(part))
    }


def _holds(part: str, match: re.Match[str], danger: Danger, table: _Table) -> bool:
    if danger == "abuse":
        return True
    before, after = part[: match.start()], part[match.end() :]
    if table.conditional.search(before):
        return False
    if table.past.search(part) and not table.present.search(part):
        return False
    if table.negated.search(before):
        return False
    return table.negated_after is None or not table.negated_after.match(after)


@cache
def _table(language: str) -> _Table:
    words: DangerWords = _LANGUAGES[language]
    return _Table(
        dangers={danger: _any(patterns) for danger, patterns in words.dangers.items()},
        certain=_any(words.certain) if words.certain else None,
        harmless=_any(words.harmless),
        parts=re.compile(words.parts),
        past=re.compile(words.past),
        present=re.compile(words.present),
        conditional=re.compile(words.conditional),
        negated=re.compile(rf"(?<!\S)(?:{words.negated})( \S+){{0,1}}\s*$"),
        negated_after=(
            re.compile(rf"\s*(?:{words.negated_after})(?!\S)") if words.negated_after else None
        ),
    )


def _any(patterns: tuple[str, ...]) -> re.Pattern[str]:
    # Hindi's vowel signs are no word characters: \b does not end a word after one.
    return re.compile("|".join(rf"(?<!\S)(?:{one})(?!\S)" for one in patterns))
