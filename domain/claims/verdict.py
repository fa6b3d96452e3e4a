"""Whether a claim is true of what was done on the call."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.claims.claim import Claim
from domain.claims.deeds import CallDeeds, KnownAppointment, still_held
from domain.claims.kinds import TOOLS
from domain.claims.moments import SaidMoment


def first_false(
    claims: Iterable[Claim],
    deeds: CallDeeds,
    *,
    now: datetime,
    zones: Sequence[ZoneInfo],
) -> Claim | None:
    """The first of `claims` that the deeds do not bear out; None when all are true. `zones` are the clocks
    that may be meant, the business's first."""
    for claim in claims:
        if not _is_true(claim, deeds, now, zones):
            return claim
    return None


def done_by(claim: Claim, called: Collection[str]) -> bool:
    """Whether an announcement comes true with the tools `called` in the same breath."""
    return claim.firmness == "announced" and bool(TOOLS[claim.kind] & set(called))


def _is_true(claim: Claim, deeds: CallDeeds, now: datetime, zones: Sequence[ZoneInfo]) -> bool:
    if claim.kind in deeds.attested and not claim.by_me:
        return True
    match claim.kind:
        case "booked":
            found = deeds.in_state("booked", "moved")
            if not claim.by_me:
                found += deeds.in_state("told")
        case "standing":
            found = deeds.in_state("booked", "moved", "told")
        case "held":
            found = [one for one in deeds.in_state("held") if still_held(one, now)]
            found += deeds.in_state("booked", "moved")
        case "moved":
            return _is_moved(claim, deeds, now, zones)
        case "cancelled":
            found = deeds.in_state("cancelled")
        case "confirmed":
            found = [
                one
                for one in deeds.in_state("booked", "moved", "told")
                if one.confirmed or one.state in ("booked", "moved")
            ]
        case "sent" | "saved" | "listed":
            return claim.kind in deeds.kinds or (claim.kind == "saved" and _is_kept(deeds))
        case "connected":
            return deeds.connected
        case "done":
            found = deeds.in_state("booked", "moved", "cancelled")
            return deeds.lately and (not found or _told_rightly(claim.moment, found, now, zones))
        case "mailed":
            return False
    return any(True for _ in found) and _told_rightly(claim.moment, found, now, zones)


def _is_kept(deeds: CallDeeds) -> bool:
    """What the caller told is with a message or an appointment."""
    return "sent" in deeds.kinds or bool(deeds.in_state("booked", "moved"))


def _is_moved(claim: Claim, deeds: CallDeeds, now: datetime, zones: Sequence[ZoneInfo]) -> bool:
    moved = deeds.in_state("moved")
    if not moved and deeds.in_state("cancelled"):
        # Cancelled and booked anew is a move, to the caller.
        moved = deeds.in_state("booked")
    return bool(moved) and _told_rightly(claim.moment, moved, now, zones)


def _told_rightly(
    said: SaidMoment,
    appointments: Collection[KnownAppointment],
    now: datetime,
    zones: Sequence[ZoneInfo],
) -> bool:
    """Whether what is said of when is that of one of the appointments (of one each, for several)."""
    if not said:
        return True
    for zone in zones:
        today = now.astimezone(zone).date()
        times = [
            at.astimezone(zone)
            for one in appointments
            for at in (one.starts_at, one.before)
            if at is not None
        ]
        first = [one.starts_at.astimezone(zone) for one in appointments if one.starts_at]
        if said.fits(first, today=today) or (said.several and said.fits(times, today=today)):
            return True
    words = [one.said for one in appointments if one.starts_at is None]
    return any(
        not known or known.admits(said, today=now.astimezone(zones[0]).date()) for known in words
    )
