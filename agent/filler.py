"""A few words before a tool that is asked for without any: what it finds out is heard a second or two later, and
until then the caller hears that something is done for them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from typing import Final

from livekit import rtc
from livekit.agents import ConversationItemAddedEvent, FlushSentinel
from livekit.agents.llm import ChatChunk, ChatContext, ChatMessage

from agent.fixed_words import recorded_or_spoken, utterance
from agent.phrases import FILLERS, PhraseName

_CALENDAR: Final[tuple[PhraseName, ...]] = ("filler_calendar", "filler_times")
_KNOWLEDGE: Final[tuple[PhraseName, ...]] = ("filler_check", "filler_look")
_DOING: Final[tuple[PhraseName, ...]] = ("filler_busy", "filler_second")
FITTING: Final[Mapping[str, tuple[PhraseName, ...]]] = {
    "find_times": _CALENDAR,
    "find_appointments": _CALENDAR,
    "look_up": _KNOWLEDGE,
    "book_appointment": _DOING,
    "move_appointment": _DOING,
    "cancel_appointment": _DOING,
    "take_message": _DOING,
    "save_caller": _DOING,
}
"""By tool. Who is connected with a person, or says goodbye, hears that and nothing before it."""


class Filler:
    """Of one call: never the same twice running."""

    def __init__(
        self,
        *,
        phrase: Callable[[PhraseName], str],
        sound: Callable[[PhraseName], AsyncIterable[rtc.AudioFrame]],
        on_said: Callable[[], None] = lambda: None,
    ) -> None:
        """`sound`: of a phrase, without asking a vendor; `on_said`: one is about to be heard."""
        self._names = {phrase(name): name for name in FILLERS}
        self._sound = sound
        self._on_said = on_said
        self._last = ""

    def added(self, event: ConversationItemAddedEvent) -> None:
        """A message joined the conversation: one of the assistant's was heard."""
        item = event.item
        if isinstance(item, ChatMessage) and item.role == "assistant":
            text = (item.text_content or "").strip()
            self._last = next((one for one in self._names if text.startswith(one)), self._last)

    async def before_tools(
        self,
        answer: AsyncIterable[ChatChunk | str | FlushSentinel],
        conversation: ChatContext,
        *,
        when_real: Callable[[Callable[[], None]], None],
    ) -> AsyncGenerator[ChatChunk | str | FlushSentinel, None]:
        """A model's answer to `conversation`, with a few words before the first tool if it has none itself."""
        said = not _begins_turn(conversation)
        async for out in answer:
            if isinstance(out, str):
                said = said or bool(out.strip())
            elif isinstance(out, ChatChunk) and out.delta is not None and not said:
                for call in out.delta.tool_calls:
                    if not said and (text := self._fitting(call.name)):
                        said = True
                        when_real(self._on_said)
                        for piece in utterance(text):
                            yield piece
            yield out

    def spoken(
        self,
        text: AsyncIterable[str],
        speak: Callable[[AsyncIterable[str]], AsyncIterable[rtc.AudioFrame]],
    ) -> AsyncGenerator[rtc.AudioFrame, None]:
        """The sound of a piece of an answer: of one of these as it was recorded, of anything else by `speak`."""
        return recorded_or_spoken(text, recorded=self._recorded, speak=speak)

    def _recorded(self, text: str) -> AsyncIterable[rtc.AudioFrame] | None:
        name = self._names.get(text)
        return None if name is None else self._sound(name)

    def _fitting(self, tool: str) -> str:
        texts = [text for text, name in self._names.items() if name in FITTING.get(tool, ())]
        return next((text for text in texts if text != self._last), "")


def _begins_turn(conversation: ChatContext) -> bool:
    """Whether the last that happened is what the caller said: no tool has run since, and nothing was said."""
    for item in reversed(conversation.items):
        if isinstance(item, ChatMessage) and item.role in ("user", "assistant"):
            return item.role == "user"
        if item.type in ("function_call", "function_call_output"):
            return False
    return False
