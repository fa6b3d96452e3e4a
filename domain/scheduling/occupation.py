"""Taking and giving back a resource's time. Whether a time is free is decided by the database's
exclusion constraint alone; nothing here can book over it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError

from domain.database import Scope
from domain.errors import Conflict
from domain.people.models import Resource
from domain.scheduling.availability import Span
from domain.scheduling.givers import LONGEST
from domain.scheduling.models import Appointment, AppointmentResource
from domain.scheduling.slots import Slot

_EXCLUSION = "23P01"
_CONTENTION = {"40P01", "40001", "55P03"}
"""Deadlock, serialization failure, lock not available: somebody else was at the same time."""


class TimeTaken(Conflict):
    """The time was free when it was offered and is not any more."""


@asynccontextmanager
async def taking(scope: Scope) -> AsyncIterator[None]:
    """A savepoint in which time is taken. A clash with another booking becomes `TimeTaken` and
    undoes only what was done inside, so that the scope can go on and look for other times."""
    try:
        async with scope.session.begin_nested():
            yield
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state == _EXCLUSION:
            raise TimeTaken("the time has been taken") from None
        if state in _CONTENTION:
            raise TimeTaken("the time is being taken by somebody else") from None
        raise


async def lock(scope: Scope, resource_ids: Iterable[int]) -> None:
    """Make others who book the same resources wait until this transaction ends.

    Without it two inserts that clash wait for one another, and PostgreSQL needs its deadlock
    timeout (a second of the caller's silence) to fail one. Always in the order of ids, and always
    before any appointment is locked: else two moves could wait for one another.
    """
    await scope.session.execute(
        select(Resource.id)
        .where(Resource.id.in_(set(resource_ids)))
        .order_by(Resource.id)
        .with_for_update(key_share=True)
    )


async def clear_expired_holds(scope: Scope, *, person_id: UUID, span: Span) -> None:
    """Cancel the person's holds that have passed and overlap `span`: the constraint can't read the
    clock, so their rows would keep others out for ever. The resource must be locked."""
    stale = (
        select(Appointment.id)
        .join(AppointmentResource, AppointmentResource.appointment_id == Appointment.id)
        .where(
            Appointment.person_id == person_id,
            Appointment.starts_at > span[0] - LONGEST,
            Appointment.starts_at < span[1] + LONGEST,
            AppointmentResource.state == "held",
            AppointmentResource.held_until <= scope.seam.now(),
        )
    )
    for appointment_id in (await scope.session.scalars(stale)).all():
        await release(scope, appointment_id)


async def lock_for(scope: Scope, slot: Slot, *, appointment_id: UUID | None = None) -> None:
    """Lock all that `slot` may take and, before a move, all that the appointment takes now."""
    wanted = {slot.giver.resource_id}
    if appointment_id is not None:
        wanted.update(
            await scope.session.scalars(
                select(AppointmentResource.resource_id).where(
                    AppointmentResource.appointment_id == appointment_id
                )
            )
        )
    await lock(scope, wanted)


async def occupy(
    scope: Scope, *, appointment: Appointment, slot: Slot, held_until: datetime | None
) -> None:
    """Take what `slot` needs for the appointment: held until `held_until`, or booked when that is
    None. Inside `taking`, after `lock_for`. Raises TimeTaken."""
    span = slot.length.occupies(slot.starts_at)
    await clear_expired_holds(scope, person_id=slot.giver.person_id, span=span)
    scope.session.add(
        AppointmentResource(
            appointment_id=appointment.id,
            business_id=scope.business_id,
            resource_id=slot.giver.resource_id,
            during=Range(span[0], span[1]),
            state="held" if held_until else "booked",
            held_until=held_until,
        )
    )
    await scope.session.flush()


async def reoccupy(scope: Scope, *, appointment: Appointment, slot: Slot) -> None:
    """Give the booked appointment what `slot` needs instead of what it takes now. Inside `taking`,
    after `lock_for`: nobody else sees it with neither, and when the new time is gone the old one is
    still its own. Raises TimeTaken."""
    await scope.session.execute(
        delete(AppointmentResource).where(AppointmentResource.appointment_id == appointment.id)
    )
    await occupy(scope, appointment=appointment, slot=slot, held_until=None)


async def keep(scope: Scope, appointment_id: UUID) -> None:
    """Turn a hold into a booking."""
    await scope.session.execute(
        update(AppointmentResource)
        .where(AppointmentResource.appointment_id == appointment_id)
        .values(state="booked", held_until=None)
    )


async def extend_hold(scope: Scope, appointment_id: UUID, *, until: datetime) -> None:
    await scope.session.execute(
        update(AppointmentResource)
        .where(
            AppointmentResource.appointment_id == appointment_id,
            AppointmentResource.state == "held",
        )
        .values(held_until=until)
    )


async def release(scope: Scope, appointment_id: UUID) -> None:
    """Cancel the appointment and give back everything it takes."""
    now = scope.seam.now()
    await scope.session.execute(
        update(AppointmentResource)
        .where(AppointmentResource.appointment_id == appointment_id)
        .values(state="cancelled", held_until=None)
    )
    await scope.session.execute(
        update(Appointment)
        .where(Appointment.id == appointment_id)
        .values(state="cancelled", updated_at=now)
    )
