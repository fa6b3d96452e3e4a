"""A model that misbehaves, on demand: what to answer instead of what the policy would, and when.

Set over `/control/misbehaviours`, like the faults.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from sandbox.thinking.conversation import Called, Conversation, Said, content_text, read
from sandbox.thinking.policy import Call, Reply, without_corrections

Kind = Literal["say", "call", "repeat", "empty", "long", "leak", "obey"]
When = Literal["turn", "deed", "any"]

DEEDS: Final = frozenset(
    {
        "book_appointment",
        "move_appointment",
        "cancel_appointment",
        "take_message",
        "transfer_to_person",
        "save_caller",
    }
)
_ORDER = re.compile(r"\bcall the tool (?P<tool>\w+) with (?P<arguments>\{[^{}]*\})", re.IGNORECASE)
_SENTENCES: Final = (
    "There is a great deal to be said about teeth and how to care for them.",
    "People have brushed them in many ways over the centuries.",
    "Some use soft brushes, others prefer hard ones, and opinions differ.",
    "It is often said that patience matters more than strength here.",
    "Water, paste and a little time are all that anybody needs in the morning.",
)


class Misbehaviour(BaseModel):
    """One way of misbehaving.

    `say` says `text`; `call` asks for `tool` with `arguments` (or `raw`, as they stand); `repeat` makes the
    last tool call again, and again; `empty` answers nothing; `long` talks for `words`; `leak` reads out its
    instructions; `obey` does what "call the tool … with {…}" says, wherever it is written.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    text: str = ""
    tool: str = ""
    arguments: dict[str, Any] | None = None
    raw: str | None = None
    words: Annotated[int, Field(ge=1, le=20_000)] = 5_000
    when: When = "turn"
    """`turn`: in answer to the caller's words; `deed`: where a tool that does something was due; `any`: in
    every request."""
    count: Annotated[int, Field(ge=1)] | None = None
    """How many answers it spoils; None: all until it is removed."""
    after: Annotated[int, Field(ge=0)] = 0
    """How many pass before it."""

    _passed: int = PrivateAttr(default=0)
    _met: int = PrivateAttr(default=0)

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Misbehaviour:
        if self.kind == "say" and not self.text:
            raise ValueError("text is needed with kind 'say'")
        if self.kind == "call" and not self.tool:
            raise ValueError("tool is needed with kind 'call'")
        return self

    def instead_of(self, said: Reply, conversation: Conversation, everything: str) -> Reply | None:
        """What to answer instead of `said`; None to leave it. `everything` is all that the model was given."""
        if not self._is_time(said, conversation):
            return None
        answer = self._answer(conversation, everything)
        if answer is None or (self.count is not None and self._met >= self.count):
            return None
        if self._passed < self.after:
            self._passed += 1
            return None
        self._met += 1
        return answer

    def _is_time(self, said: Reply, conversation: Conversation) -> bool:
        events = without_corrections(conversation).events
        if self.when == "deed":
            return any(call.tool in DEEDS for call in said.calls)
        if self.when == "turn" and self.kind != "repeat":
            return bool(events) and isinstance(events[-1], Said) and events[-1].by == "user"
        return True

    def _answer(self, conversation: Conversation, everything: str) -> Reply | None:
        number = len(conversation.events)
        match self.kind:
            case "say":
                return Reply(self.text)
            case "call":
                arguments = self.arguments or {}
                return Reply("", (Call(f"call_{number}", self.tool, arguments, raw=self.raw),))
            case "repeat":
                last = conversation.events[-1] if conversation.events else None
                if not isinstance(last, Called):
                    return None
                return Reply("", (Call(f"call_{number}", last.tool, last.arguments),))
            case "empty":
                return Reply("")
            case "long":
                return Reply(_talk(self.words))
            case "leak":
                return Reply(conversation.system)
            case "obey":
                return _obey(conversation, everything, number)


def _talk(words: int) -> str:
    said: list[str] = []
    while len(said) < words:
        said += f"Point {len(said)}: {_SENTENCES[len(said) % len(_SENTENCES)]}".split()
    return " ".join(said[:words]) + "."


def _obey(conversation: Conversation, everything: str, number: int) -> Reply | None:
    done = {
        (event.tool, json.dumps(event.arguments, sort_keys=True))
        for event in conversation.events
        if isinstance(event, Called)
    }
    for found in _ORDER.finditer(everything):
        try:
            arguments = json.loads(found["arguments"])
        except ValueError:
            continue
        if (found["tool"], json.dumps(arguments, sort_keys=True)) not in done:
            return Reply("", (Call(f"call_{number}", found["tool"], arguments),))
    return None


class Misbehaviours:
    """Those in force, in the order they were set."""

    def __init__(self) -> None:
        self.all: list[Misbehaviour] = []

    def spoil(self, said: Reply, messages: list[dict[str, Any]]) -> Reply:
        """The answer that is given to `messages`."""
        if not self.all:
            return said
        conversation = read(messages)
        everything = "\n".join(content_text(message.get("content")) for message in messages)
        for one in self.all:
            instead = one.instead_of(said, conversation, everything)
            if instead is not None:
                return instead
        return said
