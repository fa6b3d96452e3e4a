"""Moving, cancelling, confirming and correcting appointments that are there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from domain.database import Scope
from domain.errors import Conflict, Invalid, Refused
from domain.scheduling import history, occupation, waiting_list
from domain.scheduling.appointment_rows import (
    checked_attendee,
    checked_note,
    get,
    give_back_holds,
    lock_appointment,
    require_contact,
)
from domain.scheduling.models import Appointment, AppointmentResource
from domain.scheduling.offers import get_offer
from domain.scheduling.resources import parents_of
from domain.scheduling.rules import read_rules
from domain.scheduling.slots import Slot, offered_slot, staff_slot

_TRIES = 3


class LateFee(Refused):
    """It is too late to cancel or move without the business's fee, which has not been accepted."""

    def __init__(self, fee: str, *, hours: int) -> None:
        super().__init__(
            f"cancelling or moving less than {hours} hours ahead costs {fee}; "
            "that has not been accepted"
        )
        self.fee = fee


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a change did. `before` is the start it had; `changed` is False when the same request had
    been carried out already; `fee` is the business's for so late a change, empty where none is due."""

    appointment: Appointment
    before: datetime
    changed: bool
    fee: str = ""


async def move(
    scope: Scope,
    *,
    appointment_id: UUID,
    call_id: UUID | None = None,
    offer_id: str | None = None,
    starts_at: datetime | None = None,
    person_id: UUID | None = None,
    place_id: UUID | None = None,
    outside_hours: bool = False,
    over_busy: bool = False,
    fee_accepted: bool = False,
    reason: str = "",
) -> Change:
    """Give a booked appointment another time: an offer of the call, or for staff `starts_at` (and
    `person_id` or `place_id` if somebody else shall give it, or elsewhere).

    The old time is kept until the new one is taken, in one transaction, and then offered to the
    waiting list. What begins sooner than the business's cancellation notice a call moves only if its
    fee is accepted (LateFee), and not at all where it has none (Refused). Otherwise raises as `book`
    and `book_directly` do; an offer of another service is Invalid.
    """
    reason = history.checked_reason(reason)
    appointment = await get(scope, appointment_id=appointment_id)
    fee = ""
    if offer_id is not None and call_id is not None:
        offer = await get_offer(scope, call_id=call_id, offer_id=offer_id)
        if offer.service_id != appointment.service_id:
            raise Invalid("offer_id", "is for another service than the appointment")
        if (offer.starts_at, offer.person_id, offer.place_id) == _where(appointment):
            return Change(appointment=appointment, before=appointment.starts_at, changed=False)
        slot = await offered_slot(scope, offer)
        fee = await _require_notice(scope, appointment, fee_accepted=fee_accepted)
    elif starts_at is not None:
        slot = await staff_slot(
            scope,
            service_id=appointment.service_id,
            person_id=person_id or appointment.person_id,
            starts_at=starts_at,
            outside_hours=outside_hours,
            place_id=place_id,
            over_busy=over_busy,
        )
    else:
        raise Invalid("starts_at", "is missing")
    return await _move(
        scope, appointment, slot, call_id=call_id, offer_id=offer_id, fee=fee, reason=reason
    )


async def _move(
    scope: Scope,
    appointment: Appointment,
    slot: Slot,
    *,
    call_id: UUID | None,
    offer_id: str | None,
    fee: str,
    reason: str,
) -> Change:
    seen = _where(appointment)
    freed = await waiting_list.slot_of(scope, appointment)
    async with occupation.taking(scope):
        if freed is not None:
            # All at once, in the one order that everybody keeps to.
            own = await _resources(scope, appointment.id)
            await occupation.lock(scope, parents_of(slot) | parents_of(freed) | own)
        await occupation.lock_for(scope, slot, appointment_id=appointment.id)
        current = await lock_appointment(scope, appointment.id)
        before = history.values_of(current)
        if _where(current) != seen:
            raise Conflict("the appointment was changed by somebody else just now")
        if current.state != "booked":
            raise Conflict(f"the appointment is {current.state}")
        if seen == (slot.starts_at, slot.giver.person_id, slot.giver.place_id):
            return Change(appointment=current, before=seen[0], changed=False)
        if call_id is not None:
            # The new time may have been held for this call while the caller made up their mind.
            await give_back_holds(scope, call_id)
        await occupation.reoccupy(scope, appointment=current, slot=slot)
        current.person_id = slot.giver.person_id
        current.starts_at, current.ends_at = slot.starts_at, slot.ends_at
        # The offer it was booked from is free to be booked again; a repeat of the one it was moved
        # to must find it.
        current.offer_id = offer_id if current.call_id == call_id else None
        # They said that they would come to the old time.
        current.confirmed_at = None
        current.updated_at = scope.seam.now()
        await scope.session.flush()
        await history.record(
            scope, current, "moved", before=before, reason=reason, details=_charged(fee)
        )
    if freed is not None:
        await waiting_list.offer_freed(scope, freed)
    return Change(appointment=current, before=seen[0], changed=True, fee=fee)


async def cancel(
    scope: Scope,
    *,
    appointment_id: UUID,
    by_staff: bool = False,
    fee_accepted: bool = False,
    reason: str = "",
) -> Change:
    """Cancel an appointment and give its time back, to the waiting list first. Repeated, it changes
    nothing.

    Unless `by_staff`, one that begins sooner than the cancellation notice is cancelled only if the
    business's fee is accepted (LateFee), and not at all where it has none (Refused).
    """
    reason = history.checked_reason(reason)
    appointment = await get(scope, appointment_id=appointment_id)
    freed = await waiting_list.slot_of(scope, appointment)
    async with occupation.taking(scope):
        appointment = await _lock_all(scope, appointment, freed)
        if appointment.state == "cancelled":
            return Change(appointment=appointment, before=appointment.starts_at, changed=False)
        if by_staff or appointment.state == "held":
            fee = await late_fee(scope, appointment)
        else:
            fee = await _require_notice(scope, appointment, fee_accepted=fee_accepted)
        before = history.values_of(appointment)
        await occupation.release(scope, appointment.id)
        await scope.session.refresh(appointment)
        await waiting_list.give_up(scope, appointment)
        await history.record(
            scope,
            appointment,
            "cancelled",
            before=before,
            reason=reason,
            details=_charged("" if by_staff else fee),
        )
    if freed is not None and freed.starts_at == appointment.starts_at:
        await waiting_list.offer_freed(scope, freed)
    return Change(appointment=appointment, before=appointment.starts_at, changed=True, fee=fee)


async def confirm_attendance(scope: Scope, *, appointment_id: UUID) -> Change:
    """Note that the person will come. Repeated, it changes nothing. Raises Conflict for one that is
    not booked or has begun."""
    appointment = await get(scope, appointment_id=appointment_id)
    appointment = await lock_appointment(scope, appointment.id)
    if appointment.state != "booked":
        raise Conflict(f"the appointment is {appointment.state}")
    now = scope.seam.now()
    if appointment.starts_at <= now:
        raise Conflict("the appointment has begun already")
    changed = appointment.confirmed_at is None
    if changed:
        before = history.values_of(appointment)
        appointment.confirmed_at = appointment.updated_at = now
        await scope.session.flush()
        await history.record(scope, appointment, "confirmed", before=before)
    return Change(appointment=appointment, before=appointment.starts_at, changed=changed)


async def correct(
    scope: Scope,
    *,
    appointment_id: UUID,
    contact_id: UUID | None = None,
    attendee: str | None = None,
    note: str | None = None,
    reason: str = "",
) -> Change:
    """Change whose it is or what is noted; None leaves a value alone, an empty string removes it.

    Raises Invalid naming the field, NotFound, Conflict for a cancelled one.
    """
    reason = history.checked_reason(reason)
    appointment = await get(scope, appointment_id=appointment_id)
    if contact_id is not None:
        await require_contact(scope, contact_id)
    appointment = await lock_appointment(scope, appointment.id)
    if appointment.state == "cancelled":
        raise Conflict("the appointment is cancelled")
    before, changed = history.values_of(appointment), []
    for field, given, value in (
        ("contact_id", contact_id, contact_id),
        ("attendee", attendee, checked_attendee(attendee)),
        ("note", note, checked_note(note)),
    ):
        if given is not None and getattr(appointment, field) != value:
            setattr(appointment, field, value)
            changed.append(field)
    if changed:
        appointment.updated_at = scope.seam.now()
        await scope.session.flush()
        await history.record(
            scope,
            appointment,
            "changed",
            before=before,
            reason=reason,
            # What was noted is nothing for a history; that it was changed is.
            details={"fields": changed},
        )
    return Change(appointment=appointment, before=appointment.starts_at, changed=bool(changed))


async def late_fee(scope: Scope, appointment: Appointment) -> str:
    """The business's fee, if the booked appointment would be cancelled or moved too late now; else
    empty."""
    rules = await read_rules(scope)
    notice = timedelta(hours=rules.booking.cancellation_notice_hours)
    late = appointment.state == "booked" and appointment.starts_at - rules.now < notice
    return rules.booking.late_cancellation_fee if late else ""


async def _require_notice(scope: Scope, appointment: Appointment, *, fee_accepted: bool) -> str:
    """The fee that is due, if any. Raises LateFee if it is not accepted, Refused where the business
    takes none."""
    rules = await read_rules(scope)
    hours = rules.booking.cancellation_notice_hours
    if appointment.starts_at <= rules.now:
        raise Refused("the appointment has begun already")
    if appointment.starts_at - rules.now >= timedelta(hours=hours):
        return ""
    fee = rules.booking.late_cancellation_fee
    if not fee:
        raise Refused(f"appointments can't be changed less than {hours} hours ahead")
    if not fee_accepted:
        raise LateFee(fee, hours=hours)
    return fee


async def _lock_all(scope: Scope, appointment: Appointment, freed: Slot | None) -> Appointment:
    """The locked appointment. Where somebody waits for its time, all that may be needed to hold it
    for them is locked first, in the one order that everybody keeps to."""
    if freed is None:
        return await lock_appointment(scope, appointment.id)
    for _ in range(_TRIES):
        await occupation.lock_for(scope, freed, appointment_id=appointment.id)
        locked = await _resources(scope, appointment.id)
        appointment = await lock_appointment(scope, appointment.id)
        # Somebody may have moved it between the two locks.
        if await _resources(scope, appointment.id) == locked:
            return appointment
    raise Conflict("the appointment is being changed by somebody else")


def _where(appointment: Appointment) -> tuple[datetime, UUID, UUID | None]:
    return appointment.starts_at, appointment.person_id, appointment.place_id


async def _resources(scope: Scope, appointment_id: UUID) -> set[int]:
    query = select(AppointmentResource.resource_id).where(
        AppointmentResource.appointment_id == appointment_id
    )
    return set((await scope.session.scalars(query)).all())


def _charged(fee: str) -> dict[str, bool]:
    return {"late_fee_accepted": True} if fee else {}
