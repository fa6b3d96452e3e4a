"""Free text from outside: trimmed, bounded, and free of characters that cannot be stored or shown; and text as it
is compared."""

from __future__ import annotations

import re
import unicodedata

from domain.errors import Invalid

_ACCENTS = range(0x0300, 0x0370)
"""Combining marks of Latin, Greek and Cyrillic letters. Those of Indian scripts are vowels, and stay."""
_ALLOWED_CONTROLS = frozenset("\n\t")
_SPACE = re.compile(r"\s+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "“": '"', "”": '"'})
_HINDI = str.maketrans({"\u0901": "\u0902", "\u093c": None})
"""Chandrabindu as anusvara, and no nukta: both are written as one pleases."""


def clean_text(text: str, *, field: str, longest: int, required: bool = True) -> str:
    """`text` without surrounding space, at most `longest` characters.

    Raises Invalid on `field` when it is empty though `required`, too long, or holds control
    characters: PostgreSQL refuses NUL, and the others forge lines in terminals and exports.
    """
    cleaned = text.replace("\r\n", "\n").strip()
    if required and not cleaned:
        raise Invalid(field, "must not be empty")
    if len(cleaned) > longest:
        raise Invalid(field, f"must be at most {longest} characters")
    for character in cleaned:
        # Cs are lone surrogates, which no encoding can carry.
        if unicodedata.category(character) in ("Cc", "Cs") and character not in _ALLOWED_CONTROLS:
            raise Invalid(field, "must not hold control characters")
    return cleaned


def clean_line(text: str, *, field: str, longest: int, required: bool = True) -> str:
    """`clean_text` on one line: every run of white space becomes one space."""
    return clean_text(" ".join(text.split()), field=field, longest=longest, required=required)


def without_accents(text: str) -> str:
    """`text` as it is compared: case folded and without accents (`Recepción` is `recepcion`), in NFC."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    # Casefolding may bring accents that are to go as well.
    bare = (one for one in unicodedata.normalize("NFKD", folded) if ord(one) not in _ACCENTS)
    return unicodedata.normalize("NFC", "".join(bare))


def plain_words(text: str) -> list[str]:
    """The words of `text` as they are compared: letters with their marks, and digits; all else parts them."""
    kept = (one if unicodedata.category(one)[0] in "LMN" else " " for one in without_accents(text))
    return "".join(kept).split()


def normalised(text: str) -> str:
    """Lower case, one kind of quotes and spaces, and of the spellings of Hindi."""
    text = unicodedata.normalize("NFC", text).translate(_QUOTES).casefold()
    # NFD splits the letters that have a nukta of their own.
    if any("\u0900" <= letter <= "\u097f" for letter in text):
        text = unicodedata.normalize("NFD", text).translate(_HINDI)
    text = text.replace("गयी", "गई").replace("गये", "गए").replace("हुयी", "हुई")
    return _SPACE.sub(" ", text).strip()
