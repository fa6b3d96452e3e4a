"""A conversation in text with the call's own assistant, its gate included, and the sandbox's model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from livekit.agents import AgentSession
from livekit.plugins import openai

from agent.assistant import Assistant
from agent.conversation import TOOL_STEPS
from agent.instructions import render
from agent.truth.unrun import Unrun
from sandbox.server import Sandbox
from tests.tools.conversation import Conversation
from tests.tools.fakes import Line
from tools.context import CallContext


@asynccontextmanager
async def assistant_conversation(line: Line, sandbox: Sandbox) -> AsyncIterator[Conversation]:
    """Talks with `line`'s business."""
    context = line.context
    model = openai.LLM(model="sandbox", api_key="sandbox", base_url=sandbox.openai_url)
    instructions = render(
        context.profile,
        now=context.database.seam.now(),
        caller_phone=context.caller_phone,
        contact_name=context.contact_name,
    )
    async with AgentSession[CallContext](
        llm=model,
        userdata=context,
        max_tool_steps=TOOL_STEPS,
        turn_handling={"turn_detection": "manual"},
    ) as session:
        Unrun(context).watch(session)
        await session.start(Assistant(instructions))
        yield Conversation(session)
    await model.aclose()
