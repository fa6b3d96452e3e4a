"""The chain of recognisers: one that hangs, breaks or is deaf is followed by the next, which also hears what
the caller said meanwhile."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, Protocol

from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, APITimeoutError, stt, utils, vad
from livekit.agents.stt.fallback_adapter import FallbackAdapter, FallbackRecognizeStream
from livekit.agents.types import NOT_GIVEN, NotGivenOr

from agent.chain.member import Member, in_order

HEARING_SECONDS: Final = 4.0
"""How long the last provider that is left may take to open a stream."""
HEARING_FIRST_SECONDS: Final = 2.0
"""How long one may that has another behind it."""
REPLAYED_SECONDS: Final = 15.0
"""Of the caller's last words, how much the next provider is given to hear again."""
_PAUSES: Final = (0.25, 0.5, 1.0, 2.0)
"""Between two rounds over all providers when none can be reached: soon at first, then not as a burden."""
_WORKED_SECONDS: Final = 10.0
"""A round that took so long was no failure to connect: the next pause is short again."""
_SUSPECTED_SECONDS: Final = 6.0
"""Words heard within this by another show that the one before was deaf."""
_CONNECT: Final = APIConnectOptions(max_retry=0, timeout=HEARING_SECONDS)

_WORDS: Final = (stt.SpeechEventType.INTERIM_TRANSCRIPT, stt.SpeechEventType.FINAL_TRANSCRIPT)


class Foresight(Protocol):
    """Tells from what is heard whether the turn may be over (`agent.speculation`)."""

    def listen(self, frame: rtc.AudioFrame) -> None:
        """A piece of the sound, before it is recognised."""
        ...

    def ahead(self, event: stt.SpeechEvent, *, behind: float | None) -> stt.SpeechEvent:
        """An event of the recogniser, as the session is to have it. Its last word ended `behind` seconds of sound
        ago; None when the vendor tells no times."""
        ...


class HearingChain(FallbackAdapter):
    """A chain of recognisers. Unlike LiveKit's adapter it opens no second stream at a failed provider beside
    the one that is used, and can be told that a stream is deaf."""

    def __init__(self, members: Sequence[Member], *, detector: vad.VAD | None) -> None:
        super().__init__(
            [one.model for one in members], vad=detector, attempt_timeout=HEARING_SECONDS
        )
        self.members = members
        self.foresight: Foresight | None = None
        """Of the caller."""
        self._open: set[HearingStream] = set()

    def _next_instance(self) -> stt.STT[Any]:
        found: stt.STT[Any] = self._active_instance
        return found

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = _CONNECT,
    ) -> HearingStream:
        stream = HearingStream(self, language=language, conn_options=conn_options)
        self._open.add(stream)
        return stream

    def doubt(self) -> None:
        """Somebody has spoken, and nothing was told of it: go on with the next provider, which hears it again.
        It counts as a failure only if words come of that: it may have been a cough."""
        for stream in self._open:
            stream.doubt()

    def abandon(self) -> None:
        """What is being heard has no end, and was answered: go on with the next provider, from here."""
        for stream in self._open:
            stream.abandon()

    def prefer(self, member: Member) -> None:
        """Go over to this one: it is to be tried (`Member.probe`)."""
        for stream in self._open:
            stream.prefer(member)

    def closed(self, stream: HearingStream) -> None:
        self._open.discard(stream)


class HearingStream(FallbackRecognizeStream):
    """One voice, listened to until it ends."""

    def __init__(
        self, chain: HearingChain, *, language: NotGivenOr[str], conn_options: APIConnectOptions
    ) -> None:
        super().__init__(stt=chain, language=language, conn_options=conn_options)
        self._chain = chain
        self._recent: deque[rtc.AudioFrame] = deque()
        self._recent_seconds = 0.0
        self._heard = 0.0
        """Seconds of sound that have come."""
        self._inner_from = 0.0
        """Which of them the provider has heard first."""
        self._inner: stt.RecognizeStream | None = None
        self._member: Member | None = None
        self._reading: asyncio.Task[None] | None = None
        self._leaving = False
        self._suspected: Member | None = None
        self._suspected_at = 0.0
        self._input_over = False

    def doubt(self) -> None:
        """As `HearingChain.doubt`."""
        if self._member is not None and self._reading is not None:
            self._suspected, self._suspected_at = self._member, time.monotonic()
            self._member.rest()
            self._move()

    def abandon(self) -> None:
        """As `HearingChain.abandon`."""
        if self._member is not None and self._reading is not None:
            self._member.failed(APITimeoutError("the recogniser did not say that this was all"))
            self._forget()
            self._move()

    def prefer(self, member: Member) -> None:
        """As `HearingChain.prefer`."""
        if self._member is not member:
            self._move()

    def _move(self) -> None:
        """Leave the provider, and choose again."""
        if self._reading is not None and not self._leaving:
            self._leaving = True
            self._reading.cancel()

    async def aclose(self) -> None:
        self._chain.closed(self)
        await super().aclose()

    async def _run(self) -> None:
        forwarding = asyncio.create_task(self._forward())
        rounds = 0
        try:
            while True:
                began = time.monotonic()
                failure = await self._round()
                if failure is None or self._input_over:
                    return
                if time.monotonic() - began > _WORKED_SECONDS:
                    rounds = 0
                # Told, and not raised: what the caller says meanwhile is kept for who hears it next.
                self._emit_error(failure, recoverable=False)
                await asyncio.sleep(_PAUSES[min(rounds, len(_PAUSES) - 1)])
                rounds += 1
        finally:
            self._chain.closed(self)
            await utils.aio.cancel_and_wait(forwarding)

    async def _round(self) -> Exception | None:
        """Ask each provider once; None when the voice has ended."""
        began = time.monotonic()
        try:
            waiting = in_order(self._chain.members)
        except APIConnectionError as held:
            return held
        while waiting:
            member = waiting.pop(0)
            try:
                await self._listen(member, last=not waiting)
            except Exception as error:
                member.failed(error)
                continue
            if self._leaving:
                self._leaving = False
                waiting = in_order(self._chain.members)
                continue
            return None
        return APIConnectionError(f"nobody hears after {time.monotonic() - began:.1f} seconds")

    async def _listen(self, member: Member, *, last: bool) -> None:
        """Listen through one provider until it fails (raised), is left, or the voice ends."""
        self._leaving = False
        recogniser: stt.STT[Any] = member.model
        seconds = HEARING_SECONDS if last else HEARING_FIRST_SECONDS
        inner = recogniser.stream(
            language=self._language,
            conn_options=dataclasses.replace(self._conn_options, max_retry=0, timeout=seconds),
        )
        # So that its times are those of the whole voice.
        offset = self.start_time_offset + (time.time() - self._start_time) - self._recent_seconds
        inner.start_time_offset = max(0.0, offset)
        self._inner_from = self._heard - self._recent_seconds
        for frame in self._recent:
            inner.push_frame(frame)
        if self._input_over:
            inner.end_input()
        self._inner, self._member = inner, member
        self._reading = reading = asyncio.create_task(self._read(inner, member))
        try:
            await reading
        except asyncio.CancelledError:
            if not self._leaving:
                raise
        finally:
            self._inner = self._reading = self._member = None
            await utils.aio.cancel_and_wait(reading)
            await inner.aclose()

    async def _read(self, inner: stt.RecognizeStream, member: Member) -> None:
        async for event in inner:
            self._chain._active_instance = member.model
            if event.type in _WORDS and event.alternatives and event.alternatives[0].text:
                self._confirm()
                if event.type == stt.SpeechEventType.FINAL_TRANSCRIPT:
                    member.succeeded()
                    self._forget()
            foresight = self._chain.foresight
            if foresight is not None:
                event = foresight.ahead(event, behind=self._behind(event, inner))
            self._event_ch.send_nowait(event)

    def _behind(self, event: stt.SpeechEvent, inner: stt.RecognizeStream) -> float | None:
        if not event.alternatives or event.alternatives[0].end_time <= 0:
            return None
        ended = event.alternatives[0].end_time - inner.start_time_offset
        return self._heard - (self._inner_from + ended)

    def _confirm(self) -> None:
        suspected, self._suspected = self._suspected, None
        if suspected is None:
            return
        if time.monotonic() - self._suspected_at < _SUSPECTED_SECONDS:
            suspected.failed(APITimeoutError("the recogniser told nothing of what was said"))

    def _forget(self) -> None:
        self._recent.clear()
        self._recent_seconds = 0.0

    async def _forward(self) -> None:
        async for data in self._input_ch:
            inner = self._inner
            if isinstance(data, rtc.AudioFrame):
                if self._chain.foresight is not None:
                    self._chain.foresight.listen(data)
                self._recent.append(data)
                self._heard += data.duration
                self._recent_seconds += data.duration
                while self._recent_seconds > REPLAYED_SECONDS:
                    self._recent_seconds -= self._recent.popleft().duration
            try:
                if inner is None:
                    continue
                if isinstance(data, rtc.AudioFrame):
                    inner.push_frame(data)
                else:
                    inner.flush()
            except RuntimeError:
                # It has closed in this moment; the next one is given what was kept.
                continue
        self._input_over = True
        if self._inner is not None:
            try:
                self._inner.end_input()
            except RuntimeError:
                return
