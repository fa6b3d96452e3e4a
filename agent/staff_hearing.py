"""What staff say to the caller, in words: a recogniser of their own on their own track."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from livekit import rtc
from livekit.agents import stt

from agent.providers import CONNECT, HEARING_RATE, describe
from domain.seam import Seam

AGAIN_SECONDS: Final = (0.5, 1.0, 2.0, 5.0)
"""Waits before a broken recogniser is tried again; the last one from then on."""
LAST_WORDS_SECONDS: Final = 0.5
"""Who hands the call back often does so with their last word, which is yet on its way to being recognised. The
caller waits for the assistant meanwhile."""
_PAUSE_SECONDS: Final = 1.5
"""A line ends with the recogniser's end of speech; this long after a final where none is told."""

log = logging.getLogger("reception.agent.staff_hearing")


@dataclass(frozen=True)
class StaffLine:
    """Words of one breath."""

    text: str
    started_at: datetime
    ended_at: datetime


class OnSaid(Protocol):
    def __call__(self, line: StaffLine) -> None: ...


class StaffHearing:
    """Recognises one track until it is stopped. A vendor that fails costs the words of that time and
    nothing else: neither the call nor its own recogniser notices."""

    def __init__(
        self, track: rtc.Track, on_said: OnSaid, *, hearing: stt.STT[Any], seam: Seam
    ) -> None:
        """Starts at once; needs a running loop."""
        self._track = track
        self._on_said = on_said
        self._hearing = hearing
        self._seam = seam
        self._pieces: list[stt.SpeechData] = []
        self._unfinished = False
        """Whether words were told that are not final yet."""
        self._end_input: Callable[[], None] = lambda: None
        self._began = seam.now()
        self._flushing: asyncio.TimerHandle | None = None
        self._task = asyncio.create_task(self._run(), name="staff_hearing")

    async def finish(self) -> None:
        """Nothing more is to be heard: wait up to LAST_WORDS_SECONDS for the words of what was said already,
        then stop."""
        if self._unfinished:
            self._end_input()
            await asyncio.wait({self._task}, timeout=LAST_WORDS_SECONDS)
        await self.stop()

    async def stop(self) -> None:
        """Stop listening; what was recognised so far is told."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.flush()

    async def _run(self) -> None:
        failures = 0
        while True:
            sound = rtc.AudioStream(
                self._track, sample_rate=HEARING_RATE, num_channels=1, frame_size_ms=50
            )
            began = asyncio.get_running_loop().time()
            try:
                await self._recognise(sound)
                # The track has ended.
                return
            except Exception as error:
                log.warning("staff not transcribed", extra={"error": describe(error)})
            finally:
                await sound.aclose()
                self.flush()
            lasted = asyncio.get_running_loop().time() - began
            failures = 1 if lasted > AGAIN_SECONDS[-1] else failures + 1
            await asyncio.sleep(AGAIN_SECONDS[min(failures, len(AGAIN_SECONDS)) - 1])

    async def _recognise(self, sound: rtc.AudioStream) -> None:
        self._began = self._seam.now()
        async with self._hearing.stream(conn_options=CONNECT.stt_conn_options) as stream:
            sending = asyncio.create_task(_send(sound, stream))
            self._end_input = functools.partial(_end, sending, stream)
            try:
                async for event in stream:
                    self._heard(event)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    def _heard(self, event: stt.SpeechEvent) -> None:
        if event.type == stt.SpeechEventType.INTERIM_TRANSCRIPT and event.alternatives:
            self._unfinished = bool(event.alternatives[0].text.strip())
        elif event.type == stt.SpeechEventType.FINAL_TRANSCRIPT and event.alternatives:
            self._unfinished = False
            if event.alternatives[0].text.strip():
                self._pieces.append(event.alternatives[0])
                self._flush_later()
        elif event.type == stt.SpeechEventType.END_OF_SPEECH:
            self.flush()

    def _flush_later(self) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
        self._flushing = asyncio.get_running_loop().call_later(_PAUSE_SECONDS, self.flush)

    def flush(self) -> None:
        """Tell what was recognised so far, though its line has not ended."""
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        pieces, self._pieces = self._pieces, []
        if not pieces:
            return
        now = self._seam.now()
        # Vendors count from the stream's beginning, and some not at all.
        ended = min(now, self._began + timedelta(seconds=pieces[-1].end_time or 0))
        started = self._began + timedelta(seconds=pieces[0].start_time)
        if not pieces[-1].end_time or started > ended:
            started = ended = now
        text = " ".join(piece.text.strip() for piece in pieces)
        self._on_said(StaffLine(text, started, ended))


def _end(sending: asyncio.Task[None], stream: stt.RecognizeStream) -> None:
    """The recogniser is told that this was all: it sends what it has, and ends."""
    sending.cancel()
    # It may have ended by itself in this moment.
    with suppress(RuntimeError):
        stream.end_input()


async def _send(sound: rtc.AudioStream, stream: stt.RecognizeStream) -> None:
    async for event in sound:
        stream.push_frame(event.frame)
    stream.end_input()
