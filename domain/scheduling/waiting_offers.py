"""Offering a time that came free to the first on the waiting list whom it suits.

Locks are taken in one order everywhere: resources, appointments, entries of the list.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import aliased

from domain.database import Scope
from domain.errors import DomainError, Refused
from domain.messages import operations as messages
from domain.scheduling import appointment_rows, occupation
from domain.scheduling.availability import parts_at
from domain.scheduling.eligibility import require_eligible
from domain.scheduling.models import Appointment, WaitingListEntry
from domain.scheduling.plan import notice_of
from domain.scheduling.rules import read_rules
from domain.scheduling.slots import Slot, staff_slot


async def slot_of(scope: Scope, appointment: Appointment) -> Slot | None:
    """The time that the appointment leaves free when it goes, if somebody waits for its service and it
    could be booked again; else None."""
    waits = exists().where(
        WaitingListEntry.service_id == appointment.service_id, WaitingListEntry.state == "waiting"
    )
    if not await scope.session.scalar(select(waits)):
        return None
    try:
        return await staff_slot(
            scope,
            service_id=appointment.service_id,
            person_id=appointment.person_id,
            starts_at=appointment.starts_at,
            outside_hours=False,
            # The main address has no id but the business's.
            place_id=appointment.place_id or scope.business_id,
        )
    except DomainError:
        return None  # passed, outside the hours by now, or nobody gives it any more


async def offer_freed(scope: Scope, slot: Slot) -> WaitingListEntry | None:
    """Hold the free time for the first entry that it suits, and leave staff a message to tell them.

    In the transaction that gave the time back. None if it suits nobody, or is not free after all.
    """
    try:
        async with occupation.taking(scope):
            await occupation.lock_for(scope, slot)
            return await _offer(scope, slot)
    except DomainError:
        return None  # the cancellation or move that freed the time must not fail by this


async def give_up(
    scope: Scope, appointment: Appointment | None = None, *, entry_id: UUID | None = None
) -> None:
    """Let whoever was offered this held time, or this entry, wait on: not for the same time again."""
    await scope.session.execute(
        update(WaitingListEntry)
        .where(
            WaitingListEntry.state == "offered",
            WaitingListEntry.id == entry_id
            if appointment is None
            else WaitingListEntry.appointment_id == appointment.id,
        )
        .values(
            state="waiting", appointment_id=None, offered_until=None, updated_at=scope.seam.now()
        )
    )


async def _offer(scope: Scope, slot: Slot) -> WaitingListEntry | None:
    rules = await read_rules(scope)
    if slot.starts_at - rules.now < notice_of(slot.rules, rules):
        return None
    entry = await _first(scope, slot, slot.giver.timetable.zone)
    if entry is None:
        return None
    until = rules.now + timedelta(minutes=rules.booking.waiting_list_hold_minutes)
    held = await appointment_rows.take(
        scope, slot, contact_id=entry.contact_id, held_until=min(until, slot.starts_at)
    )
    entry.state, entry.appointment_id = "offered", held.id
    entry.offered_until = min(until, slot.starts_at)
    entry.updated_at = rules.now
    await scope.session.flush()
    await _tell_staff(scope, entry, slot)
    return entry


async def _first(scope: Scope, slot: Slot, zone: ZoneInfo) -> WaitingListEntry | None:
    local = slot.starts_at.astimezone(zone)
    given_up = aliased(Appointment)
    query = (
        select(WaitingListEntry)
        .where(
            WaitingListEntry.state == "waiting",
            WaitingListEntry.service_id == slot.service.id,
            or_(
                WaitingListEntry.person_id.is_(None),
                WaitingListEntry.person_id == slot.giver.person_id,
            ),
            or_(
                WaitingListEntry.place_id.is_(None),
                WaitingListEntry.place_id == slot.giver.place_id,
            ),
            WaitingListEntry.first_day <= local.date(),
            WaitingListEntry.last_day >= local.date(),
            WaitingListEntry.part_of_day.in_(parts_at(local.time())),
            # Nobody is offered the time that they cancelled themselves or let pass.
            ~exists().where(
                given_up.contact_id == WaitingListEntry.contact_id,
                given_up.service_id == slot.service.id,
                given_up.person_id == slot.giver.person_id,
                given_up.starts_at == slot.starts_at,
                given_up.state == "cancelled",
            ),
        )
        .order_by(WaitingListEntry.created_at, WaitingListEntry.id)
        .with_for_update(of=WaitingListEntry, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    for entry in (await scope.session.scalars(query)).all():
        try:
            await require_eligible(
                scope, service=slot.service, contact_id=entry.contact_id, attendee=None
            )
        except Refused:
            continue
        return entry
    return None


async def _tell_staff(scope: Scope, entry: WaitingListEntry, slot: Slot) -> None:
    zone = slot.giver.timetable.zone
    until = entry.offered_until or slot.starts_at
    await messages.take(
        scope,
        contact_id=entry.contact_id,
        text=f"Waiting list: {slot.service.name} with {slot.giver.name} on "
        f"{_written(slot.starts_at, zone)} came free and is kept for this contact until "
        f"{_written(until, zone)}. Please tell them and ask whether they take it.",
    )


def _written(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%A %Y-%m-%d %H:%M")
