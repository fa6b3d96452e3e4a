"""The WebRTC caller in a real room with a participant that behaves like an agent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from livekit import api, rtc

from reception.caller import audio
from reception.caller.caller import CallEnded
from reception.caller.conversation import Listen, converse
from reception.caller.transcript import TOPIC, Segment, Transcript
from reception.caller.webrtc import IDENTITY, LiveKit, WebRtcCaller

LONG = 30.0
RATE = 48000


def hum(text: str, *, rate: int) -> audio.Samples:
    """A voice that needs no synthesiser: half a second of a tone for every word."""
    return audio.tone(frequency=500, seconds=0.5 * len(text.split()), rate=rate)


class Answerer:
    """Hears the caller, and answers each utterance with a tone and a text, as an agent does."""

    def __init__(self, livekit: LiveKit, room_name: str) -> None:
        self.room = rtc.Room()
        self.keys: list[str] = []
        self.attributes: dict[str, str] = {}
        self.heard = asyncio.Event()
        self._livekit, self._name = livekit, room_name
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=1000)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Answerer:
        token = (
            api.AccessToken(self._livekit.api_key, self._livekit.api_secret)
            .with_identity("agent-test")
            .with_kind("agent")
            .with_grants(api.VideoGrants(room_join=True, room=self._name, agent=True))
        )
        self.room.on("track_subscribed", self._subscribed)
        self.room.on("sip_dtmf_received", lambda event: self.keys.append(event.digit))
        await self.room.connect(self._livekit.url, token.to_jwt())
        for participant in self.room.remote_participants.values():
            self.attributes = dict(participant.attributes)
        track = rtc.LocalAudioTrack.create_audio_track("voice", self._source)
        await self.room.local_participant.publish_track(
            track, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.room.disconnect()
        await self._source.aclose()

    def _subscribed(self, track: rtc.Track, *_: object) -> None:
        self._tasks.append(asyncio.create_task(self._listen(track)))

    async def _listen(self, track: rtc.Track) -> None:
        """Answer when the caller has been silent for 0.3 s."""
        quiet = 0
        stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1, frame_size_ms=20)
        async for event in stream:
            if audio.voiced(audio.from_bytes(bytes(event.frame.data.cast("b")))):
                self.heard.set()
                quiet = 0
            elif self.heard.is_set():
                quiet += 1
                if quiet == 15:
                    self.heard.clear()
                    await self.say("You were heard.")

    async def say(self, text: str) -> None:
        writer = await self.room.local_participant.stream_text(
            topic=TOPIC,
            attributes={"lk.segment_id": f"SG_{text}", "lk.transcription_final": "false"},
        )
        await writer.write(text)
        await self.tone(0.5)
        await writer.aclose()

    async def recognised(self, text: str, *, final: bool) -> None:
        """What livekit-agents sends of the caller's words: a whole stream in the caller's name."""
        writer = await self.room.local_participant.stream_text(
            topic=TOPIC,
            sender_identity=IDENTITY,
            attributes={
                "lk.segment_id": "SG_caller",
                "lk.transcription_final": "true" if final else "false",
            },
        )
        await writer.write(text)
        await writer.aclose()

    async def tone(self, seconds: float) -> None:
        samples = audio.tone(frequency=800, seconds=seconds, rate=RATE)
        for part in audio.packets(samples, rate=RATE):
            await self._source.capture_frame(rtc.AudioFrame(part.tobytes(), RATE, 1, part.size))

    async def delete_room(self) -> None:
        url = self._livekit.url.replace("ws", "http", 1)
        async with api.LiveKitAPI(url, self._livekit.api_key, self._livekit.api_secret) as client:
            await client.room.delete_room(api.DeleteRoomRequest(room=self._name))


@pytest.fixture
async def caller(livekit_server: LiveKit) -> AsyncIterator[WebRtcCaller]:
    call = await WebRtcCaller.place(
        livekit_server,
        dialled="+12025550100",
        caller="+12025550111",
        agent=None,
        voice=hum,
        transcript=Transcript(),
    )
    yield call
    await call.hang_up()


@pytest.fixture
async def answerer(livekit_server: LiveKit, caller: WebRtcCaller) -> AsyncIterator[Answerer]:
    async with Answerer(livekit_server, caller.room_name) as made:
        yield made


async def test_the_caller_is_known_by_the_attributes_of_the_contract(
    caller: WebRtcCaller, answerer: Answerer
) -> None:
    assert answerer.attributes == {
        "reception.role": "caller",
        "reception.dialled": "+12025550100",
        "reception.caller": "+12025550111",
    }
    assert caller.room_name.startswith("call-")
    assert "12025550" not in caller.room_name
    await asyncio.wait_for(caller.agent_joined.wait(), LONG)


async def test_a_turn_is_heard_timed_and_read(caller: WebRtcCaller, answerer: Answerer) -> None:
    spoken = await caller.speak("good morning")
    heard = await caller.hear(timeout=LONG)
    assert heard.text == "You were heard."
    assert heard.latency == pytest.approx(heard.started - spoken.ended)
    assert heard.latency is not None and heard.latency > 0.3
    assert heard.ended - heard.started == pytest.approx(0.5, abs=0.2)
    sound = audio.trim_silence(caller.ear.recording(since=heard.started), rate=RATE)
    assert audio.strongest_frequency(sound, rate=RATE) == pytest.approx(800, abs=10)
    assert caller.times.answered is not None


async def test_what_the_agent_understood_is_read_once_it_is_final(
    caller: WebRtcCaller, answerer: Answerer
) -> None:
    complete: list[Segment] = []
    assert caller.transcript is not None
    caller.transcript._on_segment = complete.append
    await answerer.recognised("good", final=False)
    await answerer.recognised("good morning", final=True)
    async with asyncio.timeout(LONG):
        while True:
            if complete:
                break
            await asyncio.sleep(0.02)
    assert [one.text for one in complete] == ["good morning"]
    assert caller.transcript.said_by(IDENTITY) == ["good morning"]


async def test_keys_reach_the_room(caller: WebRtcCaller, answerer: Answerer) -> None:
    await caller.press("10#")
    async with asyncio.timeout(LONG):
        while True:
            if len(answerer.keys) == 3:
                break
            await asyncio.sleep(0.02)
    assert answerer.keys == ["1", "0", "#"]


async def test_a_deleted_room_is_the_agent_hanging_up(
    caller: WebRtcCaller, answerer: Answerer
) -> None:
    speaking = asyncio.create_task(caller.speak(" ".join(["word"] * 40)))
    await asyncio.wait_for(answerer.heard.wait(), LONG)
    await answerer.delete_room()
    await caller.wait_for_end(timeout=LONG)
    assert (caller.ended_by, caller.end_reason) == ("them", "room deleted")
    with pytest.raises(CallEnded):
        await asyncio.wait_for(speaking, LONG)


async def test_a_script_is_played_in_turn(caller: WebRtcCaller, answerer: Answerer) -> None:
    said: list[str] = []
    greeting = asyncio.create_task(answerer.say("Hello."))
    result = await converse(
        caller,
        lambda heard: {"Hello.": "one two", "You were heard.": None}[heard.text],
        on_said=said.append,
        timeout=LONG,
    )
    await greeting
    assert said == ["one two"]
    assert result.greeting is not None and result.greeting.text == "Hello."
    assert [turn.heard.text for turn in result.turns] == ["You were heard."]
    assert len(result.latencies) == 1
    assert result.ended_by == "us"


async def test_a_script_ends_when_the_agent_hangs_up(
    caller: WebRtcCaller, answerer: Answerer
) -> None:
    async def greet_and_leave() -> None:
        await answerer.say("Goodbye.")
        await answerer.delete_room()

    leaving = asyncio.create_task(greet_and_leave())
    result = await converse(caller, [Listen(), "never said"], timeout=LONG)
    await leaving
    assert result.ended_by == "them"
    assert result.turns == []


async def test_a_wrong_key_is_refused_and_leaves_nothing_behind(livekit_server: LiveKit) -> None:
    wrong = LiveKit(livekit_server.url, livekit_server.api_key, "x" * 40)
    with pytest.raises(rtc.ConnectError):
        await WebRtcCaller.place(wrong, dialled="+12025550100", agent=None, voice=hum)
