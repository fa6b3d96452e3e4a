"""Writing a call's events, and the call row that is read from them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from domain.alerts.of_calls import raise_alerts
from domain.calls.events import EVENT, JournalEntry, MessageTaken
from domain.calls.models import Call, CallEvent
from domain.calls.replay import PROJECTED, PROJECTED_TYPES, CallRecord, rebuild
from domain.calls.search import index_all
from domain.database import Scope
from domain.errors import DomainError
from domain.messages.models import Message


class PlaceTaken(DomainError):
    """Another fact has this fact's place (call, epoch, seq): two jobs served under one epoch, or the call is
    another business's. Left out in silence, it would be lost."""

    def __init__(self, entry: JournalEntry) -> None:
        super().__init__(f"place {entry.epoch}.{entry.seq} of the call is another fact's")


@dataclass(frozen=True, kw_only=True)
class Written:
    """What came of writing entries."""

    new: int
    transaction: int | None
    """The id (xid8) of the transaction that wrote them; None when all were there."""


async def append(scope: Scope, entries: Sequence[JournalEntry]) -> int:
    """Write the entries not yet there, in order, with what they change on the calls' rows.

    Returns how many were new: a second delivery of the same entry changes nothing. Raises PlaceTaken.
    """
    return (await write(scope, entries)).new


async def write(scope: Scope, entries: Sequence[JournalEntry]) -> Written:
    """As `append`, and tells by which transaction they were written."""
    if not entries:
        return Written(new=0, transaction=None)
    rows = await scope.session.execute(
        # All in one statement: a slow database is asked once, not once for each.
        insert(CallEvent)
        .values([_row(scope, entry) for entry in entries])
        .on_conflict_do_nothing(index_elements=["call_id", "epoch", "seq"])
        .returning(CallEvent.call_id, CallEvent.epoch, CallEvent.seq, CallEvent.written)
    )
    written = {(row.call_id, row.epoch, row.seq): row.written for row in rows}
    new = [entry for entry in entries if _place(entry) in written]
    if len(new) < len(entries):
        await _check_same(scope, [entry for entry in entries if _place(entry) not in written])
    await index_all(scope, [(entry.call_id, entry.event) for entry in new])
    for entry in new:
        if isinstance(entry.event, MessageTaken):
            await _keep_spooled_message(scope, entry, entry.event)
    await raise_alerts(scope, new)
    for call_id in dict.fromkeys(e.call_id for e in new if isinstance(e.event, PROJECTED)):
        await _project(scope, call_id)
    return Written(new=len(new), transaction=next(iter(written.values()), None))


def as_entry(row: CallEvent) -> JournalEntry:
    """A stored event as it was written."""
    return JournalEntry(
        call_id=row.call_id,
        epoch=row.epoch,
        seq=row.seq,
        at=row.at,
        event=EVENT.validate_python(row.body),
    )


def _row(scope: Scope, entry: JournalEntry) -> dict[str, object]:
    return {
        "call_id": entry.call_id,
        "epoch": entry.epoch,
        "seq": entry.seq,
        "business_id": scope.business_id,
        "type": entry.event.type,
        "at": entry.at,
        "body": entry.event.model_dump(mode="json"),
    }


def _place(entry: JournalEntry) -> tuple[UUID, int, int]:
    return entry.call_id, entry.epoch, entry.seq


async def _check_same(scope: Scope, entries: Sequence[JournalEntry]) -> None:
    """What was there already must be these very facts. A message's is the same fact whether its text came
    with it or not. Raises PlaceTaken."""
    rows = await scope.session.execute(
        select(
            CallEvent.call_id, CallEvent.epoch, CallEvent.seq, CallEvent.at, CallEvent.type
        ).where(
            tuple_(CallEvent.call_id, CallEvent.epoch, CallEvent.seq).in_(
                [_place(entry) for entry in entries]
            )
        )
    )
    kept = {(row.call_id, row.epoch, row.seq): (row.at, row.type) for row in rows}
    for entry in entries:
        if kept.get(_place(entry)) != (entry.at, entry.event.type):
            raise PlaceTaken(entry)


async def _project(scope: Scope, call_id: UUID) -> None:
    """Make the call's row what its events tell, whoever else is writing some of them at this moment."""
    there = await _lock_row(scope, call_id)
    if not there:
        # Two who write the first events of a call would not see each other's.
        await scope.session.execute(
            text("SELECT pg_advisory_xact_lock(:key)"), {"key": _lock_key(call_id)}
        )
        there = await _lock_row(scope, call_id)
    rows = await scope.session.scalars(
        select(CallEvent).where(CallEvent.call_id == call_id, CallEvent.type.in_(PROJECTED_TYPES)),
        # Not what this transaction read before it had to wait for the lock.
        execution_options={"populate_existing": True},
    )
    record = rebuild(as_entry(row) for row in rows)
    if record is None:
        return
    values = _columns(scope, record)
    if there:
        await scope.session.execute(update(Call).where(Call.id == call_id).values(**values))
    else:
        room = await _free_room(scope, record.room, call_id)
        await scope.session.execute(
            insert(Call).values(
                id=call_id,
                business_id=scope.business_id,
                room=room,
                **values,
            )
        )


async def _lock_row(scope: Scope, call_id: UUID) -> bool:
    query = select(Call.id).where(Call.id == call_id).with_for_update()
    return await scope.session.scalar(query) is not None


def _lock_key(call_id: UUID) -> int:
    digest = hashlib.blake2b(b"call row" + call_id.bytes, digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


async def _free_room(scope: Scope, room: str, call_id: UUID) -> str:
    """With the database away two jobs may have served one room as two calls. The second call to arrive is not
    to be refused for it, with all that was said on it."""
    # The look-up sees every business's calls, as the constraint does.
    query = text("SELECT count(*) FROM call_by_room(:room)")
    taken = await scope.session.scalar(query, {"room": room})
    return f"{room}/{call_id}" if taken else room


def _columns(scope: Scope, record: CallRecord) -> dict[str, object]:
    """All that events tell, but for the room, which is the row's own from its beginning."""
    return {
        "channel": record.channel,
        "dialled": record.dialled,
        "caller_phone": record.caller or None,
        "caller_index": scope.blind_index("phone", record.caller) if record.caller else None,
        "contact_id": record.contact_id,
        "state": record.state,
        "epoch": record.epoch,
        "started_at": record.started_at,
        "answered_at": record.answered_at,
        "ended_at": record.ended_at,
        "end_reason": record.end_reason,
        "outcome": record.outcome,
        "sandbox": list(record.sandbox),
        "flags": list(record.flags),
        "synthetic": record.synthetic,
    }


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
