"""Giving up an outside calendar: our entries are taken out of it first."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from connectors import calendars
from connectors.sync import (
    LOCK_NOUN,
    ConnectKind,
    close_outside,
    deliver_one,
    open_outside,
    sync_job,
)
from domain.calendars import operations
from domain.calendars.entries import Waiting
from domain.calendars.models import CalendarEntry
from domain.calendars.port import CalendarError, OutsideCalendar, Written
from domain.database import SYSTEM, Actor, Database
from domain.errors import Conflict
from domain.scheduling.models import Appointment


async def disconnect(
    database: Database,
    *,
    business_id: UUID,
    calendar_id: UUID,
    leave_entries: bool = False,
    actor: Actor = SYSTEM,
    connect: ConnectKind = calendars.connect,
) -> None:
    """Take our entries of what is still to come out of the calendar, then forget it.

    Raises NotFound; Conflict when the entries can't be removed, unless `leave_entries`: nothing is
    forgotten then, and the next sync writes again what was removed.
    """
    async with database.try_lock(noun=LOCK_NOUN, id=calendar_id) as taken:
        if not taken:
            raise Conflict("the calendar is being synchronised just now; try again in a moment")
        if not leave_entries:
            await _clear(database, business_id, calendar_id, actor=actor, connect=connect)
        async with database.scope(business_id=business_id, actor=actor) as scope:
            await operations.disconnect(scope, calendar_id=calendar_id)


async def _clear(
    database: Database,
    business_id: UUID,
    calendar_id: UUID,
    *,
    actor: Actor,
    connect: ConnectKind,
) -> None:
    """Remove our entries of what is still to come. Raises Conflict, NotFound."""
    async with database.scope(business_id=business_id, actor=actor) as scope:
        calendar = await operations.get(scope, calendar_id=calendar_id)
        job = await sync_job(database, scope, calendar)
        rows = await scope.session.scalars(
            select(CalendarEntry)
            .join(Appointment, Appointment.id == CalendarEntry.appointment_id)
            .where(
                CalendarEntry.calendar_id == calendar_id,
                Appointment.ends_at > scope.seam.now(),
            )
        )
        ours = [
            Waiting(
                appointment_id=row.appointment_id,
                entry=None,
                known=Written(remote_id=row.remote_id) if row.remote_id else None,
            )
            for row in rows
        ]
    if not ours:
        return
    outside: OutsideCalendar | None = None
    left = len(ours)
    try:
        outside = await open_outside(job, connect)
        for each in ours:
            await deliver_one(job, outside, each)
            left -= 1
    except CalendarError as error:
        raise Conflict(
            f"{left} of our entries could not be removed from the calendar: {error}"
        ) from None
    finally:
        if outside is not None:
            await close_outside(outside)
