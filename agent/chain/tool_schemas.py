"""What a model is told of the tools, made once for all requests.

livekit-agents builds every tool's pydantic model and JSON schema anew for each request: 18 ms of processor for
ten tools, in the way of each answer and of every other call's sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from livekit.agents import function_tool
from livekit.agents.llm import FunctionTool, RawFunctionTool, Tool
from livekit.agents.llm.utils import build_strict_openai_schema


def described(tools: Sequence[Tool]) -> list[Tool]:
    """The same tools with their schemas ready, for a request only: livekit-agents runs those that the session
    has, by name."""
    return [_described(one) if isinstance(one, FunctionTool) else one for one in tools]


@lru_cache(maxsize=64)
def _described(tool: FunctionTool[..., Any]) -> RawFunctionTool[..., Any]:
    async def asked(raw_arguments: dict[str, object]) -> None:
        raise NotImplementedError

    return function_tool(asked, raw_schema=build_strict_openai_schema(tool)["function"])
