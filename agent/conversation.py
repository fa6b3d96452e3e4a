"""The AgentSession of a call, with every setting that matters on the telephone."""

from __future__ import annotations

from typing import Final

from livekit.agents import AgentSession, vad

from agent.providers import CONNECT, Providers
from agent.truth.unrun import Unrun
from agent.turns import turn_handling
from tools.context import CallContext

TOOL_STEPS: Final = 5
"""Rounds of tools in one turn: finding a time and booking it takes up to four."""

CallSession = AgentSession[CallContext]


def build_session(context: CallContext, providers: Providers, detector: vad.VAD) -> CallSession:
    """A session that is not started yet."""
    session = AgentSession[CallContext](
        stt=providers.hearing,
        llm=providers.model,
        tts=providers.speech,
        vad=detector,
        turn_handling=turn_handling(),
        userdata=context,
        max_tool_steps=TOOL_STEPS,
        # The truth gate has taken the markup out, of what is remembered too; the library's own filter would keep
        # the last mark of a sentence back until the next one begins.
        tts_text_transforms=["filter_emoji"],
        # On a telephone it would make the agent deaf to interruption in its first three seconds.
        aec_warmup_duration=None,
        user_away_timeout=context.profile.settings.limits.silence_seconds,
        session_close_transcript_timeout=0.5,
        conn_options=CONNECT,
    )
    Unrun(context).watch(session)
    return session
