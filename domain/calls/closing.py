"""Ending calls whose own worker cannot tell their end any more."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from domain.calls.events import CallEnded, EndReason, JournalEntry
from domain.calls.models import Call
from domain.calls.record import append
from domain.calls.replay import CLOSING_SEQ
from domain.calls.rescue import next_epoch
from domain.database import Scope
from domain.errors import NotFound


async def close_open(scope: Scope, *, call_id: UUID, reason: EndReason) -> bool:
    """Write the end of a call that is still open. Whether there was anything to close.

    The event gets an epoch of its own: under the worker's it could take the number of an event that
    waits in the worker's spool, which would then be dropped as delivered. Should the worker's own
    end arrive after all, its time and reason take the place of these. Raises NotFound.
    """
    call = await scope.session.scalar(select(Call).where(Call.id == call_id).with_for_update())
    if call is None:
        raise NotFound("call")
    if call.ended_at is not None:
        return False
    entry = JournalEntry(
        call_id=call_id,
        epoch=await next_epoch(scope, call),
        seq=CLOSING_SEQ,
        at=scope.seam.now(),
        event=CallEnded(reason=reason),
    )
    await append(scope, [entry])
    return True
