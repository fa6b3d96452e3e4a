"""Tokens and control against a real livekit-server: what their holders can and cannot do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient
from litestar import Litestar
from livekit import api, rtc

from admin.api.call_control import HANG_UP_WITHIN
from admin.livekit import Rooms
from domain.calls.control import CONTROL, TOPIC, HangUp, Whisper
from domain.database import Database
from domain.environment import Environment
from domain.seam import PinnedSeam
from reception.caller.webrtc import LiveKit
from tests.admin.conftest import Tenant
from tests.factories import make_call
from tests.reception.conftest import livekit_server as livekit_server

pytestmark = pytest.mark.call


@pytest.fixture
def environment(livekit_server: LiveKit) -> Environment:
    return Environment(
        _env_file=None,
        livekit_url=livekit_server.url,
        livekit_api_key=livekit_server.api_key,
        livekit_api_secret=livekit_server.api_secret,
    )


@pytest.fixture
async def app(make_app: Callable[..., Litestar]) -> AsyncIterator[Litestar]:
    app = make_app()
    yield app
    await app.state.rooms.aclose()


class Guest:
    """Somebody in the room, and what they notice."""

    def __init__(self) -> None:
        self.room = rtc.Room()
        self.came: list[str] = []
        self.data: asyncio.Queue[rtc.DataPacket] = asyncio.Queue()
        self.thrown_out = asyncio.Event()
        self.room.on("participant_connected", lambda one: self.came.append(one.identity))
        self.room.on("data_received", self.data.put_nowait)
        self.room.on("disconnected", lambda _: self.thrown_out.set())

    async def join(self, url: str, token: str) -> None:
        await self.room.connect(url, token)

    async def publish(self, source: rtc.TrackSource.ValueType) -> rtc.LocalTrackPublication:
        track = rtc.LocalAudioTrack.create_audio_track("t", rtc.AudioSource(48000, 1))
        options = rtc.TrackPublishOptions(source=source)
        return await self.room.local_participant.publish_track(track, options)


@pytest.fixture
async def guests() -> AsyncIterator[Callable[[], Guest]]:
    made: list[Guest] = []

    def make() -> Guest:
        made.append(Guest())
        return made[-1]

    yield make
    for guest in made:
        await guest.room.disconnect()


def _token(livekit: LiveKit, room: str, identity: str, kind: str = "standard") -> str:
    grants = api.VideoGrants(room_join=True, room=room)
    token = api.AccessToken(livekit.api_key, livekit.api_secret).with_identity(identity)
    return token.with_kind(kind).with_grants(grants).to_jwt()  # type: ignore[arg-type]


@pytest.fixture
async def call_id(database: Database, tenant: Tenant) -> UUID:
    return await make_call(database, business_id=tenant.business_id, end=None)


@pytest.fixture
async def caller(livekit_server: LiveKit, call_id: UUID, guests: Callable[[], Guest]) -> Guest:
    guest = guests()
    await guest.join(livekit_server.url, _token(livekit_server, f"call-{call_id}", "caller"))
    return guest


@pytest.fixture
async def agent(livekit_server: LiveKit, call_id: UUID, guests: Callable[[], Guest]) -> Guest:
    guest = guests()
    token = _token(livekit_server, f"call-{call_id}", "agent-1", "agent")
    await guest.join(livekit_server.url, token)
    return guest


async def _join(
    client: AsyncClient, tenant: Tenant, call_id: UUID, mode: str, guest: Guest
) -> Guest:
    url = f"/api/v1/calls/{call_id}/token"
    asked = await client.post(url, headers=tenant.headers("staff"), json={"mode": mode})
    assert asked.status_code == 201, asked.text
    await guest.join(asked.json()["url"], asked.json()["token"])
    return guest


async def _whisper(client: AsyncClient, tenant: Tenant, call_id: UUID, agent: Guest) -> None:
    """A whisper reaches the agent, who sees that the server sent it, and nothing came before it."""
    url = f"/api/v1/calls/{call_id}/whisper"
    asked = await client.post(url, headers=tenant.headers(), json={"text": "Be brief."})
    assert asked.status_code == 202, asked.text
    async with asyncio.timeout(10):
        packet = await agent.data.get()
    assert packet.participant is None and packet.topic == TOPIC
    whisper = CONTROL.validate_json(packet.data)
    assert isinstance(whisper, Whisper) and str(whisper.id) == asked.json()["id"]


async def test_a_listener_is_neither_seen_nor_heard_and_sends_nothing(
    app: Litestar,
    client: AsyncClient,
    tenant: Tenant,
    call_id: UUID,
    caller: Guest,
    agent: Guest,
    guests: Callable[[], Guest],
) -> None:
    listener = await _join(client, tenant, call_id, "listen", guests())
    assert set(listener.room.remote_participants) == {"caller", "agent-1"}
    forged = Whisper(id=call_id, user_id=call_id, text="Forged.").model_dump_json()

    async def publishes() -> None:
        with pytest.raises((rtc.participant.PublishTrackError, TimeoutError)):
            async with asyncio.timeout(2):
                await listener.publish(rtc.TrackSource.SOURCE_MICROPHONE)

    async def sends() -> None:
        try:
            await listener.room.local_participant.publish_data(forged, topic=TOPIC)
        except rtc.participant.PublishDataError:
            return

    async def renames_itself() -> None:
        await listener.room.local_participant.set_attributes({"reception.role": "staff"})

    await asyncio.gather(publishes(), sends(), renames_itself())
    await _whisper(client, tenant, call_id, agent)
    assert agent.data.empty() and caller.data.empty()
    rooms: Rooms = app.state.rooms
    assert not any(one.staff for one in await rooms.participants(f"call-{call_id}"))
    for guest in (caller, agent):
        others = set(guest.room.remote_participants) | set(guest.came)
        assert others <= {"caller", "agent-1"}


async def test_who_takes_over_is_seen_speaks_and_can_pretend_nothing(
    livekit_server: LiveKit,
    client: AsyncClient,
    tenant: Tenant,
    call_id: UUID,
    caller: Guest,
    agent: Guest,
    guests: Callable[[], Guest],
) -> None:
    staff = await _join(client, tenant, call_id, "takeover", guests())
    identity = staff.room.local_participant.identity
    assert identity.startswith("staff-")
    signed = dict(staff.room.local_participant.attributes)
    assert signed["reception.role"] == "staff" and UUID(signed["reception.user"])
    published = await staff.publish(rtc.TrackSource.SOURCE_MICROPHONE)
    assert published.sid

    async def shows_the_screen() -> None:
        with pytest.raises((rtc.participant.PublishTrackError, TimeoutError)):
            async with asyncio.timeout(2):
                await staff.publish(rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO)

    async def renames_itself() -> None:
        # The client says nothing of a refusal.
        await staff.room.local_participant.set_attributes({"reception.user": "somebody else"})

    async def sends() -> None:
        try:
            await staff.room.local_participant.publish_data("x", topic=TOPIC)
        except rtc.participant.PublishDataError:
            return

    await asyncio.gather(shows_the_screen(), renames_itself(), sends())
    await _whisper(client, tenant, call_id, agent)
    assert agent.data.empty() and caller.data.empty()
    seen = agent.room.remote_participants[identity]
    assert dict(seen.attributes) == signed
    async with api.LiveKitAPI(
        livekit_server.url, livekit_server.api_key, livekit_server.api_secret
    ) as server:
        asked = api.RoomParticipantIdentity(room=f"call-{call_id}", identity=identity)
        known = await server.room.get_participant(asked)
    assert dict(known.attributes) == signed and len(known.tracks) == 1
    assert identity in caller.room.remote_participants
    floor = f"/api/v1/calls/{call_id}/floor"
    given = await client.post(floor, headers=tenant.headers(), json={"to": identity})
    assert given.status_code == 202, given.text


async def test_hanging_up_ends_the_room_when_the_agent_does_not(
    app: Litestar,
    client: AsyncClient,
    tenant: Tenant,
    call_id: UUID,
    caller: Guest,
    agent: Guest,
    seam: PinnedSeam,
) -> None:
    asked = await client.post(f"/api/v1/calls/{call_id}/hangup", headers=tenant.headers("staff"))
    assert asked.status_code == 202
    async with asyncio.timeout(10):
        packet = await agent.data.get()
    assert isinstance(CONTROL.validate_json(packet.data), HangUp)
    assert not caller.thrown_out.is_set()
    seam.advance(HANG_UP_WITHIN + timedelta(seconds=1))
    await app.state.closer.step()
    async with asyncio.timeout(10):
        await caller.thrown_out.wait()
    again = await client.post(f"/api/v1/calls/{call_id}/hangup", headers=tenant.headers("staff"))
    assert again.status_code == 409
