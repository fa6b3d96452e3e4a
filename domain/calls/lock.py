"""The advisory lock that each job holds on its call, as everybody else reads it.

The kernel keeps it with the job's connection: free means that the job has died (or has just lost its way to
the database), held means that it lives, or is frozen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from domain.database import Database


def lock_key(room: str) -> int:
    """The 64-bit key of a call's advisory lock: of its room, which is known before anything else."""
    digest = hashlib.sha256(b"reception.call:" + room.encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


@dataclass(frozen=True, kw_only=True)
class HeldLocks:
    """Which locks are held at one moment."""

    holders: Mapping[int, int]
    """By key: the process id of the connection's backend. Others than calls' are among them."""
    up_for: timedelta
    """Since the database server started: before that every lock was somebody's."""

    def holder(self, room: str) -> int | None:
        """Who holds the lock of the call in `room`; None when it is free."""
        return self.holders.get(lock_key(room))


# A key of 64 bits is shown as two numbers of 32 without a sign, `objsubid` 1
# (https://www.postgresql.org/docs/18/view-pg-locks.html).
_HELD = """
    SELECT ((classid::bigint << 32) | objid::bigint) AS key, pid
      FROM pg_locks
     WHERE locktype = 'advisory' AND objsubid = 1 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


async def held_locks(database: Database) -> HeldLocks:
    """Read the locks of this database. Raises SQLAlchemyError, OSError when it is away."""
    async with database.unscoped() as session:
        up_for = await session.scalar(text("SELECT now() - pg_postmaster_start_time()"))
        rows = (await session.execute(text(_HELD))).all()
    assert up_for is not None
    return HeldLocks(holders={row.key: row.pid for row in rows}, up_for=up_for)


async def fence(database: Database, *, room: str, holder: int) -> bool:
    """End the connection of a job that does not run any more, and its lock with it: another can serve the
    call, and this one finds out when it runs again. Whether there was anything to end.

    Allowed to the same role (https://www.postgresql.org/docs/18/functions-admin.html). Only what still
    holds the call's lock is ended: the number may be somebody else's by now.
    """
    query = (
        f"SELECT pg_terminate_backend(pid) FROM ({_HELD}) AS held WHERE key = :key AND pid = :pid"
    )
    async with database.unscoped() as session:
        ended = await session.scalar(text(query), {"key": lock_key(room), "pid": holder})
    return bool(ended)
