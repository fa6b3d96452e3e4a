"""What handing over uses of LiveKit, for one call: telephones that can be rung, and tracks that only some hear."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import aiohttp
from livekit import api, rtc
from livekit.agents import stt

from agent.caller import Caller
from agent.handoff.hold import HeldTrack
from agent.handoff.legs import (
    ATTEMPT_ATTRIBUTE,
    IDENTITY_PREFIX,
    JOINED_ATTRIBUTE,
    Legs,
)
from agent.handoff.phone import Phone, TelephoneLeg
from agent.handoff.tracks import PrivateTrack, PrivateTracks
from agent.handoff.trunk import find_trunk
from agent.line import Line
from agent.speech import CallSpeech
from domain.calls.control import ROLE_ATTRIBUTE, STAFF_ROLE
from domain.handoffs.plan import Telephone
from domain.seam import Seam

LISTENERS_SECONDS: Final = 2.0
"""Between two looks at who listens from the console, while some tracks are private."""

log = logging.getLogger("reception.agent.handoff")


@dataclass(frozen=True)
class FoundLeg:
    """A leg of staff that another job rang."""

    identity: str
    attempt: int
    joined: bool
    """It took the call."""


class Exchange(Protocol):
    """The port; `RoomExchange` is the real one."""

    async def trunk(self) -> str:
        """The way out to telephones; empty: none can be rung."""
        ...

    async def hold_track(self) -> HeldTrack | None:
        """A track that of all callers and telephones the caller alone hears; None when it can't be had.
        Telephones can be made from then on, until `release`."""
        ...

    def new_phone(self, attempt: int, telephone: Telephone, *, trunk: str, shown: str) -> Phone:
        """A telephone, not rung yet. `shown` is the number that its display shows."""
        ...

    async def release(self) -> None:
        """Take the private tracks away: everybody hears everything again."""
        ...

    def sound_of(self, identity: str) -> rtc.Track | None: ...

    async def mark_joined(self, identity: str) -> None:
        """Tell a job that takes the call over that this leg belongs with the caller."""
        ...

    def found_legs(self) -> Iterator[FoundLeg]: ...

    async def remove(self, identity: str) -> None: ...

    def close(self) -> None:
        """The call is over."""
        ...


class RoomExchange:
    """In the call's room."""

    def __init__(
        self,
        line: Line,
        caller: Caller,
        *,
        speech: CallSpeech,
        hearing: stt.STT[Any] | None,
        seam: Seam,
    ) -> None:
        self._line = line
        self._caller = caller
        self._speech = speech
        self._stt = hearing
        self._seam = seam
        self._legs = Legs(line, caller=caller.identity)
        self._tracks: PrivateTracks | None = None
        self._hold: PrivateTrack | None = None
        self._listeners: asyncio.Task[None] | None = None

    async def trunk(self) -> str:
        return await find_trunk(self._line.job.api)

    async def hold_track(self) -> HeldTrack | None:
        caller = self._caller.identity
        self._tracks = PrivateTracks(self._line.room, caller=caller)
        self._listeners = asyncio.create_task(self._follow_listeners(self._tracks))
        try:
            self._hold = await self._tracks.publish("hold", listener=caller)
        except Exception as error:
            # A room that is going, a server that refuses: the telephone may ring all the same.
            log.warning("no hold music", extra={"error": type(error).__name__})
        return self._hold

    def new_phone(self, attempt: int, telephone: Telephone, *, trunk: str, shown: str) -> Phone:
        assert self._tracks is not None, "not between hold_track and release"
        return TelephoneLeg(
            attempt=attempt,
            telephone=telephone,
            identity=IDENTITY_PREFIX + self._seam.token(8),
            trunk=trunk,
            shown=shown,
            room=self._line.room,
            legs=self._legs,
            tracks=self._tracks,
            speech=self._speech,
            hearing=self._stt,
            seam=self._seam,
        )

    async def release(self) -> None:
        tracks, self._tracks = self._tracks, None
        hold, self._hold = self._hold, None
        if self._listeners is not None:
            self._listeners.cancel()
        if tracks is not None:
            if hold is not None:
                await tracks.withdraw(hold)
            tracks.close()

    async def _follow_listeners(self, tracks: PrivateTracks) -> None:
        """Let those go on hearing who listen hidden: the room tells of them only when it is asked."""
        request = api.ListParticipantsRequest(room=self._line.room_name)
        while True:
            try:
                async with asyncio.timeout(LISTENERS_SECONDS):
                    found = await self._line.job.api.room.list_participants(request)
                tracks.also({one.identity for one in found.participants if one.permission.hidden})
            except (api.TwirpError, aiohttp.ClientError, TimeoutError) as error:
                log.warning("listeners not known", extra={"error": type(error).__name__})
            await asyncio.sleep(LISTENERS_SECONDS)

    def sound_of(self, identity: str) -> rtc.Track | None:
        return self._legs.audio_of(identity)

    async def mark_joined(self, identity: str) -> None:
        await self._legs.mark_joined(identity)

    def found_legs(self) -> Iterator[FoundLeg]:
        for identity, participant in list(self._line.room.remote_participants.items()):
            attributes = participant.attributes
            if (
                participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP
                and attributes.get(ROLE_ATTRIBUTE) == STAFF_ROLE
                and identity.startswith(IDENTITY_PREFIX)
            ):
                attempt = attributes.get(ATTEMPT_ATTRIBUTE, "")
                yield FoundLeg(
                    identity,
                    int(attempt) if attempt.isdecimal() else 0,
                    bool(attributes.get(JOINED_ATTRIBUTE)),
                )

    async def remove(self, identity: str) -> None:
        await self._legs.remove(identity)

    def close(self) -> None:
        if self._listeners is not None:
            self._listeners.cancel()
        self._legs.close()
