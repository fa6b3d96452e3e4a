"""What the caller sends: one packet every 20 ms, silence where nothing is said."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from reception.caller.audio import PACKET_SECONDS, Samples, packets, voiced

_LATE: Final = 0.2
"""Seconds behind schedule after which packets are given up instead of sent in a rush."""


@dataclass(frozen=True)
class Spoken:
    """An utterance that was sent; times are seconds of the monotonic clock."""

    started: float
    """When its first voiced packet was sent."""
    ended: float
    """When its last voiced packet was sent."""


@dataclass
class _Utterance:
    waiting: deque[Samples]
    done: asyncio.Future[Spoken]
    on_started: Callable[[float], None] | None
    first: float | None = None
    last: float | None = None


class Mouth:
    """Sends packets in real time from the moment `run` is started until it is cancelled."""

    def __init__(self, *, rate: int, send: Callable[[Samples], Awaitable[None]]) -> None:
        """`send` gets one packet of PACKET_SECONDS at `rate` Hz."""
        self.rate = rate
        self._send = send
        self._queue: deque[_Utterance] = deque()
        self._silence = np.zeros(round(rate * PACKET_SECONDS), np.int16)
        self._closed = False

    async def run(self) -> None:
        """The clock of the line; runs until cancelled."""
        clock = asyncio.get_running_loop().time
        due = clock()
        try:
            while True:
                await self._send_next(clock)
                due += PACKET_SECONDS
                if clock() - due > _LATE:
                    due = clock()
                await asyncio.sleep(due - clock())
        finally:
            self._close()

    async def play(
        self, samples: Samples, *, on_started: Callable[[float], None] | None = None
    ) -> Spoken:
        """Send `samples` after whatever is waiting; returns when the last packet has gone.

        `on_started` is told when the first voiced packet goes. Raises ValueError for sound without
        voice, ConnectionError when the line closes before the end.
        """
        parts = packets(samples, rate=self.rate)
        if not any(voiced(part) for part in parts):
            raise ValueError("samples: nothing voiced to send")
        if self._closed:
            raise ConnectionError("the call has ended")
        done: asyncio.Future[Spoken] = asyncio.get_running_loop().create_future()
        utterance = _Utterance(deque(parts), done, on_started)
        self._queue.append(utterance)
        try:
            return await done
        except asyncio.CancelledError:
            utterance.waiting.clear()
            raise

    async def _send_next(self, clock: Callable[[], float]) -> None:
        while self._queue and not self._queue[0].waiting:
            self._finish(self._queue.popleft())
        if not self._queue:
            await self._send(self._silence)
            return
        utterance = self._queue[0]
        packet = utterance.waiting.popleft()
        await self._send(packet)
        if voiced(packet):
            utterance.last = clock()
            if utterance.first is None:
                utterance.first = utterance.last
                if utterance.on_started is not None:
                    utterance.on_started(utterance.first)
        if not utterance.waiting:
            self._finish(self._queue.popleft())

    def _finish(self, utterance: _Utterance) -> None:
        if not utterance.done.done() and utterance.first is not None and utterance.last is not None:
            utterance.done.set_result(Spoken(utterance.first, utterance.last))

    def _close(self) -> None:
        self._closed = True
        for utterance in self._queue:
            if not utterance.done.done():
                utterance.done.set_exception(ConnectionError("the call has ended"))
        self._queue.clear()
