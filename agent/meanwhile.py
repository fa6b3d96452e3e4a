"""What was said while a person spoke with the caller: what the assistant knows when it comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from livekit.agents.llm import ChatContext, ChatMessage

_COLLEAGUE: Final = "[Said to the caller by a colleague of yours, not by you] "
_WHISPER: Final = "[From a colleague, to you alone; the caller does not hear it] "


@dataclass(frozen=True)
class _Line:
    by: Literal["caller", "staff", "whisper"]
    text: str


class Meanwhile:
    """Collects the lines in the order in which they were said."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []

    def caller_said(self, text: str) -> None:
        self._lines.append(_Line("caller", text))

    def staff_said(self, text: str) -> None:
        self._lines.append(_Line("staff", text))

    def whispered(self, text: str) -> None:
        """Staff told the assistant something that it could not act on then."""
        self._lines.append(_Line("whisper", text))

    def add_to(self, conversation: ChatContext) -> None:
        """Write the lines at the end of `conversation`, and forget them."""
        lines, self._lines = self._lines, []
        if lines and lines[0].by == "caller" and lines[0].text == _last_of_caller(conversation):
            # The turn that the takeover cut was committed after all: it is there already.
            lines = lines[1:]
        for line in lines:
            if line.by == "caller":
                conversation.add_message(role="user", content=line.text)
            elif line.by == "staff":
                conversation.add_message(role="assistant", content=as_colleague(line.text))
            else:
                conversation.add_message(role="system", content=as_whisper(line.text))


def as_colleague(text: str) -> str:
    """What staff said to the caller, as the model reads it."""
    return _COLLEAGUE + text


def as_whisper(text: str) -> str:
    """What staff told the assistant, as the model reads it."""
    return _WHISPER + text


def _last_of_caller(conversation: ChatContext) -> str:
    for item in reversed(conversation.items):
        if isinstance(item, ChatMessage) and item.role == "user":
            return (item.text_content or "").strip()
    return ""
