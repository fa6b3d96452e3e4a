"""The chain of voices: what one leaves unsaid, the next says, from the word that was cut."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, tts, utils
from livekit.agents.tts.fallback_adapter import (
    FallbackAdapter,
    FallbackChunkedStream,
    FallbackSynthesizeStream,
)
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT

from agent.chain.joint import rest_of
from agent.chain.member import Held, Member, first_in_order, in_order, worth_another_try

SPEECH_SECONDS: Final = 3.0
"""How long the last provider that is left may take for the first sound of a sentence."""
SPEECH_FIRST_SECONDS: Final = 1.5
"""How long one may that has another behind it."""
_CONNECT: Final = APIConnectOptions(max_retry=0, timeout=SPEECH_SECONDS)

Piece = str | tts.SynthesizeStream._FlushSentinel


class SpeechChain(FallbackAdapter):
    """A chain of voices. LiveKit's adapter drops the rest of what a failed provider had begun to say; here the
    next one says it."""

    def __init__(self, members: Sequence[Member], *, sample_rate: int) -> None:
        super().__init__([one.model for one in members], sample_rate=sample_rate)
        self.members = members

    @property
    def served_by(self) -> Member:
        """Whose voice was heard last."""
        return next(one for one in self.members if one.model is self._active_instance)

    def _next_instance(self) -> tts.TTS[Any]:
        found: tts.TTS[Any] = first_in_order(self.members).model
        return found

    def stream(self, *, conn_options: APIConnectOptions = _CONNECT) -> SpeechStream:
        return SpeechStream(self, conn_options=conn_options)

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = _CONNECT
    ) -> FallbackChunkedStream:
        return WholeText(tts=self, input_text=text, conn_options=conn_options)


class WholeText(FallbackChunkedStream):
    """One text, known from the beginning. Over the stream too: it tells what it has said."""

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        chain = self._tts
        assert isinstance(chain, SpeechChain)
        output_emitter.initialize(
            request_id=utils.shortuuid(),
            sample_rate=chain.sample_rate,
            num_channels=chain.num_channels,
            mime_type="audio/pcm",
        )
        async with chain.stream(conn_options=self._conn_options) as stream:
            stream.push_text(self._input_text)
            stream.end_input()
            async for audio in stream:
                output_emitter.push_frame(audio.frame)


class SpeechStream(FallbackSynthesizeStream):
    """One answer's sound."""

    def __init__(self, chain: SpeechChain, *, conn_options: APIConnectOptions) -> None:
        super().__init__(tts=chain, conn_options=conn_options)
        self._chain = chain
        self._text = ""
        """All of it so far."""
        self._done = 0
        """Up to where it has been said."""
        self._ended = False
        self._begun = asyncio.Event()
        """There is something to say, or there will be nothing."""
        self._listener: utils.aio.Chan[Piece] | None = None

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        began = time.monotonic()
        self._text, self._done, self._ended = "", 0, False
        output_emitter.initialize(
            request_id=utils.shortuuid(),
            sample_rate=self._chain.sample_rate,
            num_channels=self._chain.num_channels,
            mime_type="audio/pcm",
            stream=True,
        )
        output_emitter.start_segment(segment_id=utils.shortuuid())
        reading = asyncio.create_task(self._read())
        try:
            failure = await self._say(output_emitter)
        finally:
            await utils.aio.cancel_and_wait(reading)
        if failure is not None:
            seconds = time.monotonic() - began
            raise APIConnectionError(
                f"no voice spoke after {seconds:.1f} seconds",
                retryable=worth_another_try(failure, after=seconds),
            ) from failure

    async def _say(self, emitter: tts.AudioEmitter) -> BaseException | None:
        """Say all of it; what kept the last provider from doing so, if something did."""
        await self._begun.wait()
        if not self._text.strip():
            return None
        waiting = in_order(self._chain.members)
        again = False
        failure: BaseException = Held()
        while waiting:
            member = waiting.pop(0)
            sounded = _Sounded()
            try:
                async for frame in self._attempt(member, sounded, last=not waiting):
                    emitter.push_frame(frame)
            except asyncio.CancelledError:
                if sounded.seconds:
                    # The caller interrupted: it was speaking.
                    member.succeeded()
                raise
            except Exception as error:
                failure = error
                member.failed(error)
                _stop_opening(member.model)
                self._note(sounded)
                if self._ended and not any(one.isalnum() for one in self._text[self._done :]):
                    # Only the end of the stream was missing.
                    return None
                if self._done and not waiting and not again and not member.held:
                    again = True
                    waiting.append(member)
                continue
            member.succeeded()
            return None
        return failure

    async def _attempt(
        self, member: Member, sounded: _Sounded, *, last: bool
    ) -> AsyncIterator[rtc.AudioFrame]:
        voice: tts.TTS[Any] = member.model
        seconds = SPEECH_SECONDS if last else SPEECH_FIRST_SECONDS
        # Who has a recording to fall back on waits less long.
        seconds = min(seconds, self._conn_options.timeout)
        options = dataclasses.replace(self._conn_options, max_retry=0, timeout=seconds)
        resampler = (
            rtc.AudioResampler(input_rate=voice.sample_rate, output_rate=self._chain.sample_rate)
            if voice.sample_rate != self._chain.sample_rate
            else None
        )
        stream = voice.stream(conn_options=options)
        feeding = asyncio.create_task(self._feed(stream))
        try:
            async with stream:
                async for audio in stream:
                    self._chain._active_instance = voice
                    if not self._started_time and stream._started_time:
                        self._started_time = stream._started_time
                    sounded.add(audio.frame, stream)
                    if resampler is None:
                        yield audio.frame
                    else:
                        for frame in resampler.push(audio.frame):
                            yield frame
            if resampler is not None:
                for frame in resampler.flush():
                    yield frame
        finally:
            if not self._started_time and stream._started_time:
                self._started_time = stream._started_time
            await utils.aio.cancel_and_wait(feeding)

    def _note(self, sounded: _Sounded) -> None:
        """Remember how much of the text a failed attempt has said."""
        if sounded.seconds:
            ahead = self._text[self._done :]
            rest = rest_of(ahead, spoken=sounded.text, seconds=sounded.seconds)
            self._done = len(self._text) - len(rest)

    async def _read(self) -> None:
        """Keep what comes in, and pass it to the attempt that is under way."""
        async for piece in self._input_ch:
            if isinstance(piece, str):
                self._text += piece
                if piece.strip():
                    self._begun.set()
            if self._listener is not None:
                self._listener.send_nowait(piece)
        self._ended = True
        self._begun.set()
        if self._listener is not None:
            self._listener.close()

    async def _feed(self, stream: tts.SynthesizeStream) -> None:
        self._listener = listener = utils.aio.Chan[Piece]()
        if ahead := self._text[self._done :]:
            listener.send_nowait(ahead)
        if self._ended:
            listener.close()
        try:
            async for piece in listener:
                if isinstance(piece, str):
                    stream.push_text(piece)
                else:
                    stream.flush()
        finally:
            if self._listener is listener:
                self._listener = None
            stream.end_input()


def _stop_opening(voice: tts.TTS[Any]) -> None:
    """ElevenLabs' plugin (1.8.9) opens its connection ahead without a time limit, under a lock that every later
    attempt waits for: a vendor that hung once would be dead for the rest of the call."""
    opening = getattr(voice, "_prewarm_task", None)
    if isinstance(opening, asyncio.Task):
        opening.cancel()


class _Sounded:
    """What one attempt has made to sound."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._words = ""
        self._stream: tts.SynthesizeStream | None = None

    def add(self, frame: rtc.AudioFrame, stream: tts.SynthesizeStream) -> None:
        self.seconds += frame.duration
        self._words += "".join(frame.userdata.get(USERDATA_TIMED_TRANSCRIPT) or ())
        self._stream = stream

    @property
    def text(self) -> str:
        """The letters whose sound has come, as the vendor tells them; empty when it does not."""
        # ElevenLabs' plugin keeps the last word back until it knows that it is whole; its sound has come.
        return self._words + str(getattr(self._stream, "_text_buffer", ""))
