"""`python -m bench [--quick]`: our agent and the plain quickstart side by side.

Exit code 1 when ours is slower than promised, 2 when a part does not start.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Final, TypeVar

import aiohttp
import psycopg
from sqlalchemy.exc import SQLAlchemyError

from bench.agents import OURS, QUICKSTART
from bench.api import measure_api
from bench.load import FULL as FULL_LOAD, QUICK as QUICK_LOAD, measure_load
from bench.machine import busy_cores, machine, versions
from bench.report import Report, render
from bench.rounds import FULL, QUICK, Plan, play_rounds
from bench.saying import say
from bench.scheduling import (
    FULL as FULL_SCHEDULING,
    QUICK as QUICK_SCHEDULING,
    measure_scheduling,
)
from bench.sections import RESULTS
from bench.stack import Stack
from bench.takeover import measure_takeovers
from bench.transport import measure_loop
from bench.vendors import set_delays
from bench.voice import phone_voice
from reception.caller.sip_phone import SipPhone
from reception.livekit_server import LiveKitServerMissing
from reception.postgres import PostgresFailed
from reception.supervisor import PartFailed

Measured = TypeVar("Measured")
_SECTION_ERRORS: Final = (
    *(PartFailed, PostgresFailed, RuntimeError),
    *(aiohttp.ClientError, SQLAlchemyError, psycopg.Error),
)
"""What may go wrong with one section of the report."""


async def run(plan: Plan, *, only: str | None, webrtc: bool) -> Report:
    """Start the parts, measure, stop the parts. Raises PartFailed."""
    busy = await asyncio.to_thread(busy_cores)
    agents = [agent for agent in (OURS, QUICKSTART) if only in (None, agent.name)]
    quick = plan is QUICK
    failed: list[str] = []
    scheduling = takeovers = load = api = None
    if OURS in agents:
        # First and alone: nothing else of the run is there yet to share the processor with.
        amount = QUICK_SCHEDULING if quick else FULL_SCHEDULING
        scheduling = await _tried("scheduling", measure_scheduling(amount, say=say), failed)
    async with Stack(telephony=not webrtc) as stack:
        say("parts are up")
        await set_delays(stack)
        async with SipPhone(voice=phone_voice) as phone:
            by_sip = stack.telephony is not None
            loop = await measure_loop(stack, phone if by_sip else None, beeps=plan.beeps)
        results = await play_rounds(stack, agents, plan, say=say)
        if OURS in agents:
            takeovers = await _tried("takeovers", measure_takeovers(stack, plan, say=say), failed)
        if only is None:
            # A load that only one of them bears compares nothing.
            calls = QUICK_LOAD if quick else FULL_LOAD
            load = await _tried("load", measure_load(stack, calls, say=say), failed)
        if OURS in agents:
            # Last: a hundred thousand calls in the log would burden the others.
            say("call list of the admin API")
            api = await _tried("API", measure_api(stack), failed)
        return Report(
            plan=plan,
            date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            machine=machine(),
            busy_before=busy,
            versions=versions(stack),
            by_sip=by_sip,
            ours=results.get(OURS.name),
            theirs=results.get(QUICKSTART.name),
            loop=loop,
            api=api or [],
            scheduling=scheduling,
            takeovers=takeovers or [],
            load=load,
            failed=failed,
            not_measured=_not_measured(stack),
        )


async def _tried(what: str, measuring: Awaitable[Measured], failed: list[str]) -> Measured | None:
    """The figures of one section, or None and why in `failed`: the others must not be lost with them."""
    try:
        return await measuring
    except _SECTION_ERRORS as error:
        failed.append(f"{what}: {type(error).__name__}: {error}")
        return None


def _not_measured(stack: Stack) -> list[str]:
    left_out = [
        "Real vendors and real networks: the stand-ins' delays are fixed, everything is loopback.",
    ]
    if stack.telephony is None:
        left_out.append("SIP: not asked for, or livekit-sip or redis-server is not on PATH.")
    return left_out


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer calls; RESULTS.md stays")
    parser.add_argument("--only", choices=[OURS.name, QUICKSTART.name], help="one of the agents")
    parser.add_argument(
        "--webrtc", action="store_true", help="not over SIP, even where it could be"
    )
    arguments = parser.parse_args()
    plan = QUICK if arguments.quick else FULL
    try:
        report = asyncio.run(run(plan, only=arguments.only, webrtc=arguments.webrtc))
    except (PartFailed, LiveKitServerMissing) as error:
        say(f"bench: {error}")
        return 2
    except KeyboardInterrupt:
        say("bench: stopped")
        return 130
    text = render(report)
    say("\n" + text)
    if not arguments.quick and arguments.only is None:
        RESULTS.write_text(text)
    for line in report.broken:
        print(f"bench: NOT KEPT: {line}", file=sys.stderr)
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
