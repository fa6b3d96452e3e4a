"""The legs of staff at livekit-server: rung, kept apart from the caller, joined with them, removed.

livekit-sip subscribes a leg to everything in the room when it is answered, and every leg to each track that is
published later. So a leg that rings may subscribe to nothing (permission `can_subscribe`), and what livekit-sip
has asked for is taken back before the permission returns. livekit-server tells nobody what a participant is
subscribed to: the separation is repeated as long as it has to hold.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

import aiohttp
from google.protobuf.duration_pb2 import Duration
from livekit import api, rtc
from livekit.protocol.room import RoomParticipantIdentity

from agent.line import Line
from agent.livekit_requests import insist
from domain.calls.control import ROLE_ATTRIBUTE, STAFF_ROLE
from domain.calls.events import RingOutcome

ATTEMPT_ATTRIBUTE: Final = "reception.attempt"
JOINED_ATTRIBUTE: Final = "reception.joined"
"""Set on a leg that took the call: a job that takes the call over leaves it with the caller."""
IDENTITY_PREFIX: Final = "staff-"
_REQUEST_SECONDS: Final = 3.0
_TRIES: Final = 2
_PAUSE: Final = "w"
_AGAIN_SECONDS: Final = 1.0
_SETTLE: Final = (0.12, 0.18)
"""Seconds after an answer, and again: livekit-sip's own subscriptions are on their way, and one that came after ours
would let the leg hear the caller until the next separation."""
_EARLY: Final = (0.0, 0.05, 0.1, 0.15, 0.2, 0.5)
_LATER: Final = 1.0
"""Seconds between two repetitions of the separation: first while the room's news travels, then for good."""

_BUSY: Final = frozenset({486, 600})
_DECLINED: Final = frozenset({403, 603, 607})
_NO_ANSWER: Final = frozenset({408, 480, 487})

Answer = TypeVar("Answer")

_RANG_OUT: Final = frozenset({api.TwirpErrorCode.DEADLINE_EXCEEDED, api.TwirpErrorCode.CANCELED})
"""The server's words for a ringing time that is over; livekit-sip 1.9 says the second."""

_Failure = (api.TwirpError, aiohttp.ClientError, TimeoutError)

log = logging.getLogger("reception.agent.handoff")


class RingFailed(Exception):
    """Nobody took the telephone."""

    def __init__(self, outcome: RingOutcome, detail: str = "") -> None:
        super().__init__(outcome)
        self.outcome: RingOutcome = outcome
        self.detail = detail


class Legs:
    """Those of one call. Every failure of livekit-server that could let one side hear the other ends
    the leg instead."""

    def __init__(self, line: Line, *, caller: str) -> None:
        """`caller`: their identity."""
        self._line = line
        self._caller = caller
        self._apart: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()
        """A separation on its way must not reach the server after the joining."""

    def present(self, identity: str) -> bool:
        return self._line.has(identity)

    async def ring(
        self, identity: str, *, trunk: str, number: str, shown: str, attempt: int, seconds: int
    ) -> None:
        """Ring `number` (E.164) for so many seconds; returns when it was answered, deaf. Raises RingFailed."""
        self._apart.add(identity)
        separating = self._spawn(self._separate_when_there(identity))
        try:
            await self._dial(identity, trunk, number, shown, attempt, seconds)
        except BaseException:
            self._apart.discard(identity)
            separating.cancel()
            raise

    async def let_hear(self, identity: str) -> None:
        """Let an answered leg hear what is meant for it, and only that. Raises RingFailed."""
        try:
            for seconds in _SETTLE:
                await asyncio.sleep(seconds)
                await self._part(identity)
            await self._permit(identity, hear=True)
        except _Failure as error:
            raise RingFailed("failed", type(error).__name__) from error
        self._spawn(self._keep_apart(identity))

    async def join(self, identity: str) -> None:
        """Let the caller and the leg hear each other. Raises RingFailed."""
        self._apart.discard(identity)
        try:
            async with self._one_at_a_time:
                await asyncio.gather(
                    self._subscribe(self._caller, self._tracks_of(identity), True),
                    self._subscribe(identity, self._tracks_of(self._caller), True),
                )
        except _Failure as error:
            raise RingFailed("failed", type(error).__name__) from error

    async def mark_joined(self, identity: str) -> None:
        """Tell whoever serves the call next that this leg belongs with the caller."""
        try:
            await self._update(identity, attributes={JOINED_ATTRIBUTE: "true"})
        except _Failure as error:
            log.warning("leg not marked", extra={"error": type(error).__name__})

    async def remove(self, identity: str) -> None:
        """Hang a leg up, or stop its ringing. A failure is logged: it ends with the room."""
        self._apart.discard(identity)
        request = RoomParticipantIdentity(room=self._line.room_name, identity=identity)
        problem = await insist(
            lambda: self._line.job.api.room.remove_participant(request),
            tries=1,
            seconds=_REQUEST_SECONDS,
        )
        if problem:
            log.warning("leg not removed", extra={"error": problem})

    def close(self) -> None:
        """The call is over."""
        for task in self._tasks:
            task.cancel()

    def audio_of(self, identity: str) -> rtc.Track | None:
        """The leg's sound, once it is subscribed."""
        participant = self._line.room.remote_participants.get(identity)
        publications = participant.track_publications.values() if participant else ()
        return next((one.track for one in publications if one.track is not None), None)

    # Dialling

    async def _dial(
        self, identity: str, trunk: str, number: str, shown: str, attempt: int, seconds: int
    ) -> None:
        request = api.CreateSIPParticipantRequest(
            sip_trunk_id=trunk,
            sip_call_to=number,
            sip_number=shown,
            room_name=self._line.room_name,
            participant_identity=identity,
            participant_attributes={ROLE_ATTRIBUTE: STAFF_ROLE, ATTEMPT_ATTRIBUTE: str(attempt)},
            # A caller in a browser could read the number of whoever is rung.
            hide_phone_number=True,
            play_dialtone=False,
            # A pause of 0.5 s after the answer, before livekit-sip lets sound through either way: a
            # telephone that answers at once could be heard, and hear, before the two are kept apart.
            dtmf=_PAUSE,
            ringing_timeout=Duration(seconds=seconds),
            wait_until_answered=True,
        )
        try:
            try:
                await self._line.job.api.sip.create_sip_participant(request)
            except api.TwirpError as error:
                if error.code != api.TwirpErrorCode.UNAVAILABLE or isinstance(
                    error, api.SipCallError
                ):
                    raise
                # livekit-sip refuses in a moment of load, before anything has rung.
                await asyncio.sleep(_AGAIN_SECONDS)
                await self._line.job.api.sip.create_sip_participant(request)
        except api.SipCallError as error:
            raise RingFailed(*_outcome_of(error.sip_status_code, error.code)) from None
        except api.TwirpError as error:
            raise RingFailed(*_outcome_of(None, error.code)) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise RingFailed("failed", type(error).__name__) from None

    # Keeping apart

    async def _separate_when_there(self, identity: str) -> None:
        """Deafen a leg as soon as it is in the room, and keep the caller from hearing it."""
        room, there = self._line.room, asyncio.Event()

        def look(*_: object) -> None:
            if identity in room.remote_participants:
                there.set()

        room.on("participant_connected", look)
        try:
            look()
            await there.wait()
        finally:
            room.off("participant_connected", look)
        try:
            await self._permit(identity, hear=False)
        except _Failure as error:
            log.error("leg not kept apart, hanging up", extra={"error": type(error).__name__})
            await self.remove(identity)
            return
        await self._keep_apart(identity)

    async def _keep_apart(self, identity: str) -> None:
        early = iter(_EARLY)
        while True:
            await asyncio.sleep(next(early, _LATER))
            if identity not in self._apart or not self.present(identity):
                return
            try:
                await self._part(identity)
            except _Failure as error:
                log.warning("separation not repeated", extra={"error": type(error).__name__})

    async def _part(self, identity: str) -> None:
        async with self._one_at_a_time:
            if identity not in self._apart:
                return
            others = [one for one in self._line.room.remote_participants if one != identity]
            own = self._tracks_of(identity)
            # Nobody else hears a leg either: two that are rung at once are told of the call at once.
            deaf = [one for one in others if one == self._caller or one in self._apart]
            await asyncio.gather(
                self._subscribe(
                    identity, [sid for one in others for sid in self._tracks_of(one)], False
                ),
                *(self._subscribe(one, own, False) for one in deaf),
            )

    def _tracks_of(self, identity: str) -> list[str]:
        participant = self._line.room.remote_participants.get(identity)
        return list(participant.track_publications) if participant is not None else []

    async def _subscribe(self, identity: str, tracks: list[str], wanted: bool) -> None:
        if not tracks:
            return
        request = api.UpdateSubscriptionsRequest(
            room=self._line.room_name, identity=identity, track_sids=tracks, subscribe=wanted
        )
        await self._try(lambda: self._line.job.api.room.update_subscriptions(request))

    async def _permit(self, identity: str, *, hear: bool) -> None:
        whose = RoomParticipantIdentity(room=self._line.room_name, identity=identity)
        found = await self._try(lambda: self._line.job.api.room.get_participant(whose))
        # The server takes the permissions as a whole: a field left out would be taken away.
        permission = found.permission
        permission.can_subscribe = hear
        await self._update(identity, permission=permission)

    async def _update(self, identity: str, **changes: object) -> None:
        request = api.UpdateParticipantRequest(
            room=self._line.room_name,
            identity=identity,
            **changes,  # type: ignore[arg-type]
        )
        await self._try(lambda: self._line.job.api.room.update_participant(request))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _try(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        for left in reversed(range(_TRIES)):
            try:
                async with asyncio.timeout(_REQUEST_SECONDS):
                    return await ask()
            except _Failure:
                if not left:
                    raise
        raise AssertionError("unreachable")


def _outcome_of(status: int | None, code: str) -> tuple[RingOutcome, str]:
    """What a SIP status (RFC 3261 section 21), or the server's own code without one, says of the person
    who was rung."""
    detail = f"SIP {status}" if status else str(code)
    if not status and code in _RANG_OUT:
        return "no_answer", detail
    if status in _BUSY:
        return "busy", detail
    if status in _DECLINED:
        return "declined", detail
    return ("no_answer" if status in _NO_ANSWER else "failed"), detail
