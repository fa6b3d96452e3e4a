"""Handing the caller to a person."""

from __future__ import annotations

from livekit.agents import RunContext

from domain.calls.events import TransferStarted
from tools.answer import Answer
from tools.context import CallContext
from tools.running import tool

_INSTEAD = "Tell the caller that nobody can take the call now, and offer to take a message."


@tool
async def transfer_to_person(
    context: RunContext[CallContext], reason: str, department: str | None = None
) -> Answer:
    """Connect the caller with a person of the business, when they ask for one or you can't help. Say
    first that you are connecting them.

    Args:
        reason: Why, in a few words, for the person who answers.
        department: The department the caller asks for; null if none.
    """
    call = context.userdata
    number = call.profile.settings.transfer_number
    if not number:
        return Answer(
            fact="Nobody can be reached by telephone at the moment",
            then=_INSTEAD,
            outcome="refused",
        )
    wanted = f"{department.strip()}: {reason}" if department and department.strip() else reason
    # The call leaves with the transfer: what is being said would be cut off.
    await context.wait_for_playout()
    call.journal.record(TransferStarted(reason=wanted[:500]))
    if await call.call.transfer(number):
        return Answer(
            fact="The caller is connected with a person",
            then="Say nothing more.",
            reply=False,
        )
    return Answer(fact="The person did not take the call", then=_INSTEAD, outcome="failed")
