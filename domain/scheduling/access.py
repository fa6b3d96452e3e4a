"""Who may hear of an appointment and change it over the telephone.

The caller whose number is the contact's, or who gives the appointment's code; and the caller who
booked it, for the rest of that call. Nothing about an appointment, not even that there is one, is
said to anybody else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from domain.database import Scope
from domain.errors import NotFound
from domain.scheduling.lookup import find
from domain.scheduling.models import Appointment


async def find_for_caller(
    scope: Scope, *, caller_phone: str, code: str | None = None
) -> Sequence[Appointment]:
    """The appointments that this caller may hear of, the next first.

    `caller_phone` is the number that calls (E.164), never one that somebody says; empty when
    withheld, and then only `code` finds anything. A wrong code finds what no code would.
    """
    if code:
        return await find(scope, code=code)
    return await find(scope, phone=caller_phone) if caller_phone else ()


async def require_access(
    scope: Scope, *, appointment_id: UUID, call_id: UUID, shown: Collection[UUID]
) -> Appointment:
    """The appointment, if it was booked on this call or is among those `shown` on it, which are
    what `find_for_caller` gave; otherwise NotFound, whether it exists or not."""
    appointment = await scope.session.get(Appointment, appointment_id)
    if appointment is None:
        raise NotFound("appointment")
    if appointment.call_id == call_id or appointment_id in shown:
        return appointment
    raise NotFound("appointment")
