"""What the journal of the call holds, in words: for the model, and for the caller."""

from __future__ import annotations

from dataclasses import replace

from domain.claims.claim import Claim
from domain.claims.deeds import CallDeeds, KnownAppointment
from domain.claims.moments import NOTHING_SAID
from domain.claims.verdict import first_false
from tools.context import CallContext
from tools.understood import said_time, zone_of


def facts_of(claim: Claim, call: CallContext) -> str:
    """What is true in the place of `claim`, for the model."""
    known = _appointments(call.deeds)
    times = [said_time(call, one.starts_at) for one in known if one.starts_at]
    if _wrong_time(claim, call):
        return f"the time is wrong. What is booked on this call: {'; '.join(times)}."
    if times:
        return f"it was not done. What is booked on this call: {'; '.join(times)}."
    return "nothing of the kind was done on this call."


def booked_time(claim: Claim, call: CallContext) -> str:
    """When the appointment is of which `claim` tells a wrong time; empty when that is not what is wrong, or
    there are several."""
    times = [one.starts_at for one in _appointments(call.deeds) if one.starts_at]
    if len(times) != 1 or claim.kind == "cancelled" or not _wrong_time(claim, call):
        return ""
    return said_time(call, times[0])


def _wrong_time(claim: Claim, call: CallContext) -> bool:
    if not claim.moment:
        return False
    bare = replace(claim, moment=NOTHING_SAID)
    now = call.database.seam.now()
    return first_false([bare], call.deeds, now=now, zones=[zone_of(call)]) is None


def _appointments(deeds: CallDeeds) -> list[KnownAppointment]:
    return deeds.in_state("booked", "moved")
