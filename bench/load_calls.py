"""Callers who hold conversations at the same time, and what each of them heard."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from livekit import rtc

from bench.calls import Place
from bench.saying import why
from reception.caller.caller import CallEnded, Caller, NothingHeard

PLACING_TIMEOUT: Final = 30.0
ANSWER_TIMEOUT: Final = 15.0
_PAUSE: Final = 0.4
"""Seconds a caller takes before the next line."""


@dataclass
class HeldCall:
    """One call as its caller lived it."""

    answers: int = 0
    """Times that the agent was heard: the greeting, and the answers to lines."""
    lines: int = 0
    """Lines that were answered."""
    turns: list[float] = field(default_factory=list)
    """Latencies of the answers, in seconds."""
    unanswered: int = 0
    failed: str = ""
    """Why the call could not be placed, or ended before its caller hung up."""
    begun: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    """The greeting was heard, or it is clear that it will not be."""


async def hold(
    place: Place, lines: Sequence[str], *, stop: asyncio.Event, result: HeldCall | None = None
) -> HeldCall:
    """Place a call and talk until `stop`, then hang up. What fails is in the result, not raised."""
    held = result if result is not None else HeldCall()
    try:
        async with asyncio.timeout(PLACING_TIMEOUT):
            call = await place()
    except (ConnectionError, TimeoutError, rtc.ConnectError) as error:
        held.failed = f"not placed: {why(error)}"
        held.begun.set()
        return held
    try:
        await _talk(call, lines, stop, held)
    except CallEnded as error:
        held.failed = f"ended early: {error}"
    finally:
        held.begun.set()
        await call.hang_up()
    return held


async def _talk(call: Caller, lines: Sequence[str], stop: asyncio.Event, held: HeldCall) -> None:
    try:
        await call.hear(timeout=ANSWER_TIMEOUT)
        held.answers += 1
    except NothingHeard:
        held.unanswered += 1
    held.begun.set()
    for line in itertools.cycle(lines):
        if stop.is_set():
            return
        await asyncio.sleep(_PAUSE)
        await call.speak(line)
        try:
            heard = await call.hear(timeout=ANSWER_TIMEOUT)
        except NothingHeard:
            held.unanswered += 1
            continue
        held.answers += 1
        held.lines += 1
        if heard.latency is not None and not heard.cut_in:
            held.turns.append(heard.latency)


class Crowd:
    """Callers who hold calls until they are dismissed; use it as an asynchronous context manager."""

    def __init__(self, place: Place, lines: Sequence[str]) -> None:
        self._place, self._lines = place, lines
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[HeldCall]] = []
        self.held: list[HeldCall] = []

    async def __aenter__(self) -> Crowd:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.dismiss()

    async def grow(self, calls: int, *, apart: float) -> None:
        """Place calls until there are `calls`, `apart` seconds from one to the next."""
        while len(self._tasks) < calls:
            held = HeldCall()
            self.held.append(held)
            self._tasks.append(
                asyncio.create_task(hold(self._place, self._lines, stop=self._stop, result=held))
            )
            await asyncio.sleep(apart)

    async def greeted(self, *, timeout: float) -> None:
        """Wait until everybody has heard the greeting, or has failed, or `timeout` seconds have passed."""
        waiting = [asyncio.create_task(one.begun.wait()) for one in self.held]
        await asyncio.wait(waiting, timeout=timeout)
        for one in waiting:
            one.cancel()

    @property
    def turns(self) -> list[float]:
        return [turn for one in self.held for turn in one.turns]

    @property
    def failures(self) -> list[str]:
        return [one.failed for one in self.held if one.failed]

    @property
    def unanswered(self) -> int:
        return sum(one.unanswered for one in self.held)

    async def dismiss(self) -> None:
        """Everybody finishes their turn and hangs up."""
        self._stop.set()
        await asyncio.gather(*self._tasks)
