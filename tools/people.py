"""Handing the caller to a person."""

from __future__ import annotations

from livekit.agents import RunContext

from domain.handoffs.plan import HandoffPlan, plan_handoff
from tools.answer import Answer
from tools.context import CallContext, HandOver
from tools.running import tool
from tools.understood import said_time

_LONGEST_REASON = 500
_MESSAGE = (
    "offer to take a message: with take_message, and with the time at which they would like to be "
    "called back, if they name one."
)


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
    wanted = " ".join((department or "").split())
    plan = plan_handoff(
        call.profile.routing, now=call.database.seam.now(), department=wanted or None
    )
    if not plan.rounds:
        return _nobody(call, plan, wanted)
    # What is being said would be cut off: the caller is put through, or hears music, from here on.
    await context.wait_for_playout()
    handed = await call.call.hand_over(HandOver(reason=_reason(reason, wanted, plan), plan=plan))
    if handed.outcome == "ringing":
        # The call speaks with the caller from here on, whatever comes of it.
        return Answer(fact="A person is being rung", then="Say nothing more.", reply=False)
    why = f": {handed.why}" if handed.why else ""
    return Answer(
        fact=f"Nobody can be rung at the moment{why}",
        then=f"Tell the caller so, and {_MESSAGE}",
        outcome="failed",
    )


def _reason(reason: str, wanted: str, plan: HandoffPlan) -> str:
    named = f"{wanted}: {reason}" if wanted and not plan.department_name else reason
    return named[:_LONGEST_REASON]


def _nobody(call: CallContext, plan: HandoffPlan, wanted: str) -> Answer:
    if plan.why_nobody == "unknown_department":
        return Answer(
            fact=f"There is no department {wanted[:80]!r}; there are: {', '.join(plan.known)}",
            then="Ask which of these the caller wants, or use the tool again without a department if "
            "it does not matter.",
            outcome="refused",
        )
    who = plan.department_name or "A person"
    if plan.why_nobody == "outside_hours":
        fact = f"{who} can't be reached at this hour"
    elif plan.why_nobody == "nobody_on_call":
        fact = (
            f"Nobody of {who} is on call now" if plan.department_name else "Nobody is on call now"
        )
    else:
        fact = f"{who} can't be reached by telephone at the moment"
    if plan.reachable_at is not None:
        fact = f"{fact}; somebody can be reached again {said_time(call, plan.reachable_at)}"
    return Answer(fact=fact, then=f"Tell the caller so, and {_MESSAGE}", outcome="refused")
