"""Those who would take a time that comes free, and the times that are kept for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select, tuple_, update

from domain.contacts.models import Contact
from domain.database import Scope
from domain.errors import Invalid, NotFound
from domain.paging import Position, check_limit
from domain.places.models import Place
from domain.scheduling import appointment_rows, history, occupation
from domain.scheduling.availability import PartOfDay
from domain.scheduling.eligibility import require_eligible
from domain.scheduling.givers import read_plan, read_service
from domain.scheduling.models import Appointment, WaitingListEntry
from domain.scheduling.occupation import TimeTaken
from domain.scheduling.rules import Rules, read_rules
from domain.scheduling.slots import Slot
from domain.scheduling.waiting_offers import give_up, offer_freed, slot_of

State = Literal["waiting", "offered", "booked", "removed", "expired"]

LONGEST_WAIT = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A time that is kept for somebody on the waiting list, until `entry.offered_until`."""

    entry: WaitingListEntry
    appointment: Appointment


async def add(
    scope: Scope,
    *,
    contact_id: UUID,
    service_id: UUID,
    first_day: date,
    last_day: date,
    part_of_day: PartOfDay = "any",
    person_id: UUID | None = None,
    place_id: UUID | None = None,
    call_id: UUID | None = None,
) -> WaitingListEntry:
    """Put a contact on the waiting list for days from `first_day` to `last_day`, both included, in the
    zone of the place; without `person_id` or `place_id` anybody and any place will do.

    Repeated, it is the same entry. Raises Invalid naming the field, NotFound, and Refused for a
    service that the contact may not book.
    """
    rules = await read_rules(scope)
    _check_days(rules, first_day, last_day)
    service = await read_service(scope, service_id)
    if person_id is not None:
        plan = await read_plan(
            scope,
            service_id=service_id,
            person_id=person_id,
            first_day=rules.today,
            last_day=rules.last_day,
        )
        if not plan.givers():
            raise Invalid("person_id", "does not give this service")
    if place_id is not None and await scope.session.get(Place, place_id) is None:
        raise NotFound("place")
    # One at a time for a contact: a request that comes twice at once would be two entries.
    found = await scope.session.scalar(
        select(Contact.id).where(Contact.id == contact_id).with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound("contact")
    await require_eligible(scope, service=service, contact_id=contact_id, attendee=None)
    wanted = {
        "contact_id": contact_id,
        "service_id": service_id,
        "person_id": person_id,
        "place_id": place_id,
        "first_day": first_day,
        "last_day": last_day,
        "part_of_day": part_of_day,
    }
    same = await scope.session.scalar(
        select(WaitingListEntry)
        .where(
            WaitingListEntry.state.in_(["waiting", "offered"]),
            *(getattr(WaitingListEntry, name) == value for name, value in wanted.items()),
        )
        .limit(1)
    )
    if same is not None:
        return same
    now = scope.seam.now()
    entry = WaitingListEntry(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        state="waiting",
        call_id=call_id,
        created_at=now,
        updated_at=now,
        **wanted,
    )
    scope.session.add(entry)
    await scope.session.flush()
    return entry


async def get(scope: Scope, *, entry_id: UUID) -> WaitingListEntry:
    """Raises NotFound."""
    entry = await scope.session.get(WaitingListEntry, entry_id)
    if entry is None:
        raise NotFound("waiting-list entry")
    return entry


async def list_entries(
    scope: Scope,
    *,
    state: State | None = None,
    service_id: UUID | None = None,
    contact_id: UUID | None = None,
    limit: int = 50,
    after: Position | None = None,
) -> Sequence[WaitingListEntry]:
    """The waiting list, who has waited longest first."""
    query = select(WaitingListEntry).order_by(WaitingListEntry.created_at, WaitingListEntry.id)
    for column, wanted in (
        (WaitingListEntry.state, state),
        (WaitingListEntry.service_id, service_id),
        (WaitingListEntry.contact_id, contact_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if after is not None:
        query = query.where(
            tuple_(WaitingListEntry.created_at, WaitingListEntry.id) > (after.at, after.id)
        )
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


async def offered_to(scope: Scope, contact_id: UUID) -> Sequence[Offered]:
    """The times that are kept for this contact now, the next first."""
    rows = await scope.session.execute(
        select(WaitingListEntry, Appointment)
        .join(Appointment, Appointment.id == WaitingListEntry.appointment_id)
        .where(
            WaitingListEntry.contact_id == contact_id,
            WaitingListEntry.state == "offered",
            WaitingListEntry.offered_until > scope.seam.now(),
            Appointment.state == "held",
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return [Offered(entry=entry, appointment=appointment) for entry, appointment in rows]


async def accept(
    scope: Scope,
    *,
    entry_id: UUID,
    call_id: UUID | None = None,
    attendee: str | None = None,
    note: str | None = None,
) -> Appointment:
    """Book the time that is kept for the entry. Repeated, it returns the same appointment.

    Raises NotFound, and TimeTaken when no time is kept for it any more.
    """
    attendee, note = (
        appointment_rows.checked_attendee(attendee),
        appointment_rows.checked_note(note),
    )
    entry, appointment = await _lock(scope, entry_id)
    if appointment is not None and (entry.state, appointment.state) == ("booked", "booked"):
        return appointment
    if (
        appointment is None
        or (entry.state, appointment.state) != ("offered", "held")
        or entry.offered_until is None
        or entry.offered_until <= scope.seam.now()
    ):
        raise TimeTaken("no time is kept for this entry of the waiting list any more")
    await appointment_rows.keep(
        scope, appointment, contact_id=entry.contact_id, attendee=attendee, note=note
    )
    appointment.call_id = call_id
    entry.state, entry.offered_until = "booked", None
    entry.updated_at = scope.seam.now()
    await scope.session.flush()
    return appointment


async def remove(scope: Scope, *, entry_id: UUID) -> WaitingListEntry:
    """Take an entry off the list; a time that was kept for it is given to the next in line.

    Repeated, or for one that has booked already, it changes nothing. Raises NotFound.
    """
    entry, appointment, freed = await _lock_all(scope, entry_id)
    if entry.state not in ("waiting", "offered"):
        return entry
    if appointment is not None and appointment.state == "held":
        before = history.values_of(appointment)
        await occupation.release(scope, appointment.id)
        await scope.session.refresh(appointment)
        await history.record(scope, appointment, "cancelled", before=before)
    entry.state, entry.offered_until = "removed", None
    entry.updated_at = scope.seam.now()
    await scope.session.flush()
    if freed is not None:
        await offer_freed(scope, freed)
    return entry


async def pass_on(scope: Scope) -> int:
    """Give times whose offer has passed to the next in line, and close entries whose days are over.
    Returns how many offers had passed. To be called every minute."""
    passed = (
        select(WaitingListEntry.id)
        .where(
            WaitingListEntry.state == "offered",
            WaitingListEntry.offered_until <= scope.seam.now(),
        )
        .order_by(WaitingListEntry.created_at, WaitingListEntry.id)
    )
    count = 0
    for entry_id in (await scope.session.scalars(passed)).all():
        try:
            count += await _pass_on(scope, entry_id)
        except TimeTaken:
            continue  # somebody is at it just now; in a minute it is tried again
    now = scope.seam.now()
    await scope.session.execute(
        update(WaitingListEntry)
        .where(
            WaitingListEntry.state == "waiting",
            # In whatever zone its place is, that day is over a day later.
            WaitingListEntry.last_day < (now - timedelta(days=1)).date(),
        )
        .values(state="expired", updated_at=now)
    )
    return count


async def _pass_on(scope: Scope, entry_id: UUID) -> bool:
    entry, appointment, freed = await _lock_all(scope, entry_id)
    until = entry.offered_until
    if entry.state != "offered" or until is None or until > scope.seam.now():
        return False  # accepted, or offered anew, while its lock was waited for
    if appointment is not None and appointment.state == "held":
        await occupation.release(scope, appointment.id)
        await history.record_expired(scope, appointment.id)
    await give_up(scope, entry_id=entry.id)
    if freed is not None:
        # Where the hold was cleared by somebody who took the time, this finds it taken.
        await offer_freed(scope, freed)
    return True


async def _lock_all(
    scope: Scope, entry_id: UUID
) -> tuple[WaitingListEntry, Appointment | None, Slot | None]:
    """As `_lock`, with the time that is held for the entry if another may have it next; whatever is
    needed to hold it for them is locked too, before the appointment."""
    entry = await get(scope, entry_id=entry_id)
    freed = None
    if entry.state == "offered" and entry.appointment_id is not None:
        held = await appointment_rows.get(scope, appointment_id=entry.appointment_id)
        freed = await slot_of(scope, held)
        if freed is not None:
            async with occupation.taking(scope):
                await occupation.lock_for(scope, freed, appointment_id=held.id)
    entry, appointment = await _lock(scope, entry_id)
    return entry, appointment, freed


async def _lock(scope: Scope, entry_id: UUID) -> tuple[WaitingListEntry, Appointment | None]:
    """The entry and the appointment it points to, both locked: the appointment first, as everybody
    who changes one does. Raises NotFound, TimeTaken if somebody else is changing them."""
    entry = await get(scope, entry_id=entry_id)
    for _ in range(3):
        appointment = None
        async with occupation.taking(scope):
            if entry.appointment_id is not None:
                appointment = await appointment_rows.lock_appointment(scope, entry.appointment_id)
            seen = entry.appointment_id
            entry = (
                await scope.session.scalars(
                    select(WaitingListEntry)
                    .where(WaitingListEntry.id == entry_id)
                    .with_for_update()
                    .execution_options(populate_existing=True)
                )
            ).one()
            if entry.appointment_id == seen:
                return entry, appointment
    raise TimeTaken("the waiting list is being changed by somebody else")


def _check_days(rules: Rules, first_day: date, last_day: date) -> None:
    if last_day < first_day:
        raise Invalid("last_day", "is before first_day")
    if last_day - first_day > LONGEST_WAIT:
        raise Invalid("last_day", f"is more than {LONGEST_WAIT.days} days after first_day")
    if last_day < rules.today:
        raise Invalid("last_day", "has passed")


__all__ = [
    "LONGEST_WAIT",
    "Offered",
    "State",
    "accept",
    "add",
    "get",
    "give_up",
    "list_entries",
    "offer_freed",
    "offered_to",
    "pass_on",
    "remove",
    "slot_of",
]
