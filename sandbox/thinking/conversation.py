"""The messages of a chat-completions request, in order, as the policy reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    """Words of the caller, or of the assistant."""

    by: str
    text: str


@dataclass(frozen=True)
class Instructed:
    """A system or developer message after the first words."""

    text: str


@dataclass(frozen=True)
class Called:
    """A tool call with its result; None: not answered yet."""

    tool: str
    arguments: dict[str, Any]
    result: str | None
    spoke: bool
    """Whether the assistant said something along with the call."""


Event = Said | Instructed | Called


@dataclass(frozen=True)
class Conversation:
    """`system` is every instruction before the first words."""

    system: str
    events: tuple[Event, ...]

    @property
    def steps(self) -> int:
        """Tool calls since the caller last spoke."""
        count = 0
        for event in reversed(self.events):
            if isinstance(event, Said) and event.by == "user":
                break
            count += isinstance(event, Called)
        return count


def content_text(content: Any) -> str:
    """The text of a message's content, a string or a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [p.get("text", "") for p in content if isinstance(p, dict)]
        return " ".join(p for p in parts if isinstance(p, str))
    return ""


def read(messages: Iterable[dict[str, Any]]) -> Conversation:
    """The conversation of a request's `messages`."""
    listed = list(messages)
    results = {
        m.get("tool_call_id"): content_text(m.get("content"))
        for m in listed
        if m.get("role") == "tool"
    }
    system: list[str] = []
    events: list[Event] = []
    for message in listed:
        role, text = message.get("role"), content_text(message.get("content")).strip()
        if role in {"system", "developer"}:
            if events:
                events.append(Instructed(text))
            else:
                system.append(text)
        elif role == "user":
            events.append(Said("user", text))
        elif role == "assistant":
            if text:
                events.append(Said("assistant", text))
            for call in message.get("tool_calls") or ():
                function = call.get("function", {})
                result = results.get(call.get("id"))
                events.append(
                    Called(function.get("name", ""), _arguments(function), result, bool(text))
                )
    return Conversation("\n".join(system), tuple(_merged(events)))


def _arguments(function: dict[str, Any]) -> dict[str, Any]:
    try:
        arguments = json.loads(function.get("arguments") or "{}")
    except ValueError:
        return {}
    return arguments if isinstance(arguments, dict) else {}


def _merged(events: list[Event]) -> list[Event]:
    """Words of the caller that follow each other are one turn: a pause cut them in two."""
    merged: list[Event] = []
    for event in events:
        last = merged[-1] if merged else None
        if isinstance(event, Said) and isinstance(last, Said) and event.by == last.by == "user":
            merged[-1] = Said("user", f"{last.text} {event.text}".strip())
        else:
            merged.append(event)
    return merged


@dataclass(frozen=True)
class Result:
    """A tool's answer, `fact | what to do next`."""

    fact: str
    next_step: str

    @property
    def whole(self) -> str:
        return f"{self.fact} {self.next_step}".lower()

    def asks_for(self, noun: str) -> bool:
        """Whether the tool wants the assistant to ask the caller for `noun`."""
        wants = rf"\b(?:ask|need|needs|missing|required|give|without|spell)\b[^.|]*\b(?:{noun})\b"
        lacks = rf"\b(?:{noun})\b[^.|]*\b(?:is missing|is needed|is required|needed|again|not valid|invalid|not a)\b"
        return bool(re.search(wants, self.whole) or re.search(lacks, self.whole))


def result_of(text: str) -> Result:
    """Split a tool's answer; JSON strings are unwrapped."""
    if text.startswith('"') and text.endswith('"'):
        with_quotes = _unquoted(text)
        text = with_quotes if with_quotes is not None else text
    fact, bar, following = text.rpartition(" | ")
    return Result(fact.strip(), following.strip()) if bar else Result(text.strip(), "")


def _unquoted(text: str) -> str | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, str) else None
