"""The plain livekit-agents quickstart (https://docs.livekit.io/agents/start/voice-ai-quickstart/), version 1.8.9.

The vendors' plugins have their default options; only their addresses point to the same stand-ins that our
agent uses, and one tool is added for the tool turn. Run by `python -m livekit.agents start`.
"""

from __future__ import annotations

import os

from livekit.agents import Agent, AgentServer, AgentSession, JobContext, function_tool
from livekit.plugins import deepgram, elevenlabs, openai

SANDBOX = os.environ.get("BENCH_SANDBOX", "")
"""The stand-ins' address, `http://host:port`."""


def _never_full(_: AgentServer) -> float:
    """By default a worker on a busy machine refuses calls, and livekit-server does not ask again:
    there would be nothing to measure."""
    return 0.0


server = AgentServer(
    host="127.0.0.1",
    port=int(os.environ.get("RECEPTION_WORKER_PORT", "0")),
    load_fnc=_never_full,
)


class Assistant(Agent):
    """The quickstart's assistant."""

    def __init__(self) -> None:
        super().__init__(
            instructions="You are a helpful voice AI assistant. You eagerly assist users with their"
            " questions by providing information from your extensive knowledge. Your responses are"
            " concise, to the point, and without any complex formatting or punctuation including"
            " emojis, asterisks, or other symbols. You are curious, friendly, and have a sense of"
            " humor."
        )

    @function_tool
    async def look_up(self, question: str) -> str:
        """Look up a fact about the business.

        Args:
            question: What the caller wants to know.
        """
        return "We are open from nine to five, Monday to Friday."


@server.rtc_session(agent_name="quickstart")
async def answer(ctx: JobContext) -> None:
    """Serve one call."""
    session = AgentSession[None](
        stt=deepgram.STT(model="nova-3", base_url=f"{SANDBOX}/v1/listen", api_key="sandbox"),
        llm=openai.LLM(model="gpt-4.1-mini", base_url=f"{SANDBOX}/v1", api_key="sandbox"),
        tts=elevenlabs.TTS(base_url=f"{SANDBOX}/v1", api_key="sandbox"),
    )
    await session.start(room=ctx.room, agent=Assistant())
    await session.generate_reply(instructions="Greet the user and offer your assistance.")
