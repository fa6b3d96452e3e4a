"""A hidden participant that reads the words of a call placed over SIP: the phone itself gets only sound."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final, Self

from livekit import api, rtc

from domain.seam import Seam, SystemSeam
from reception.caller.sip_call import SipCall
from reception.caller.transcript import Transcript
from reception.caller.webrtc import LiveKit

_CALL_ID: Final = "sip.callIDFull"
"""The participant attribute in which livekit-sip keeps the Call-ID of the INVITE."""
_LOOK: Final = 0.1


class RoomNotFound(LookupError):
    """No room holds the call."""


class SipListener:
    """Reads `lk.transcription` in the room of a SIP call, so that `hear` returns words too."""

    def __init__(self, room: rtc.Room, transcript: Transcript) -> None:
        self._room = room
        self._transcript = transcript

    @classmethod
    async def join(
        cls,
        livekit: LiveKit,
        call: SipCall,
        *,
        transcript: Transcript | None = None,
        timeout: float = 10.0,
        seam: Seam | None = None,
    ) -> Self:
        """Find the room of `call` by its Call-ID and join it unseen. Raises RoomNotFound."""
        name, identity = await find_room(livekit, call.dialog.call_id, timeout=timeout)
        words = transcript or Transcript()
        room = rtc.Room()
        words.attach(room)
        token = (
            api.AccessToken(livekit.api_key, livekit.api_secret)
            .with_identity("listener-" + (seam or SystemSeam()).token(4))
            .with_ttl(timedelta(hours=2))
            .with_grants(
                api.VideoGrants(
                    room_join=True,
                    room=name,
                    hidden=True,
                    can_publish=False,
                    can_publish_data=False,
                )
            )
        )
        await room.connect(livekit.url, token.to_jwt(), rtc.RoomOptions(auto_subscribe=False))
        call.read_words(words, identity=identity)
        return cls(room, words)

    async def close(self) -> None:
        """Leave the room; what was read stays."""
        await self._room.disconnect()
        await self._transcript.close()


async def find_room(livekit: LiveKit, call_id: str, *, timeout: float) -> tuple[str, str]:
    """The name of the room of the SIP call with this Call-ID, and the caller's identity in it.

    Raises RoomNotFound.
    """
    url = livekit.url.replace("ws", "http", 1)
    async with api.LiveKitAPI(url, livekit.api_key, livekit.api_secret) as client:
        give_up = asyncio.get_running_loop().time() + timeout
        while asyncio.get_running_loop().time() < give_up:
            for room in (await client.room.list_rooms(api.ListRoomsRequest())).rooms:
                request = api.ListParticipantsRequest(room=room.name)
                for one in (await client.room.list_participants(request)).participants:
                    if one.attributes.get(_CALL_ID) == call_id:
                        return room.name, one.identity
            await asyncio.sleep(_LOOK)
    raise RoomNotFound("no room holds this call")
