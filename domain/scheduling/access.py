"""Who may hear of an appointment and change it over the telephone.

The caller whose number is the contact's, who gives the appointment's code, or who gives the contact's
name and date of birth; and the caller who booked it, for the rest of that call. Nothing about an
appointment, not even that there is one, is said to anybody else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from domain.contacts import operations as contacts
from domain.database import Scope
from domain.errors import NotFound
from domain.scheduling.booker import is_named
from domain.scheduling.lookup import find, find_of_contacts
from domain.scheduling.models import Appointment


async def find_for_caller(
    scope: Scope,
    *,
    caller_phone: str,
    code: str | None = None,
    name: str | None = None,
    date_of_birth: date | None = None,
) -> Sequence[Appointment]:
    """The appointments that this caller may hear of, the next first.

    `caller_phone` is the number that calls (E.164), never one that somebody says; empty when
    withheld. A code opens its own appointment alone, a wrong one nothing. A name and a date of birth
    that are one person's open theirs; one of the two alone, or a pair that is nobody's, finds what the
    calling number finds, so that nothing can be learnt by guessing. People who share both can't be
    told apart by them: all of theirs are found.
    """
    if code:
        return await find(scope, code=code)
    if name and date_of_birth is not None:
        born_then = await contacts.find_by_birth(scope, date_of_birth=date_of_birth)
        same = {contact.id for contact in born_then if is_named(contact.name, name)}
        found = await find_of_contacts(scope, contact_ids=same)
        if found:
            return found
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
