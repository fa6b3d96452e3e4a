"""A conversation in text with the sandbox's model and the real tools."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from livekit.agents import Agent, AgentSession
from livekit.agents.voice.run_result import RunResult
from livekit.plugins import openai

from agent.instructions import render
from sandbox.server import Sandbox
from tests.tools.fakes import Line
from tools import assistant_tools
from tools.context import CallContext


@dataclass
class Conversation:
    """What the caller says goes in, what the assistant says comes out."""

    session: AgentSession[CallContext]
    dialogue: list[str] = field(default_factory=list)

    async def say(self, *turns: str) -> str:
        """Say the turns one after another; returns the assistant's words on the last."""
        heard = ""
        for turn in turns:
            result: RunResult[None] = await self.session.run(user_input=turn)
            heard = " ".join(
                event.item.text_content or ""
                for event in result.events
                if event.type == "message" and event.item.role == "assistant"
            )
            self.dialogue += [f"caller: {turn}", f"assistant: {heard}"]
        return heard

    async def get(
        self, wish: str, *, until: Callable[[], object], time: str = "2 pm", most_turns: int = 10
    ) -> str:
        """Say `wish`, then answer whatever is asked until `until` holds; returns the last words heard."""
        heard = await self.say(wish)
        for _ in range(most_turns):
            if until():
                return heard
            heard = await self.say(_answer(heard, time))
        raise AssertionError(f"not reached: {self.dialogue}")


def _answer(question: str, time: str) -> str:
    """What Jane Doe says to the assistant's question."""
    for pattern, answer in (
        (r"shall i|is that right|would that work|correct", "Yes please"),
        (r"which|suit you|what (day|time)", f"At {time} please"),
        (r"name", "My name is Jane Doe"),
        (r"number", "The number I am calling from"),
        (r"pass on|message", "Please call me back about my last bill."),
    ):
        if re.search(pattern, question.lower()):
            return answer
    return "Yes please"


@asynccontextmanager
async def conversation(line: Line, sandbox: Sandbox) -> AsyncIterator[Conversation]:
    model = openai.LLM(model="sandbox", api_key="sandbox", base_url=sandbox.openai_url)
    context = line.context
    instructions = render(
        context.profile,
        now=context.database.seam.now(),
        caller_phone=context.caller_phone,
        contact_name=context.contact_name,
    )
    async with AgentSession[CallContext](
        llm=model, userdata=context, max_tool_steps=5, turn_handling={"turn_detection": "manual"}
    ) as session:
        await session.start(Agent(instructions=instructions, tools=assistant_tools()))
        yield Conversation(session)
    await model.aclose()
