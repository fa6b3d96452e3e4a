"""A call seen from the caller: speak, hear, interrupt, press, hang up, over whatever carries it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from agent.phrases import FILLERS, TEXTS
from reception.caller.audio import PACKET_SECONDS, Samples
from reception.caller.ear import Burst, Ear
from reception.caller.mouth import Mouth, Spoken
from reception.caller.transcript import Transcript

PAUSE: Final = 0.8
"""Seconds of silence after which the agent is taken to have finished: above the pause between two
sentences of one answer, below what a caller would wait before speaking."""
HEAR_TIMEOUT: Final = 20.0
INTERRUPT_GAP: Final = 0.4
"""Seconds of silence that show that the agent has stopped for the interruption."""
KEYS: Final = "0123456789*#ABCD"
"""In the order of their event codes (RFC 4733 table 3)."""
FILLED_SECONDS: Final = 8.0
"""What is waited for after a few words that only fill the time until the answer."""
_FILLERS: Final = frozenset(texts[name] for texts in TEXTS.values() for name in FILLERS)
_TEXT_WAIT: Final = 0.5
"""Words may arrive this much later than their sound."""


class CallEnded(ConnectionError):
    """The call ended while something was still expected of it; the message holds the reason."""


class NothingHeard(TimeoutError):
    """The agent did not speak within the time given."""


class Voice(Protocol):
    """Makes speech of a text; may block."""

    def __call__(self, text: str, *, rate: int) -> Samples:
        """The speech at `rate` Hz, without silence at its ends."""
        ...


@dataclass(frozen=True)
class Heard:
    """What the agent said between two silences; times are seconds of the monotonic clock."""

    started: float
    """Arrival of the first voiced packet."""
    ended: float
    """Arrival of the last voiced packet."""
    text: str
    """Its words where there is a transcript (WebRTC, or SIP with a `SipListener`), else empty."""
    latency: float | None
    """Seconds from the caller's last voiced packet to `started`; None when the caller had not
    spoken since the last `hear`; negative when the agent went on from before the caller's end."""
    cut_in: bool = False
    """The agent began to speak before the caller had finished."""


@dataclass(frozen=True)
class Interruption:
    """A barge-in; times are seconds of the monotonic clock."""

    spoken: Spoken
    silent_at: float
    """Arrival of the agent's last voiced packet."""

    @property
    def seconds(self) -> float:
        """From the caller's first voiced packet to the agent's silence."""
        return max(0.0, self.silent_at - self.spoken.started)


@dataclass(frozen=True)
class Turn:
    """What the caller said (a text or `[digits]`), and the answer."""

    said: str
    heard: Heard
    interruption: Interruption | None = None


@dataclass
class CallTimes:
    """Moments of a call in seconds of the monotonic clock; None: not reached."""

    placed: float
    """The INVITE was sent; over WebRTC: the join began."""
    ringing: float | None = None
    answered: float | None = None
    """200 OK arrived; over WebRTC: the agent's audio was subscribed."""
    ended: float | None = None


@dataclass
class _Said:
    text: str = ""
    spoken: Spoken | None = None
    interruption: Interruption | None = None
    since: float = 0.0
    """Only bursts that started after this moment answer what was said."""


class Caller(ABC):
    """One call. `WebRtcCaller` and `SipCaller` differ in how sound, digits and words travel."""

    def __init__(self, *, rate: int, voice: Voice, placed: float) -> None:
        self.ear = Ear(rate=rate)
        self.mouth = Mouth(rate=rate, send=self._send_packet)
        self.times = CallTimes(placed=placed)
        self.ended = asyncio.Event()
        self.ended_by: Literal["", "us", "them"] = ""
        self.end_reason = ""
        self.turns: list[Turn] = []
        self.transcript: Transcript | None = None
        self.identity = ""
        self._voice = voice
        self._said = _Said()

    @abstractmethod
    async def _send_packet(self, samples: Samples) -> None: ...

    @abstractmethod
    async def _press(self, digits: str) -> None: ...

    @abstractmethod
    async def hang_up(self) -> None:
        """End the call and free everything it holds; does nothing when it has ended."""

    def read_words(self, transcript: Transcript, *, identity: str) -> None:
        """Take the agent's words from `transcript`; `identity` is this caller's in the room."""
        self.transcript = transcript
        self.identity = identity

    async def speak(self, text: str | Samples) -> Spoken:
        """Say `text` (or play samples at the ear's rate); returns when the last packet has gone.

        Speech of the agent that was not heard by then is not returned by a later `hear`.
        Raises CallEnded.
        """
        samples = await self._samples(text)
        name = text if isinstance(text, str) else "[sound]"
        self._said = _Said(text=name, since=self._now())
        try:
            spoken = await self.mouth.play(samples, on_started=self._mark)
        except ConnectionError as error:
            raise CallEnded(self.end_reason or str(error)) from error
        self._said.spoken = spoken
        return spoken

    async def press(self, digits: str) -> None:
        """Press telephone keys (0-9 * # A-D) one after the other; returns when the last has gone.

        Raises ValueError for other characters, CallEnded.
        """
        if not digits or set(digits) - set(KEYS):
            raise ValueError(f"digits: only {KEYS} can be pressed")
        self._raise_if_ended()
        self._said = _Said(text=f"[{digits}]", since=self._now())
        await self._press(digits)

    async def hear(self, *, timeout: float = HEAR_TIMEOUT, pause: float = PAUSE) -> Heard:
        """Wait until the agent has spoken and then been silent for `pause` seconds.

        The latency and the turn are noted. Raises NothingHeard when no speech began within
        `timeout` seconds, CallEnded when the call ended before any speech.
        """
        first = await self._first_answer(timeout)
        said = self._said
        while True:
            while not self.ended.is_set() and self.ear.talking(at=self._now(), pause=pause):
                await self._tick()
            # Nobody answers "Let me check.": what was found follows.
            text = await self._text(said.since)
            begun = text.startswith(tuple(_FILLERS)) and self.ear.talking(at=self._now())
            if not begun and (text not in _FILLERS or not await self._talks_on()):
                break
        heard = Heard(
            started=first.started,
            ended=self.ear.bursts[-1].last_voiced,
            text=text,
            latency=None if said.spoken is None else first.started - said.spoken.ended,
            cut_in=said.spoken is not None
            and any(one.started <= said.spoken.ended for one in self.ear.since(said.since)),
        )
        if said.text:
            self.turns.append(Turn(said.text, heard, said.interruption))
        self._said = _Said(since=self._now())
        return heard

    async def interrupt(
        self, text: str | Samples, *, after: float = 1.0, timeout: float = HEAR_TIMEOUT
    ) -> Interruption:
        """Speak while the agent talks, `after` seconds into its next (or present) speech.

        Returns when the agent is silent; `hear` then waits for its answer. Raises NothingHeard when
        the agent does not speak, TimeoutError when it does not stop, CallEnded.
        """
        samples = await self._samples(text)
        first = await self._first_answer(timeout)
        await asyncio.sleep(max(0.0, first.started + after - self._now()))
        speaking = asyncio.create_task(self.speak(samples))
        try:
            async with asyncio.timeout(timeout):
                spoken = await speaking
                while self._stopped_at(spoken) is None:
                    self._raise_if_ended()
                    await self._tick()
        finally:
            speaking.cancel()
        silent_at = self._stopped_at(spoken)
        assert silent_at is not None
        done = Interruption(spoken=spoken, silent_at=silent_at)
        self._said.interruption = done
        if isinstance(text, str):
            self._said.text = text
        # An answer that comes before the caller has finished is still the answer.
        self._said.since = silent_at
        return done

    async def wait_for_end(self, *, timeout: float = HEAR_TIMEOUT) -> None:
        """Wait until the call has ended. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            await self.ended.wait()

    async def _tick(self) -> None:
        """Let a packet's time pass: silence is the absence of events, so it has to be looked for."""
        await asyncio.sleep(PACKET_SECONDS)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _mark(self, started: float) -> None:
        self._said.since = started

    def _ended(self, *, by: Literal["us", "them"], reason: str) -> None:
        if self.ended.is_set():
            return
        self.ended_by = by
        self.end_reason = reason
        self.times.ended = self._now()
        self.ended.set()

    def _raise_if_ended(self) -> None:
        if self.ended.is_set():
            raise CallEnded(self.end_reason or "the call has ended")

    async def _samples(self, text: str | Samples) -> Samples:
        if isinstance(text, str):
            return await asyncio.to_thread(self._voice, text, rate=self.ear.rate)
        return text

    async def _first_answer(self, timeout: float) -> Burst:
        give_up = self._now() + timeout
        while True:
            spoken = self._said.spoken
            # What began and ended while the caller spoke was a cut-in, taken back: not the answer.
            heard_until = spoken.ended if spoken is not None else self._said.since
            bursts = [
                burst
                for burst in self.ear.since(self._said.since)
                if burst.last_voiced > heard_until
            ]
            if bursts:
                return bursts[0]
            self._raise_if_ended()
            if self._now() > give_up:
                raise NothingHeard(f"no speech within {timeout:g} s")
            await self._tick()

    async def _talks_on(self) -> bool:
        """Whether the agent speaks again before long."""
        give_up = self._now() + FILLED_SECONDS
        while not self.ended.is_set() and self._now() < give_up:
            if self.ear.talking(at=self._now()):
                return True
            await self._tick()
        return False

    async def _text(self, since: float) -> str:
        if self.transcript is None:
            return ""
        give_up = self._now() + _TEXT_WAIT
        while True:
            segments = self.transcript.said_by_others(self.identity, since=since)
            text = " ".join(one.text.strip() for one in segments if one.text.strip())
            if (text and all(one.closed for one in segments)) or self._now() > give_up:
                return text
            await self._tick()

    def _stopped_at(self, spoken: Spoken) -> float | None:
        """When the agent, talking when the caller began, fell silent; None while it still talks."""
        bursts = [burst for burst in self.ear.bursts if burst.last_voiced >= spoken.started]
        silent_at = spoken.started
        for burst in bursts:
            if burst.started - silent_at >= INTERRUPT_GAP:
                break
            silent_at = burst.last_voiced
        return silent_at if self._now() - silent_at >= INTERRUPT_GAP else None
