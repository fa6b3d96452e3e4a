"""Tools that the model asked for and the library did not run: unknown ones, and arguments that can't be read.
They belong in the call's log like the others."""

from __future__ import annotations

import json
from typing import Any

from livekit.agents import AgentSession, FunctionToolsExecutedEvent

from domain.calls.events import ToolCalled
from tools.context import CallContext

LONGEST_NAME = 64
LONGEST_ARGUMENT = 500


class Unrun:
    """Writes down what `tools.running` never saw."""

    def __init__(self, call: CallContext) -> None:
        self._call = call

    def watch(self, session: AgentSession[Any]) -> None:
        session.on("function_tools_executed", self.executed)

    def executed(self, event: FunctionToolsExecutedEvent) -> None:
        """The library has carried out, or turned down, the calls of one answer."""
        ran = self._call.memory.ran
        for asked, answered in event.zipped():
            if asked.call_id in ran:
                ran.discard(asked.call_id)
                continue
            if answered.is_error:
                self._call.journal.record(
                    ToolCalled(
                        name=asked.name[:LONGEST_NAME],
                        arguments=_arguments(asked.arguments),
                        result=answered.output[:LONGEST_ARGUMENT],
                        outcome="refused",
                        seconds=0,
                    )
                )


def _arguments(raw: str) -> dict[str, object]:
    """As far as they can be read; otherwise as they stand."""
    try:
        found = json.loads(raw)
    except ValueError:
        found = None
    if isinstance(found, dict) and len(raw) <= LONGEST_ARGUMENT:
        return found
    return {"unread": raw[:LONGEST_ARGUMENT]}
