"""One number that calls again and again: a telephone gone mad, or somebody who means harm."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from domain.businesses.profile import CallProfile
from domain.calls.models import Call
from domain.database import Scope


async def called_too_often(scope: Scope, profile: CallProfile, *, phone: str) -> bool:
    """Whether `phone` (E.164; empty where withheld) has called so often of late that one more call is too many.

    Calls that were turned away for it are not counted: after the window it works again, and who never stops
    still gets through `repeat_calls` times in it. Not for numbers of the business's own people.
    """
    if not phone or phone in own_numbers(profile):
        return False
    limits = profile.settings.limits
    since = scope.seam.now() - timedelta(minutes=limits.repeat_minutes)
    recent = (
        select(Call.id)
        .where(
            Call.caller_index == scope.blind_index("phone", phone),
            Call.started_at > since,
            Call.end_reason.is_distinct_from("too_many_calls"),
        )
        # Who calls ten thousand times is not counted to the end.
        .limit(limits.repeat_calls)
    )
    count = await scope.session.scalar(select(func.count()).select_from(recent.subquery()))
    return (count or 0) >= limits.repeat_calls


def own_numbers(profile: CallProfile) -> set[str]:
    """The telephones (E.164) of the business's people and departments, and where its calls are sent."""
    found = {person.phone for person in profile.people}
    found |= {department.phone for department in profile.departments}
    found |= {profile.settings.transfer_number, profile.switch.forward_to}
    return found - {""}
