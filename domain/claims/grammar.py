"""What the recognition of claims needs of a language."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.claims.kinds import Firmness, Kind


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A way of claiming `kind`."""

    kind: Kind
    pattern: re.Pattern[str]
    firmness: Firmness = "done"
    by_me: bool = False


def rule(kind: Kind, pattern: str, *, firmness: Firmness = "done", by_me: bool = False) -> Rule:
    """As a grammar writes one down: `pattern` is a regular expression."""
    return Rule(kind=kind, pattern=re.compile(pattern), firmness=firmness, by_me=by_me)


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """All patterns are matched against normalised text (`domain.text.normalised`)."""

    split: re.Pattern[str]
    """Between two clauses."""
    tag: re.Pattern[str]
    """A last clause that only asks for agreement."""
    asks: re.Pattern[str]
    """How a clause begins that asks, whatever it ends with."""
    denies: re.Pattern[str]
    """In a clause: it was not done, or is only possible, wished for or supposed."""
    others: re.Pattern[str]
    """In a clause: it is not the caller's appointment that is spoken of."""
    aside: re.Pattern[str]
    """How a clause begins whose times are not the appointment's."""
    supposes: re.Pattern[str]
    """How a clause begins that makes what follows it a supposition, too ("once …, …")."""
    busy: re.Pattern[str]
    """In a clause: it says more than a time."""
    rules: Sequence[Rule]
    bare: Sequence[Rule]
    """Only where it is the whole clause."""
    simplify: Callable[[str], str]
    """Takes away what only stands between."""
