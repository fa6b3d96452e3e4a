"""Keeping outside calendars in step: what they say is busy comes in, our appointments go out.

Every step is told to the database by itself and nothing is held open while the network is asked, so that
a sync that breaks anywhere is gone on with by the next one.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog
from sqlalchemy import text, update

from connectors import calendars
from connectors.calendars import Keep, Now
from domain.calendars import entries, imports, operations, progress
from domain.calendars.entries import Waiting
from domain.calendars.imports import Window
from domain.calendars.models import Calendar
from domain.calendars.port import (
    CalendarAway,
    CalendarError,
    CalendarRefused,
    Changes,
    CursorGone,
    OutsideCalendar,
    SignInNeeded,
    Written,
)
from domain.database import Database, Scope
from domain.errors import NotFound

MOST_AT_ONCE = 200
"""Entries delivered in one sync; the rest follows in the next, which is due at once."""
_LONGEST_READING = 300
"""Seconds that one reading may take in all: a server that drips must not keep a worker for ever."""
_LONGEST_ANSWER = 60
"""Seconds for one entry."""
_IN_A_ROW = 2
"""After so many entries that got no answer one after the other it is the server that is away."""
_TOGETHER = 4
"""Calendars at once in one process; each takes up to two connections of the pool."""
LOCK_NOUN = "calendar"

logger = structlog.get_logger(__name__)


class ConnectKind(Protocol):
    """`connectors.calendars.connect`, or what a test puts in its place."""

    async def __call__(
        self, kind: str, access: Mapping[str, Any], *, keep: Keep, now: Now
    ) -> OutsideCalendar: ...


@dataclass(frozen=True, kw_only=True)
class SyncReport:
    """What one sync did. `state` is the calendar's afterwards; None: it was busy elsewhere, switched
    off, changed meanwhile or gone, and nothing was done to the end."""

    calendar_id: UUID
    state: str | None = None
    told: int = 0
    """Events that the other side told of."""
    written: int = 0
    removed: int = 0
    failed: int = 0


@dataclass(frozen=True, kw_only=True)
class SyncJob:
    """A calendar as it was when the sync began."""

    database: Database
    business_id: UUID
    calendar_id: UUID
    kind: str
    access: Mapping[str, Any]
    cursor: str | None
    version: int
    window: Window

    async def keep(self, access: dict[str, Any]) -> None:
        """Store refreshed tokens, unless staff have changed the access meanwhile."""
        async with self.database.scope(business_id=self.business_id) as scope:
            await scope.session.execute(
                update(Calendar)
                .where(Calendar.id == self.calendar_id, Calendar.version == self.version)
                .values(access=access)
            )


async def sync_calendar(
    database: Database,
    *,
    business_id: UUID,
    calendar_id: UUID,
    connect: ConnectKind = calendars.connect,
) -> SyncReport:
    """Read what is new in the calendar, then deliver what is new with us.

    What fails on the other side is kept in the calendar's row, with when to ask again, and raises
    nothing. Two workers never do one calendar at once: the second leaves it.
    """
    async with database.try_lock(noun=LOCK_NOUN, id=calendar_id) as taken:
        if not taken:
            return SyncReport(calendar_id=calendar_id)
        job = await _begin(database, business_id, calendar_id)
        if job is None:
            return SyncReport(calendar_id=calendar_id)
        return await _sync(job, connect)


async def sync_due(database: Database, *, connect: ConnectKind = calendars.connect) -> int:
    """Sync every calendar that is due, of all businesses; answers how many."""
    async with database.unscoped() as session:
        rows = await session.execute(
            text("SELECT calendar_id, business_id FROM due_calendars(:now)"),
            {"now": database.seam.now()},
        )
        due = rows.all()
    limit = asyncio.Semaphore(_TOGETHER)

    async def one(business_id: UUID, calendar_id: UUID) -> None:
        async with limit:
            await sync_calendar(
                database, business_id=business_id, calendar_id=calendar_id, connect=connect
            )

    results = await asyncio.gather(
        *(one(row.business_id, row.calendar_id) for row in due), return_exceptions=True
    )
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return len(due)


async def _begin(database: Database, business_id: UUID, calendar_id: UUID) -> SyncJob | None:
    async with database.scope(business_id=business_id) as scope:
        with suppress(NotFound):
            calendar = await operations.get(scope, calendar_id=calendar_id)
            if calendar.state != "off":
                return await sync_job(database, scope, calendar)
    return None


async def sync_job(database: Database, scope: Scope, calendar: Calendar) -> SyncJob:
    return SyncJob(
        database=database,
        business_id=scope.business_id,
        calendar_id=calendar.id,
        kind=calendar.kind,
        access=dict(calendar.access),
        cursor=calendar.cursor,
        version=calendar.version,
        window=await imports.window_of(scope, calendar),
    )


async def _sync(job: SyncJob, connect: ConnectKind) -> SyncReport:
    outside: OutsideCalendar | None = None
    try:
        outside = await open_outside(job, connect)
        told = await _import(job, outside)
        if told is None:
            return SyncReport(calendar_id=job.calendar_id)
        delivered = await _deliver(job, outside)
        state = await _end(job, more=delivered.more)
    except CalendarError as error:
        return SyncReport(calendar_id=job.calendar_id, state=await _end(job, error=error))
    finally:
        if outside is not None:
            await close_outside(outside)
    return SyncReport(
        calendar_id=job.calendar_id,
        state=state,
        told=told,
        written=delivered.written,
        removed=delivered.removed,
        failed=delivered.failed,
    )


async def open_outside(job: SyncJob, connect: ConnectKind) -> OutsideCalendar:
    async with _asking(job, seconds=_LONGEST_ANSWER):
        return await connect(job.kind, job.access, keep=job.keep, now=job.database.seam.now)


@asynccontextmanager
async def _asking(job: SyncJob, *, seconds: float) -> AsyncIterator[None]:
    """Turns whatever a connector raises into a CalendarError: one that stumbles over an answer nobody
    foresaw must be asked again later, not at once and for ever."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except CalendarError:
        raise
    except TimeoutError:
        raise CalendarAway("it does not answer in time") from None
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        logger.error(
            "connector_failed",
            kind=job.kind,
            error=type(error).__name__,
            at=f"{place.filename}:{place.lineno}",
        )
        raise CalendarAway("its answer was not understood") from None


async def close_outside(outside: OutsideCalendar) -> None:
    # What it was asked for is done: a connection that can't even be closed loses nothing.
    with suppress(CalendarError):
        await outside.aclose()


async def _import(job: SyncJob, outside: OutsideCalendar) -> int | None:
    """How many events were told; None when the calendar was changed or disconnected meanwhile."""
    cursor = None if job.window.anew else job.cursor
    try:
        changes = await _changes(job, outside, cursor)
    except CursorGone:
        changes = await _changes(job, outside, None)
    async with job.database.scope(business_id=job.business_id) as scope:
        calendar = await progress.locked(scope, calendar_id=job.calendar_id, version=job.version)
        if calendar is None:
            return None
        return await imports.take_in(scope, calendar, changes, window=job.window)


async def _changes(job: SyncJob, outside: OutsideCalendar, cursor: str | None) -> Changes:
    async with _asking(job, seconds=_LONGEST_READING):
        return await outside.changes(
            cursor=cursor,
            begins=job.window.begins,
            ends=job.window.ends,
            zone=job.window.zone,
        )


@dataclass
class _Delivered:
    written: int = 0
    removed: int = 0
    failed: int = 0
    more: bool = False


async def _deliver(job: SyncJob, outside: OutsideCalendar) -> _Delivered:
    """Each entry by itself: one that is refused keeps no other back. Raises SignInNeeded, and
    CalendarAway when it is not one entry that gets no answer."""
    async with job.database.scope(business_id=job.business_id) as scope:
        calendar = await progress.locked(scope, calendar_id=job.calendar_id, version=job.version)
        waiting = (
            await entries.find_waiting(scope, calendar, limit=MOST_AT_ONCE) if calendar else []
        )
    done = _Delivered(more=len(waiting) == MOST_AT_ONCE)
    unanswered = 0
    for each in waiting:
        try:
            await deliver_one(job, outside, each)
        except SignInNeeded:
            raise
        except CalendarAway as error:
            await _note_failure(job, each, error)
            done.failed += 1
            unanswered += 1
            if unanswered == _IN_A_ROW or error.retry_after is not None:
                raise
        except CalendarError as error:
            await _note_failure(job, each, error)
            done.failed += 1
            unanswered = 0
        else:
            unanswered = 0
            done.written += each.entry is not None
            done.removed += each.entry is None
    return done


async def deliver_one(job: SyncJob, outside: OutsideCalendar, waiting: Waiting) -> None:
    entry = waiting.entry
    written: Written | None = None
    async with _asking(job, seconds=_LONGEST_ANSWER):
        if entry is None:
            await outside.remove(waiting.appointment_id, known=waiting.known)
        else:
            written = await outside.write(entry, known=waiting.known)
    async with job.database.scope(business_id=job.business_id) as scope:
        if entry is not None and written is not None:
            await progress.entry_written(
                scope, calendar_id=job.calendar_id, entry=entry, written=written
            )
        else:
            await progress.entry_removed(
                scope, calendar_id=job.calendar_id, appointment_id=waiting.appointment_id
            )


async def _note_failure(job: SyncJob, waiting: Waiting, error: CalendarError) -> None:
    async with job.database.scope(business_id=job.business_id) as scope:
        await progress.entry_failed(
            scope,
            calendar_id=job.calendar_id,
            appointment_id=waiting.appointment_id,
            reason=str(error),
            retry_after=error.retry_after if isinstance(error, CalendarAway) else None,
            hopeless=isinstance(error, CalendarRefused),
        )


async def _end(
    job: SyncJob, *, more: bool = False, error: CalendarError | None = None
) -> str | None:
    """The calendar's state, stored with when it is next due."""
    async with job.database.scope(business_id=job.business_id) as scope:
        calendar = await progress.locked(scope, calendar_id=job.calendar_id, version=job.version)
        if calendar is None:
            return None
        now: datetime = scope.seam.now()
        if error is None:
            progress.worked(calendar, now=now, more=more)
        else:
            wait: timedelta | None = getattr(error, "retry_after", None)
            progress.failed(
                calendar,
                now=now,
                reason=str(error),
                sign_in=isinstance(error, SignInNeeded),
                retry_after=wait,
            )
            logger.warning(
                "calendar_failed",
                calendar_id=str(job.calendar_id),
                kind=job.kind,
                error=type(error).__name__,
                failures=calendar.failures,
            )
        return calendar.state
