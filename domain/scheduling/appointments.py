"""Booking, holding, moving and cancelling appointments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from domain.contacts.models import Contact
from domain.database import Scope
from domain.errors import Conflict, Invalid, NotFound, Refused
from domain.people.models import Person
from domain.scheduling import occupation
from domain.scheduling.codes import new_code
from domain.scheduling.models import Appointment
from domain.scheduling.occupation import TimeTaken
from domain.scheduling.offers import get_offer
from domain.scheduling.rules import read_rules
from domain.scheduling.slots import Slot, offered_slot, staff_slot

HOLD = timedelta(minutes=2)
"""How long a caller's yes keeps others out while name and number are taken."""
LONGEST_NOTE = 2000


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a move or a cancellation did. `before` is the start it had; `changed` is False when the
    same request had been carried out already."""

    appointment: Appointment
    before: datetime
    changed: bool


async def hold(scope: Scope, *, call_id: UUID, offer_id: str) -> Appointment:
    """Keep an offered time for this call for `HOLD`. Repeated, it holds anew.

    A call holds one time: an earlier hold of it is given back. Raises as `book` does.
    """
    return await _book_offer(
        scope, call_id=call_id, offer_id=offer_id, contact_id=None, note=None, held=True
    )


async def confirm(
    scope: Scope,
    *,
    call_id: UUID,
    appointment_id: UUID,
    contact_id: UUID,
    note: str | None = None,
) -> Appointment:
    """Turn this call's hold into a booking. A hold that has passed is booked too if nobody took
    its time. Raises NotFound if the call holds no such appointment, TimeTaken if it was taken."""
    found = await scope.session.get(Appointment, appointment_id)
    if found is None or found.call_id != call_id or found.offer_id is None:
        raise NotFound("appointment")
    return await book(
        scope, call_id=call_id, offer_id=found.offer_id, contact_id=contact_id, note=note
    )


async def book(
    scope: Scope, *, call_id: UUID, offer_id: str, contact_id: UUID, note: str | None = None
) -> Appointment:
    """Book a time that was offered on this call. Repeated, it returns the same appointment.

    Raises NotFound for an offer that this call was not given or an unknown contact, TimeTaken if
    somebody else has the time by now, Conflict if hours, people or services have changed so that it
    can't be booked any more; the scope stays usable after each.
    """
    return await _book_offer(
        scope, call_id=call_id, offer_id=offer_id, contact_id=contact_id, note=note, held=False
    )


async def _book_offer(
    scope: Scope,
    *,
    call_id: UUID,
    offer_id: str,
    contact_id: UUID | None,
    note: str | None,
    held: bool,
) -> Appointment:
    offer = await get_offer(scope, call_id=call_id, offer_id=offer_id)
    note = _checked_note(note)
    if contact_id is not None:
        await _require_contact(scope, contact_id)
    person = await scope.session.get_one(Person, offer.person_id)
    async with occupation.taking(scope):
        # The slot is read only under the lock of its person: the rules may change until then.
        await occupation.lock(scope, [person.resource_id])
        mine = await _of_offer(scope, call_id, offer_id)
        if mine is not None and (held or mine.state == "booked"):
            return await _hold_anew(scope, mine) if mine.state == "held" else mine
        slot = await offered_slot(scope, offer)
        await _give_back_holds(scope, call_id, except_for=mine)
        if mine is not None:
            return await _keep(scope, mine, contact_id=contact_id, note=note)
        await occupation.lock_for(scope, slot)
        return await _insert(
            scope,
            slot,
            contact_id=contact_id,
            note=note,
            call_id=call_id,
            offer_id=offer_id,
            held_until=scope.seam.now() + HOLD if held else None,
        )


async def book_directly(
    scope: Scope,
    *,
    service_id: UUID,
    person_id: UUID,
    starts_at: datetime,
    contact_id: UUID | None,
    note: str | None = None,
    outside_hours: bool = False,
) -> Appointment:
    """Book for staff: neither notice nor horizon bind them, and hours only as long as they say so.

    Raises Invalid naming the field, NotFound for unknown ids, TimeTaken if the person is booked.
    """
    note = _checked_note(note)
    if contact_id is not None:
        await _require_contact(scope, contact_id)
    slot = await staff_slot(
        scope,
        service_id=service_id,
        person_id=person_id,
        starts_at=starts_at,
        outside_hours=outside_hours,
    )
    async with occupation.taking(scope):
        await occupation.lock_for(scope, slot)
        return await _insert(
            scope,
            slot,
            contact_id=contact_id,
            note=note,
            call_id=scope.actor.call_id,
            offer_id=None,
            held_until=None,
        )


async def move(
    scope: Scope,
    *,
    appointment_id: UUID,
    call_id: UUID | None = None,
    offer_id: str | None = None,
    starts_at: datetime | None = None,
    person_id: UUID | None = None,
    outside_hours: bool = False,
) -> Change:
    """Give a booked appointment another time: an offer of the call, or for staff `starts_at` (and
    `person_id` if somebody else shall give it).

    The old time is kept until the new one is taken, in one transaction. A call may not move what
    begins sooner than the business's cancellation notice (Refused). Otherwise raises as `book` and
    `book_directly` do; an offer of another service is Invalid.
    """
    appointment = await get(scope, appointment_id=appointment_id)
    if offer_id is not None and call_id is not None:
        offer = await get_offer(scope, call_id=call_id, offer_id=offer_id)
        if offer.service_id != appointment.service_id:
            raise Invalid("offer_id", "is for another service than the appointment")
        slot = await offered_slot(scope, offer)
        await _require_notice(scope, appointment)
    elif starts_at is not None:
        slot = await staff_slot(
            scope,
            service_id=appointment.service_id,
            person_id=person_id or appointment.person_id,
            starts_at=starts_at,
            outside_hours=outside_hours,
        )
    else:
        raise Invalid("starts_at", "is missing")
    return await _move(scope, appointment, slot, call_id=call_id, offer_id=offer_id)


async def _move(
    scope: Scope,
    appointment: Appointment,
    slot: Slot,
    *,
    call_id: UUID | None,
    offer_id: str | None,
) -> Change:
    holder = await scope.session.get_one(Person, appointment.person_id)
    before = appointment.starts_at
    async with occupation.taking(scope):
        await occupation.lock_for(scope, slot, appointment_id=appointment.id)
        current = await _lock_appointment(scope, appointment.id)
        if (current.person_id, current.starts_at) != (holder.id, before):
            raise Conflict("the appointment was changed by somebody else just now")
        if current.state != "booked":
            raise Conflict(f"the appointment is {current.state}")
        if (current.person_id, current.starts_at) == (slot.giver.person_id, slot.starts_at):
            return Change(appointment=current, before=before, changed=False)
        await occupation.reoccupy(scope, appointment=current, slot=slot)
        current.person_id = slot.giver.person_id
        current.starts_at, current.ends_at = slot.starts_at, slot.ends_at
        # The offer it was booked from is free to be booked again; a repeat of the one it was moved
        # to must find it.
        current.offer_id = offer_id if current.call_id == call_id else None
        current.updated_at = scope.seam.now()
        return Change(appointment=current, before=before, changed=True)


async def cancel(scope: Scope, *, appointment_id: UUID, by_staff: bool = False) -> Change:
    """Cancel an appointment and give its time back. Repeated, it changes nothing.

    Unless `by_staff`, raises Refused for one that begins sooner than the cancellation notice.
    """
    appointment = await get(scope, appointment_id=appointment_id)
    appointment = await _lock_appointment(scope, appointment.id)
    if appointment.state == "cancelled":
        return Change(appointment=appointment, before=appointment.starts_at, changed=False)
    if not by_staff:
        await _require_notice(scope, appointment)
    await occupation.release(scope, appointment.id)
    return Change(appointment=appointment, before=appointment.starts_at, changed=True)


async def get(scope: Scope, *, appointment_id: UUID) -> Appointment:
    """Raises NotFound."""
    found = await scope.session.get(Appointment, appointment_id)
    if found is None:
        raise NotFound("appointment")
    return found


async def _lock_appointment(scope: Scope, appointment_id: UUID) -> Appointment:
    return (
        await scope.session.scalars(
            select(Appointment)
            .where(Appointment.id == appointment_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).one()


async def _of_offer(scope: Scope, call_id: UUID, offer_id: str) -> Appointment | None:
    found: Appointment | None = await scope.session.scalar(
        select(Appointment)
        .where(
            Appointment.call_id == call_id,
            Appointment.offer_id == offer_id,
            Appointment.state != "cancelled",
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def _hold_anew(scope: Scope, mine: Appointment) -> Appointment:
    await occupation.extend_hold(scope, mine.id, until=scope.seam.now() + HOLD)
    return mine


async def _keep(
    scope: Scope, mine: Appointment, *, contact_id: UUID | None, note: str | None
) -> Appointment:
    await occupation.keep(scope, mine.id)
    mine.state, mine.contact_id, mine.note = "booked", contact_id, note
    mine.updated_at = scope.seam.now()
    return mine


async def _give_back_holds(scope: Scope, call_id: UUID, *, except_for: Appointment | None) -> None:
    held = await scope.session.scalars(
        select(Appointment.id).where(Appointment.call_id == call_id, Appointment.state == "held")
    )
    for appointment_id in held.all():
        if except_for is None or appointment_id != except_for.id:
            await occupation.release(scope, appointment_id)


async def _insert(
    scope: Scope,
    slot: Slot,
    *,
    contact_id: UUID | None,
    note: str | None,
    call_id: UUID | None,
    offer_id: str | None,
    held_until: datetime | None,
) -> Appointment:
    now = scope.seam.now()
    appointment = Appointment(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        service_id=slot.service.id,
        person_id=slot.giver.person_id,
        contact_id=contact_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        state="held" if held_until else "booked",
        code=await new_code(scope),
        note=note,
        call_id=call_id,
        offer_id=offer_id,
        created_at=now,
        updated_at=now,
    )
    scope.session.add(appointment)
    await scope.session.flush()
    await occupation.occupy(scope, appointment=appointment, slot=slot, held_until=held_until)
    return appointment


async def _require_contact(scope: Scope, contact_id: UUID) -> None:
    # The foreign key alone would accept another business's contact: its check sees every row.
    if await scope.session.get(Contact, contact_id) is None:
        raise NotFound("contact")


async def _require_notice(scope: Scope, appointment: Appointment) -> None:
    rules = await read_rules(scope)
    notice = timedelta(hours=rules.booking.cancellation_notice_hours)
    if appointment.starts_at <= rules.now:
        raise Refused("the appointment has begun already")
    if notice and appointment.starts_at - rules.now < notice:
        hours = rules.booking.cancellation_notice_hours
        raise Refused(f"appointments can't be changed less than {hours} hours ahead")


def _checked_note(note: str | None) -> str | None:
    note = (note or "").strip()
    if len(note) > LONGEST_NOTE:
        raise Invalid("note", f"is longer than {LONGEST_NOTE} characters")
    return note or None


__all__ = [
    "HOLD",
    "Change",
    "TimeTaken",
    "book",
    "book_directly",
    "cancel",
    "confirm",
    "get",
    "hold",
    "move",
]
