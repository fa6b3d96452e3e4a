"""Telephones without telephones: what a handoff rings, and the track that the caller hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Iterator
from typing import Any

from livekit import rtc

from agent.handoff.exchange import FoundLeg
from agent.handoff.hold import HeldTrack
from agent.handoff.legs import RingFailed
from agent.handoff.line_sound import LineSound
from agent.handoff.phone import Heard, Phone
from agent.phrases import PhraseName
from domain.calls.events import RingOutcome
from domain.handoffs.plan import Telephone


class FakeTrack:
    """Sentences are over at once; music plays until it is stopped."""

    def __init__(self) -> None:
        self.music = asyncio.Event()
        self.stopped = 0
        self.broken = False
        """Sentences fail."""

    async def heard(self) -> None: ...

    async def play(self, sound: AsyncIterable[rtc.AudioFrame]) -> None:
        if self.broken:
            raise RuntimeError("no sound")
        if getattr(sound, "__name__", "") != "hold_music":
            return
        self.music.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.music.clear()
            self.stopped += 1


class FakePhone:
    """A telephone whose person is the test."""

    def __init__(self, attempt: int, telephone: Telephone) -> None:
        self.attempt, self.telephone = attempt, telephone
        self.identity = f"staff-{attempt}"
        self.sound = LineSound()
        # They have said who they are, and wait.
        self.sound.spoke, self.sound._silence = True, 1.0
        self.inbox: asyncio.Queue[Heard] = asyncio.Queue()
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.told: list[str] = []
        self.said: list[PhraseName] = []
        self.speaks_at_once = True
        self.joined = False
        self.hung_up = 0
        self.seconds = 0
        self.join_fails = False

    def pick_up(self) -> None:
        self.answered.set_result(None)

    def fail(self, outcome: RingOutcome, detail: str = "") -> None:
        self.answered.set_exception(RingFailed(outcome, detail))

    async def ring(self, seconds: int) -> None:
        self.seconds = seconds
        await self.answered

    async def open(self) -> None: ...

    async def sounded(self) -> None:
        await asyncio.Event().wait()

    async def tell(self, text: str) -> None:
        self.told.append(text)
        await self._speak()

    async def say_phrase(self, name: PhraseName) -> None:
        self.said.append(name)
        await self._speak()

    async def join(self) -> None:
        if self.join_fails:
            raise RingFailed("failed", "TwirpError")
        self.joined = True

    async def hang_up(self) -> None:
        self.hung_up += 1

    async def _speak(self) -> None:
        if not self.speaks_at_once:
            await asyncio.Event().wait()


class FakeExchange:
    """Telephones are rung when `trunk_id` is set."""

    def __init__(self) -> None:
        self.trunk_id = ""
        self.track = FakeTrack()
        self.phones: list[FakePhone] = []
        self.shown: list[str] = []
        self.released = 0
        self.marked: list[str] = []
        self.found: list[FoundLeg] = []
        self.removed: list[str] = []

    async def trunk(self) -> str:
        return self.trunk_id

    async def hold_track(self) -> HeldTrack | None:
        return self.track

    def new_phone(self, attempt: int, telephone: Telephone, *, trunk: str, shown: str) -> Phone:
        assert trunk == self.trunk_id
        self.shown.append(shown)
        phone = FakePhone(attempt, telephone)
        self.phones.append(phone)
        return phone

    async def release(self) -> None:
        self.released += 1

    def sound_of(self, identity: str) -> Any:
        return None

    async def mark_joined(self, identity: str) -> None:
        self.marked.append(identity)

    def found_legs(self) -> Iterator[FoundLeg]:
        return iter(self.found)

    async def remove(self, identity: str) -> None:
        self.removed.append(identity)

    def close(self) -> None: ...
