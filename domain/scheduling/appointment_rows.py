"""Single appointments in the tables: read, locked, made, kept and given back, each with its event."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from domain.contacts.models import Contact
from domain.database import Scope
from domain.errors import NotFound
from domain.scheduling import history, occupation
from domain.scheduling.codes import new_code
from domain.scheduling.models import Appointment
from domain.scheduling.slots import Slot
from domain.text import clean_line, clean_text

LONGEST_NOTE = 2000
LONGEST_ATTENDEE = 120


async def get(scope: Scope, *, appointment_id: UUID) -> Appointment:
    """Raises NotFound."""
    found = await scope.session.get(Appointment, appointment_id)
    if found is None:
        raise NotFound("appointment")
    return found


async def lock_appointment(scope: Scope, appointment_id: UUID) -> Appointment:
    """The appointment as it is now; nobody else changes it until this transaction ends. After the
    locks of its resources, where those are taken too."""
    return (
        await scope.session.scalars(
            select(Appointment)
            .where(Appointment.id == appointment_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).one()


async def take(
    scope: Scope,
    slot: Slot,
    *,
    contact_id: UUID | None,
    attendee: str | None = None,
    note: str | None = None,
    call_id: UUID | None = None,
    offer_id: str | None = None,
    series_id: UUID | None = None,
    held_until: datetime | None = None,
) -> Appointment:
    """A new appointment in `slot`, held until `held_until` or booked. Inside `occupation.taking`,
    after `lock_for`. Raises TimeTaken."""
    now = scope.seam.now()
    appointment = Appointment(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        service_id=slot.service.id,
        person_id=slot.giver.person_id,
        place_id=slot.giver.place_id,
        room_id=None,  # named, so that needing none is no second change of a new row
        contact_id=contact_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        state="held" if held_until else "booked",
        code=await new_code(scope),
        attendee=attendee,
        note=note,
        series_id=series_id,
        call_id=call_id,
        offer_id=offer_id,
        created_at=now,
        updated_at=now,
    )
    scope.session.add(appointment)
    await scope.session.flush()
    await occupation.occupy(scope, appointment=appointment, slot=slot, held_until=held_until)
    await history.record(scope, appointment, "held" if held_until else "booked")
    return appointment


async def keep(
    scope: Scope,
    mine: Appointment,
    *,
    contact_id: UUID | None,
    attendee: str | None,
    note: str | None,
) -> Appointment:
    """Turn a locked hold into a booking."""
    before = history.values_of(mine)
    await occupation.keep(scope, mine.id)
    mine.state, mine.contact_id = "booked", contact_id
    mine.attendee, mine.note = attendee, note
    mine.updated_at = scope.seam.now()
    await scope.session.flush()
    await history.record(scope, mine, "booked", before=before)
    return mine


async def give_back_holds(
    scope: Scope, call_id: UUID, *, except_for: Appointment | None = None
) -> None:
    """Cancel what the call holds and has not booked. After the locks of the resources."""
    held = await scope.session.scalars(
        select(Appointment)
        .where(Appointment.call_id == call_id, Appointment.state == "held")
        .order_by(Appointment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for appointment in held.all():
        if except_for is None or appointment.id != except_for.id:
            before = history.values_of(appointment)
            await occupation.release(scope, appointment.id)
            await history.record(scope, appointment, "cancelled", before=before)


async def require_contact(scope: Scope, contact_id: UUID) -> None:
    """Raises NotFound."""
    # The foreign key alone would accept another business's contact: its check sees every row.
    if await scope.session.get(Contact, contact_id) is None:
        raise NotFound("contact")


def checked_note(note: str | None) -> str | None:
    """Raises Invalid on `note`."""
    return clean_text(note or "", field="note", longest=LONGEST_NOTE, required=False) or None


def checked_attendee(attendee: str | None) -> str | None:
    """Raises Invalid on `attendee`."""
    return (
        clean_line(attendee or "", field="attendee", longest=LONGEST_ATTENDEE, required=False)
        or None
    )
