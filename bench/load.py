"""`python -m bench.load [--quick] [--soak 20m]`: how many calls this machine holds, ours and the plain quickstart's.

Exit code 1 when a promise was not kept, 2 when a part does not start.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bench.agents import OURS, QUICKSTART, BenchAgent, Worker, running
from bench.calls import PLAIN_LINES, Place, placer
from bench.load_calls import Crowd, HeldCall
from bench.load_events import Record
from bench.load_report import HEADING, LoadPlan, LoadReport, Ramp, Step, render
from bench.machine import busy_cores, machine
from bench.part_usage import ADMIN, WORKER, look, used
from bench.saying import Say, say
from bench.sections import write_section
from bench.soak import measure_soak
from bench.stack import Stack
from bench.vendors import script_hearing, set_delays
from bench.voice import phone_voice
from reception import parts
from reception.caller.sip_phone import SipPhone
from reception.livekit_server import LiveKitServerMissing
from reception.supervisor import PartFailed

FULL: Final = LoadPlan(
    steps=(1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16), seconds=45.0, soak_seconds=1200.0
)
QUICK: Final = LoadPlan(steps=(1, 2), seconds=12.0, soak_seconds=45.0)
_IDLE_SECONDS: Final = 10.0
_APART: Final = 1.0
"""Seconds from one call to the next while a crowd grows: how many can talk is asked, not how many can begin."""
_GREETED_TIMEOUT: Final = 45.0
_MOST: Final = "64"
"""Calls that our worker may take here: it would refuse those beyond what it knows the machine to hold."""


async def measure_load(stack: Stack, plan: LoadPlan, *, say: Say) -> LoadReport:
    """Both agents, over each transport that there is, with more and more callers; then the soak of ours.

    Raises PartFailed when a part does not start.
    """
    await set_delays(stack)
    await script_hearing(stack, PLAIN_LINES)
    ramps = []
    transports = ("SIP", "WebRTC") if stack.telephony is not None else ("WebRTC",)
    async with SipPhone(voice=phone_voice) as phone:
        for transport in transports:
            by_sip = phone if transport == "SIP" else None
            for agent in (OURS, QUICKSTART):
                say(f"load: {agent.name} over {transport}")
                async with _installation(agent, stack) as (worker, more):
                    place = placer(stack, by_sip, agent.name)
                    ramps.append(await _ramp(stack, worker, more, place, transport, plan, say=say))
        say(f"load: soak of {plan.soak_seconds / 60:g} minutes")
        by_sip = phone if stack.telephony is not None else None
        async with _installation(OURS, stack) as (worker, _):
            soak = await measure_soak(
                stack, worker, placer(stack, by_sip, OURS.name), PLAIN_LINES,
                seconds=plan.soak_seconds, calls=plan.soak_calls, say=say,
            )  # fmt: skip
    return LoadReport(plan=plan, machine=machine(), busy_before=0.0, ramps=ramps, soak=soak)


@asynccontextmanager
async def _installation(
    agent: BenchAgent, stack: Stack
) -> AsyncIterator[tuple[Worker, dict[str, int]]]:
    """The agent's worker, and with ours the admin service that keeps its calls."""
    supervisor = stack.supervisor()
    try:
        if agent is OURS:
            admin = parts.admin_part(stack.home, stack.environment, stack.admin_env())
            await supervisor.start(admin)
        async with running(agent, stack, RECEPTION_MAX_CALLS=_MOST) as worker:
            more = {WORKER: worker.pid}
            if agent is OURS:
                more[ADMIN] = supervisor.process_ids()["admin"]
            yield worker, more
    finally:
        await supervisor.stop()


async def _ramp(
    stack: Stack,
    worker: Worker,
    more: dict[str, int],
    place: Place,
    transport: str,
    plan: LoadPlan,
    *,
    say: Say,
) -> Ramp:
    """More and more callers, until answers come too late or calls fail."""
    before = look(stack, **more)
    await asyncio.sleep(_IDLE_SECONDS)
    idle = used(before, look(stack, **more))
    record = Record(stack.superuser_url) if worker.agent is OURS else None
    ramp = Ramp(agent=worker.agent.name, transport=transport, idle=idle)
    held: list[HeldCall] = []
    for calls in plan.steps:
        step, taken = await _step(stack, more, place, calls, plan)
        held += taken
        ramp.steps.append(step)
        say(f"  {step}")
        if step.too_late or step.failures:
            break
    if record is not None:
        ramp.kept = await record.kept(held)
        say(f"  {ramp.kept}")
    return ramp


async def _step(
    stack: Stack, more: dict[str, int], place: Place, calls: int, plan: LoadPlan
) -> tuple[Step, list[HeldCall]]:
    async with Crowd(place, PLAIN_LINES) as crowd:
        await crowd.grow(calls, apart=_APART)
        await crowd.greeted(timeout=_GREETED_TIMEOUT)
        begun = [len(one.turns) for one in crowd.held]
        before = look(stack, **more)
        await asyncio.sleep(plan.seconds)
        busy = used(before, look(stack, **more))
        turns = [
            turn for one, count in zip(crowd.held, begun, strict=True) for turn in one.turns[count:]
        ]
        early = list(crowd.failures)
        await crowd.dismiss()
    step = Step(
        calls=calls,
        turns=turns,
        unanswered=crowd.unanswered,
        failures=early or crowd.failures,
        used=busy,
    )
    return step, crowd.held


def seconds_of(text: str) -> float:
    """`90`, `90s`, `20m` or `2h` in seconds. Raises argparse.ArgumentTypeError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if found is None or float(found[1]) <= 0:
        raise argparse.ArgumentTypeError(f"{text}: give it as 90s, 20m or 2h")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


async def _alone(plan: LoadPlan, *, webrtc: bool) -> LoadReport:
    busy = await asyncio.to_thread(busy_cores)
    async with Stack(telephony=not webrtc) as stack:
        report = await measure_load(stack, plan, say=say)
    report.busy_before = busy
    return report


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few calls; RESULTS.md stays")
    parser.add_argument("--soak", type=seconds_of, help="how long calls go on: 20m, 2h")
    parser.add_argument("--steps", help="callers at once, comma-separated: 1,2,4,8")
    parser.add_argument(
        "--webrtc", action="store_true", help="not over SIP, even where it could be"
    )
    arguments = parser.parse_args()
    base = QUICK if arguments.quick else FULL
    plan = LoadPlan(
        steps=tuple(int(one) for one in arguments.steps.split(","))
        if arguments.steps
        else base.steps,
        seconds=base.seconds,
        soak_seconds=arguments.soak or base.soak_seconds,
    )
    try:
        report = asyncio.run(_alone(plan, webrtc=arguments.webrtc))
    except (PartFailed, LiveKitServerMissing) as error:
        say(f"bench: {error}")
        return 2
    say("\n" + "\n".join(render(report)))
    if not arguments.quick:
        write_section(HEADING, render(report))
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
