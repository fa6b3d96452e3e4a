"""Outside calendars: which are due, and keeping one in step."""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext
from sqlalchemy import text

from jobs.work import database_of, queue_each


async def find_due_calendars(context: JobContext, *, timestamp: int) -> None:
    """Queue a `sync_calendar` for each calendar whose time has come."""
    database = database_of(context)
    async with database.unscoped() as session:
        rows = await session.execute(
            text("SELECT calendar_id, business_id FROM due_calendars(:now)"),
            {"now": database.seam.now()},
        )
        due = rows.all()
    await queue_each(
        context,
        "sync_calendar",
        {
            f"calendar {row.calendar_id}": {
                "business_id": str(row.business_id),
                "calendar_id": str(row.calendar_id),
            }
            for row in due
        },
    )


async def sync_calendar(context: JobContext, *, business_id: str, calendar_id: str) -> None:
    """Bring one calendar and our appointments into step. What fails on the other side is kept in the
    calendar's row, with when to ask again, and is no failure of the job."""
    from connectors.sync import sync_calendar as sync

    await sync(database_of(context), business_id=UUID(business_id), calendar_id=UUID(calendar_id))
