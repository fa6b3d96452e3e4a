"""The two agents of a call: the assistant, and the one that only listens."""

from __future__ import annotations

from livekit.agents import NOT_GIVEN, Agent
from livekit.agents.llm import ChatContext

from tools import assistant_tools


class Assistant(Agent):
    """Answers the caller with the model and the tools."""

    def __init__(self, instructions: str, *, history: ChatContext | None = None) -> None:
        """`history`: what was said before this one took the conversation up."""
        super().__init__(
            instructions=instructions, tools=[*assistant_tools()], chat_ctx=history or NOT_GIVEN
        )


class Listener(Agent):
    """Hears and never answers: while a message is taken without the model."""

    def __init__(self) -> None:
        super().__init__(instructions="", llm=None, tts=None)
