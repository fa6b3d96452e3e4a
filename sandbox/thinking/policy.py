"""The next thing to say or do, from the messages and the tools alone.

Nothing is kept between requests: each replays the conversation. Facts come from tool results and the
instructions, never from here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.thinking.conversation import Called, Conversation, Instructed, Said, read
from sandbox.thinking.moments import today_of
from sandbox.thinking.situation import Situation, take_result
from sandbox.thinking.steps import Ask, Do, Step, next_step, only_words
from sandbox.thinking.toolbox import Tool, fitted, read_tools
from sandbox.thinking.understanding import take_words

_CORRECTION = re.compile(r"you were about to say|your last answer", re.IGNORECASE)
_MOST_STEPS = 4
"""Tool calls in one turn; beyond them the policy only speaks, so that it can't loop."""


@dataclass(frozen=True)
class Call:
    """A tool call of a reply."""

    id: str
    tool: str
    arguments: dict[str, Any]
    raw: str | None = None
    """The arguments as they are sent, where that is not their JSON."""

    @property
    def written(self) -> str:
        return json.dumps(self.arguments) if self.raw is None else self.raw


@dataclass(frozen=True)
class Reply:
    """What the model answers: words, tool calls, or both."""

    text: str
    calls: tuple[Call, ...] = ()


def reply(*, messages: list[dict[str, Any]], tools: Any, tool_choice: Any, today: date) -> Reply:
    """Answer a chat-completions request. `today` is used when the instructions name no date."""
    conversation = without_corrections(read(messages))
    offered = read_tools(tools)
    forced = _forced(tool_choice, offered)
    usable: Mapping[str, Tool] = {} if tool_choice == "none" else offered
    if forced:
        usable = {forced.name: forced}
    situation = _replayed(conversation, offered, today)
    if conversation.steps >= _MOST_STEPS:
        usable = {}
    last = conversation.events[-1] if conversation.events else None
    if isinstance(last, Instructed):
        return Reply(_as_instructed(last.text, situation))
    step = next_step(situation, usable) if usable else only_words(situation)
    if forced and not isinstance(step, Do):
        step = Do(forced.name, _known(situation))
    elif tool_choice == "required" and not isinstance(step, Do) and usable:
        first = next(iter(usable))
        step = Do("look_up" if "look_up" in usable else first, _known(situation))
    return _as_reply(step, usable, conversation)


def without_corrections(conversation: Conversation) -> Conversation:
    """The conversation as it was before the assistant's answer to it was sent back: whoever is told that it
    was wrong does what is right."""
    events = list(conversation.events)
    while events and isinstance(events[-1], Instructed) and _CORRECTION.match(events[-1].text):
        events.pop()
        if events and isinstance(events[-1], Said) and events[-1].by == "assistant":
            events.pop()
    return Conversation(conversation.system, tuple(events))


def _replayed(conversation: Conversation, tools: Mapping[str, Tool], today: date) -> Situation:
    situation = Situation(conversation.system, today_of(conversation.system) or today)
    for event in conversation.events:
        if isinstance(event, Called):
            take_result(situation, event)
        elif isinstance(event, Said) and event.by == "user" and event.text.strip(" ."):
            asked = next_step(situation, tools)
            wants = asked.wants if isinstance(asked, Ask) and situation.turns else None
            take_words(situation, event.text, asked=wants, tools=tools)
    return situation


def _forced(tool_choice: Any, tools: Mapping[str, Tool]) -> Tool | None:
    if isinstance(tool_choice, dict):
        return tools.get((tool_choice.get("function") or {}).get("name", ""))
    return None


def _known(situation: Situation) -> dict[str, Any]:
    return {
        "question": situation.hears,
        "text": situation.hears,
        "reason": situation.hears,
        "name": situation.name,
        "phone": situation.phone,
    }


def _as_instructed(text: str, situation: Situation) -> str:
    """An instruction for one reply: what it quotes is said, else the next words as usual."""
    start, end = text.find('"'), text.rfind('"')
    if 0 <= start < end:
        return text[start + 1 : end]
    return only_words(situation).text


def _as_reply(step: Step, tools: Mapping[str, Tool], conversation: Conversation) -> Reply:
    if not isinstance(step, Do):
        # "at 9 a.m." ends a sentence with its own dot.
        return Reply(step.text.replace("..", "."))
    arguments = fitted(tools[step.tool], step.values)
    # An id that repeats for the same request: tests may compare answers.
    seed = f"{len(conversation.events)} {step.tool} {json.dumps(arguments, sort_keys=True)}"
    number = hashlib.sha256(seed.encode()).hexdigest()[:24]
    return Reply(step.text, (Call(f"call_{number}", step.tool, arguments),))
