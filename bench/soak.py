"""Calls over a long time: whether memory stays, and whether everything of them is on record."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bench.agents import Worker
from bench.calls import Place
from bench.load_calls import HeldCall, hold
from bench.load_events import Kept, Record
from bench.saying import Say
from bench.stack import Stack
from bench.usage import process_tree, usage_of

SHORT_CALL: Final = 45.0
"""Seconds; a worker's memory has to outlast many calls."""
LONG_CALL: Final = 1500.0
"""Seconds, less than a business lets a call last: a call's memory has to outlast many turns."""
_SAMPLE_EVERY: Final = 5.0
_TOLD_EVERY: Final = 60.0
_WARM_SHARE: Final = 0.1
"""Of the samples, left out at the beginning: what is loaded with the first calls is no leak."""


@dataclass
class Soak:
    """What a soak showed."""

    seconds: float
    calls_at_once: int
    calls: int = 0
    failures: list[str] = field(default_factory=list)
    unanswered: int = 0
    turns: list[float] = field(default_factory=list)
    samples: list[tuple[float, int]] = field(default_factory=list)
    """Seconds since the beginning, and the worker's PSS in bytes with all callers there."""
    kept: Kept | None = None

    @property
    def early(self) -> float | None:
        """Median PSS per call at once of the first quarter, in bytes; None with too few samples."""
        return self._median(0, 1)

    @property
    def late(self) -> float | None:
        """The same of the last quarter."""
        return self._median(3, 4)

    @property
    def growth(self) -> float | None:
        """The last quarter by the first."""
        return self.late / self.early if self.early and self.late else None

    def _median(self, first: int, last: int) -> float | None:
        warm = self.samples[int(len(self.samples) * _WARM_SHARE) :]
        quarter = warm[len(warm) * first // 4 : len(warm) * last // 4]
        if len(warm) < 4 or not quarter:
            return None
        return statistics.median(pss for _, pss in quarter) / self.calls_at_once


async def measure_soak(
    stack: Stack,
    worker: Worker,
    place: Place,
    lines: Sequence[str],
    *,
    seconds: float,
    calls: int,
    say: Say,
) -> Soak:
    """`calls` callers at once for `seconds`: one stays on the line, the others hang up and call again."""
    soak = Soak(seconds=seconds, calls_at_once=calls)
    record = Record(stack.superuser_url)
    held: list[HeldCall] = []
    over = asyncio.Event()
    callers = [
        asyncio.create_task(
            _call_again(place, lines, held, over, each=LONG_CALL if number == 0 else SHORT_CALL)
        )
        for number in range(calls)
    ]
    await _sample(worker, soak, held, seconds=seconds, say=say)
    over.set()
    await asyncio.gather(*callers)
    soak.calls = len(held)
    soak.failures = [one.failed for one in held if one.failed]
    soak.unanswered = sum(one.unanswered for one in held)
    soak.turns = [turn for one in held for turn in one.turns]
    soak.kept = await record.kept(held)
    return soak


async def _call_again(
    place: Place, lines: Sequence[str], held: list[HeldCall], over: asyncio.Event, *, each: float
) -> None:
    while not over.is_set():
        stop = asyncio.Event()
        result = HeldCall()
        held.append(result)
        call = asyncio.create_task(hold(place, lines, stop=stop, result=result))
        waiting = asyncio.create_task(over.wait())
        await asyncio.wait({call, waiting}, timeout=each, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        waiting.cancel()
        await call


async def _sample(
    worker: Worker,
    soak: Soak,
    held: Sequence[HeldCall],
    *,
    seconds: float,
    say: Say,
) -> None:
    clock = asyncio.get_running_loop().time
    began = told = clock()
    while (now := clock()) < began + seconds:
        await asyncio.sleep(min(_SAMPLE_EVERY, began + seconds - now))
        soak.samples.append((clock() - began, usage_of(process_tree(worker.pid)).pss))
        if clock() - told > _TOLD_EVERY:
            told = clock()
            say(
                f"  {(told - began) / 60:.0f} min: {len(held)} calls, {soak.samples[-1][1] >> 20} MiB"
            )
