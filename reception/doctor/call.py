"""The synthetic call: the whole way from a caller's room to the assistant's voice."""

from __future__ import annotations

from livekit import rtc

from domain.environment import Environment
from reception.caller.caller import CallEnded, NothingHeard
from reception.caller.webrtc import LiveKit, WebRtcCaller
from reception.doctor.check import Check, ok, problem, warning
from reception.livekit_config import keys_of

PATIENCE = 20.0
SLOW = 3.0
"""Seconds to the first word above which something is wrong, though the call works."""


async def check_call(environment: Environment, *, dialled: str) -> Check:
    """Call `dialled` (E.164) over WebRTC, hear the greeting, hang up."""
    keys = keys_of(environment)
    livekit = LiveKit(environment.livekit_address, keys.key, keys.secret)
    try:
        caller = await WebRtcCaller.place(livekit, dialled=dialled, synthetic=True)
    except rtc.ConnectError:
        return problem(
            "synthetic call", "could not join a room", "look at livekit-server's log and its ports"
        )
    try:
        greeting = await caller.hear(timeout=PATIENCE)
    except NothingHeard:
        if not caller.agent_joined.is_set():
            return problem(
                "synthetic call",
                f"no agent came within {PATIENCE:.0f} s",
                "is a worker registered? See the check `worker` and worker.log",
            )
        return problem(
            "synthetic call",
            f"the agent came and said nothing within {PATIENCE:.0f} s",
            "see worker.log; is the vendor that speaks in order?",
        )
    except CallEnded as error:
        return problem("synthetic call", f"ended before a word: {error}", "see worker.log")
    finally:
        await caller.hang_up()
    seconds = greeting.started - caller.times.placed
    if seconds > SLOW:
        return warning(
            "synthetic call",
            f"greeted after {seconds:.1f} s",
            "too slow for callers: is the machine overloaded, or are its processes cold?",
        )
    return ok("synthetic call", f"greeted after {seconds:.1f} s")
