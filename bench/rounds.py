"""One run: the two agents in turn, round by round, on the same stand-ins."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from livekit import rtc

from bench.agents import OURS, BenchAgent, running
from bench.calls import CallFigures, Place, Script, greet, measure, placer
from bench.cost import Cost, measure_cost
from bench.figures import Figures, figures
from bench.reported import differences, reported
from bench.saying import Say, why
from bench.stack import Stack
from bench.vendors import script_hearing
from bench.voice import phone_voice
from reception.caller.sip_phone import SipPhone

_BETWEEN_CALLS: Final = 3.0
"""Seconds: a worker needs them to warm up the process that takes the next call."""


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int
    conversations: int
    """Whole conversations for each agent in a round."""
    greetings: int
    """Calls that only wait for the first word, for each agent in a round."""
    at_once: int
    """Calls at once for memory and processor; measured in the last round."""
    beeps: int
    """Of the transport's own loop."""


FULL: Final = Plan(rounds=3, conversations=2, greetings=3, at_once=3, beeps=20)
QUICK: Final = Plan(rounds=3, conversations=1, greetings=1, at_once=2, beeps=5)


@dataclass
class AgentResults:
    """All that was measured of one agent."""

    calls: list[CallFigures] = field(default_factory=list)
    greetings: list[CallFigures] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    """What could not be measured, and why."""

    @property
    def answered(self) -> list[float]:
        return [one.answered for one in self._all if one.answered is not None]

    @property
    def greeted(self) -> list[float]:
        return [one.greeted for one in self._all if one.greeted is not None]

    def each(self, values: Callable[[CallFigures], Sequence[float]]) -> list[float]:
        """These values of all whole conversations."""
        return [one for call in self.calls for one in values(call)]

    @property
    def off_by(self) -> Figures | None:
        """By how much answers were heard earlier or later than the API tells, in seconds."""
        return figures([abs(one) for one in self.each(lambda call: call.off_by)])

    @property
    def unanswered(self) -> int:
        return sum(call.unanswered for call in self._all)

    @property
    def cut_ins(self) -> int:
        return sum(call.cut_ins for call in self.calls)

    @property
    def _all(self) -> list[CallFigures]:
        return [*self.calls, *self.greetings]


async def play_rounds(
    stack: Stack, agents: Sequence[BenchAgent], plan: Plan, *, say: Say
) -> dict[str, AgentResults]:
    """Measure every agent in every round, in turn; results by the agent's name.

    Raises PartFailed when a worker does not start.
    """
    results = {agent.name: AgentResults() for agent in agents}
    async with SipPhone(voice=phone_voice) as sip_phone:
        phone = sip_phone if stack.telephony is not None else None
        for number in range(plan.rounds):
            # Every other round begins with the other agent: what warms up or wears is shared.
            order = agents if number % 2 == 0 else list(reversed(agents))
            for agent in order:
                say(f"round {number + 1} of {plan.rounds}: {agent.name}")
                last = number == plan.rounds - 1
                await _round(
                    stack, phone, agent, plan, results[agent.name], with_cost=last, say=say
                )
    return results


async def _round(
    stack: Stack,
    phone: SipPhone | None,
    agent: BenchAgent,
    plan: Plan,
    results: AgentResults,
    *,
    with_cost: bool,
    say: Say,
) -> None:
    script = Script()
    place = placer(stack, phone, agent.name)
    await script_hearing(stack, script.lines)
    async with running(agent, stack) as worker:
        for _ in range(plan.greetings):
            await _one_call(lambda: greet(place), results.greetings, results, say)
        for _ in range(plan.conversations):
            await _one_call(
                lambda: _measured(stack, agent, place, script), results.calls, results, say
            )
        if with_cost:
            await script_hearing(stack, script.plain)
            try:
                cost = await measure_cost(worker, place, script.plain, calls=plan.at_once)
                results.costs.append(cost)
            except (ConnectionError, TimeoutError) as error:
                results.failed.append(f"{plan.at_once} calls at once: {why(error)}")


async def _measured(stack: Stack, agent: BenchAgent, place: Place, script: Script) -> CallFigures:
    """A whole conversation; of ours also what the product tells of it."""
    figures = await measure(place, script)
    if agent is OURS:
        # Its last events are on their way to the database.
        await asyncio.sleep(_BETWEEN_CALLS)
        figures.off_by = differences(figures.answers, await reported(stack))
    return figures


async def _one_call(
    call: Callable[[], Awaitable[CallFigures]],
    kept: list[CallFigures],
    results: AgentResults,
    say: Say,
) -> None:
    try:
        figures = await call()
    except (ConnectionError, TimeoutError, rtc.ConnectError) as error:
        results.failed.append(f"a call: {why(error)}")
        say(f"  {results.failed[-1]}")
        return
    kept.append(figures)
    say(f"  {figures}")
    await asyncio.sleep(_BETWEEN_CALLS)
