"""How keeping a calendar in step went: what was delivered, what failed, and when to try again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from domain.calendars.models import Calendar, CalendarEntry
from domain.calendars.port import Entry, Written
from domain.database import Scope

POLL = timedelta(seconds=30)
"""Between two readings of a calendar that works: what is entered there blocks within a minute."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)


def wait_after(failures: int, *, at_least: timedelta | None = None) -> timedelta:
    """How long to wait after so many failures in a row: doubling from 30 seconds to an hour, and as
    long as the other side asked for."""
    doubled = FIRST_WAIT * (1 << min(max(failures - 1, 0), 10))
    return max(min(doubled, LONGEST_WAIT), at_least or timedelta())


async def locked(scope: Scope, *, calendar_id: UUID, version: int) -> Calendar | None:
    """The calendar, its row locked; None if staff have changed or disconnected it since `version`: what
    was learnt by the old access is then worth nothing."""
    found: Calendar | None = await scope.session.scalar(
        select(Calendar)
        .where(Calendar.id == calendar_id, Calendar.version == version)
        .with_for_update()
    )
    return found


def worked(calendar: Calendar, *, now: datetime, more: bool) -> None:
    """It answered; `more`: there are changes left that can go at once."""
    calendar.state = "connected"
    calendar.error = ""
    calendar.failing_since = None
    calendar.failures = 0
    calendar.next_at = now if more else now + POLL


def failed(
    calendar: Calendar,
    *,
    now: datetime,
    reason: str,
    sign_in: bool = False,
    retry_after: timedelta | None = None,
) -> None:
    """It did not. With `sign_in` it is not tried again before staff change it."""
    calendar.state = "sign_in_needed" if sign_in else "failing"
    calendar.error = reason
    calendar.failing_since = calendar.failing_since or now
    calendar.failures += 1
    calendar.next_at = now + wait_after(calendar.failures, at_least=retry_after)


async def entry_written(scope: Scope, *, calendar_id: UUID, entry: Entry, written: Written) -> None:
    """The other side has the entry as it was at `entry.version`."""
    row = await _entry(scope, calendar_id, entry.appointment_id)
    if row is None:
        return
    row.remote_id = written.remote_id
    row.etag = written.etag
    row.delivered_version = entry.version
    row.starts_at, row.ends_at = entry.starts_at, entry.ends_at
    row.conflict, row.moved_to = "", None
    row.failures = 0
    row.error = ""
    row.next_at = row.updated_at = scope.seam.now()
    await scope.session.flush()


async def entry_removed(scope: Scope, *, calendar_id: UUID, appointment_id: UUID) -> None:
    await scope.session.execute(
        delete(CalendarEntry).where(
            CalendarEntry.calendar_id == calendar_id,
            CalendarEntry.appointment_id == appointment_id,
        )
    )


async def entry_failed(
    scope: Scope,
    *,
    calendar_id: UUID,
    appointment_id: UUID,
    reason: str,
    retry_after: timedelta | None = None,
    hopeless: bool = False,
) -> None:
    """One entry could not be delivered. `hopeless`: the other side will hardly ever take it."""
    row = await _entry(scope, calendar_id, appointment_id)
    if row is None:
        return
    now = scope.seam.now()
    row.failures += 1
    row.error = reason
    row.updated_at = now
    row.next_at = now + (
        LONGEST_WAIT if hopeless else wait_after(row.failures, at_least=retry_after)
    )
    await scope.session.flush()


async def _entry(scope: Scope, calendar_id: UUID, appointment_id: UUID) -> CalendarEntry | None:
    return await scope.session.get(
        CalendarEntry, (calendar_id, appointment_id), with_for_update=True
    )
