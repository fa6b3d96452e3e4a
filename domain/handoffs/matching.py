"""Which department a caller means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from domain.scheduling.matching import match
from domain.text import without_accents


class Named(Protocol):
    @property
    def name(self) -> str: ...


Thing = TypeVar("Thing", bound=Named)

_NOISE = frozenset({"department", "dept", "team", "departamento", "equipo", "विभाग"})


def match_department(wanted: str, departments: Sequence[Thing]) -> Thing | None:
    """The one department that `wanted` names, whatever its case, accents and order of words (`recepción`,
    `Recepcion`; `the front desk team`) or number (`emergency`, `Emergencies`). None if none fits, or several do."""
    return match(_plain(wanted), ((_plain(one.name), one) for one in departments))


def _plain(text: str) -> str:
    words = without_accents(text).split()
    kept = [word for word in words if word not in _NOISE]
    return " ".join(_singular(word) for word in kept or words)


def _singular(word: str) -> str:
    """`emergencies` and `emergency` are one word, as are `bills` and `bill`, `urgencias` and `urgencia`."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
