"""One live stream: audio in, Deepgram's messages out at the times a recogniser would send them."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import soxr

from sandbox.faults import Fault, factor, kind_of
from sandbox.hearing.endpointing import Endpointer, Heard
from sandbox.hearing.recogniser import SAMPLE_RATE, Recogniser
from sandbox.hearing.script import Line, Prompter, words_at
from sandbox.hearing.transcript import numerals, punctuated, revised, written
from sandbox.hearing.words import Word
from sandbox.shared import Shared
from sandbox.traffic import Record

_PRE_ROLL = 0.3
"""Seconds of audio before the detected beginning that the decoder gets too."""
_TRAILING_QUIET = 0.05
"""Once it has been quiet this long, a scripted utterance has been said whole."""


@dataclass(frozen=True)
class ListenOptions:
    """What the client asked for in its query; `sample_rate` in Hz."""

    sample_rate: int
    interims: bool
    punctuate: bool
    numerals: bool
    vad_events: bool


def results_alternative(words: list[Word], options: ListenOptions) -> dict[str, Any]:
    """Deepgram's `alternatives[0]`: transcript, confidence and timed words."""
    shown = written(words)
    if options.numerals:
        shown = numerals(shown)
    marked = punctuated(shown) if options.punctuate else [w.text for w in shown]
    return {
        "transcript": " ".join(marked),
        "confidence": min((w.confidence for w in shown), default=0.0),
        "words": [
            {
                "word": w.text.lower().strip(".,?!"),
                "start": round(w.start, 3),
                "end": round(w.end, 3),
                "confidence": w.confidence,
                **({"punctuated_word": mark} if options.punctuate else {}),
            }
            for w, mark in zip(shown, marked, strict=True)
        ],
    }


@dataclass
class _Utterance:
    """What is being said now. `began` in seconds of the stream."""

    began: float
    record: Record
    fault: Fault | None
    line: Line | None
    recogniser: Recogniser | None
    revises: bool
    next_interim: float
    words: list[Word]


class Listener:
    """Reads audio in order in one task and sends in another, so that a slow decode delays only words."""

    def __init__(
        self,
        *,
        state: Shared,
        options: ListenOptions,
        prompter: Prompter | None,
        request_id: str,
        stream: int,
        send: Callable[[Any], Awaitable[None]],
        send_garbage: Callable[[], Awaitable[None]],
        cut: Callable[[], None],
        close: Callable[[int, str], Awaitable[Any]],
    ) -> None:
        self._state = state
        self._options = options
        self._prompter = prompter
        self._request_id = request_id
        self._stream = stream
        self._send, self._send_garbage, self._cut, self._close = send, send_garbage, cut, close
        self._endpointer = Endpointer(
            sample_rate=options.sample_rate, silence=state.delays.deepgram.endpoint_silence
        )
        self._resampler = (
            soxr.ResampleStream(options.sample_rate, SAMPLE_RATE, 1, dtype="int16")
            if options.sample_rate != SAMPLE_RATE
            else None
        )
        self._inbox: asyncio.Queue[tuple[float, bytes | None]] = asyncio.Queue()
        self._outbox: asyncio.Queue[tuple[float, Callable[[], Awaitable[None]]]] = asyncio.Queue()
        self._pre_roll = b""
        self._heard = 0.0
        self._number = 0
        self._now: _Utterance | None = None
        self._mute = False
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._deliver())]

    def hear(self, pcm: bytes) -> None:
        """Audio of the stream, PCM16 mono."""
        self._inbox.put_nowait((time.monotonic(), pcm))

    def finalize(self) -> None:
        """Deepgram's Finalize: what was heard so far becomes final."""
        self._inbox.put_nowait((time.monotonic(), None))

    async def drain(self) -> None:
        """Send what is due, then Metadata: the answer to CloseStream."""
        self.finalize()
        working = asyncio.create_task(self._settled())
        # A task that died leaves its queue unfinished: don't wait for it.
        await asyncio.wait({working, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        if not self._mute:
            with contextlib.suppress(ConnectionError):
                await self._send(self._metadata())

    async def _settled(self) -> None:
        # One after the other: what is heard last is still to be sent.
        await self._inbox.join()
        await self._outbox.join()

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._now is not None:
            # Its decoder is in the middle of an utterance, or still in use by a thread: not given back.
            self._now.record.done()
            self._now = None

    def _metadata(self) -> dict[str, Any]:
        return {
            "type": "Metadata",
            "request_id": self._request_id,
            "duration": round(self._heard, 3),
            "channels": 1,
        }

    async def _listen(self) -> None:
        while True:
            arrived, pcm = await self._inbox.get()
            try:
                if pcm is None:
                    if self._now is not None:
                        await self._end(self._now, arrived, from_finalize=True)
                else:
                    await self._take_in(arrived, pcm)
            finally:
                self._inbox.task_done()

    async def _deliver(self) -> None:
        while True:
            due, send = await self._outbox.get()
            try:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if not self._mute:
                    with contextlib.suppress(ConnectionError):
                        await send()
            finally:
                self._outbox.task_done()

    async def _take_in(self, arrived: float, pcm: bytes) -> None:
        now = self._now
        hold = now.line.duration or 0.0 if now and now.line else 0.0
        heard = self._endpointer.feed(pcm, hold=hold)
        self._heard += len(pcm) / 2 / self._options.sample_rate
        audio = self._at_model_rate(pcm)
        if heard.started:
            now = await self._begin(arrived)
            audio, self._pre_roll = self._pre_roll + audio, b""
        if now is not None:
            await self._go_on(now, arrived, audio, heard)
        if not self._endpointer.speaking:
            keep = int(_PRE_ROLL * SAMPLE_RATE) * 2
            self._pre_roll = (self._pre_roll + audio)[-keep:] if now is None else b""

    def _at_model_rate(self, pcm: bytes) -> bytes:
        if self._resampler is None:
            return pcm
        resampled = self._resampler.resample_chunk(np.frombuffer(pcm, dtype="<i2"))
        return np.asarray(resampled, dtype="<i2").tobytes()

    async def _begin(self, arrived: float) -> _Utterance | None:
        self._number += 1
        record = self._state.traffic.arrived("deepgram", "utterance", stream=self._stream)
        fault = self._state.faults.meet("deepgram", "turn")
        record.fault = kind_of(fault)
        if fault and fault.kind in {"refuse", "status", "hang"}:
            await self._fail(fault)
            return None
        line = self._prompter.next_line() if self._prompter else None
        if self._prompter and line is None:
            return None
        recogniser = None
        if line is None:
            recogniser = await self._state.recognisers.take()
            await self._state.recognisers.run(recogniser.start)
        began = self._heard - self._endpointer.spoken
        # Seeded by the utterance's number, so that each run revises the same ones.
        revises = random.Random(f"revised {self._number}").random()
        self._now = _Utterance(
            began=began,
            record=record,
            fault=fault,
            line=line,
            recogniser=recogniser,
            revises=revises < self._state.delays.deepgram.revised_share,
            next_interim=self._heard + self._state.delays.deepgram.interim_every,
            words=[],
        )
        if self._options.vad_events:
            event = {"type": "SpeechStarted", "channel": [0], "timestamp": round(began, 3)}
            self._later(arrived, event, self._now)
        return self._now

    async def _fail(self, fault: Fault) -> None:
        """A fault of a connection that is already open."""
        if fault.kind == "status":
            await self._close(1011, f"NET-0000: sandbox fault, status {fault.status}")
        elif fault.kind == "refuse":
            self._cut()
        self._mute = True

    async def _go_on(self, now: _Utterance, arrived: float, audio: bytes, heard: Heard) -> None:
        if heard.voiced:
            now.record.last_voice_ns = int(arrived * 1e9)
        if now.recogniser is not None:
            recogniser = now.recogniser
            now.words = await self._state.recognisers.run(lambda: recogniser.feed(audio))
        if heard.ended:
            now.record.speech_end_ns = int(arrived * 1e9)
            await self._end(now, arrived, from_finalize=False)
        elif self._options.interims and self._heard >= now.next_interim:
            now.next_interim = self._heard + self._state.delays.deepgram.interim_every - 1e-6
            self._interim(now, arrived)

    def _interim(self, now: _Utterance, arrived: float) -> None:
        words = now.words
        if now.line is not None:
            held = self._endpointer.spoken < (now.line.duration or 0.0)
            over = self._endpointer.quiet >= _TRAILING_QUIET and not held
            words = words_at(now.line, None if over else self._heard - now.began)
        if now.revises and words:
            words = [*words[:-1], replace(words[-1], text=revised(words[-1].text))]
        if words:
            lag = self._state.delays.deepgram.interim_lag * factor(now.fault)
            self._later(arrived + lag, self._results(now, words), now)

    async def _end(self, now: _Utterance, arrived: float, *, from_finalize: bool) -> None:
        self._now = None
        words = now.words
        if now.line is not None:
            words = words_at(now.line, None)
        elif now.recogniser is not None:
            words = await self._state.recognisers.run(now.recogniser.finish)
            self._state.recognisers.give_back(now.recogniser)
        if from_finalize:
            # The rest of the sound is the same utterance's: it begins anew only after a pause.
            self._endpointer.speaking = False
        # The settings of now: a test may have changed them since the stream opened.
        self._endpointer.silence = self._state.delays.deepgram.endpoint_silence
        delay = self._state.delays.deepgram.final * factor(now.fault)
        message = self._results(now, words, final=True, from_finalize=from_finalize)
        self._later(arrived + delay, message, now, final=True)

    def _results(
        self,
        now: _Utterance,
        words: list[Word],
        *,
        final: bool = False,
        from_finalize: bool = False,
    ) -> dict[str, Any]:
        # The decoder counts from the pre-roll, a script from the beginning of the utterance.
        shift = now.began - (_PRE_ROLL if now.line is None else 0.0)
        timed = [
            replace(w, start=max(0.0, w.start + shift), end=max(0.0, w.end + shift)) for w in words
        ]
        return {
            "type": "Results",
            "channel_index": [0, 1],
            "start": round(now.began, 3),
            "duration": round(self._heard - now.began, 3),
            "is_final": final,
            "speech_final": final,
            "from_finalize": from_finalize,
            "channel": {"alternatives": [results_alternative(timed, self._options)]},
            "metadata": {"request_id": self._request_id},
        }

    def _later(
        self, due: float, message: dict[str, Any], now: _Utterance, *, final: bool = False
    ) -> None:
        """Queue a message; sent in order, so nothing of an utterance comes after its final."""

        async def send() -> None:
            kind = kind_of(now.fault)
            if kind == "garbage":
                await self._send_garbage()
            else:
                await self._send(message)
            now.record.first_byte()
            if final:
                now.record.final_ns = time.monotonic_ns()
                now.record.done()
            if kind == "cut":
                self._mute = True
                self._cut()
            elif kind == "hang_mid":
                self._mute = True

        self._outbox.put_nowait((due, send))
