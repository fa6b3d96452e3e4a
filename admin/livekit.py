"""LiveKit as the admin service uses it: rooms, who is in them, what is sent into them, and tokens to join."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import aiohttp
from livekit.api import (
    AccessToken,
    CreateAgentDispatchRequest,
    DeleteRoomRequest,
    ListParticipantsRequest,
    ListRoomsRequest,
    LiveKitAPI,
    RoomAgentDispatch,
    RoomConfiguration,
    RoomParticipantIdentity,
    SendDataRequest,
    ServerError,
    VideoGrants,
)
from livekit.protocol.models import DataPacket, ParticipantInfo

from domain.calls.control import (
    AGENT,
    BUSINESS_ATTRIBUTE,
    CALLER_ATTRIBUTE,
    CALLER_ROLE,
    CLAIM_ATTRIBUTE,
    DIALLED_ATTRIBUTE,
    ROLE_ATTRIBUTE,
    ROOM_PREFIX,
    SIP_RULE_ATTRIBUTE,
    STAFF_ROLE,
    TOPIC,
    USER_ATTRIBUTE,
    Control,
)
from domain.environment import Environment
from domain.errors import Conflict
from domain.seam import Seam

JOIN_WITHIN = timedelta(minutes=10)
"""How long a token opens the door; who is in stays in."""
_TIMEOUT = aiohttp.ClientTimeout(total=5)


class LiveKitAway(Exception):
    """LiveKit did not do what it was asked. The message holds nothing private."""


class RoomGone(Conflict):
    """There is no such room any more."""

    def __init__(self) -> None:
        super().__init__("this call is over")


@dataclass(frozen=True, kw_only=True)
class Participant:
    """Somebody in a room."""

    identity: str
    """Of a caller by telephone it holds their number: never log it."""
    agent: bool = False
    staff: bool = False
    """In the call from the console."""
    caller: bool = False
    """Called in, by telephone or from a browser."""
    claim: str = ""
    """Of an agent: how it came to serve the call (`CLAIM_ATTRIBUTE`); empty: it does not, or not yet."""


class Rooms(Protocol):
    """What is asked of LiveKit. Every method raises LiveKitAway."""

    async def names(self) -> Collection[str]:
        """Of all rooms there are."""
        ...

    async def participants(self, room: str) -> Sequence[Participant]:
        """None in a room that is gone."""
        ...

    async def send(self, room: str, control: Control, *, to: Sequence[str]) -> None:
        """To participants, by identity. Raises RoomGone."""
        ...

    async def delete(self, room: str) -> None:
        """Disconnect everybody; nothing happens when the room is gone already."""
        ...

    async def remove(self, room: str, identity: str) -> None:
        """Disconnect one; nothing happens when they are gone already."""
        ...

    async def dispatch(self, room: str, *, metadata: str) -> None:
        """Ask for a job of ours for the room. Whether a worker takes it is seen in the room."""
        ...

    async def dispatched(self, room: str) -> Sequence[str]:
        """The metadata of every job that was asked for; none in a room that is gone."""
        ...

    async def aclose(self) -> None: ...


async def agents_in(rooms: Rooms, room: str) -> list[str]:
    """Identities of the agents in a room; none in a room that is gone. Raises LiveKitAway."""
    return [one.identity for one in await rooms.participants(room) if one.agent]


class LiveKitRooms:
    """The installation's LiveKit, over its server API with one client."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._client: LiveKitAPI | None = None

    async def names(self) -> Collection[str]:
        with _translated():
            found = await self._livekit.room.list_rooms(ListRoomsRequest())
        return {room.name for room in found.rooms}

    async def participants(self, room: str) -> Sequence[Participant]:
        try:
            with _translated():
                found = await self._livekit.room.list_participants(
                    ListParticipantsRequest(room=room)
                )
        except RoomGone:
            return []
        return [_participant(one) for one in found.participants]

    async def send(self, room: str, control: Control, *, to: Sequence[str]) -> None:
        request = SendDataRequest(
            room=room,
            data=control.model_dump_json().encode(),
            kind=DataPacket.RELIABLE,
            destination_identities=to,
            topic=TOPIC,
        )
        with _translated():
            await self._livekit.room.send_data(request)

    async def delete(self, room: str) -> None:
        with suppress(RoomGone), _translated():
            await self._livekit.room.delete_room(DeleteRoomRequest(room=room))

    async def remove(self, room: str, identity: str) -> None:
        request = RoomParticipantIdentity(room=room, identity=identity)
        with suppress(RoomGone), _translated():
            await self._livekit.room.remove_participant(request)

    async def dispatch(self, room: str, *, metadata: str) -> None:
        request = CreateAgentDispatchRequest(agent_name=AGENT, room=room, metadata=metadata)
        with _translated():
            await self._livekit.agent_dispatch.create_dispatch(request)

    async def dispatched(self, room: str) -> Sequence[str]:
        try:
            with _translated():
                found = await self._livekit.agent_dispatch.list_dispatch(room)
        except RoomGone:
            return []
        return [one.metadata for one in found]

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    @property
    def _livekit(self) -> LiveKitAPI:
        # Not made before it is needed: its HTTP client belongs to the loop that runs by then.
        if self._client is None:
            environment = self._environment
            try:
                self._client = LiveKitAPI(
                    environment.livekit_address,
                    environment.livekit_api_key,
                    environment.livekit_api_secret.get_secret_value(),
                    timeout=_TIMEOUT,
                )
            except ValueError:
                raise LiveKitAway("no LiveKit key is set") from None
        return self._client


@contextmanager
def _translated() -> Iterator[None]:
    """LiveKit's failures as ours."""
    try:
        yield
    except ServerError as error:
        if error.code == "not_found":
            raise RoomGone from None
        # Its message repeats what was asked, identities with numbers in them too.
        raise LiveKitAway(f"LiveKit refused: {error.code}") from None
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise LiveKitAway(f"LiveKit does not answer: {type(error).__name__}") from None


def _participant(info: ParticipantInfo) -> Participant:
    role = info.attributes.get(ROLE_ATTRIBUTE)
    by_telephone = info.kind == ParticipantInfo.Kind.SIP
    return Participant(
        identity=info.identity,
        agent=info.kind == ParticipantInfo.Kind.AGENT,
        staff=role == STAFF_ROLE,
        caller=bool(info.attributes.get(SIP_RULE_ATTRIBUTE))
        if by_telephone
        else info.kind == ParticipantInfo.Kind.STANDARD and role == CALLER_ROLE,
        claim=info.attributes.get(CLAIM_ATTRIBUTE, ""),
    )


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """What a browser needs to join a room."""

    url: str
    token: str
    room: str
    identity: str
    expires_at: datetime


class Door:
    """Makes tokens to join rooms, each with no more rights than it needs."""

    def __init__(self, environment: Environment, *, seam: Seam) -> None:
        self._environment = environment
        self._seam = seam

    def listener(self, room: str) -> Ticket:
        """Nobody in the room sees or hears this one, who can say and send nothing."""
        grants = _grants(room, speaks=False, unseen=True)
        return self._ticket(f"listener-{self._seam.token(8)}", room, grants)

    def takeover(self, room: str, *, user_id: UUID) -> Ticket:
        """Speaks and hears. The attributes are signed, and their holder may not change them: by them the
        agent knows staff."""
        attributes = {ROLE_ATTRIBUTE: STAFF_ROLE, USER_ATTRIBUTE: str(user_id)}
        grants = _grants(room, speaks=True)
        return self._ticket(f"staff-{self._seam.token(8)}", room, grants, attributes)

    def caller(self, *, business_id: UUID, dialled: str = "") -> Ticket:
        """Calls a business's own assistant from a browser: the room is made, and the agent sent, on
        joining. `dialled`: the number (E.164) that it is taken to have been called on."""
        room = ROOM_PREFIX + "test-" + self._seam.token(8)
        # Keys pressed on the page travel as data.
        grants = _grants(room, speaks=True, sends=True)
        attributes = {
            ROLE_ATTRIBUTE: CALLER_ROLE,
            DIALLED_ATTRIBUTE: dialled,
            CALLER_ATTRIBUTE: "",
            BUSINESS_ATTRIBUTE: str(business_id),
        }
        agents = RoomConfiguration(agents=[RoomAgentDispatch(agent_name=AGENT)])
        return self._ticket("caller", room, grants, attributes, agents)

    def _ticket(
        self,
        identity: str,
        room: str,
        grants: VideoGrants,
        attributes: dict[str, str] | None = None,
        configuration: RoomConfiguration | None = None,
    ) -> Ticket:
        environment = self._environment
        secret = environment.livekit_api_secret.get_secret_value()
        if not environment.livekit_api_key or not secret:
            raise LiveKitAway("no LiveKit key is set")
        token = (
            AccessToken(environment.livekit_api_key, secret)
            .with_identity(identity)
            .with_ttl(JOIN_WITHIN)
            .with_grants(grants)
            .with_attributes(attributes or {})
        )
        if configuration is not None:
            token = token.with_room_config(configuration)
        return Ticket(
            url=environment.livekit_public_address,
            token=token.to_jwt(),
            room=room,
            identity=identity,
            expires_at=self._seam.now() + JOIN_WITHIN,
        )


def _grants(room: str, *, speaks: bool, sends: bool = False, unseen: bool = False) -> VideoGrants:
    """To join a room and hear; to speak, to send data and to be hidden only where asked for. Nobody may change
    what is signed about them."""
    return VideoGrants(
        room_join=True,
        room=room,
        hidden=True if unseen else None,
        can_subscribe=True,
        can_publish=speaks,
        can_publish_sources=["microphone"] if speaks else None,
        can_publish_data=sends,
        can_update_own_metadata=False,
    )
