"""`python -m bench.takeover [--quick]`: staff take a call over and hand it back: how long two voices are
heard at once, and how long none.

Exit code 1 when a promise is not kept, 2 when a part does not start.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from livekit import api, rtc

from bench.agents import OURS, running
from bench.calls import TOOL_LINE, placer
from bench.figures import cells, figures
from bench.rounds import FULL, QUICK, Plan
from bench.saying import Say, say
from bench.sections import write_section
from bench.stack import Stack
from bench.vendors import set_delays
from bench.voice import phone_voice
from domain.calls.control import GiveFloor
from domain.seam import SystemSeam
from reception.caller.caller import CallEnded, Caller, NothingHeard
from reception.caller.listener import RoomNotFound, find_room
from reception.caller.sip_call import SipCall
from reception.caller.sip_phone import SipPhone
from reception.caller.staff import Console, StaffBrowser
from reception.caller.webrtc import WebRtcCaller
from reception.livekit_server import LiveKitServerMissing
from reception.supervisor import PartFailed

HEADING: Final = "## Staff"
LATEST_SILENCE: Final = 0.3
"""Seconds from a live microphone to the assistant's silence, at the caller (P95)."""
LATEST_RETURN: Final = 2.0
"""Seconds from the hand-back to the assistant's first word, at the caller (P95)."""
_INTO: Final = 0.6
"""Seconds that the assistant has spoken when it is taken over: in the middle of a sentence."""
_QUIET: Final = 0.8
_TIMEOUT: Final = 12.0
_STAFF: Final = UUID(int=1)
_CALLS: Final = {FULL: 6}
_QUICK_CALLS: Final = 2


@dataclass
class TakeoverFigures:
    """Over one transport, in seconds at the caller."""

    transport: str
    silences: list[float] = field(default_factory=list)
    """From the request to publish the microphone to the assistant's last voiced packet."""
    returns: list[float] = field(default_factory=list)
    """From the request to hand back to the assistant's first voiced packet."""
    failed: list[str] = field(default_factory=list)


async def measure_takeovers(stack: Stack, plan: Plan, *, say: Say) -> list[TakeoverFigures]:
    """Two takeovers in each of some calls over WebRTC, and over SIP where that is there.

    Raises PartFailed.
    """
    # Scripts of other sections are forgotten: staff are recognised too.
    await set_delays(stack)
    found = []
    async with running(OURS, stack), SipPhone(voice=phone_voice) as phone:
        for transport in ("WebRTC", "SIP") if stack.telephony is not None else ("WebRTC",):
            say(f"takeovers over {transport}")
            place = placer(stack, phone if transport == "SIP" else None, OURS.name)
            result = TakeoverFigures(transport)
            for _ in range(_CALLS.get(plan, _QUICK_CALLS)):
                try:
                    await _one_call(stack, await place(), result)
                except (
                    CallEnded, ConnectionError, NothingHeard, RoomNotFound, TimeoutError,
                    api.TwirpError, rtc.ConnectError,
                ) as error:  # fmt: skip
                    result.failed.append(f"a takeover over {transport}: {type(error).__name__}")
            found.append(result)
    return found


async def _one_call(stack: Stack, call: Caller, result: TakeoverFigures) -> None:
    try:
        room = await _room_of(stack, call)
        # Mid-greeting, and mid-answer: a fixed sentence and one of the model.
        await _one_takeover(stack, call, room, result)
        await call.speak(TOOL_LINE)
        await _one_takeover(stack, call, room, result)
    finally:
        await call.hang_up()


async def _one_takeover(stack: Stack, call: Caller, room: str, result: TakeoverFigures) -> None:
    clock = asyncio.get_running_loop().time
    staff = await StaffBrowser.join(stack.livekit, room, user_id=_STAFF)
    try:
        async with Console(stack.livekit, room) as console:
            heard = call.ear.bursts
            started = await _first_voice(call, since=heard[-1].last_voiced if heard else 0)
            await asyncio.sleep(max(0.0, started + _INTO - clock()))
            asked = await staff.open_microphone()
            silent = await _silence(call)
            result.silences.append(max(0.0, silent - asked))
            given = clock()
            await console.send(GiveFloor(id=SystemSeam().new_id(), user_id=_STAFF, to="assistant"))
            back = await _first_voice(call, since=given)
            result.returns.append(back - given)
    finally:
        await staff.hang_up()
    await _silence(call)


async def _room_of(stack: Stack, call: Caller) -> str:
    if isinstance(call, SipCall):
        name, _ = await find_room(stack.livekit, call.dialog.call_id, timeout=_TIMEOUT)
        return name
    assert isinstance(call, WebRtcCaller)
    return call.room_name


async def _first_voice(call: Caller, *, since: float) -> float:
    """When the assistant's next speech began."""
    async with asyncio.timeout(_TIMEOUT):
        while True:
            if bursts := call.ear.since(since):
                return bursts[0].started
            await asyncio.sleep(0.01)


async def _silence(call: Caller) -> float:
    """Wait until nothing is heard; when the last voice was."""
    clock = asyncio.get_running_loop().time
    async with asyncio.timeout(_TIMEOUT):
        while True:
            if not call.ear.talking(at=clock(), pause=_QUIET):
                return call.ear.bursts[-1].last_voiced
            await asyncio.sleep(0.01)


def broken(measured: list[TakeoverFigures]) -> list[str]:
    """What was promised and not kept, or could not be measured."""
    found = [failure for one in measured for failure in one.failed]
    for one in measured:
        for what, values, promised in _measures(one):
            result = figures(values)
            if result is None:
                found.append(f"{what}: nothing measured")
            elif result.p95 > promised:
                found.append(f"{what}: {result.p95:.2f} s (P95), later than {promised:.1f} s")
    return found


def render(measured: list[TakeoverFigures]) -> list[str]:
    """The section in Markdown, without its heading."""
    lines = [
        "Taken over in the middle of the greeting and of an answer; at the caller, seconds.",
        "",
        "| | median | P95 | min–max | n | promised |",
        "|---|---|---|---|---|---|",
    ]
    for one in measured:
        for what, values, promised in _measures(one):
            row = " | ".join([what, *cells(figures(values), digits=3), f"{promised:.1f}"])
            lines.append(f"| {row} |")
    lines += ["", *(f"- **not kept**: {line}" for line in broken(measured))]
    return lines


def _measures(one: TakeoverFigures) -> list[tuple[str, list[float], float]]:
    return [
        (f"takeover → silence ({one.transport})", one.silences, LATEST_SILENCE),
        (f"hand back → first word ({one.transport})", one.returns, LATEST_RETURN),
    ]


async def _alone(plan: Plan) -> list[TakeoverFigures]:
    async with Stack(telephony=True) as stack:
        return await measure_takeovers(stack, plan, say=say)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.takeover", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer calls; RESULTS.md stays")
    quick = parser.parse_args().quick
    try:
        measured = asyncio.run(_alone(QUICK if quick else FULL))
    except (PartFailed, LiveKitServerMissing) as error:
        say(f"bench: {error}")
        return 2
    say("\n" + "\n".join(render(measured)))
    if not quick:
        write_section(HEADING, render(measured))
    return 1 if broken(measured) else 0


if __name__ == "__main__":
    sys.exit(main())
