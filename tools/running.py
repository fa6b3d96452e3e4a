"""How every tool is run: once begun it finishes, is written down, and never fails without telling
the model what to do instead."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Concatenate, Final, ParamSpec

from livekit.agents import FunctionTool, RunContext, ToolError, function_tool
from livekit.agents.llm import ToolResult

from domain.calls.events import ToolCalled
from domain.errors import Conflict, DomainError, Invalid, NotFound, Refused
from tools.answer import Answer, Outcome
from tools.context import CallContext
from tools.database import AWAY, OutcomeUnknown

MOST_REPEATS: Final = 5
"""So often the model may make the very same request on one call: what it hopes for will not come."""

MESSAGE_TOOLS: Final = frozenset({"take_message", "save_caller", "transfer_to_person", "end_call"})
"""What may be used while the assistant takes messages only."""

P = ParamSpec("P")

log = logging.getLogger("reception.tools")

_running: set[asyncio.Task[Answer]] = set()


def tool(
    function: Callable[Concatenate[RunContext[CallContext], P], Awaitable[Answer]],
) -> FunctionTool[..., Any]:
    """Make `function` a tool of the assistant; its name, arguments and docstring are what the model
    sees."""

    @functools.wraps(function)
    async def run(
        context: RunContext[CallContext], *args: P.args, **kwargs: P.kwargs
    ) -> str | ToolResult:
        bound = inspect.signature(function).bind(context, *args, **kwargs)
        bound.apply_defaults()
        arguments = dict(list(bound.arguments.items())[1:])
        journal = context.userdata.journal
        context.userdata.memory.ran.add(context.function_call.call_id)
        clock = asyncio.get_running_loop()
        began = clock.time()
        outcome: Outcome = "failed"
        result = "cancelled"
        try:
            _refuse_switched_off(context.userdata, function.__name__)
            _refuse_without_floor(context.userdata)
            _refuse_repetition(context.userdata, function.__name__, arguments)
            answer = await _to_its_end(function(context, *args, **kwargs))
            outcome, result = answer.outcome, str(answer)
            return result if answer.reply else ToolResult(result, reply_required=False)
        except Exception as error:
            outcome, told = _told(error)
            result = told.message
            raise told from None
        finally:
            journal.record(
                ToolCalled(
                    name=function.__name__,
                    arguments=arguments,
                    result=result,
                    outcome=outcome,
                    seconds=round(clock.time() - began, 3),
                )
            )

    return function_tool(run)


async def _to_its_end(work: Awaitable[Answer]) -> Answer:
    """Run `work` so that the end of the turn or of the call does not stop it half-way: what the
    caller said yes to is done, and in the journal, even if they have hung up."""
    task = asyncio.ensure_future(work)
    _running.add(task)
    task.add_done_callback(_finished)
    return await asyncio.shield(task)


def _finished(task: asyncio.Task[Answer]) -> None:
    _running.discard(task)
    # Read, so that a failure nobody waited for is not reported with its content.
    if not task.cancelled():
        task.exception()


def _refuse_switched_off(call: CallContext, name: str) -> None:
    # The model is not even given the others; one that still asks for them (it was in the middle of a
    # turn, or makes them up) gets no further.
    if call.call.messages_only and name not in MESSAGE_TOOLS:
        raise ToolError(
            "The staff let you take messages only at the moment; nothing was done | "
            "Tell the caller that you can take a message for the staff, and do so with take_message."
        )


def _refuse_without_floor(call: CallContext) -> None:
    """What began goes on to its end, but nothing begins: the caller speaks with somebody else."""
    if call.call.with_person:
        raise ToolError(
            "A person of the business speaks with the caller now; nothing was done | "
            "Say nothing, and do nothing."
        )


def repetition_of(name: str, arguments: Mapping[str, object]) -> str:
    """What makes two requests of the model the very same."""
    return f"{name} {json.dumps(arguments, sort_keys=True, default=str)}"


def _refuse_repetition(call: CallContext, name: str, arguments: dict[str, object]) -> None:
    request = repetition_of(name, arguments)
    call.memory.asked[request] += 1
    if call.memory.asked[request] > MOST_REPEATS:
        raise ToolError(
            f"This exact request was made {MOST_REPEATS} times on this call already | "
            "Do not repeat it. Tell the caller plainly what you know, ask what they would like "
            "instead, or offer to take a message."
        )


def _told(error: Exception) -> tuple[Outcome, ToolError]:
    """What the model is told of `error`, and how the call's log counts it."""
    match error:
        case ToolError():
            return "refused", error
        case Invalid():
            then = f"Correct {error.field} and try again; ask the caller if you do not know it."
        case NotFound():
            then = "Use only ids that a tool gave you on this call; otherwise ask the caller."
        case Conflict():
            then = "Tell the caller, and look again for what is possible now."
        case Refused():
            then = "Tell the caller, and offer to take a message for the staff."
        case DomainError():
            then = "Tell the caller, and offer to take a message."
        case OutcomeUnknown():
            log.warning("outcome of a commit unknown")
            return "failed", ToolError(
                "The calendar stopped answering at the very end: it may be done, or not | "
                "Say that you can't tell yet whether it went through, and promise nothing. Then make the "
                "very same request once more: it can't be done twice. If that fails too, say that the "
                "staff will check, and offer to take a message with take_message."
            )
        case _ if isinstance(error, AWAY):
            log.warning("database away", extra={"error": type(error).__name__})
            return "failed", ToolError(
                "The calendar can't be reached at the moment; nothing was changed as far as is known | "
                "Say so, do not promise anything, and offer to take a message with take_message."
            )
        case _:
            # The type only: what an exception says may hold what the caller said.
            log.error("tool failed", extra={"error": type(error).__name__})
            return "failed", ToolError(
                "Something went wrong and it was not done | Apologise, do not try it again, and "
                "offer to take a message."
            )
    return "refused", ToolError(f"{error} | {then}")
