"""One telephone of staff, from its first ring: what can be done with it, and what comes from it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

import numpy as np
from livekit import rtc
from livekit.agents import stt

from agent.handoff.legs import Legs, RingFailed
from agent.handoff.line_sound import RATE, WINDOW_SECONDS, LineSound
from agent.handoff.tracks import PrivateTrack, PrivateTracks
from agent.phrases import PhraseName
from agent.speech import CallSpeech
from agent.staff_hearing import StaffHearing, StaffLine
from domain.handoffs.plan import Telephone
from domain.seam import Seam

_SOUND_SECONDS: Final = 2.0
"""How long the sound of a leg that was answered may take to be there."""

log = logging.getLogger("reception.agent.handoff")


@dataclass(frozen=True)
class Key:
    digit: str


@dataclass(frozen=True)
class Words:
    text: str
    began: datetime


class Machine:
    """An announcement or a beep."""


class Gone:
    """They hung up."""


Heard = Key | Words | Machine | Gone


class Phone(Protocol):
    """What a handoff does with a telephone."""

    attempt: int
    telephone: Telephone
    identity: str
    sound: LineSound
    inbox: asyncio.Queue[Heard]

    async def ring(self, seconds: int) -> None:
        """Ring it; returns when it was answered. Raises RingFailed."""
        ...

    async def open(self) -> None:
        """Let who answered hear the assistant. Raises RingFailed."""
        ...

    async def sounded(self) -> None:
        """Wait until there is more in `sound`."""
        ...

    async def tell(self, text: str) -> None:
        """Say `text`, which is nobody else's business and is kept nowhere."""
        ...

    async def say_phrase(self, name: PhraseName) -> None: ...

    async def join(self) -> None:
        """Let caller and person hear each other. Raises RingFailed."""
        ...

    async def hang_up(self) -> None: ...


class TelephoneLeg:
    """A telephone that is a leg in the call's room."""

    def __init__(
        self,
        *,
        attempt: int,
        telephone: Telephone,
        identity: str,
        trunk: str,
        shown: str,
        room: rtc.Room,
        legs: Legs,
        tracks: PrivateTracks,
        speech: CallSpeech,
        hearing: stt.STT[Any] | None,
        seam: Seam,
    ) -> None:
        """`identity` is random; `shown` is the number that its display shows (E.164)."""
        self.attempt, self.telephone, self.identity = attempt, telephone, identity
        self.sound = LineSound()
        self.inbox: asyncio.Queue[Heard] = asyncio.Queue()
        self._trunk, self._shown = trunk, shown
        self._room, self._legs, self._tracks = room, legs, tracks
        self._speech, self._stt, self._seam = speech, hearing, seam
        self._track: PrivateTrack | None = None
        self._hearing: StaffHearing | None = None
        self._listening: asyncio.Task[None] | None = None
        self._more = asyncio.Event()

    async def ring(self, seconds: int) -> None:
        self._room.on("sip_dtmf_received", self._pressed)
        self._room.on("participant_disconnected", self._left)
        self._tracks.exclude(self.identity)
        try:
            # Published before it rings, so that it can be heard the moment it is allowed.
            self._track = await self._tracks.publish("briefing", listener=self.identity)
        except Exception as error:
            # The library names no one type for it: a room that is going, a server that refuses.
            raise RingFailed("failed", type(error).__name__) from error
        await self._legs.ring(
            self.identity,
            trunk=self._trunk,
            number=self.telephone.number,
            shown=self._shown,
            attempt=self.attempt,
            seconds=seconds,
        )
        self._listening = asyncio.create_task(self._listen())

    async def open(self) -> None:
        await self._legs.let_hear(self.identity)
        assert self._track is not None, "it has not been rung"
        await self._track.heard()

    async def sounded(self) -> None:
        self._more.clear()
        await self._more.wait()

    async def tell(self, text: str) -> None:
        await self._play(self._speech.told(text, fallback="staff_briefing"))

    async def say_phrase(self, name: PhraseName) -> None:
        await self._play(self._speech.recorded(name))

    async def join(self) -> None:
        await self._legs.join(self.identity)
        self._tracks.include(self.identity)
        await self._stop()

    async def hang_up(self) -> None:
        await self._legs.remove(self.identity)
        await self._stop()
        self._tracks.include(self.identity)

    async def _play(self, sound: AsyncIterable[rtc.AudioFrame]) -> None:
        if self._track is not None:
            await self._track.play(sound)

    async def _stop(self) -> None:
        if self._track is not None:
            self._room.off("sip_dtmf_received", self._pressed)
            self._room.off("participant_disconnected", self._left)
        if self._listening is not None:
            self._listening.cancel()
        if self._hearing is not None:
            await self._hearing.stop()
        track, self._track = self._track, None
        if track is not None:
            await self._tracks.withdraw(track)

    def _pressed(self, event: rtc.SipDTMF) -> None:
        if event.participant is not None and event.participant.identity == self.identity:
            self.inbox.put_nowait(Key(event.digit))

    def _left(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity == self.identity:
            self.inbox.put_nowait(Gone())

    def _said(self, line: StaffLine) -> None:
        self.inbox.put_nowait(Words(line.text, line.started_at))

    async def _listen(self) -> None:
        give_up = asyncio.get_running_loop().time() + _SOUND_SECONDS
        while (track := self._legs.audio_of(self.identity)) is None:
            if asyncio.get_running_loop().time() > give_up:
                # Keys still work.
                log.warning("a leg of staff has no sound")
                return
            await asyncio.sleep(WINDOW_SECONDS)
        if self._stt is not None:
            self._hearing = StaffHearing(track, self._said, hearing=self._stt, seam=self._seam)
        stream = rtc.AudioStream(
            track, sample_rate=RATE, num_channels=1, frame_size_ms=round(WINDOW_SECONDS * 1000)
        )
        told = False
        try:
            async for event in stream:
                self.sound.feed(np.frombuffer(event.frame.data, np.int16))
                self._more.set()
                if self.sound.machine and not told:
                    told = True
                    self.inbox.put_nowait(Machine())
        finally:
            await stream.aclose()
