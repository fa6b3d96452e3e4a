"""A call without LiveKit: the line, the session and the voice, as far as `agent.call` uses them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from livekit import rtc
from livekit.agents import AgentStateChangedEvent, UserInputTranscribedEvent
from livekit.agents.llm import ChatContext
from pydantic import BaseModel

from agent.call import Call
from agent.caller import Caller
from agent.line import Line
from agent.phrases import PhraseName, phrase
from agent.resumption.resumption import Resumption
from agent.speech import CallSpeech
from domain.businesses.profile import CallProfile, ProfileSwitch
from domain.businesses.settings import BusinessSettings
from domain.calls.control import ROLE_ATTRIBUTE, STAFF_ROLE, TOPIC, USER_ATTRIBUTE
from domain.calls.events import CallEnded, Event, FloorChanged, TransferEnded
from domain.seam import SystemSeam
from tests.agent.handoff_fakes import FakeExchange

TRANSFER_NUMBER = "+12025550190"


class Emitter:
    """`on` and `emit`, as LiveKit's rooms and sessions have them."""

    def __init__(self) -> None:
        self._handlers: dict[str, list[Callable[..., Any]]] = {}

    def on(self, name: str, handler: Callable[..., Any]) -> None:
        self._handlers.setdefault(name, []).append(handler)

    def emit(self, name: str, *arguments: Any) -> None:
        for handler in list(self._handlers.get(name, [])):
            handler(*arguments)


class FakeHandle:
    def __init__(self, text: str) -> None:
        self.text = text
        self.interrupted = False
        self.played = asyncio.Event()

    async def wait_for_playout(self) -> None:
        await self.played.wait()


class FakeOutput:
    def __init__(self) -> None:
        self.audio = True
        self.transcription = True

    def set_audio_enabled(self, enabled: bool) -> None:
        self.audio = enabled

    def set_transcription_enabled(self, enabled: bool) -> None:
        self.transcription = enabled


class FakeSession(Emitter):
    def __init__(self) -> None:
        super().__init__()
        self.output = FakeOutput()
        self.input = SimpleNamespace(audio=None)
        self.user_state = "listening"
        self.history = ChatContext.empty()
        self.agent_state = "listening"
        self.interrupted = 0
        self.answers_at_once = True
        """Whether a reply that was asked for is spoken at once."""
        self.agents_enter = True
        """Whether a new agent is in place at once: no tool runs."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.said: list[str] = []
        self.instructed: list[str] = []
        self.committed = 0
        self.closed = 0
        self.agents: list[Any] = []
        self.current_speech: FakeHandle | None = None
        self.speaks_at_once = True
        """Whether what is said has been heard at once."""

    async def start(self, agent: Any, **_: Any) -> None:
        self.agents.append(agent)

    def say(self, text: str, *, audio: Any = None, allow_interruptions: bool) -> FakeHandle:
        self.said.append(text)
        handle = FakeHandle(text)
        if self.speaks_at_once:
            handle.played.set()
        return handle

    def generate_reply(self, *, instructions: str = "", **_: Any) -> None:
        self.instructed.append(instructions)
        if self.answers_at_once:
            self.emit(
                "agent_state_changed",
                AgentStateChangedEvent(old_state="listening", new_state="speaking"),
            )

    def commit_user_turn(self, *, transcript_timeout: float) -> None:
        self.committed += 1

    def update_agent(self, agent: Any) -> None:
        self.agents.append(agent)
        if self.agents_enter:
            self.enter(agent)

    def enter(self, agent: Any) -> None:
        task = asyncio.get_running_loop().create_task(agent.on_enter())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def update_options(self, **_: Any) -> None: ...

    def reset_away_timer(self) -> None: ...

    def shutdown(self, *, drain: bool) -> None:
        self.closed += 1

    def interrupt(self, *, force: bool) -> asyncio.Future[None]:
        assert force
        self.interrupted += 1
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    async def wait_for_idle(self) -> None: ...

    async def aclose(self) -> None:
        self.closed += 1


class FakeRoom(Emitter):
    def __init__(self) -> None:
        super().__init__()
        self.remote_participants: dict[str, Any] = {}


class FakeLine:
    def __init__(self) -> None:
        self.room = FakeRoom()
        self.rights: list[tuple[str, bool]] = []
        """Who was let speak, or was not, in order."""
        self.present = True
        self.closed = 0
        self.left = 0
        self.room_survives = False
        """Whether a room that was lost is still there with the caller."""
        self.shut_down_for: list[str] = []
        self.over = asyncio.Event()
        self.referred: list[str] = []
        self.outcome: asyncio.Future[TransferEnded] = asyncio.Future()

    def has(self, identity: str) -> bool:
        return self.present

    async def let_speak(self, identity: str, allowed: bool) -> None:
        self.rights.append((identity, allowed))

    async def close(self) -> None:
        self.closed += 1

    async def leave(self) -> None:
        self.left += 1

    async def survives(self, identity: str) -> bool:
        return self.room_survives

    def shut_down(self, reason: str) -> None:
        self.shut_down_for.append(reason)
        self.over.set()

    async def refer(self, caller: Caller, number: str) -> TransferEnded:
        self.referred.append(number)
        return await self.outcome

    def caller_leaves(self) -> None:
        self.present = False
        self.room.emit("participant_disconnected", SimpleNamespace(identity="caller"))


class FakeSpeech:
    synthesising = False

    def ready(self, text: str) -> bool:
        return True

    def phrase(self, name: PhraseName) -> str:
        return phrase(name, "en-US")

    async def _nothing(self) -> AsyncIterator[rtc.AudioFrame]:
        return
        yield

    def sound(self, text: str, *, fallback: PhraseName) -> AsyncIterator[rtc.AudioFrame]:
        return self._nothing()

    def recorded(self, name: PhraseName) -> AsyncIterator[rtc.AudioFrame]:
        return self._nothing()


class FakeJournal:
    epoch = 1

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.settled = asyncio.Event()
        self.settled.set()

    @property
    def kinds(self) -> Counter[str]:
        return Counter(event.type for event in self.events)

    def record(self, event: Event) -> None:
        self.events.append(event)

    async def settle(self) -> None:
        await self.settled.wait()


class Scene:
    """A call that has begun, and everything around it."""

    def __init__(
        self,
        *,
        channel: str = "sip",
        switch: dict[str, str] | None = None,
        resumption: Resumption | None = None,
        still_ours: Callable[[], Awaitable[bool]] | None = None,
        **settings: Any,
    ) -> None:
        self.line = FakeLine()
        self.session = FakeSession()
        self.journal = FakeJournal()
        self.speech = FakeSpeech()
        self.hearing = SimpleNamespace()
        self.exchange = FakeExchange()
        self.call = Call(
            line=cast(Line, self.line),
            exchange=self.exchange,
            caller=Caller(
                identity="caller",
                channel=cast(Any, channel),
                dialled="+12025550100",
                phone="+12025550111",
            ),
            profile=CallProfile(
                business_id=UUID(int=1),
                name="Riverside Dental",
                time_zone="America/New_York",
                country="US",
                settings=BusinessSettings(greeting="Hello.", **settings),
                settings_version=1,
                switch=ProfileSwitch.model_validate(switch or {}),
            ),
            journal=self.journal,
            speech=cast(CallSpeech, self.speech),
            hearing=cast(Any, self.hearing),
            seam=SystemSeam(),
            began=0.0,
            resumption=resumption,
            still_ours=still_ours,
        )

    async def begin(self) -> Scene:
        await self.call.begin(cast(Any, self.session), "instructions")
        return self

    async def over(self) -> str:
        """Wait for the end; its reason. There is one, at the very end, and the room is closed once."""
        async with asyncio.timeout(20):
            await self.line.over.wait()
        ends = [event for event in self.journal.events if isinstance(event, CallEnded)]
        assert self.journal.events[-1] is ends[-1]
        assert len(ends) == 1
        assert self.line.closed == 1
        assert len(self.line.shut_down_for) == 1
        return ends[0].reason

    async def until(self, seen: Callable[[], bool]) -> None:
        """Wait for something that has to happen."""
        async with asyncio.timeout(5):
            while True:
                if seen():
                    return
                await asyncio.sleep(0.005)

    async def until_said(self, text: str) -> None:
        await self.until(lambda: text in self.session.said)

    async def settle(self) -> None:
        """Let everything that can happen now happen."""
        for _ in range(20):
            await asyncio.sleep(0)

    def send(self, control: BaseModel, *, sender: Any = None) -> None:
        """A message on the topic of staff's requests, from the server unless a `sender` is given."""
        self.send_raw(control.model_dump_json().encode(), sender=sender)

    def send_raw(self, data: bytes, *, sender: Any = None, topic: str = TOPIC) -> None:
        packet = SimpleNamespace(data=data, participant=sender, topic=topic)
        self.line.room.emit("data_received", packet)

    def floor_changes(self) -> list[tuple[str, str, str]]:
        """The changes of the floor so far: to whom, why, by whom."""
        return [
            (event.after, event.reason, event.by)
            for event in self.journal.events
            if isinstance(event, FloorChanged)
        ]

    def caller_says(self, text: str) -> None:
        heard = UserInputTranscribedEvent(transcript=text, is_final=True)
        self.session.emit("user_input_transcribed", heard)


class FakeStaff:
    """A member of staff in a scene's room, from the console."""

    def __init__(self, scene: Scene, *, user_id: UUID, identity: str = "staff-1") -> None:
        self.scene = scene
        self.user_id = user_id
        self.identity = identity
        self.kind = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD
        self.attributes = {ROLE_ATTRIBUTE: STAFF_ROLE, USER_ATTRIBUTE: str(user_id)}
        self.track_publications: dict[str, Any] = {}
        self.disconnect_reason: int | None = None

    def joins(self) -> FakeStaff:
        self.scene.line.room.remote_participants[self.identity] = self
        self.scene.line.room.emit("participant_connected", self)
        return self

    def opens_microphone(self, *, muted: bool = False) -> FakeStaff:
        publication = SimpleNamespace(
            kind=rtc.TrackKind.KIND_AUDIO,
            source=rtc.TrackSource.SOURCE_MICROPHONE,
            muted=muted,
            track=None,
        )
        self.track_publications["microphone"] = publication
        self.scene.line.room.emit("track_published", publication, self)
        return self

    def unmutes(self) -> None:
        publication = self.track_publications["microphone"]
        publication.muted = False
        self.scene.line.room.emit("track_unmuted", self, publication)

    def unpublishes(self) -> None:
        publication = self.track_publications.pop("microphone")
        self.scene.line.room.emit("track_unpublished", publication, self)

    def leaves(self, reason: int = rtc.DisconnectReason.CLIENT_INITIATED) -> None:
        self.disconnect_reason = reason
        self.scene.line.room.remote_participants.pop(self.identity, None)
        self.scene.line.room.emit("participant_disconnected", self)
