"""Who may book a service."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from domain.database import Scope
from domain.errors import Refused
from domain.scheduling.models import Appointment
from domain.services.models import Service


async def require_eligible(
    scope: Scope,
    *,
    service: Service,
    contact_id: UUID | None,
    attendee: str | None,
    appointment_id: UUID | None = None,
) -> None:
    """Raises Refused where the service is for new people only and this one has, or has had, an
    appointment that was not cancelled; `appointment_id` is the one that is being booked.

    A household shares a contact: each of its members is new by themselves.
    """
    if not service.new_contacts_only or contact_id is None:
        return
    query = select(Appointment.attendee).where(
        Appointment.contact_id == contact_id, Appointment.state == "booked"
    )
    if appointment_id is not None:
        query = query.where(Appointment.id != appointment_id)
    earlier = {_same(name) for name in (await scope.session.scalars(query)).all()}
    if _same(attendee) in earlier:
        raise Refused("the service is only for people who have had no appointment here before")


def _same(attendee: str | None) -> str:
    return " ".join((attendee or "").casefold().split())
