"""`python -m bench [--quick]`: our agent and the plain quickstart side by side.

Exit code 1 when ours is slower than promised, 2 when a part does not start.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import psycopg
from sqlalchemy.exc import SQLAlchemyError

from bench.agents import OURS, QUICKSTART
from bench.api import ApiFigures, measure_api
from bench.load import FULL as FULL_LOAD, QUICK as QUICK_LOAD, measure_load
from bench.load_report import LoadReport
from bench.machine import busy_cores, machine, versions
from bench.report import Report, render
from bench.rounds import FULL, QUICK, Plan, play_rounds
from bench.scheduling import (
    FULL as FULL_SCHEDULING,
    QUICK as QUICK_SCHEDULING,
    measure_scheduling,
)
from bench.scheduling_report import SchedulingReport
from bench.stack import Stack
from bench.takeover import TakeoverFigures, measure_takeovers
from bench.transport import measure_loop
from bench.vendors import set_delays
from bench.voice import phone_voice
from reception.caller.sip_phone import SipPhone
from reception.livekit_server import LiveKitServerMissing
from reception.postgres import PostgresFailed
from reception.supervisor import PartFailed

RESULTS = Path(__file__).with_name("RESULTS.md")


def say(line: str) -> None:
    print(line, flush=True)


async def run(plan: Plan, *, only: str | None, webrtc: bool) -> Report:
    """Start the parts, measure, stop the parts. Raises PartFailed."""
    busy = await asyncio.to_thread(busy_cores)
    agents = [agent for agent in (OURS, QUICKSTART) if only in (None, agent.name)]
    # First and alone: nothing else of the run is there yet to share the processor with.
    scheduling, not_scheduled = await _scheduling(plan) if OURS in agents else (None, [])
    async with Stack(telephony=not webrtc) as stack:
        say("parts are up")
        await set_delays(stack)
        async with SipPhone(voice=phone_voice) as phone:
            by_sip = stack.telephony is not None
            loop = await measure_loop(stack, phone if by_sip else None, beeps=plan.beeps)
        results = await play_rounds(stack, agents, plan, say=say)
        takeovers, not_taken = await _takeovers(stack, plan) if OURS in agents else ([], [])
        # A load that only one of them bears compares nothing.
        load, not_borne = await _load(stack, plan) if only is None else (None, [])
        # Last: a hundred thousand calls in the log would burden the others.
        api, failed = await _api(stack) if OURS in agents else ([], [])
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
            api=api,
            scheduling=scheduling,
            takeovers=takeovers,
            load=load,
            failed=not_scheduled + not_taken + not_borne + failed,
            not_measured=_not_measured(stack),
        )


async def _scheduling(plan: Plan) -> tuple[SchedulingReport | None, list[str]]:
    """The figures of scheduling, or why there are none."""
    try:
        amount = QUICK_SCHEDULING if plan is QUICK else FULL_SCHEDULING
        return await measure_scheduling(amount, say=say), []
    except (PartFailed, PostgresFailed, RuntimeError, SQLAlchemyError, psycopg.Error) as error:
        return None, [f"scheduling: {type(error).__name__}: {error}"]


async def _takeovers(stack: Stack, plan: Plan) -> tuple[list[TakeoverFigures], list[str]]:
    """The figures of staff who take calls over, or why there are none."""
    try:
        return await measure_takeovers(stack, plan, say=say), []
    except (PartFailed, RuntimeError, aiohttp.ClientError) as error:
        return [], [f"takeovers: {type(error).__name__}: {error}"]


async def _load(stack: Stack, plan: Plan) -> tuple[LoadReport | None, list[str]]:
    """The figures of many calls at once, or why there are none."""
    try:
        amount = QUICK_LOAD if plan is QUICK else FULL_LOAD
        return await measure_load(stack, amount, say=say), []
    except (PartFailed, RuntimeError, aiohttp.ClientError, psycopg.Error) as error:
        return None, [f"load: {type(error).__name__}: {error}"]


async def _api(stack: Stack) -> tuple[list[ApiFigures], list[str]]:
    """The API's figures, or why there are none: what the calls gave must not be lost with them."""
    say("call list of the admin API")
    try:
        return await measure_api(stack), []
    except (PartFailed, RuntimeError, aiohttp.ClientError, SQLAlchemyError) as error:
        return [], [f"API: {type(error).__name__}: {error}"]


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
