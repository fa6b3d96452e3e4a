"""The two agents of a call: the assistant, and the one that only listens."""

from __future__ import annotations

from collections.abc import Callable

from livekit.agents import NOT_GIVEN, Agent
from livekit.agents.llm import ChatContext

from tools import assistant_tools


class Assistant(Agent):
    """Answers the caller with the model and the tools."""

    def __init__(
        self,
        instructions: str,
        *,
        history: ChatContext | None = None,
        messages_only: bool = False,
        on_entered: Callable[[], None] = lambda: None,
    ) -> None:
        """`history`: what was said before this one took the conversation up; `messages_only`: with the tools
        for that alone; `on_entered`: it has."""
        super().__init__(
            instructions=instructions,
            tools=[*assistant_tools(messages_only=messages_only)],
            chat_ctx=history or NOT_GIVEN,
        )
        self._on_entered = on_entered

    async def on_enter(self) -> None:
        self._on_entered()


class Listener(Agent):
    """Hears and never answers: while a person speaks with the caller, or a message is taken without the
    model."""

    def __init__(self, *, on_entered: Callable[[], None] = lambda: None) -> None:
        super().__init__(instructions="", llm=None, tts=None)
        self._on_entered = on_entered

    async def on_enter(self) -> None:
        self._on_entered()
