"""The call's LiveKit side: the room, the caller's leg in it, and the end of both."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterable
from typing import Final

import aiohttp
from livekit import api, rtc
from livekit.agents import AutoSubscribe, JobContext

from agent.caller import Caller, find_caller
from agent.livekit_requests import insist
from agent.speech_store import RATE
from domain.calls.events import TransferEnded

DELETE_SECONDS: Final = 5.0
DELETE_TRIES: Final = 3
TRANSFER_SECONDS: Final = 45.0
"""A REFER is answered when the other side has been rung."""
SUBSCRIBED_SECONDS: Final = 5.0
SURVIVES_SECONDS: Final = 10.0
SURVIVES_EVERY: Final = 0.5
RIGHTS_SECONDS: Final = 2.0
RIGHTS_TRIES: Final = 3

log = logging.getLogger("reception.agent.line")


class Line:
    """One room, seen by its job."""

    def __init__(self, job: JobContext) -> None:
        self.job = job

    @property
    def room(self) -> rtc.Room:
        return self.job.room

    @property
    def room_name(self) -> str:
        """Known before the room is connected."""
        return self.job.job.room.name

    async def connect(self) -> Caller:
        """Join the room and wait for the caller. Raises CallerAbsent, rtc.ConnectError."""
        await self.job.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
        return await find_caller(self.room)

    def has(self, identity: str) -> bool:
        """Whether a participant is in the room."""
        return identity in self.room.remote_participants

    async def close(self) -> None:
        """Delete the room: that hangs up every leg in it. A failure is logged; the server then closes
        the room by itself when its `departure_timeout` is over."""
        request = api.DeleteRoomRequest(room=self.room_name)
        problem = await insist(
            lambda: self.job.api.room.delete_room(request),
            tries=DELETE_TRIES,
            seconds=DELETE_SECONDS,
        )
        if problem:
            log.error("room not deleted", extra={"error": problem})

    async def refer(self, caller: Caller, number: str) -> TransferEnded:
        """Send a SIP caller to `number` (E.164) by REFER (RFC 3515), and tell what came of it.

        livekit-sip 1.9 says "transferred" also when the caller hangs up while the other side rings.
        """
        if caller.channel != "sip":
            return TransferEnded(outcome="failed", detail="not a telephone call")
        request = api.TransferSIPParticipantRequest(
            participant_identity=caller.identity,
            room_name=self.room_name,
            transfer_to=f"tel:{number}",
            play_dialtone=False,
        )
        try:
            async with asyncio.timeout(TRANSFER_SECONDS):
                reply = await self.job.api.sip.transfer_sip_participant(request)
        except api.SipCallError as error:
            return TransferEnded(outcome="failed", detail=f"SIP {error.sip_status_code or 'error'}")
        except api.TwirpError as error:
            return TransferEnded(outcome="failed", detail=str(error.code))
        except (TimeoutError, aiohttp.ClientError) as error:
            return TransferEnded(outcome="failed", detail=type(error).__name__)
        # livekit-server 1.11 answers with an empty reply; later ones may tell of a failure in it.
        if reply.status == api.SIPTransferStatus.STS_TRANSFER_FAILED:
            return TransferEnded(outcome="failed", detail=f"SIP {reply.sip_status.code}")
        return TransferEnded(outcome="connected")

    async def let_speak(self, identity: str, allowed: bool) -> None:
        """Let a participant of staff publish their microphone, or take that right away; the server then
        ends what they publish. A failure is logged."""
        # The whole permission: what is left out is taken away.
        permission = api.ParticipantPermission(can_subscribe=True, can_publish=allowed)
        if allowed:
            permission.can_publish_sources.append(api.TrackSource.MICROPHONE)
        request = api.UpdateParticipantRequest(
            room=self.room_name, identity=identity, permission=permission
        )
        problem = await insist(
            lambda: self.job.api.room.update_participant(request),
            tries=RIGHTS_TRIES,
            seconds=RIGHTS_SECONDS,
        )
        if problem:
            log.error("right to speak not changed", extra={"allowed": allowed, "error": problem})

    async def survives(self, identity: str) -> bool:
        """Whether the room, which this job has lost, is still there with a participant in it. A server that does
        not answer is asked again for SURVIVES_SECONDS: it may be starting."""
        request = api.ListParticipantsRequest(room=self.room_name)
        give_up = time.monotonic() + SURVIVES_SECONDS
        while time.monotonic() < give_up:
            try:
                async with asyncio.timeout(SURVIVES_SECONDS):
                    found = await self.job.api.room.list_participants(request)
                return any(one.identity == identity for one in found.participants)
            except api.TwirpError as error:
                if error.code == api.TwirpErrorCode.NOT_FOUND:
                    return False
            except (TimeoutError, aiohttp.ClientError):
                pass
            await asyncio.sleep(SURVIVES_EVERY)
        return False

    async def leave(self) -> None:
        """Go out of the room, which stays as it is."""
        await self.room.disconnect()

    def shut_down(self, reason: str) -> None:
        """End the job; the call must have ended."""
        self.job.shutdown(reason)

    async def announce(self, text: str, sound: AsyncIterable[rtc.AudioFrame]) -> None:
        """Play a recording without a session, and return when the caller has heard it."""
        source = rtc.AudioSource(RATE, 1)
        track = rtc.LocalAudioTrack.create_audio_track("announcement", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        publication = await self.room.local_participant.publish_track(track, options)
        try:
            async with asyncio.timeout(SUBSCRIBED_SECONDS):
                await publication.wait_for_subscription()
            await self.room.local_participant.send_text(
                text,
                topic="lk.transcription",
                attributes={"lk.segment_id": track.sid, "lk.transcription_final": "true"},
            )
            async for frame in sound:
                await source.capture_frame(frame)
            await source.wait_for_playout()
        except TimeoutError:
            log.warning("nobody listened to the announcement")
        finally:
            await source.aclose()
