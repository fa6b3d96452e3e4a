"""Who may hear which of the agent's tracks while somebody is rung."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import api, rtc

from agent.caller import Caller
from agent.handoff.exchange import RoomExchange
from agent.handoff.tracks import PrivateTrack, PrivateTracks
from agent.line import Line
from agent.speech import CallSpeech
from domain.seam import SystemSeam
from tests.agent.fakes import Emitter


class LocalParticipant:
    """Takes note of who may hear what."""

    def __init__(self) -> None:
        self.track_publications = {"voice": object()}
        self.open_to_all = True
        self.allowed: dict[str, Any] = {}

    async def publish_track(self, *_: object) -> Any:
        self.track_publications["hold"] = object()
        return SimpleNamespace(sid="hold")

    async def unpublish_track(self, sid: str) -> None:
        del self.track_publications[sid]

    def set_track_subscription_permissions(
        self,
        *,
        allow_all_participants: bool,
        participant_permissions: list[rtc.ParticipantTrackPermission] | None = None,
    ) -> None:
        self.open_to_all = allow_all_participants
        self.allowed = {
            one.participant_identity: "all" if one.allow_all else list(one.allowed_track_sids or ())
            for one in participant_permissions or ()
        }


class Room(Emitter):
    def __init__(self, *present: str) -> None:
        super().__init__()
        self.remote_participants = dict.fromkeys(present)
        self.local_participant = LocalParticipant()

    def off(self, name: str, handler: Callable[..., Any]) -> None:
        self._handlers[name].remove(handler)

    def isconnected(self) -> bool:
        return True


def tracks_in(room: Room) -> PrivateTracks:
    return PrivateTracks(cast(rtc.Room, room), caller="caller")


def test_a_rung_telephone_hears_nothing_of_what_the_caller_is_told() -> None:
    room = Room("caller", "staff-1")
    tracks = tracks_in(room)
    tracks.exclude("staff-1")
    assert not room.local_participant.open_to_all
    assert room.local_participant.allowed == {"caller": ["voice"], "staff-1": []}


def test_who_comes_meanwhile_and_who_listens_hidden_hear_all() -> None:
    room = Room("caller", "staff-1")
    tracks = tracks_in(room)
    tracks.exclude("staff-1")
    room.remote_participants["staff-browser"] = None
    room.emit("participant_connected", None)
    tracks.also({"listener-1"})
    allowed = room.local_participant.allowed
    assert allowed["staff-browser"] == allowed["listener-1"] == "all"
    assert allowed["staff-1"] == []


def test_afterwards_everybody_hears_everything_again() -> None:
    room = Room("caller", "staff-1")
    tracks = tracks_in(room)
    tracks.exclude("staff-1")
    tracks.close()
    assert room.local_participant.open_to_all


@pytest.mark.parametrize("refusals", [2, 1000])
async def test_sound_that_is_refused_is_tried_again_and_then_given_up(refusals: int) -> None:
    taken: list[object] = []
    left = refusals

    async def capture_frame(frame: object) -> None:
        nonlocal left
        if left:
            left -= 1
            raise Exception("InvalidState - failed to capture frame")
        taken.append(frame)

    async def wait_for_playout() -> None: ...

    async def sound() -> AsyncIterator[Any]:
        yield "first"
        yield "second"

    source = SimpleNamespace(capture_frame=capture_frame, wait_for_playout=wait_for_playout)
    track = PrivateTrack(cast(rtc.AudioSource, source), cast(Any, None), "caller")
    async with asyncio.timeout(20):
        await track.play(sound())
    assert taken == (["first", "second"] if refusals == 2 else [])


async def test_the_server_is_asked_who_listens_hidden() -> None:
    room = Room("caller")
    asked = asyncio.Event()

    async def list_participants(request: api.ListParticipantsRequest) -> Any:
        if request.room == "call-1":
            asked.set()
        hidden, shown = (api.ParticipantPermission(hidden=each) for each in (True, False))
        return SimpleNamespace(
            participants=[
                api.ParticipantInfo(identity="listener-1", permission=hidden),
                api.ParticipantInfo(identity="caller", permission=shown),
            ]
        )

    livekit = SimpleNamespace(room=SimpleNamespace(list_participants=list_participants))
    line = SimpleNamespace(room=room, room_name="call-1", job=SimpleNamespace(api=livekit))
    caller = Caller(identity="caller", channel="sip", dialled="", phone="")
    exchange = RoomExchange(
        cast(Line, line),
        caller,
        speech=cast(CallSpeech, None),
        hearing=None,
        seam=SystemSeam(),
    )
    await exchange.hold_track()
    async with asyncio.timeout(10):
        await asked.wait()
    await asyncio.sleep(0)
    assert room.local_participant.allowed == {"listener-1": "all", "caller": ["voice", "hold"]}
    await exchange.release()
    assert room.local_participant.open_to_all
