"""Taking and giving back a resource's time. Whether a time is free is decided by the database's
exclusion constraint alone; nothing here can book over it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError

from domain.database import Scope
from domain.people.models import Resource
from domain.scheduling.availability import Span
from domain.scheduling.history import record_expired
from domain.scheduling.models import Appointment, AppointmentResource
from domain.scheduling.resources import TimeTaken, choose_resources, parents_of, read_seats
from domain.scheduling.slots import Slot
from domain.scheduling.taken import holds_at
from domain.services.models import LONGEST, Service

_EXCLUSION = "23P01"
_CONTENTION = {"40P01", "40001", "55P03"}
"""Deadlock, serialization failure, lock not available: somebody else was at the same time."""


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
    """Make others who book the same resources wait until this transaction ends; a seat is locked by
    its parent.

    Without it two inserts that clash wait for one another, and PostgreSQL needs its deadlock
    timeout (a second of the caller's silence) to fail one. Always people before rooms, each in the
    order of ids, and always before any appointment is locked: else two moves could wait for one
    another. Whoever locks a person first and their rooms later keeps to that order too.
    """
    parents = select(func.coalesce(Resource.parent_id, Resource.id)).where(
        Resource.id.in_(set(resource_ids))
    )
    await scope.session.execute(
        select(Resource.id)
        .where(Resource.id.in_(parents))
        .order_by(Resource.kind != "person", Resource.id)
        .with_for_update(key_share=True)
    )


async def clear_expired_holds(scope: Scope, *, resource_ids: Iterable[int], span: Span) -> None:
    """Cancel the holds on these resources that have passed and overlap `span`: the constraint can't
    read the clock, so their rows would keep others out for ever. The resources must be locked."""
    found = (
        await scope.session.scalars(
            _passed_holds(scope).where(
                AppointmentResource.resource_id.in_(set(resource_ids)),
                # The index on what is taken holds no others; overlap alone would not use it.
                AppointmentResource.state != "cancelled",
                AppointmentResource.begins_at > span[0] - LONGEST,
                AppointmentResource.begins_at < span[1],
                AppointmentResource.ends_at > span[0],
            )
        )
    ).all()
    await expire(scope, found)


async def expire(scope: Scope, appointment_ids: Collection[UUID]) -> int:
    """Cancel those of these holds that have passed; how many. Their resources must be locked, but for
    those of another person in the same room."""
    if not appointment_ids:
        return 0
    # A hold of another person's in the same room may be turning into a booking just now, under that
    # person's lock alone: only what is still a hold once its row is ours may be cancelled.
    await scope.session.execute(
        select(Appointment.id)
        .where(Appointment.id.in_(appointment_ids))
        .order_by(Appointment.id)
        .with_for_update()
    )
    still = _passed_holds(scope).where(AppointmentResource.appointment_id.in_(appointment_ids))
    passed = (await scope.session.scalars(still)).all()
    for appointment_id in passed:
        await release(scope, appointment_id)
        await record_expired(scope, appointment_id)
    return len(passed)


def _passed_holds(scope: Scope) -> Select[tuple[UUID]]:
    return (
        select(AppointmentResource.appointment_id)
        .distinct()
        .where(
            AppointmentResource.state == "held",
            AppointmentResource.held_until <= scope.seam.now(),
        )
    )


async def lock_for(scope: Scope, slot: Slot, *, appointment_id: UUID | None = None) -> None:
    """Lock all that `slot` may take and, before a move, all that the appointment takes now."""
    wanted = parents_of(slot)
    if appointment_id is not None:
        wanted.update(
            await scope.session.scalars(
                select(AppointmentResource.resource_id).where(
                    AppointmentResource.appointment_id == appointment_id
                )
            )
        )
    await lock(scope, wanted)
    if slot.rules.daily_limit is not None or slot.rules.weekly_limit is not None:
        # The service's limit is shared by people whose locks differ.
        await scope.session.execute(
            select(Service.id).where(Service.id == slot.service.id).with_for_update(key_share=True)
        )


async def occupy(
    scope: Scope, *, appointment: Appointment, slot: Slot, held_until: datetime | None
) -> None:
    """Take what `slot` needs for the appointment: held until `held_until`, or booked when that is
    None; set its place and room. Inside `taking`, after `lock_for`. Raises TimeTaken."""
    span = slot.length.occupies(slot.starts_at)
    seats = await read_seats(scope, parents_of(slot))
    await clear_expired_holds(
        scope, resource_ids=(seat for every in seats.values() for seat in every), span=span
    )
    choice = await choose_resources(scope, slot, seats=seats, appointment_id=appointment.id)
    appointment.place_id, appointment.room_id = slot.giver.place_id, choice.room_id
    scope.session.add_all(
        AppointmentResource(
            appointment_id=appointment.id,
            business_id=scope.business_id,
            resource_id=resource_id,
            during=Range(span[0], span[1]),
            state="held" if held_until else "booked",
            held_until=held_until,
        )
        for resource_id in choice.resource_ids
    )
    await scope.session.flush()


async def reoccupy(
    scope: Scope, *, appointment: Appointment, slot: Slot, held_until: datetime | None = None
) -> None:
    """Give the appointment what `slot` needs instead of what it takes now, booked or held until
    `held_until`. Inside `taking`, after `lock_for`: nobody else sees it with neither, and when the new
    time is gone the old one is still its own. Raises TimeTaken."""
    await scope.session.execute(
        delete(AppointmentResource).where(AppointmentResource.appointment_id == appointment.id)
    )
    await occupy(scope, appointment=appointment, slot=slot, held_until=held_until)


async def keep(scope: Scope, appointment_id: UUID) -> None:
    """Turn a hold into a booking."""
    await scope.session.execute(
        update(AppointmentResource)
        .where(AppointmentResource.appointment_id == appointment_id)
        .values(state="booked", held_until=None)
    )


async def still_holds(scope: Scope, appointment_id: UUID) -> bool:
    """Whether the appointment, locked by now, keeps others out."""
    kept = select(AppointmentResource.resource_id).where(
        AppointmentResource.appointment_id == appointment_id, holds_at(scope.seam.now())
    )
    return await scope.session.scalar(kept.limit(1)) is not None


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


__all__ = [
    "TimeTaken",
    "clear_expired_holds",
    "expire",
    "extend_hold",
    "keep",
    "lock",
    "lock_for",
    "occupy",
    "release",
    "reoccupy",
    "still_holds",
    "taking",
]
