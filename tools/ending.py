"""Ending the call."""

from __future__ import annotations

from typing import Literal

from livekit.agents import RunContext

from tools.answer import Answer
from tools.context import CallContext
from tools.running import tool


@tool
async def end_call(
    context: RunContext[CallContext],
    reason: Literal["finished", "caller_asked", "wrong_number", "abuse"] = "finished",
) -> Answer:
    """End the call, once the caller has what they wanted and nothing else, or asks you to.

    Args:
        reason: Why the call ends.
    """
    context.userdata.call.end("assistant_ended")
    return Answer(
        fact="The call ends when you have spoken",
        then="Say goodbye in one short sentence, unless you just have; then say nothing more.",
    )
