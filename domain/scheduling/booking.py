"""Holding and booking: how a time becomes an appointment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select

from domain.database import Scope
from domain.errors import Conflict, NotFound
from domain.people.models import Person
from domain.scheduling import occupation
from domain.scheduling.appointment_rows import (
    checked_attendee,
    checked_note,
    give_back_holds,
    keep,
    require_contact,
    take,
)
from domain.scheduling.booker import name_parts
from domain.scheduling.eligibility import require_eligible
from domain.scheduling.models import Appointment, Offer
from domain.scheduling.offers import get_offer
from domain.scheduling.slots import Slot, offered_slot, staff_slot
from domain.services.models import Service

HOLD = timedelta(minutes=2)
"""How long a caller's yes keeps others out while name and number are taken."""


async def hold(scope: Scope, *, call_id: UUID, offer_id: str) -> Appointment:
    """Keep an offered time for this call for `HOLD`. Repeated, it holds anew.

    A call holds one time: an earlier hold of it is given back, what it has booked is not. Raises as
    `book` does.
    """
    return await _book_offer(
        scope,
        call_id=call_id,
        offer_id=offer_id,
        contact_id=None,
        attendee=None,
        note=None,
        held=True,
    )


async def confirm(
    scope: Scope,
    *,
    call_id: UUID,
    appointment_id: UUID,
    contact_id: UUID,
    attendee: str | None = None,
    note: str | None = None,
) -> Appointment:
    """Turn this call's hold into a booking. A hold that has passed is booked too if nobody took
    its time. Raises NotFound if the call holds no such appointment, TimeTaken if it was taken."""
    found = await scope.session.get(Appointment, appointment_id)
    if found is None or found.call_id != call_id or found.offer_id is None:
        raise NotFound("appointment")
    return await book(
        scope,
        call_id=call_id,
        offer_id=found.offer_id,
        contact_id=contact_id,
        attendee=attendee,
        note=note,
    )


async def book(
    scope: Scope,
    *,
    call_id: UUID,
    offer_id: str,
    contact_id: UUID,
    attendee: str | None = None,
    note: str | None = None,
) -> Appointment:
    """Book a time that was offered on this call. Repeated, it returns the same appointment.

    `attendee` is who it is for, where that is somebody else than the contact; where a service takes
    several at once, each attendee of the call gets an appointment of their own. Raises Invalid on
    `attendee` or `note`, NotFound for an offer that this call was not given or an unknown contact,
    TimeTaken if somebody else has the time by now, Conflict if hours, people or services have
    changed so that it can't be booked any more, Refused if the service is for new contacts only; the
    scope stays usable after each.
    """
    return await _book_offer(
        scope,
        call_id=call_id,
        offer_id=offer_id,
        contact_id=contact_id,
        attendee=attendee,
        note=note,
        held=False,
    )


async def book_directly(
    scope: Scope,
    *,
    service_id: UUID,
    person_id: UUID,
    starts_at: datetime,
    contact_id: UUID | None,
    place_id: UUID | None = None,
    attendee: str | None = None,
    note: str | None = None,
    outside_hours: bool = False,
    over_busy: bool = False,
    series_id: UUID | None = None,
) -> Appointment:
    """Book for staff: neither notice nor horizon nor who is new bind them, and hours and outside
    calendars only as long as they say so.

    Raises Invalid naming the field, NotFound for unknown ids, TimeTaken if the person is booked.
    """
    note, attendee = checked_note(note), checked_attendee(attendee)
    if contact_id is not None:
        await require_contact(scope, contact_id)
    slot = await staff_slot(
        scope,
        service_id=service_id,
        person_id=person_id,
        starts_at=starts_at,
        outside_hours=outside_hours,
        place_id=place_id,
        over_busy=over_busy,
    )
    async with occupation.taking(scope):
        await occupation.lock_for(scope, slot)
        return await take(
            scope,
            slot,
            contact_id=contact_id,
            attendee=attendee,
            note=note,
            call_id=scope.actor.call_id,
            series_id=series_id,
        )


async def _book_offer(
    scope: Scope,
    *,
    call_id: UUID,
    offer_id: str,
    contact_id: UUID | None,
    attendee: str | None,
    note: str | None,
    held: bool,
) -> Appointment:
    offer = await get_offer(scope, call_id=call_id, offer_id=offer_id)
    note, attendee = checked_note(note), checked_attendee(attendee)
    if contact_id is not None:
        await require_contact(scope, contact_id)
    person = await scope.session.get_one(Person, offer.person_id)
    service = await scope.session.get_one(Service, offer.service_id)
    async with occupation.taking(scope):
        # The slot is read only under the lock of its person: the rules may change until then.
        await occupation.lock(scope, [person.resource_id])
        slot = await _slot(scope, offer)
        if isinstance(slot, Slot):
            # Before any appointment is locked: whoever has the room may wait for a hold of ours.
            await occupation.lock_for(scope, slot)
        on_call = await _on_call(scope, call_id, offer)
        mine = _mine(on_call, offer, service, attendee=attendee, held=held)
        if mine is not None and mine.state == "booked":
            return mine
        until = scope.seam.now() + HOLD if held else None
        passed = mine is not None and not await occupation.still_holds(scope, mine.id)
        if mine is not None and held and not passed:
            await occupation.extend_hold(scope, mine.id, until=scope.seam.now() + HOLD)
            return mine
        if isinstance(slot, Conflict):
            raise slot
        if mine is not None and passed:
            # Others were free to take the time, and outside calendars to fill it: all is asked again.
            await occupation.reoccupy(scope, appointment=mine, slot=slot, held_until=until)
            if held:
                return mine
        await give_back_holds(scope, call_id, except_for=mine)
        await require_eligible(
            scope,
            service=service,
            contact_id=contact_id,
            attendee=attendee,
            appointment_id=None if mine is None else mine.id,
        )
        if mine is not None:
            return await keep(scope, mine, contact_id=contact_id, attendee=attendee, note=note)
        return await take(
            scope,
            slot,
            contact_id=contact_id,
            attendee=attendee,
            note=note,
            call_id=call_id,
            # One appointment of a call carries an offer's id; further attendees go by their names.
            offer_id=None if any(one.offer_id == offer.id for one in on_call) else offer.id,
            held_until=until,
        )


async def _slot(scope: Scope, offer: Offer) -> Slot | Conflict:
    """The offered time, or why it can't be booked any more: a repeat of what was booked in time is
    answered all the same."""
    try:
        return await offered_slot(scope, offer)
    except Conflict as refusal:
        return refusal


async def _on_call(scope: Scope, call_id: UUID, offer: Offer) -> Sequence[Appointment]:
    """What this call has held or booked by this offer, or of the same service at the same time."""
    query = (
        select(Appointment)
        .where(
            Appointment.call_id == call_id,
            Appointment.state != "cancelled",
            or_(
                Appointment.offer_id == offer.id,
                and_(
                    Appointment.service_id == offer.service_id,
                    Appointment.person_id == offer.person_id,
                    Appointment.starts_at == offer.starts_at,
                ),
            ),
        )
        .order_by(Appointment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await scope.session.scalars(query)).all()


def _mine(
    on_call: Sequence[Appointment],
    offer: Offer,
    service: Service,
    *,
    attendee: str | None,
    held: bool,
) -> Appointment | None:
    """The appointment that the call's request for this offer, made before, has led to."""
    of_offer = next((one for one in on_call if one.offer_id == offer.id), None)
    if service.capacity == 1 or held or (of_offer is not None and of_offer.state == "held"):
        return of_offer
    wanted = name_parts(attendee or "")
    return next(
        (
            one
            for one in on_call
            if one.state == "booked" and name_parts(one.attendee or "") == wanted
        ),
        None,
    )
