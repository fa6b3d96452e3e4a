"""Holds that nobody came back for, of a whole business."""

from __future__ import annotations

from sqlalchemy import select

from domain.database import Scope
from domain.scheduling import occupation
from domain.scheduling.models import AppointmentResource

_AT_ONCE = 200
"""Holds that one transaction clears: bookings wait for the resources it locks."""


async def clear_all_expired_holds(scope: Scope) -> int:
    """Cancel holds that have passed, the oldest first; returns how many. What is left over is for the
    next time."""
    expired = (
        select(AppointmentResource.appointment_id, AppointmentResource.resource_id)
        .where(
            AppointmentResource.state == "held",
            AppointmentResource.held_until <= scope.seam.now(),
        )
        .order_by(AppointmentResource.held_until)
        .limit(_AT_ONCE)
    )
    rows = (await scope.session.execute(expired)).all()
    if not rows:
        return 0
    await occupation.lock(scope, [row.resource_id for row in rows])
    return await occupation.expire(scope, {row.appointment_id for row in rows})
