"""Names and numbers of a call's words covered up, for whoever may know what happened and not to whom."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from domain.masking import mask_phone

NAME: Final = "[name]"
NUMBER: Final = "[number]"

_DIGITS = re.compile(r"(?<![\w-])(?!\d{4}-\d\d-\d\d)\+?\(?\d[\d ().-]{4,}\d(?![\w-])")
_WORDS = (
    "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|"
    "cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|"
    "शून्य|एक|दो|तीन|चार|पांच|पाँच|छह|सात|आठ|नौ"
)
_SPOKEN = re.compile(rf"(?<!\w)(?:{_WORDS})(?:[\s,-]+(?:{_WORDS})){{4,}}(?!\w)", re.IGNORECASE)
_MAIL = re.compile(r"[^\s@<>\[\]]+@[^\s@<>\[\]]+\.\w+")
_INTRODUCED = re.compile(
    r"\b(my name is|my name's|me llamo|mi nombre es)((?:\s+[^\W\d_][\w'-]*){1,2})", re.IGNORECASE
)
_BIRTH: Final = "date_of_birth"
_PHONES: Final = frozenset({"caller", "caller_phone", "phone", "number", "dialled"})
_FREE: Final = frozenset(
    {
        "text",
        "said",
        "result",
        "arguments",
        "caller_name",
        "name",
        "reason",
        "call_back_time",
        "note",
    }
)
"""Fields that hold what people said. Others hold ids, times and words of ours."""


@dataclass(frozen=True)
class Mask:
    """Covers the known `names` and every number; `on=False` leaves all as it is."""

    names: tuple[str, ...] = ()
    on: bool = True
    name: str = NAME
    number: str = NUMBER
    _parts: re.Pattern[str] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_parts", _any_of(self.names))

    def text(self, text: str) -> str:
        """Free text: what somebody said, or a tool told."""
        if not self.on:
            return text
        text = _MAIL.sub("[e-mail]", text)
        text = _DIGITS.sub(self._number, text)
        text = _SPOKEN.sub(self.number, text)
        text = _INTRODUCED.sub(lambda found: f"{found[1]} {self.name}", text)
        if self._parts is not None:
            text = self._parts.sub(self.name, text)
            # A first and a last name are one person.
            text = re.sub(rf"{re.escape(self.name)}(?:\s+{re.escape(self.name)})+", self.name, text)
        return text

    def phone(self, number: str) -> str:
        return mask_phone(number) if self.on and number else number

    def value(self, key: str, value: Any, *, free: bool = False) -> Any:
        """A field of an event, or what stands in one."""
        if not self.on:
            return value
        free = free or key in _FREE
        if key == _BIRTH and value:
            return "[date of birth]"
        if key == "digit":
            return "·"
        if isinstance(value, dict):
            return {name: self.value(name, one, free=free) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(key, one, free=free) for one in value]
        if isinstance(value, str):
            if key in _PHONES:
                return mask_phone(value) if value else value
            return self.text(value) if free else value
        return value

    def _number(self, found: re.Match[str]) -> str:
        return mask_phone(found[0]) if self.number == NUMBER else self.number


def _any_of(names: Iterable[str]) -> re.Pattern[str] | None:
    parts = {part for name in names for part in re.findall(r"[\w'-]+", name) if len(part) > 1}
    if not parts:
        return None
    either = "|".join(re.escape(part) for part in sorted(parts, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)
