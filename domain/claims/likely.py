"""Claims in words that no rule knows.

The rules (`recognition`) read a sentence exactly: who did what, and for when. What they do not know they let
pass, and a model has endless ways to say that something is done. So the words of a sentence are weighed too
(`domain.learnt`), and where they make a claim likely of which nothing at all was done on the call, it is
none to be spoken. It tells no times apart, and is never heard against a deed that was done.
"""

from __future__ import annotations

from typing import Final, cast

from domain.claims.claim import Claim
from domain.claims.deeds import CallDeeds
from domain.claims.kinds import Kind
from domain.claims.recognition import assertions, spoken_languages
from domain.learnt.classifier import load

LIKELY: Final = 0.8
"""From this probability a sentence is taken for a claim."""


def likely_claim(sentence: str) -> Claim | None:
    """The claim that the words of `sentence` make likely, if any. It is only announced: what is promised comes
    true with a tool that is called in the same breath."""
    languages = spoken_languages(sentence)
    texts = {assertions(sentence, language) for language in languages}
    if not texts or "" in texts:
        return None
    # Each grammar takes away what it knows to be no claim; that of another language takes nothing.
    kind = load("claims").likely(*texts, threshold=LIKELY)
    if kind is None:
        return None
    return Claim(kind=cast(Kind, kind), firmness="announced", language=languages[0])


def borne_out(claim: Claim, deeds: CallDeeds) -> bool:
    """Whether something was done on the call that such words may be about."""
    if claim.kind in deeds.attested:
        return True
    match claim.kind:
        case "connected":
            return deeds.connected
        case "listed" | "sent" | "mailed":
            # A booking is told on by itself: "they know that you are coming".
            return bool(deeds.kinds) or bool(deeds.in_state("booked", "moved", "cancelled"))
        case "cancelled":
            return bool(deeds.in_state("cancelled", "moved"))
        case _:
            return bool(deeds.appointments)
