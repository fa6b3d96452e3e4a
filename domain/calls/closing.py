"""Ending calls whose own worker cannot tell their end any more."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from domain.calls.events import CallEnded, EndReason, JournalEntry
from domain.calls.models import Call, CallEvent
from domain.calls.record import append
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
    epochs = select(func.max(CallEvent.epoch)).where(CallEvent.call_id == call_id)
    latest = await scope.session.scalar(epochs) or 0
    entry = JournalEntry(
        call_id=call_id,
        epoch=max(latest, call.epoch) + 1,
        seq=1,
        at=scope.seam.now(),
        event=CallEnded(reason=reason),
    )
    await append(scope, [entry])
    return True
