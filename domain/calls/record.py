"""Writing a call's events, and the call row that is read from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Result, case, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.calls.events import (
    EVENT,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
    CallAnswered,
    CallEnded,
    CallStarted,
    ContactSaved,
    FloorChanged,
    JournalEntry,
    MessageTaken,
    TransferEnded,
)
from domain.calls.models import Call, CallEvent
from domain.calls.search import index_said
from domain.database import Scope
from domain.messages.models import Message

_OUTCOME_RANK = ("booked", "moved", "cancelled", "transferred", "message")
"""What a call is remembered for when several things happened on it, the weightiest first."""


async def append(scope: Scope, entries: Sequence[JournalEntry]) -> int:
    """Write the entries not yet there, in order, with what they change on the call's row.

    Returns how many were new: a second delivery of the same entry changes nothing.
    """
    new = 0
    for entry in entries:
        written = await scope.session.execute(
            insert(CallEvent)
            .values(
                call_id=entry.call_id,
                epoch=entry.epoch,
                seq=entry.seq,
                business_id=scope.business_id,
                type=entry.event.type,
                at=entry.at,
                body=entry.event.model_dump(mode="json"),
            )
            .on_conflict_do_nothing(index_elements=["call_id", "epoch", "seq"])
            .returning(CallEvent.seq)
        )
        if written.scalar_one_or_none() is not None:
            await _project(scope, entry)
            new += 1
    return new


async def _project(scope: Scope, entry: JournalEntry) -> None:
    event = entry.event
    await index_said(scope, call_id=entry.call_id, event=event)
    if isinstance(event, CallStarted):
        await _start(scope, entry, event)
    elif isinstance(event, MessageTaken):
        await _keep_spooled_message(scope, entry, event)
        await _set_outcome(scope, entry, "message")
    elif isinstance(event, ContactSaved):
        await _set(scope, entry, contact_id=func.coalesce(Call.contact_id, event.contact_id))
    elif isinstance(event, CallAnswered):
        await _set(scope, entry, answered_at=func.coalesce(Call.answered_at, entry.at))
    elif isinstance(event, FloorChanged):
        await _set_floor(scope, entry, event.after)
    elif isinstance(event, CallEnded):
        await _set(scope, entry, state="ended", ended_at=entry.at, end_reason=event.reason)
    elif isinstance(event, AppointmentBooked):
        await _set_outcome(scope, entry, "booked")
    elif isinstance(event, AppointmentMoved):
        await _set_outcome(scope, entry, "moved")
    elif isinstance(event, AppointmentCancelled):
        await _set_outcome(scope, entry, "cancelled")
    elif isinstance(event, TransferEnded) and event.outcome == "connected":
        await _set_outcome(scope, entry, "transferred")


async def _start(scope: Scope, entry: JournalEntry, event: CallStarted) -> None:
    inserted: Result[tuple[bool]] = await scope.session.execute(
        insert(Call)
        .values(
            id=entry.call_id,
            business_id=scope.business_id,
            room=event.room,
            channel=event.channel,
            dialled=event.dialled,
            caller_phone=event.caller or None,
            caller_index=scope.blind_index("phone", event.caller) if event.caller else None,
            contact_id=event.contact_id,
            state="answering",
            epoch=entry.epoch,
            started_at=entry.at,
            sandbox=list(event.sandbox),
        )
        .on_conflict_do_update(
            index_elements=["id"],
            set_={"epoch": func.greatest(Call.epoch, entry.epoch)},
        )
        # PostgreSQL leaves xmax at 0 on an inserted row and sets it on an updated one.
        .returning(literal_column("(xmax = 0)"))
    )
    if inserted.scalar_one():
        await _project_earlier(scope, entry)


async def _project_earlier(scope: Scope, started: JournalEntry) -> None:
    """A deed's event is written with the deed, and may be there before the spooled start of its
    call: without this the call would forget its outcome."""
    rows = await scope.session.scalars(
        select(CallEvent)
        .where(CallEvent.call_id == started.call_id, CallEvent.type != started.event.type)
        .order_by(CallEvent.epoch, CallEvent.seq)
    )
    for row in rows:
        await _project(scope, as_entry(row))


def as_entry(row: CallEvent) -> JournalEntry:
    """A stored event as it was written."""
    return JournalEntry(
        call_id=row.call_id,
        epoch=row.epoch,
        seq=row.seq,
        at=row.at,
        event=EVENT.validate_python(row.body),
    )


async def _keep_spooled_message(scope: Scope, entry: JournalEntry, event: MessageTaken) -> None:
    """A message taken while the database was away reaches its table with its event."""
    if not event.spooled:
        return
    await scope.session.execute(
        insert(Message)
        .values(
            id=event.message_id,
            business_id=scope.business_id,
            call_id=entry.call_id,
            caller_name=event.caller_name or None,
            caller_phone=event.caller_phone or None,
            text=event.text,
            call_back_time=event.call_back_time or None,
            urgency=event.urgency,
            state="new",
            created_at=entry.at,
        )
        .on_conflict_do_nothing(index_elements=["id"])
    )


async def _set(scope: Scope, entry: JournalEntry, **values: Any) -> None:
    await scope.session.execute(update(Call).where(Call.id == entry.call_id).values(**values))


async def _set_floor(scope: Scope, entry: JournalEntry, state: str) -> None:
    """Late news of a job that another has taken over from, or of a call that has ended, is history: the
    call would look as if it went on."""
    await scope.session.execute(
        update(Call)
        .where(Call.id == entry.call_id, Call.epoch <= entry.epoch, Call.ended_at.is_(None))
        .values(state=state)
    )


async def _set_outcome(scope: Scope, entry: JournalEntry, outcome: str) -> None:
    rank = {name: place for place, name in enumerate(_OUTCOME_RANK)}
    current = case(rank, value=Call.outcome, else_=len(rank))
    await scope.session.execute(
        update(Call)
        .where(Call.id == entry.call_id, current > rank[outcome])
        .values(outcome=outcome)
    )
