"""Numbers as they are spoken: digits of a telephone, hours, days of a month."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS: Final = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
CARDINALS: Final = {word: n for n, word in enumerate(_UNITS)} | _TENS
ORDINALS: Final = {
    word: n + 1
    for n, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ]
    )
} | {"thirtieth": 30}
_DECADES: Final = _TENS | {"sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_DIGITS: Final = {w: str(n) for n, w in enumerate(_UNITS[:10])} | {"oh": "0", "o": "0"}
_TIMES: Final = {"double": 2, "triple": 3}


def tokens(text: str) -> list[str]:
    """Lower-case words and numbers; marks gone, apostrophes and colons between letters kept."""
    return re.findall(r"\d+(?::\d\d)?(?:st|nd|rd|th)?|[a-z]+(?:['’][a-z]+)*", text.lower())


def longest_digits(text: str) -> str:
    """The longest run of digits said or written: "two oh two, double five" is 20255."""
    best = run = ""
    times = 1
    for token in re.findall(r"\d|[a-z]+", text.lower()):
        digit = token if token.isdigit() else _DIGITS.get(token)
        if digit is not None:
            run, times = run + digit * times, 1
        elif token in _TIMES:
            times = _TIMES[token]
        else:
            run, times = "", 1
        best = max(best, run, key=len)
    return best


def code_of(text: str) -> str:
    """Letters and digits of a spoken booking code: "it's R K four T" is RK4T; "" when none."""
    said = re.findall(r"[a-z]+|\d", re.sub(r"['’]\w+", "", text.lower()))
    spelled = "".join(piece for piece in (_DIGITS.get(t, t) for t in said) if len(piece) == 1)
    if len(spelled) >= 4:
        return spelled.upper()
    whole = re.findall(r"\b(?=\w*\d)\w{4,12}\b", text)
    return whole[0].upper() if whole else ""


def phone_number(digits: str, *, plus: bool) -> str | None:
    """E.164 of said digits: ten are North American; None while too few."""
    if plus and len(digits) >= 8:
        return f"+{digits}"
    if len(digits) == 10:
        return f"+1{digits}"
    if len(digits) == 11 and digits[0] == "1":
        return f"+{digits}"
    return digits if len(digits) > 11 else None


def day_of_month(words: list[str]) -> int | None:
    """`twenty third`, `the 3rd`, `24`; None when `words` begin with none."""
    if not words:
        return None
    if match := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", words[0]):
        return int(match[1]) if 1 <= int(match[1]) <= 31 else None
    if words[0] in {"twenty", "thirty"}:
        tens = _TENS[words[0]]
        unit = ORDINALS.get(words[1]) if len(words) > 1 else None
        return tens + unit if unit and unit < 10 and tens + unit <= 31 else None
    return ORDINALS.get(words[0])


def year_of(words: list[str]) -> int | None:
    """`1980`, `nineteen eighty five`, `two thousand and four`, `twenty ten`; None when `words` begin with
    no year."""
    if not words:
        return None
    if re.fullmatch(r"(?:19|20)\d\d", words[0]):
        return int(words[0])
    rest = [word for word in words[1:4] if word != "and"]
    if words[0] == "two" and rest[:1] == ["thousand"]:
        return 2000 + (_below_hundred(rest[1:]) or 0)
    century = {"nineteen": 1900, "twenty": 2000}.get(words[0])
    if century is None:
        return None
    if rest[:1] in (["oh"], ["o"]) and len(rest) > 1 and 0 < CARDINALS.get(rest[1], 0) < 10:
        return century + CARDINALS[rest[1]]
    ending = _below_hundred(rest)
    return century + ending if ending is not None and ending >= 10 else None


def _below_hundred(words: list[str]) -> int | None:
    if not words:
        return None
    if words[0] in _DECADES:
        unit = CARDINALS.get(words[1], 0) if len(words) > 1 else 0
        return _DECADES[words[0]] + (unit if unit < 10 else 0)
    return CARDINALS.get(words[0])
