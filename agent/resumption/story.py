"""A call's events as the conversation that the model goes on with."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from livekit.agents.llm import ChatContext, ChatItem, ChatMessage, FunctionCall, FunctionCallOutput

from agent.meanwhile import as_colleague, as_whisper
from domain.calls.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentHeld,
    AppointmentMoved,
    AssistantSaid,
    AttendanceConfirmed,
    CallerSaid,
    Event,
    JournalEntry,
    MessageTaken,
    StaffSaid,
    StaffWhispered,
    ToolCalled,
    WaitingListJoined,
)

_DEED_OF: Final[Mapping[type[object], frozenset[str]]] = {
    AppointmentHeld: frozenset({"book_appointment"}),
    AppointmentBooked: frozenset({"book_appointment"}),
    AppointmentMoved: frozenset({"move_appointment"}),
    AppointmentCancelled: frozenset({"cancel_appointment"}),
    AttendanceConfirmed: frozenset({"find_appointments"}),
    WaitingListJoined: frozenset({"find_times"}),
    MessageTaken: frozenset({"take_message"}),
}
"""The tool whose result tells the model of a deed."""
_STEP: Final = 0.001
"""Seconds between two items: their order is all that counts."""


def tell(entries: Sequence[JournalEntry], *, time_zone: str) -> ChatContext:
    """What was said and done, in order. A deed whose tool did not live to answer is told in a note."""
    zone = ZoneInfo(time_zone)
    items: list[ChatItem] = []
    untold: list[Event] = []
    for entry in entries:
        event = entry.event
        if isinstance(event, ToolCalled):
            untold = [one for one in untold if event.name not in _DEED_OF[type(one)]]
            items += _tool(entry, event)
        elif type(event) in _DEED_OF:
            untold.append(event)
        elif (message := _message(event)) is not None:
            items.append(message)
    items += [_note(_told(event, zone)) for event in untold]
    began = time.time() - _STEP * len(items)
    for place, item in enumerate(items):
        # As long ago as the order wants it: another machine's clock may be ahead of ours, and whatever
        # is said from now on comes after.
        item.created_at = began + place * _STEP
    return ChatContext(items)


def turn_open(story: ChatContext) -> bool:
    """Whether the caller has said something that was not answered: the model goes on with their turn."""
    last = story.items[-1] if story.items else None
    if isinstance(last, ChatMessage):
        return last.role == "user"
    return isinstance(last, FunctionCallOutput)


def _message(event: Event) -> ChatMessage | None:
    if isinstance(event, CallerSaid):
        return ChatMessage(role="user", content=[event.text])
    if isinstance(event, AssistantSaid):
        return ChatMessage(role="assistant", content=[event.text], interrupted=event.interrupted)
    if isinstance(event, StaffSaid):
        return ChatMessage(role="assistant", content=[as_colleague(event.text)])
    if isinstance(event, StaffWhispered) and not event.aloud:
        # What was said aloud is among the assistant's words.
        return _note(as_whisper(event.text))
    return None


def _tool(entry: JournalEntry, event: ToolCalled) -> list[ChatItem]:
    call_id = f"call_{entry.epoch}_{entry.seq}"
    arguments = json.dumps(event.arguments, ensure_ascii=False)
    return [
        FunctionCall(call_id=call_id, name=event.name, arguments=arguments),
        FunctionCallOutput(
            call_id=call_id,
            name=event.name,
            output=event.result,
            is_error=event.outcome != "done",
        ),
    ]


def _note(text: str) -> ChatMessage:
    return ChatMessage(role="system", content=[text])


def _told(event: Event, zone: ZoneInfo) -> str:
    done = "This was done on this call just before the line was lost, and the caller may not know: "
    if isinstance(event, AppointmentHeld):
        at, until = _at(event.starts_at, zone), f"{event.held_until.astimezone(zone):%H:%M}"
        return (
            f"{done}the time on {at} is held for them until {until}, and not booked yet: find out what"
            " is still missing, and book it with the same offer id."
        )
    if isinstance(event, AppointmentBooked):
        return f"{done}an appointment was booked, on {_at(event.starts_at, zone)}. Do not book it again."
    if isinstance(event, AppointmentMoved):
        return (
            f"{done}their appointment was moved to {_at(event.after, zone)}. Do not move it again."
        )
    if isinstance(event, AppointmentCancelled):
        return f"{done}their appointment was cancelled. Do not cancel another one for it."
    if isinstance(event, AttendanceConfirmed):
        return f"{done}it was noted that they will come to their appointment."
    if isinstance(event, WaitingListJoined):
        return f"{done}they were put on the waiting list."
    return f"{done}their message was taken for the staff. Do not take it again."


def _at(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%A, %-d %B at %-I:%M %p}"
