"""The shape of a language's table of dangerous words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Danger = Literal["emergency", "self_harm", "threat", "abuse"]
DANGERS: tuple[Danger, ...] = ("emergency", "self_harm", "threat", "abuse")
"""The weightiest first."""


@dataclass(frozen=True, kw_only=True)
class DangerWords:
    """Regular expressions over plain words (`domain.text.plain_words`: no capitals, accents or punctuation, one
    space between words), each matched at the borders of words."""

    dangers: dict[Danger, tuple[str, ...]]
    certain: tuple[str, ...] = ()
    """Emergencies whatever stands around them: `I don't know if he is breathing`."""
    harmless: tuple[str, ...]
    """Idioms and figures of speech that hold dangerous words; taken out before anything is looked for."""
    parts: str
    """Words at which a sentence falls into parts: what is said of one part is not said of the other."""
    past: str
    """A part that holds this tells of long ago, or of something that is usual."""
    present: str
    """And this says that it is now, all the same."""
    conditional: str
    """Before a danger in its part: it has not happened."""
    negated: str
    """Right before a danger: there is none. May take up to two words after it."""
    negated_after: str = ""
    """Right after a danger, in languages that put their `not` there."""
