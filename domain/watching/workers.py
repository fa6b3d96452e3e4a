"""The signs of life that workers give, so that every machine knows of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from domain.database import Scope
from domain.watching.models import WorkerSign

EVERY_SECONDS: Final = 10.0
LOST_AFTER: Final = timedelta(seconds=45)
"""Without a sign for so long a worker is not counted on any more."""
FORGOTTEN_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Sign:
    """What a worker tells of itself."""

    accepting: bool
    draining: bool
    active_calls: int
    capacity: int
    undelivered: int
    oldest_undelivered_seconds: float


async def give_sign(scope: Scope, *, worker_id: UUID, sign: Sign) -> None:
    """Keep a worker's sign of life, and forget workers that are long gone. In the INSTALLATION's scope."""
    now = scope.seam.now()
    told = {
        "seen_at": now,
        "accepting": sign.accepting,
        "draining": sign.draining,
        "active_calls": sign.active_calls,
        "capacity": sign.capacity,
        "undelivered": sign.undelivered,
        "oldest_undelivered_seconds": sign.oldest_undelivered_seconds,
    }
    await scope.session.execute(
        insert(WorkerSign)
        .values(id=worker_id, business_id=scope.business_id, **told)
        .on_conflict_do_update(index_elements=["id"], set_=told)
    )
    await scope.session.execute(
        delete(WorkerSign).where(WorkerSign.seen_at < now - FORGOTTEN_AFTER)
    )


async def leave(scope: Scope, *, worker_id: UUID) -> None:
    """A worker has stopped of its own will."""
    await scope.session.execute(delete(WorkerSign).where(WorkerSign.id == worker_id))


async def alive(scope: Scope) -> Sequence[WorkerSign]:
    """The workers that gave a sign not long ago."""
    since = scope.seam.now() - LOST_AFTER
    return (
        await scope.session.scalars(
            select(WorkerSign).where(WorkerSign.seen_at >= since).order_by(WorkerSign.id)
        )
    ).all()
