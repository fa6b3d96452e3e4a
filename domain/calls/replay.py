"""A call as its events alone tell it: the row of `calls` is this, kept for quick reading.

The order in which events arrive changes nothing: a deed's event overtakes what waits in the spool, and a
dead job's spool may be delivered after other jobs have served the call, or after somebody has closed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from domain.calls.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
    CallAnswered,
    CallEnded,
    CallFlagged,
    CallStarted,
    ContactSaved,
    Event,
    FloorChanged,
    JournalEntry,
    MessageTaken,
    TransferEnded,
)
from domain.calls.models import Call

CLOSING_SEQ: Final = 1_000_000
"""The place, in an epoch of its own, of an end that another than the call's job writes. No job tells so much:
one that was sent for that epoch and comes late finds its own places free."""

PROJECTED: Final = (
    CallStarted,
    CallAnswered,
    FloorChanged,
    ContactSaved,
    AppointmentBooked,
    AppointmentMoved,
    AppointmentCancelled,
    MessageTaken,
    TransferEnded,
    CallFlagged,
    CallEnded,
)
"""The events that a call's row is made of."""

PROJECTED_TYPES: Final = tuple(kind.model_fields["type"].default for kind in PROJECTED)

_OUTCOME_RANK = ("booked", "moved", "cancelled", "transferred", "message")
"""What a call is remembered for when several things happened on it, the weightiest first."""

_Kind = TypeVar("_Kind", bound=Event)


@dataclass(frozen=True, kw_only=True)
class CallRecord:
    """What the events of a call make of it."""

    room: str
    channel: str
    dialled: str
    caller: str
    contact_id: UUID | None
    state: str
    epoch: int
    """Of the last job that served it."""
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    outcome: str | None
    sandbox: tuple[str, ...]
    flags: tuple[str, ...]
    synthetic: bool


def rebuild(entries: Iterable[JournalEntry]) -> CallRecord | None:
    """The call that these events tell of, in whatever order they come; None as long as its start is not
    among them."""
    ordered = sorted(entries, key=lambda entry: (entry.epoch, entry.seq))
    starts = _of(ordered, CallStarted)
    if not starts:
        return None
    first, begun = starts[0]
    epoch = starts[-1][0].epoch
    end = _end(ordered, epoch)
    answered = _of(ordered, CallAnswered)
    contacts = [begun.contact_id, *(one.contact_id for _, one in _of(ordered, ContactSaved))]
    return CallRecord(
        room=begun.room,
        channel=begun.channel,
        dialled=begun.dialled,
        caller=begun.caller,
        contact_id=next((one for one in contacts if one is not None), None),
        state=_state(ordered, epoch) if end is None else "ended",
        epoch=epoch,
        started_at=first.at,
        answered_at=answered[0][0].at if answered else None,
        ended_at=None if end is None else end[0].at,
        end_reason=None if end is None else end[1].reason,
        outcome=_outcome(ordered),
        sandbox=tuple(dict.fromkeys(vendor for _, one in starts for vendor in one.sandbox)),
        flags=tuple(dict.fromkeys(one.flag for _, one in _of(ordered, CallFlagged))),
        synthetic=begun.synthetic,
    )


def record_of(call: Call) -> CallRecord:
    """The row of a call, to be compared with what its events tell."""
    return CallRecord(
        room=call.room,
        channel=call.channel,
        dialled=call.dialled,
        caller=call.caller_phone or "",
        contact_id=call.contact_id,
        state=call.state,
        epoch=call.epoch,
        started_at=call.started_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        end_reason=call.end_reason,
        outcome=call.outcome,
        sandbox=tuple(call.sandbox),
        flags=tuple(call.flags),
        synthetic=call.synthetic,
    )


def _of(ordered: Sequence[JournalEntry], kind: type[_Kind]) -> list[tuple[JournalEntry, _Kind]]:
    return [(entry, entry.event) for entry in ordered if isinstance(entry.event, kind)]


def _end(ordered: Sequence[JournalEntry], epoch: int) -> tuple[JournalEntry, CallEnded] | None:
    """How the call ended. The last job knows best; what a job before it says of an end is no end, for the
    call went on. An end that was written for a job that was taken for dead counts until another starts."""
    ends = _of(ordered, CallEnded)
    own = [one for one in ends if one[0].epoch == epoch and one[0].seq < CLOSING_SEQ]
    if own:
        return own[-1]
    return next((one for one in ends if one[0].epoch > epoch), None)


def _state(ordered: Sequence[JournalEntry], epoch: int) -> str:
    """Who has the floor of a call that goes on."""
    state = "answering"
    for entry, event in _of(ordered, FloorChanged):
        if event.after != "ended" or entry.epoch >= epoch:
            state = event.after
    return state


def _outcome(ordered: Sequence[JournalEntry]) -> str | None:
    found = {outcome for entry in ordered if (outcome := _outcome_of(entry.event)) is not None}
    return next((outcome for outcome in _OUTCOME_RANK if outcome in found), None)


def _outcome_of(event: Event) -> str | None:
    match event:
        case AppointmentBooked():
            return "booked"
        case AppointmentMoved():
            return "moved"
        case AppointmentCancelled():
            return "cancelled"
        case TransferEnded(outcome="connected"):
            return "transferred"
        case MessageTaken():
            return "message"
        case _:
            return None
