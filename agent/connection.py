"""The job's connection to the room: who left it, and what it means when it breaks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol

from livekit import rtc

from agent.floor import FloorState
from agent.line import Line
from domain.calls.events import EndReason

RETURN_SECONDS: Final = 10.0
"""After livekit-server restarted everybody joins its new room one by one: how long the caller is waited for."""
_TAKEN_AWAY: Final = (
    rtc.DisconnectReason.PARTICIPANT_REMOVED,
    rtc.DisconnectReason.DUPLICATE_IDENTITY,
)

log = logging.getLogger("reception.agent.connection")


class ConnectedCall(Protocol):
    """What this needs of the call."""

    @property
    def floor(self) -> FloorState: ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]: ...

    async def finish(self, reason: EndReason) -> None: ...

    def leave(self) -> None: ...


class Connection:
    """Tells a caller who hangs up from a room that is lost, and a room that is lost from one that another
    job has."""

    def __init__(
        self, call: ConnectedCall, *, line: Line, caller: str, referring: Callable[[], bool]
    ) -> None:
        """`caller` is their identity; `referring`: the caller's leg may leave without having hung up."""
        self._call = call
        self._line = line
        self._caller = caller
        self._referring = referring
        self._unsteady = False
        """The connection broke, and is being made again."""
        self._came = asyncio.Event()
        self._waiting: asyncio.Task[None] | None = None
        self._losing: asyncio.Task[None] | None = None

    def watch(self) -> None:
        room = self._line.room
        room.on("participant_connected", self._joined)
        room.on("participant_disconnected", self._left)
        room.on("reconnecting", self._broke)
        room.on("reconnected", self._mended)
        room.on("disconnected", self._lost)

    async def settled(self) -> None:
        """Wait until it is known what the loss of the room means."""
        if self._losing is not None:
            await asyncio.wait({self._losing})

    def _joined(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity == self._caller:
            self._came.set()

    def _left(self, participant: rtc.RemoteParticipant) -> None:
        # While a REFER runs, the leg leaves because the other side took it, or because the caller
        # gave up: what came of the REFER decides.
        if participant.identity != self._caller or self._referring():
            return
        if self._unsteady:
            self._wait_for_caller()
        else:
            self._call.spawn(self._call.finish("caller_hung_up"))

    def _broke(self) -> None:
        log.warning("connection to the room broke")
        self._unsteady = True

    def _mended(self) -> None:
        log.info("connection to the room mended")
        if self._line.has(self._caller):
            self._unsteady = False
        else:
            self._wait_for_caller()

    def _wait_for_caller(self) -> None:
        """In a room made anew the caller is missing until they have joined it too."""
        if self._waiting is None or self._waiting.done():
            self._came.clear()
            self._waiting = self._call.spawn(self._until_caller_is_back())

    async def _until_caller_is_back(self) -> None:
        try:
            async with asyncio.timeout(RETURN_SECONDS):
                while not self._line.has(self._caller):
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            await self._call.finish("server_lost")
            return
        self._unsteady = False

    def _lost(self, reason: rtc.DisconnectReason.ValueType) -> None:
        if self._call.floor.ended:
            return
        if reason in _TAKEN_AWAY:
            # Somebody took this job for dead and gave its call to another.
            self._call.leave()
            return
        log.warning("room lost", extra={"reason": rtc.DisconnectReason.Name(reason).lower()})
        if reason == rtc.DisconnectReason.ROOM_DELETED:
            self._losing = self._call.spawn(self._call.finish("failed"))
        else:
            self._losing = self._call.spawn(self._server_lost())

    async def _server_lost(self) -> None:
        if await self._line.survives(self._caller):
            # The caller is still there: another job, sent by the call keeper, is with them sooner than
            # this one could be.
            self._call.leave()
        else:
            await self._call.finish("server_lost")
