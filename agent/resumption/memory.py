"""What the tools of a call remember between two uses, found again in its events."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domain.calls.events import (
    AppointmentBooked,
    AppointmentHeld,
    AssistantSaid,
    Event,
    LateFeeTold,
    MessageTaken,
    ToolCalled,
)
from domain.messages.models import Message
from tools.context import CallMemory, FeeTold
from tools.messages import request_of
from tools.running import repetition_of

_ID: Final = re.compile(r"\[([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\]")
_FEE: Final = re.compile(r"costs a fee of (.+?) \|")
_SHOWING: Final = frozenset({"find_appointments", "book_appointment", "move_appointment"})
_EARLIER_TURN: Final = "before the line was lost"


def remember(events: Sequence[Event], *, messages: Sequence[Message]) -> CallMemory:
    """`messages` are those that were taken on this call."""
    memory = CallMemory()
    fee_of: UUID | None = None
    unheard: dict[UUID, FeeTold] = {}
    for event in events:
        if isinstance(event, (AppointmentBooked, AppointmentHeld)):
            memory.shown.add(event.appointment_id)
        elif isinstance(event, LateFeeTold):
            fee_of = event.appointment_id
        elif isinstance(event, ToolCalled):
            _tool(memory, event)
            if fee_of is not None and (named := _FEE.search(event.result)):
                unheard[fee_of] = FeeTold(fee=named.group(1), turn=_EARLIER_TURN)
            fee_of = None
        elif isinstance(event, AssistantSaid) and event.kind == "reply" and not event.interrupted:
            # Only what the caller has heard can be accepted.
            memory.fees_told.update(unheard)
            unheard = {}
        elif isinstance(event, MessageTaken) and event.spooled:
            memory.messages.add(
                request_of(event.caller_name, event.caller_phone, event.text, event.call_back_time)
            )
    for one in messages:
        memory.messages.add(
            request_of(
                one.caller_name or "", one.caller_phone or "", one.text, one.call_back_time or ""
            )
        )
    return memory


def _tool(memory: CallMemory, event: ToolCalled) -> None:
    memory.asked[repetition_of(event.name, event.arguments)] += 1
    if event.name in _SHOWING and event.outcome == "done":
        ids = {UUID(found) for found in _ID.findall(event.result)}
        # Which of the two an id is, is looked up where it is used.
        memory.shown |= ids
        if event.name == "find_appointments":
            memory.kept_times |= ids
    if event.name == "find_appointments" and event.outcome == "refused" and _claims(event):
        memory.wrong_tries += 1


def _claims(event: ToolCalled) -> bool:
    """Whether an identity was claimed, by code or by name and date of birth."""
    given = event.arguments
    return bool(given.get("code") or (given.get("caller_name") and given.get("date_of_birth")))
