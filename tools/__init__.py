"""What the assistant can do for a caller: one file per flow."""

from __future__ import annotations

from livekit.agents.llm import Tool, Toolset

from tools.booking import book_appointment
from tools.callers import save_caller
from tools.changing import cancel_appointment, move_appointment
from tools.ending import end_call
from tools.finding import find_appointments
from tools.knowledge import look_up
from tools.messages import take_message
from tools.people import transfer_to_person
from tools.running import MESSAGE_TOOLS
from tools.times import find_times


def assistant_tools(*, messages_only: bool = False) -> list[Tool | Toolset]:
    """Every tool that the model sees, or those for taking messages."""
    every = [
        find_times,
        book_appointment,
        find_appointments,
        move_appointment,
        cancel_appointment,
        take_message,
        transfer_to_person,
        look_up,
        save_caller,
        end_call,
    ]
    return [one for one in every if not messages_only or one.id in MESSAGE_TOOLS]


__all__ = [
    "assistant_tools",
    "book_appointment",
    "cancel_appointment",
    "end_call",
    "find_appointments",
    "find_times",
    "look_up",
    "move_appointment",
    "save_caller",
    "take_message",
    "transfer_to_person",
]
