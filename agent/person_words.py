"""Asking for a person in so many words: understood without the model, for when the model fails."""

from __future__ import annotations

import re
from typing import Final

from domain.text import plain_words

_ENGLISH: Final = (
    r"operator|representative|receptionist|human( being)?|(live|real|actual) (person|agent|human)"
    r"|(speak|talk|connect me|put me through)( with| to)? (a |an |some |the )?(person|somebody|someone|agent|staff)"
    r"|(a|an) (person|agent)( please)?"
)
_SPANISH: Final = (
    r"operador|operadora|representante|recepcionista|ser humano|humano|(un|una|con un|con una) (persona|agente)"
    r"|persona (real|de verdad)|(hablar|hable|habla|comuniqueme|paseme|pongame) con (alguien|una? \w+)"
)
_HINDI: Final = (
    r"इंसान|इनसान|ऑपरेटर|आपरेटर|प्रतिनिधि|रिसेप्शनिस्ट|एजेंट"
    r"|(आदमी|व्यक्ति|किसी|स्टाफ|कर्मचारी) से (बात|बोल|मिल)\S*|असली (आदमी|व्यक्ति)"
)
_BY_LANGUAGE: Final = {"en": _ENGLISH, "es": _SPANISH, "hi": _HINDI}
_ALONE: Final = {
    "en": frozenset({"agent", "person", "somebody", "someone", "staff"}),
    "es": frozenset({"agente", "persona", "alguien"}),
    "hi": frozenset({"आदमी", "व्यक्ति", "स्टाफ"}),
}
"""Words that ask for a person only when nothing else is said."""
_POLITE: Final = frozenset(
    {"please", "por", "favor", "a", "an", "un", "una", "the", "कृपया", "प्लीज़"}
)
_NOT: Final = re.compile(
    r"\b(not?|don t|dont|without|never)\b(?! \w+ understand)|\b(sin|ningun|ninguna)\b|नहीं|मत"
)
"""`I don't want an operator`."""


def wants_person(text: str, *, language: str) -> bool:
    """Whether the caller asks for a person, in the language (BCP 47) of the business or in English."""
    said = _plain(text)
    if not said or _NOT.search(said):
        return False
    spoken = language.partition("-")[0].lower()
    return any(_asks(said, one) for one in {spoken, "en"} & set(_BY_LANGUAGE))


def _asks(said: str, language: str) -> bool:
    words = [word for word in said.split() if word not in _POLITE]
    if len(words) == 1 and words[0] in _ALONE[language]:
        return True
    # Hindi's vowel signs are no word characters: \b does not end a word after one.
    return re.search(rf"(?<!\S)({_BY_LANGUAGE[language]})(?!\S)", said) is not None


def _plain(text: str) -> str:
    return " ".join(plain_words(text))
