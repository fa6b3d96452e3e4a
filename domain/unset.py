"""Telling a value that is left as it is from one that is removed."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal, TypeVar

T = TypeVar("T")


class _Unset(Enum):
    UNSET = "unset"


Unset = Literal[_Unset.UNSET]
UNSET: Final = _Unset.UNSET
"""Default of what an operation changes only if it is given, where None means that there is none."""


def given(value: T | Unset, before: T) -> T:
    """`value`, or what it was `before` if it was not given."""
    return before if value is UNSET else value
