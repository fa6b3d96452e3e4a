"""A member of staff in a call's room, as the console's browser is one: listening unseen, or speaking."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final, Literal, Self
from uuid import UUID

from livekit import api, rtc
from pydantic import BaseModel

from domain.calls.control import ROLE_ATTRIBUTE, STAFF_ROLE, TOPIC, USER_ATTRIBUTE
from domain.seam import Seam, SystemSeam
from reception.caller.audio import PACKET_SECONDS, from_bytes
from reception.caller.ear import Ear
from reception.caller.transcript import Transcript
from reception.caller.voice import synthesise
from reception.caller.webrtc import RATE, LiveKit, WebRtcCaller

_TOKEN_LIFE: Final = timedelta(minutes=10)


class StaffBrowser(WebRtcCaller):
    """One member of staff; make it with `join`, leave with `hang_up`."""

    @classmethod
    async def join(
        cls,
        livekit: LiveKit,
        room_name: str,
        *,
        user_id: UUID,
        mode: Literal["listen", "takeover"] = "takeover",
        seam: Seam | None = None,
    ) -> Self:
        """Come into the room with a token as the admin service makes it. Nothing is published yet."""
        staff = cls(room_name=room_name, voice=synthesise, transcript=Transcript())
        staff.identity = "staff-" + (seam or SystemSeam()).token(6)
        staff.room.on("track_subscribed", staff._subscribed)
        staff.room.on("disconnected", staff._disconnected)
        await staff.room.connect(
            livekit.url, _token(livekit, room_name, staff.identity, user_id, mode)
        )
        return staff

    async def open_microphone(self) -> float:
        """Publish the microphone; returns the moment of the request, in seconds of the monotonic clock.
        It is sound, and not yet speech, until `speak`."""
        asked = self._now()
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, options)
        if self._sending is None:
            self._sending = asyncio.create_task(self.mouth.run())
            self._keep(self._sending)
        return asked


class Console:
    """The admin service's side of one call: sends the agent what staff ask for. Use it as an asynchronous
    context manager."""

    def __init__(self, livekit: LiveKit, room_name: str) -> None:
        self._room_name = room_name
        self._client = api.LiveKitAPI(
            livekit.url.replace("ws", "http", 1), livekit.api_key, livekit.api_secret
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._client.aclose()

    async def participants(self) -> dict[str, api.ParticipantInfo]:
        """Who is in the room, by identity; hidden ones too."""
        request = api.ListParticipantsRequest(room=self._room_name)
        found = await self._client.room.list_participants(request)
        return {one.identity: one for one in found.participants}

    async def send(self, control: BaseModel) -> None:
        """Send a message of `domain.calls.control`."""
        agents = [
            identity
            for identity, one in (await self.participants()).items()
            if one.kind == api.ParticipantInfo.Kind.AGENT
        ]
        await self._client.room.send_data(
            api.SendDataRequest(
                room=self._room_name,
                data=control.model_dump_json().encode(),
                kind=api.DataPacket.Kind.RELIABLE,
                topic=TOPIC,
                destination_identities=agents,
            )
        )


class Ears:
    """What one participant hears, by who says it."""

    def __init__(self, room: rtc.Room) -> None:
        """Hears the tracks that `room` has and those that come."""
        self._by_identity: dict[str, Ear] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        room.on("track_subscribed", self._subscribed)
        for participant in room.remote_participants.values():
            for publication in participant.track_publications.values():
                if publication.track is not None:
                    self._subscribed(publication.track, publication, participant)

    def of(self, identity: str) -> Ear:
        """What `identity` was heard to say: nothing, if they never published."""
        return self._by_identity.setdefault(identity, Ear(rate=RATE))

    async def close(self) -> None:
        """Stop hearing; what was heard stays."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _subscribed(
        self,
        track: rtc.Track,
        _publication: rtc.RemoteTrackPublication,
        participant: rtc.RemoteParticipant,
    ) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            self._tasks.add(asyncio.create_task(self._hear(track, self.of(participant.identity))))

    async def _hear(self, track: rtc.Track, ear: Ear) -> None:
        stream = rtc.AudioStream(
            track, sample_rate=RATE, num_channels=1, frame_size_ms=round(PACKET_SECONDS * 1000)
        )
        try:
            async for event in stream:
                samples = from_bytes(bytes(event.frame.data.cast("b")))
                ear.feed(samples, at=asyncio.get_running_loop().time(), source=track.sid)
        finally:
            await stream.aclose()


def _token(
    livekit: LiveKit,
    room: str,
    identity: str,
    user_id: UUID,
    mode: Literal["listen", "takeover"],
) -> str:
    token = (
        api.AccessToken(livekit.api_key, livekit.api_secret)
        .with_identity(identity)
        .with_ttl(_TOKEN_LIFE)
    )
    if mode == "listen":
        grants = api.VideoGrants(
            room_join=True, room=room, hidden=True, can_publish=False, can_publish_data=False
        )
        return token.with_grants(grants).to_jwt()
    grants = api.VideoGrants(
        room_join=True, room=room, can_publish_sources=["microphone"], can_publish_data=False
    )
    attributes = {ROLE_ATTRIBUTE: STAFF_ROLE, USER_ATTRIBUTE: str(user_id)}
    return token.with_grants(grants).with_attributes(attributes).to_jwt()
