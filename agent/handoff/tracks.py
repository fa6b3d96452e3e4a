"""Sound of the agent that one participant alone may hear: the caller's hold music, a person's briefing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from livekit import rtc

from agent.speech_store import RATE

_QUEUE_MS: Final = 300
_UNHEARD_SECONDS: Final = 3.0
"""How long a sentence waits for its listener's ear."""

_TRIES: Final = 20
_AGAIN_SECONDS: Final = 0.03
"""A frame whose playing was cancelled is on its way yet, for as long as the queue: the next is refused meanwhile."""

log = logging.getLogger("reception.agent.handoff")


@dataclass(eq=False)
class PrivateTrack:
    """One such track; `play` may be used again and again."""

    source: rtc.AudioSource
    publication: rtc.LocalTrackPublication
    listener: str

    async def heard(self) -> None:
        """Wait until its listener is subscribed. A listener who does not come is logged."""
        try:
            async with asyncio.timeout(_UNHEARD_SECONDS):
                await self.publication.wait_for_subscription()
        except TimeoutError:
            log.warning("nobody listens to the track")

    async def play(self, sound: AsyncIterable[rtc.AudioFrame]) -> None:
        """Play `sound` (mono at RATE) to its end; cancelled, it stops at once. Sound that the track does not
        take is logged and lost: who waits for its end goes on."""
        try:
            async for frame in sound:
                if not await self._take(frame):
                    log.error("the track takes no sound")
                    return
            await self.source.wait_for_playout()
        except asyncio.CancelledError:
            self.source.clear_queue()
            raise

    async def _take(self, frame: rtc.AudioFrame) -> bool:
        for _ in range(_TRIES):
            try:
                await self.source.capture_frame(frame)
            except Exception:
                # The library raises nothing more particular.
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                return True
        return False


class PrivateTracks:
    """Who may hear which of the agent's tracks. Without private ones everybody hears everything."""

    def __init__(self, room: rtc.Room, *, caller: str) -> None:
        self._room = room
        self._caller = caller
        self._tracks: list[PrivateTrack] = []
        self._legs: set[str] = set()
        self._unseen: set[str] = set()
        """Participants that the room hides from us: console users who listen."""
        room.on("participant_connected", self._look_again)

    def exclude(self, leg: str) -> None:
        """A leg of staff hears nothing of the agent but its own track."""
        self._legs.add(leg)
        self._apply()

    def include(self, leg: str) -> None:
        """The leg is the caller's company now, or gone."""
        self._legs.discard(leg)
        self._apply()

    def also(self, identities: set[str]) -> None:
        """Let these participants hear everything too: the room does not tell of hidden ones."""
        if identities != self._unseen:
            self._unseen = identities
            self._apply()

    async def publish(self, name: str, *, listener: str) -> PrivateTrack:
        """A new track that `listener` alone hears, of caller and staff. Raises rtc.PublishTrackError."""
        # Before it is there, so that at no moment anybody may hear it who must not.
        self._apply(closed=True)
        source = rtc.AudioSource(RATE, 1, queue_size_ms=_QUEUE_MS)
        local = rtc.LocalAudioTrack.create_audio_track(name, source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
        publication = await self._room.local_participant.publish_track(local, options)
        track = PrivateTrack(source, publication, listener)
        self._tracks.append(track)
        self._apply()
        return track

    async def withdraw(self, track: PrivateTrack) -> None:
        """Take a track away again."""
        if track not in self._tracks:
            return
        self._tracks.remove(track)
        with suppress(Exception):
            # The room may be gone already, and the track with it.
            await self._room.local_participant.unpublish_track(track.publication.sid)
        await track.source.aclose()
        self._apply()

    def close(self) -> None:
        """The handoff is over: everybody hears everything again."""
        self._room.off("participant_connected", self._look_again)
        self._legs.clear()
        self._apply()

    def _look_again(self, _: object) -> None:
        self._apply()

    def _apply(self, *, closed: bool = False) -> None:
        if not self._room.isconnected():
            return
        local = self._room.local_participant
        if not (closed or self._tracks or self._legs):
            local.set_track_subscription_permissions(allow_all_participants=True)
            return
        private = {track.publication.sid for track in self._tracks}
        common = [sid for sid in local.track_publications if sid not in private]
        others = {*self._room.remote_participants, *self._unseen} - self._legs - {self._caller}
        permissions = [
            rtc.ParticipantTrackPermission(participant_identity=one, allow_all=True)
            for one in sorted(others)
        ]
        for one in (self._caller, *sorted(self._legs)):
            own = [track.publication.sid for track in self._tracks if track.listener == one]
            allowed = [*common, *own] if one == self._caller else own
            permissions.append(
                rtc.ParticipantTrackPermission(participant_identity=one, allowed_track_sids=allowed)
            )
        local.set_track_subscription_permissions(
            allow_all_participants=False, participant_permissions=permissions
        )
