"""The AgentSession of a call, with every setting that matters on the telephone."""

from __future__ import annotations

from typing import Final

from livekit.agents import AgentSession, vad

from agent.providers import CONNECT, Providers
from agent.turns import turn_handling
from tools.context import CallContext

TOOL_STEPS: Final = 5
"""Rounds of tools in one turn: finding a time and booking it takes up to four."""
DEAF_SECONDS: Final = 6.0
"""Speech without a transcript for so long means a recogniser that takes sound and never answers."""

CallSession = AgentSession[CallContext]


def build_session(context: CallContext, providers: Providers, detector: vad.VAD) -> CallSession:
    """A session that is not started yet."""
    return AgentSession[CallContext](
        stt=providers.hearing,
        llm=providers.model,
        tts=providers.speech,
        vad=detector,
        turn_handling=turn_handling(),
        userdata=context,
        max_tool_steps=TOOL_STEPS,
        # On a telephone it would make the agent deaf to interruption in its first three seconds.
        aec_warmup_duration=None,
        user_away_timeout=context.profile.settings.limits.silence_seconds,
        transcription_timeout=DEAF_SECONDS,
        session_close_transcript_timeout=0.5,
        conn_options=CONNECT,
    )
