"""Whether what the caller has said so far is all of it, by its words and by what they were asked. Marks tell nothing
here: a recogniser closes every piece it hears with a full stop."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

Asked = Literal["yes_no", "number", "mail", "name", "anything"]
"""What an assistant's last sentence wants to hear."""

_MARKS: Final = ".,?!…।:;¿¡\"'"
_OPEN_WORDS: Final = frozenset(
    # English
    ("and", "or", "but", "so", "because", "if", "that", "than", "the", "a", "an", "my", "your", "his", "her",
     "our", "their", "is", "are", "was", "it's", "i'm", "i'd", "i'll", "i've", "to", "for", "at", "of", "with",
     "on", "in", "from", "by", "about", "between", "um", "uh", "er", "like", "maybe", "dot",
     # Spanish
     "y", "o", "pero", "porque", "que", "si", "el", "la", "los", "las", "un", "una", "mi", "su", "es", "para",
     "por", "de", "del", "con", "en", "al", "soy", "tengo", "quiero", "quisiera", "eh", "este", "punto", "arroba",
     # Hindi
     "और", "या", "लेकिन", "क्योंकि", "कि", "का", "की", "के", "को", "से", "में", "पर", "मेरा", "मेरी", "मेरे", "एक")
)  # fmt: skip
_ANSWERS: Final = frozenset(
    ("yes", "yeah", "yep", "no", "nope", "okay", "ok", "sure", "correct", "right", "exactly", "thanks", "bye",
     "goodbye", "hello", "please", "sí", "vale", "claro", "gracias", "adiós", "हाँ", "नहीं", "जी", "ठीक", "धन्यवाद")
)  # fmt: skip
_DIGITS: Final = frozenset(
    ("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
     "cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve",
     "शून्य", "एक", "दो", "तीन", "चार", "पाँच", "पांच", "छह", "छः", "सात", "आठ", "नौ")
)  # fmt: skip
_REPEATED: Final = {"double": 1, "doble": 1, "triple": 2, "डबल": 1, "ट्रिपल": 2}
"""Digits that the next one stands for besides itself."""
WHOLE_NUMBER: Final = 9
"""Digits of the shortest telephone number that is dictated whole (Spain; 10 in the United States and India)."""
_SPOKEN_DIGITS: Final = 3
"""So many digits in a row are a number that is being dictated, whatever was asked."""
_REFUSES: Final = frozenset(("don't", "not", "none", "no", "haven't", "नहीं"))
_MAIL_ENDS: Final = re.compile(
    r"(?:\bdot|\.|\bpunto|डॉट)\s*(?:com|org|net|edu|gov|info|io|co|uk|us|es|in|mx|कॉम|इन)$"
)
_MAIL: Final = re.compile(
    r"@|\b(?:dot|arroba)\b|\bpunto\s|डॉट|\b(?:gmail|googlemail|hotmail|outlook|yahoo|icloud|proton)$"
)
"""What an address that is being said has in it, whatever was asked."""

_WANTS_MAIL: Final = re.compile(r"\be-?mail\b|\bcorreo\b|ईमेल|ई-मेल", re.I)
_WANTS_NUMBER: Final = re.compile(
    r"\bnumber\b|\bphone\b|\bdate of birth\b|\bnúmero\b|\bteléfono\b|\bfecha de nacimiento\b|नंबर|फ़ोन|फोन",
    re.I,
)
_WANTS_NAME: Final = re.compile(
    r"\bname\b|\bspell|\bwho (?:is|am i)\b|\bnombre\b|\bdeletre|\bse llama\b|नाम|वर्तनी", re.I
)
_WANTS_YES: Final = re.compile(
    r"^(?:and |so |then |or )?(?:shall|should|would|do|does|did|is|are|am|can|could|may|have|has|will)\b"
    r"|\bis that (?:right|correct|ok|okay)|\bright$"
    r"|^¿?(?:quiere|desea|es|está|puedo|podría|tiene|hay|le|se lo|lo|confirmo|reservo|cancelo)\b|^क्या ",
    re.I,
)


def asked_for(said: str) -> Asked:
    """What the assistant's words `said` want to hear: their last question tells."""
    sentences = [one.strip() for one in re.split(r"(?<=[.!?।])\s+", said) if one.strip()]
    question = next((one for one in reversed(sentences) if one.endswith("?")), "")
    if not question:
        return "anything"
    if _WANTS_YES.search(question.rstrip("?")) and not _GIVE_ME.search(question):
        return "yes_no"
    for wanted, kind in _WANTED:
        if wanted.search(question):
            return kind
    return "anything"


_GIVE_ME: Final = re.compile(
    r"\b(?:have|get|take|tell|give|repeat|spell|say|know|darme|decirme|dar|dice)\b|बता", re.I
)
"""`May I have your name?` is no question to be answered with a yes."""
_WANTED: Final[tuple[tuple[re.Pattern[str], Asked], ...]] = (
    (_WANTS_MAIL, "mail"),
    (_WANTS_NUMBER, "number"),
    (_WANTS_NAME, "name"),
)


def words_of(text: str) -> list[str]:
    """Its words in lower case, without the marks at their ends: `two@b.com,` is `two@b.com`."""
    return [bare for word in text.casefold().split() if (bare := word.strip(_MARKS))]


def same_words(first: str, second: str) -> bool:
    """Whether they differ in nothing but capitals and the marks at words' ends."""
    return words_of(first) == words_of(second)


def dictating(text: str, asked: Asked = "anything") -> bool:
    """Whether the caller is in the middle of a number, an address or a spelling: there they pause, and are not to
    be cut off."""
    words = words_of(text)
    if not words:
        return False
    if asked == "mail" or _MAIL.search(" ".join(words)):
        refused = words[0] in _ANSWERS or not _REFUSES.isdisjoint(words) or len(words) > 12
        return not refused and not _MAIL_ENDS.search(" ".join(words))
    digits = _digits_at_end(words)
    if digits and (digits >= _SPOKEN_DIGITS or asked == "number"):
        return digits < WHOLE_NUMBER
    letters = 0
    for word in reversed(words):
        if len(word) > 1 or not word.isalpha():
            break
        letters += 1
    # `Plan B`, `I`: one letter alone is no spelling.
    return letters > 1


def finished(text: str, asked: Asked = "anything") -> bool:
    """Whether `text` may be the whole of what the caller wants to say now."""
    words = words_of(text)
    if not words or words[-1] in _OPEN_WORDS or dictating(text, asked):
        return False
    if len(words) > 1:
        return True
    # A single word is as often the first of a name or a number.
    return words[0] in _ANSWERS or asked == "yes_no"


def may_be_all(text: str, asked: Asked = "anything") -> bool:
    """As `finished`, where a mistake costs no more than a request: one word is an answer too."""
    words = words_of(text)
    if len(words) == 1 and asked in ("anything", "yes_no"):
        return words[0] not in _OPEN_WORDS and not dictating(text, asked)
    return finished(text, asked)


def _digits_at_end(words: Sequence[str]) -> int:
    count = 0
    for at in range(len(words) - 1, -1, -1):
        word = words[at]
        bare = word.replace("-", "").replace("+", "").replace("(", "").replace(")", "")
        if bare.isdigit():
            count += len(bare)
        elif word in _DIGITS:
            count += 1
        elif word in _REPEATED:
            count += _REPEATED[word]
        else:
            break
    return count
