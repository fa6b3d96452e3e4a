"""A caller over WebRTC: a participant that the worker treats as a telephone call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from livekit import api, rtc

from domain.calls.control import (
    AGENT,
    CALLER_ATTRIBUTE,
    CALLER_ROLE,
    DIALLED_ATTRIBUTE,
    ROLE_ATTRIBUTE,
    ROOM_PREFIX,
    SYNTHETIC_ATTRIBUTE,
)
from domain.seam import Seam, SystemSeam
from reception.caller.audio import PACKET_SECONDS, Samples, from_bytes
from reception.caller.caller import KEYS, CallEnded, Caller, Voice
from reception.caller.transcript import Transcript
from reception.caller.voice import synthesise

IDENTITY: Final = "caller"
RATE: Final = 48000
"""Hz of the room's sound (Opus, RFC 7587)."""
_TOKEN_LIFE: Final = timedelta(hours=2)


@dataclass(frozen=True)
class LiveKit:
    """Where livekit-server is and the key that may make rooms."""

    url: str
    """`ws://…` or `wss://…`."""
    api_key: str
    api_secret: str


class WebRtcCaller(Caller):
    """One call into a room of its own; make it with `place`."""

    def __init__(self, *, room_name: str, voice: Voice, transcript: Transcript | None) -> None:
        super().__init__(rate=RATE, voice=voice, placed=asyncio.get_running_loop().time())
        self.room_name = room_name
        self.room = rtc.Room()
        self._transcript = transcript or Transcript()
        self.read_words(self._transcript, identity=IDENTITY)
        self.agent_joined = asyncio.Event()
        # No queue: a packet is on its way when `capture_frame` returns, so its time is true.
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=0)
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending: asyncio.Task[None] | None = None

    @classmethod
    async def place(
        cls,
        livekit: LiveKit,
        *,
        dialled: str,
        caller: str = "",
        agent: str | None = AGENT,
        voice: Voice = synthesise,
        transcript: Transcript | None = None,
        seam: Seam | None = None,
        synthetic: bool = False,
    ) -> Self:
        """Make a room with `agent` dispatched (None: no agent), join it as the caller, publish.

        `dialled` and `caller` are E.164, `caller` may be empty (withheld). A `synthetic` call rings nobody and
        is in no list of calls. Returns when joined,
        which is before the agent speaks. Raises rtc.ConnectError when livekit-server refuses.
        """
        name = ROOM_PREFIX + (seam or SystemSeam()).token(8)
        call = cls(room_name=name, voice=voice, transcript=transcript)
        token = _token(
            livekit, room=name, dialled=dialled, caller=caller, agent=agent, synthetic=synthetic
        )
        try:
            await call._join(livekit.url, token)
        except BaseException:
            await call.hang_up()
            raise
        return call

    async def hang_up(self) -> None:
        self._ended(by="us", reason="the caller hung up")
        await self.room.disconnect()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._transcript.close()
        await self._source.aclose()

    async def _join(self, url: str, token: str) -> None:
        self.room.on("track_subscribed", self._subscribed)
        self.room.on("disconnected", self._disconnected)
        self.room.on("participant_connected", self._connected)
        self._transcript.attach(self.room)
        self.times.placed = self._now()
        await self.room.connect(url, token)
        for participant in self.room.remote_participants.values():
            self._connected(participant)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        # Telephones send all the time: discontinuous transmission would hide the silence.
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
        await self.room.local_participant.publish_track(track, options)
        self._sending = asyncio.create_task(self.mouth.run())
        self._keep(self._sending)

    def _connected(self, participant: rtc.RemoteParticipant) -> None:
        if participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
            self.agent_joined.set()

    def _subscribed(
        self,
        track: rtc.Track,
        publication: rtc.RemoteTrackPublication,
        participant: rtc.RemoteParticipant,
    ) -> None:
        if track.kind != rtc.TrackKind.KIND_AUDIO:
            return
        if self.times.answered is None:
            self.times.answered = self._now()
        self._keep(asyncio.create_task(self._listen(track)))

    async def _listen(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(
            track, sample_rate=RATE, num_channels=1, frame_size_ms=round(PACKET_SECONDS * 1000)
        )
        try:
            async for event in stream:
                samples = from_bytes(bytes(event.frame.data.cast("b")))
                self.ear.feed(samples, at=self._now(), source=track.sid)
        finally:
            await stream.aclose()

    def _disconnected(self, reason: rtc.DisconnectReason.ValueType) -> None:
        name = rtc.DisconnectReason.Name(reason).lower().replace("_", " ")
        self._ended(by="them", reason=name)
        # Whoever is speaking into the call learns of its end at once.
        if self._sending is not None:
            self._sending.cancel()

    async def _send_packet(self, samples: Samples) -> None:
        # Without a queue the source takes exactly 10 ms at a time.
        half = samples.size // 2
        for part in (samples[:half], samples[half:]):
            frame = rtc.AudioFrame(part.tobytes(), RATE, 1, part.size)
            await self._source.capture_frame(frame)

    async def _press(self, digits: str) -> None:
        for digit in digits:
            try:
                await self.room.local_participant.publish_dtmf(code=KEYS.index(digit), digit=digit)
            except rtc.participant.PublishDTMFError as error:
                raise CallEnded(self.end_reason or "the key was not sent") from error

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _token(
    livekit: LiveKit, *, room: str, dialled: str, caller: str, agent: str | None, synthetic: bool
) -> str:
    token = (
        api.AccessToken(livekit.api_key, livekit.api_secret)
        .with_identity(IDENTITY)
        .with_ttl(_TOKEN_LIFE)
        .with_grants(api.VideoGrants(room_join=True, room=room))
        .with_attributes(
            {
                ROLE_ATTRIBUTE: CALLER_ROLE,
                DIALLED_ATTRIBUTE: dialled,
                CALLER_ATTRIBUTE: caller,
                **({SYNTHETIC_ATTRIBUTE: "yes"} if synthetic else {}),
            }
        )
    )
    if agent is not None:
        # Dispatched with the room's making, as a SIP dispatch rule does it.
        dispatch = api.RoomAgentDispatch(agent_name=agent)
        token = token.with_room_config(api.RoomConfiguration(agents=[dispatch]))
    return token.to_jwt()
