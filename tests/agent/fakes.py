"""A call without LiveKit: the line, the session and the voice, as far as `agent.call` uses them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from livekit import rtc

from agent.call import Call
from agent.caller import Caller
from agent.line import Line
from agent.phrases import PhraseName, phrase
from agent.speech import CallSpeech
from domain.businesses.profile import CallProfile
from domain.businesses.settings import BusinessSettings
from domain.calls.events import CallEnded, Event, TransferEnded
from domain.seam import SystemSeam

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


class FakeSession(Emitter):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.instructed: list[str] = []
        self.closed = 0
        self.agents: list[Any] = []
        self.current_speech: FakeHandle | None = None
        self.speaks_at_once = True
        """Whether what is said has been heard at once."""

    async def start(self, agent: Any, **_: Any) -> None:
        self.agents.append(agent)

    def say(self, text: str, *, audio: Any, allow_interruptions: bool) -> FakeHandle:
        self.said.append(text)
        handle = FakeHandle(text)
        if self.speaks_at_once:
            handle.played.set()
        return handle

    def generate_reply(self, *, instructions: str) -> None:
        self.instructed.append(instructions)

    def update_agent(self, agent: Any) -> None:
        self.agents.append(agent)

    def update_options(self, **_: Any) -> None: ...

    def reset_away_timer(self) -> None: ...

    def shutdown(self, *, drain: bool) -> None:
        self.closed += 1

    async def interrupt(self, *, force: bool) -> None: ...

    async def wait_for_idle(self) -> None: ...

    async def aclose(self) -> None:
        self.closed += 1


class FakeLine:
    def __init__(self) -> None:
        self.room = Emitter()
        self.present = True
        self.closed = 0
        self.shut_down_for: list[str] = []
        self.over = asyncio.Event()
        self.referred: list[str] = []
        self.outcome: asyncio.Future[TransferEnded] = asyncio.Future()

    def has(self, identity: str) -> bool:
        return self.present

    async def close(self) -> None:
        self.closed += 1

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
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.settled = asyncio.Event()
        self.settled.set()

    def record(self, event: Event) -> None:
        self.events.append(event)

    async def settle(self) -> None:
        await self.settled.wait()


class Scene:
    """A call that has begun, and everything around it."""

    def __init__(self, *, channel: str = "sip", **settings: Any) -> None:
        self.line = FakeLine()
        self.session = FakeSession()
        self.journal = FakeJournal()
        self.speech = FakeSpeech()
        self.call = Call(
            line=cast(Line, self.line),
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
            ),
            journal=self.journal,
            speech=cast(CallSpeech, self.speech),
            seam=SystemSeam(),
            began=0.0,
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

    async def settle(self) -> None:
        """Let everything that can happen now happen."""
        for _ in range(20):
            await asyncio.sleep(0)
