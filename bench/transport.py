"""The transport's own share: from the caller to a participant that returns every frame at once, and back."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from livekit import api, rtc

from bench.stack import CALLER, DIALLED, Stack
from reception.caller.audio import tone
from reception.caller.caller import Caller
from reception.caller.listener import find_room
from reception.caller.sip_phone import SipPhone
from reception.caller.webrtc import LiveKit, WebRtcCaller

_NOBODY: Final = "bench-nobody"
_RATE: Final = 48000
_BEEP_SECONDS: Final = 0.1
_TIMEOUT: Final = 10.0
_PAUSE: Final = 0.5


async def measure_loop(stack: Stack, phone: SipPhone | None, *, beeps: int) -> list[float]:
    """Seconds from the caller's first voiced packet to its return, `beeps` times."""
    if phone is None:
        call: Caller = await WebRtcCaller.place(
            stack.livekit, dialled=DIALLED, caller=CALLER, agent=None
        )
        assert isinstance(call, WebRtcCaller)
        room_name = call.room_name
    else:
        await stack.route_calls_to(_NOBODY)
        call = placed = await phone.dial(stack.sip_uri, caller=CALLER)
        room_name, _ = await find_room(stack.livekit, placed.dialog.call_id, timeout=_TIMEOUT)
    echo = _Echo()
    try:
        await echo.join(stack.livekit, room_name)
        if phone is not None:
            await placed.answered(timeout=_TIMEOUT)
        await _until_connected(call)
        return [await _beep(call) for _ in range(beeps)]
    finally:
        await call.hang_up()
        await echo.leave()


async def _until_connected(call: Caller) -> None:
    """Beep until one comes back: sound is lost while both ways are still being set up."""
    async with asyncio.timeout(_TIMEOUT):
        while True:
            with suppress(TimeoutError):
                await _beep(call, timeout=1.0)
                return


async def _beep(call: Caller, *, timeout: float = _TIMEOUT) -> float:
    await asyncio.sleep(_PAUSE)
    spoken = await call.speak(tone(frequency=440, seconds=_BEEP_SECONDS, rate=call.ear.rate))
    async with asyncio.timeout(timeout):
        while True:
            if echoed := call.ear.since(spoken.started):
                return echoed[0].started - spoken.started
            await asyncio.sleep(0.005)


class _Echo:
    """A participant that sends back what it hears."""

    def __init__(self) -> None:
        self._room = rtc.Room()
        self._source = rtc.AudioSource(_RATE, 1, queue_size_ms=200)
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, livekit: LiveKit, room_name: str) -> None:
        token = (
            api.AccessToken(livekit.api_key, livekit.api_secret)
            .with_identity("echo")
            .with_grants(api.VideoGrants(room_join=True, room=room_name))
        )
        self._room.on("track_subscribed", self._subscribed)
        await self._room.connect(livekit.url, token.to_jwt())
        track = rtc.LocalAudioTrack.create_audio_track("echo", self._source)
        await self._room.local_participant.publish_track(
            track, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        )

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._room.disconnect()
        await self._source.aclose()

    def _subscribed(self, track: rtc.Track, *_: object) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            self._tasks.append(asyncio.create_task(self._return(track)))

    async def _return(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(track, sample_rate=_RATE, num_channels=1)
        try:
            async for event in stream:
                await self._source.capture_frame(event.frame)
        finally:
            await stream.aclose()
