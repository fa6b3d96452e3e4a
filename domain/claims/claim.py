"""One claim of a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from domain.claims.kinds import Firmness, Kind, Spoken
from domain.claims.moments import NOTHING_SAID, SaidMoment


@dataclass(frozen=True, kw_only=True)
class Claim:
    """`moment` is the day and time that the sentence names for the deed, if any."""

    kind: Kind
    firmness: Firmness
    language: Spoken
    by_me: bool = False
    """The speaker says that they did it, not only that it is so."""
    moment: SaidMoment = NOTHING_SAID
