"""What a model is told of the tools is what livekit-agents would tell it, without building it each time."""

from __future__ import annotations

from livekit.agents.llm import FunctionTool, RawFunctionTool, ToolContext
from livekit.agents.llm.tool_context import ProviderTool, Tool

from agent.chain.tool_schemas import described
from tools import assistant_tools

TOOLS = [one for one in assistant_tools() if isinstance(one, FunctionTool)]


class _Search(ProviderTool):
    def __init__(self) -> None:
        super().__init__(id="search")


def test_each_tool_is_described_as_livekit_agents_describes_it() -> None:
    theirs = ToolContext(TOOLS).parse_function_tools("openai", strict=True)
    ours = ToolContext(described(TOOLS)).parse_function_tools("openai", strict=True)
    assert ours == theirs
    assert len(ours) == len(TOOLS) >= 10


def test_a_description_is_made_once() -> None:
    assert all(one is again for one, again in zip(described(TOOLS), described(TOOLS), strict=True))


def test_what_has_a_schema_of_its_own_stays_as_it_is() -> None:
    raw = described(TOOLS)[0]
    assert isinstance(raw, RawFunctionTool)
    own: list[Tool] = [raw, _Search()]
    assert described(own) == own
