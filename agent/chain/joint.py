"""Where one half of an answer ends and the other begins, so that nothing is said twice."""

from __future__ import annotations

from typing import Final

_A_REPEAT: Final = 6
"""Letters and digits that two texts must begin alike with to be the same answer told again."""
_LETTERS_A_SECOND: Final = 13.0
"""Of speech, where the vendor does not tell which letters a sound holds."""


class Joint:
    """Joins what another model goes on with to what was said: an answer that begins anew, as most do,
    is heard from the place where the first one broke off."""

    def __init__(self, said: str) -> None:
        self._said = said
        self._whole = _letters(said)
        self._held = ""
        self._joined = not self._whole

    def feed(self, text: str) -> str:
        """What of `text` is to be said now."""
        if self._joined:
            return text
        self._held += text
        begun = _letters(self._held)
        if self._whole.startswith(begun):
            # As far as it goes, it is the same again.
            return ""
        self._joined = True
        held, self._held = self._held, ""
        if begun.startswith(self._whole):
            rest = held[letters_end(held, len(self._whole)) :]
            return rest.lstrip() if self._said[-1].isspace() else rest
        return self._spaced(held)

    def finish(self) -> str:
        """What was held back, once the text has ended."""
        if self._joined:
            return ""
        self._joined = True
        held, self._held = self._held, ""
        # Short, and alike by chance: "I" after "I have …". Or nothing but what was said already.
        return self._spaced(held) if 0 < len(_letters(held)) < _A_REPEAT else ""

    def _spaced(self, text: str) -> str:
        if self._said and text and self._said[-1].isalnum() and text[0].isalnum():
            return f" {text}"
        return text


def rest_of(text: str, *, spoken: str, seconds: float) -> str:
    """What of `text` is still to be said when `spoken` is what the vendor says that it has sounded, in
    `seconds` of sound. A word that was cut is said again, whole."""
    count = len(_letters(spoken)) or round(seconds * _LETTERS_A_SECOND)
    end = letters_end(text, count)
    if end >= len(text):
        return ""
    if end and text[end - 1].isalnum() and text[end].isalnum():
        while end and not text[end - 1].isspace():
            end -= 1
    rest = text[end:]
    return rest if _letters(rest) else ""


def letters_end(text: str, count: int) -> int:
    """The index behind the first `count` letters and digits of `text`, and the marks that follow them."""
    if not count:
        return 0
    at = 0
    while at < len(text) and count:
        count -= text[at].isalnum()
        at += 1
    while at < len(text) and not text[at].isalnum() and not text[at].isspace():
        at += 1
    return at


def _letters(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum())
