"""Sending another job to a call whose own has died: who may, and under which epoch it serves."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from domain.calls.models import Call, CallEvent
from domain.database import Scope


async def next_epoch(scope: Scope, call: Call) -> int:
    """An epoch that no job of this call has had, and none was promised.

    Counted from its events, from its row and from its rescues: a dead job's events may still wait in its
    spool, a closed call's end took an epoch of its own, and a job that was sent may be on its way.
    """
    newest = select(func.max(CallEvent.epoch)).where(CallEvent.call_id == call.id)
    told = await scope.session.scalar(newest) or 0
    return max(told, call.epoch, call.rescue_epoch or 0) + 1


async def last_sent(scope: Scope, *, call_id: UUID) -> datetime | None:
    """When a job was last sent to a call; None: never."""
    found = await scope.session.scalar(select(Call.rescued_at).where(Call.id == call_id))
    return found


async def claim(scope: Scope, *, call_id: UUID, again_after: timedelta) -> int | None:
    """Take it upon oneself to send a job to a call that is open: the epoch under which it shall serve. None
    when the call has ended, or when somebody has sent one in the last `again_after`."""
    call = await scope.session.scalar(select(Call).where(Call.id == call_id).with_for_update())
    now = scope.seam.now()
    if call is None or call.ended_at is not None:
        return None
    if call.rescued_at is not None and call.rescued_at > now - again_after:
        return None
    call.rescue_epoch = await next_epoch(scope, call)
    call.rescued_at = now
    await scope.session.flush()
    return call.rescue_epoch
