"""Looks after every call of the installation: sends a job where one has died, and ends what nobody serves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog
from sqlalchemy.exc import SQLAlchemyError

from admin.closer import CallCloser
from admin.keeper import crowd
from admin.keeper.watch import AGAIN_AFTER, JOINING, Step, Watch
from admin.livekit import LiveKitAway, Participant, RoomGone, Rooms
from admin.metrics import Metrics
from domain.alerts.operations import open_alert
from domain.calls import log, rescue
from domain.calls.control import ROOM_PREFIX
from domain.calls.events import EndReason
from domain.calls.lock import HeldLocks, fence, held_locks
from domain.calls.log import OpenCall
from domain.database import Database
from domain.logs import describe
from domain.tables import INSTALLATION

EVERY: Final = 0.5
"""Seconds between two steps, so that a death is known within a second."""
SOON: Final = 0.15
"""The same while somebody waits."""
ALERT: Final = "no worker"
"""Subject of the alert: one is open, and counts."""
SETTLING: Final = timedelta(seconds=5)
"""After the database's return: until then every living job has its lock back (`agent.call_lock`)."""
READ_SECONDS: Final = 2.0
_AT_ONCE: Final = 16
"""Rooms looked into at the same time."""

_Work = Callable[[str, Watch], Awaitable[None]]

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Read:
    """What the database says at one moment."""

    locks: HeldLocks
    calls: Mapping[str, OpenCall]
    """Those that are open, by room."""


class CallKeeper:
    """Watches the locks that jobs hold on their calls. Several admin processes may do so at once: whose update
    of the call's row counts sends the job."""

    def __init__(
        self, database: Database, *, rooms: Rooms, closer: CallCloser, metrics: Metrics
    ) -> None:
        self._database = database
        self._rooms = rooms
        self._closer = closer
        self._metrics = metrics
        self._watched: dict[str, Watch] = {}
        self._not_before: datetime | None = None
        """When the database has been back for long enough; None while it is away."""
        self._livekit_away = False
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> None:
        """Step until cancelled."""
        while True:
            try:
                pending = await self.step()
            except Exception as error:
                # The one thing that must not end is this loop.
                pending = False
                logger.error("keeping_calls_failed", **describe(error))
            await asyncio.sleep(SOON if pending else EVERY)

    async def step(self) -> bool:
        """Do what is due. Whether something will be soon."""
        names = await self._names()
        if names is None:
            return False
        read = await self._read()
        if read is None:
            self._not_before = None
            await self._each(names, lambda room, watch: self._without_locks(room, watch, None))
        elif self._settling(read.locks):
            await self._each(
                names, lambda room, watch: self._without_locks(room, watch, read.calls.get(room))
            )
        else:
            await self._each(names, lambda room, watch: self._keep(room, watch, read))
            await self._refuse_hopeless(read)
        return any(watch.pending for watch in self._watched.values())

    # What there is

    async def _names(self) -> Collection[str] | None:
        """The rooms of calls; None while LiveKit is away."""
        try:
            every = await self._rooms.names()
        except LiveKitAway as error:
            if not self._livekit_away:
                logger.warning("livekit_away", **describe(error))
            self._livekit_away = True
            for watch in self._watched.values():
                watch.forget_times()
            return None
        names = {room for room in every if room.startswith(ROOM_PREFIX)}
        for room in self._watched.keys() - names:
            del self._watched[room]
            if self._livekit_away:
                # It was there before LiveKit went away, and nobody told us of its end.
                self._closer.room_finished(room, reason="server_lost")
        self._livekit_away = False
        for room in names - self._watched.keys():
            self._watched[room] = Watch()
        return names

    async def _read(self) -> _Read | None:
        """The locks and the open calls; None while the database is away."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                calls = {call.room: call for call in await log.open_calls(self._database)}
                # Last: a job that has taken its lock meanwhile is seen.
                return _Read(await held_locks(self._database), calls)
        except (SQLAlchemyError, OSError) as error:
            if self._not_before is not None:
                logger.warning("database_away", **describe(error))
            return None

    def _settling(self, locks: HeldLocks) -> bool:
        """Whether the database has just come back: a job that lives may not have its lock yet."""
        now = self._database.seam.now()
        if self._not_before is None:
            self._not_before = now + SETTLING
        # A restart that fell between two steps has freed every lock too.
        self._not_before = max(self._not_before, now + SETTLING - locks.up_for)
        return now < self._not_before

    async def _each(self, names: Collection[str], work: _Work) -> None:
        async def one(room: str) -> None:
            async with self._at_once:
                try:
                    await work(room, self._watched[room])
                except (LiveKitAway, RoomGone, SQLAlchemyError, OSError) as error:
                    logger.warning("keeping_a_call_failed", **describe(error))

        await asyncio.gather(*(one(room) for room in names))

    # One room

    async def _keep(self, room: str, watch: Watch, read: _Read) -> None:
        now = self._database.seam.now()
        call = read.calls.get(room)
        holder = read.locks.holder(room)
        if holder is not None and not watch.due_for_look(now):
            watch.lock_held()
            return
        if holder is None and call is None and not watch.due_while_free(now):
            return
        people = await self._rooms.participants(room)
        look = watch.free if holder is None else watch.held
        step = look(people, known=call is not None, now=now)
        if step == "fence" and holder is not None:
            await self._fence(room, watch, holder, call)
        else:
            await self._do(step, room, watch, people, call)

    async def _without_locks(self, room: str, watch: Watch, call: OpenCall | None) -> None:
        people = await self._rooms.participants(room)
        now = self._database.seam.now()
        step = watch.unknown(people, known=call is not None, now=now)
        await self._do(step, room, watch, people, call)

    async def _do(
        self,
        step: Step,
        room: str,
        watch: Watch,
        people: Collection[Participant],
        call: OpenCall | None,
    ) -> None:
        if step == "rescue":
            await self._rescue(room, watch, people, call)
        elif step == "send_again":
            await self._send_once(room, watch, attempt=1)
        elif step == "refuse":
            await self._refuse(room)
            await self._tell_operators()
        elif step in ("no_worker", "worker_lost"):
            await self._end(room, call, reason=step)

    async def _refuse(self, room: str) -> None:
        self._metrics.kept("refused")
        logger.warning("caller_refused_no_worker")
        await self._rooms.delete(room)

    async def _refuse_hopeless(self, read: _Read) -> None:
        """Of a flood of new callers only so many are waited with as a worker might yet take."""
        waiting = {
            room: since
            for room, watch in self._watched.items()
            if (since := watch.unanswered_since) is not None
        }
        if len(waiting) <= crowd.SPARE:
            return
        served = sum(read.locks.holder(room) is not None for room in self._watched)
        try:
            places = await crowd.capacity(self._database) - served
        except (SQLAlchemyError, OSError) as error:
            logger.warning("places_not_known", **describe(error))
            return
        rooms = crowd.hopeless(waiting, places=places)
        if rooms:
            await self._each(rooms, lambda room, _: self._refuse(room))
            await self._tell_operators()

    async def _rescue(
        self, room: str, watch: Watch, people: Collection[Participant], call: OpenCall | None
    ) -> None:
        if call is None:
            # Its first event has not arrived: the new job finds it in the spool, or begins anew.
            await self._remove_agents(room, people)
            await self._send_once(room, watch, attempt=len(watch.rescues) + 1)
            return
        async with self._database.scope(business_id=call.business_id) as scope:
            epoch = await rescue.claim(scope, call_id=call.call_id, again_after=AGAIN_AFTER)
        now = self._database.seam.now()
        watch.sent(now, by_us=epoch is not None)
        if epoch is None:
            return
        self._metrics.kept("rescued")
        logger.warning("call_rescued", call_id=str(call.call_id), epoch=epoch)
        await self._remove_agents(room, people)
        metadata = {"call_id": str(call.call_id), "epoch": epoch}
        await self._rooms.dispatch(room, metadata=json.dumps(metadata))

    async def _remove_agents(self, room: str, people: Collection[Participant]) -> None:
        """LiveKit would keep a dead one in the room for another 20 s."""
        for one in people:
            if one.agent:
                await self._rooms.remove(room, one.identity)

    async def _send_once(self, room: str, watch: Watch, *, attempt: int) -> None:
        """Ask for a job for a room without a call; only one of several keepers does it."""
        watch.sent(self._database.seam.now(), by_us=True)
        mark = json.dumps({"attempt": attempt})
        try:
            async with self._database.try_lock(noun="dispatch", id=_id_of(room)) as ours:
                if ours:
                    await self._send(room, mark)
        except (SQLAlchemyError, OSError):
            # Twice is better than never: of two jobs one leaves.
            await self._send(room, mark)

    async def _send(self, room: str, mark: str) -> None:
        if mark in await self._rooms.dispatched(room):
            return
        self._metrics.kept("sent_again")
        logger.warning("job_sent_again")
        await self._rooms.dispatch(room, metadata=mark)

    async def _fence(self, room: str, watch: Watch, holder: int, call: OpenCall | None) -> None:
        if call is not None:
            async with self._database.scope(business_id=call.business_id) as scope:
                sent = await rescue.last_sent(scope, call_id=call.call_id)
            if sent is not None and self._database.seam.now() - sent < JOINING:
                # By another keeper: it holds the lock for a moment before it is in the room.
                return
        if await fence(self._database, room=room, holder=holder):
            self._metrics.kept("fenced")
            logger.warning("frozen_job_fenced")
        watch.fenced(self._database.seam.now())

    async def _end(self, room: str, call: OpenCall | None, *, reason: EndReason) -> None:
        # Silence is ended first; what the log says of it can be written later.
        await self._rooms.delete(room)
        self._metrics.kept("given_up")
        logger.warning("call_given_up", reason=reason)
        if call is not None:
            await self._closer.close(room, reason=reason)
        if reason == "no_worker":
            await self._tell_operators()

    async def _tell_operators(self) -> None:
        """More callers came than workers could serve."""
        async with self._database.scope(business_id=INSTALLATION) as scope:
            await open_alert(scope, kind="calls_refused", subject=ALERT, urgent=True)


def _id_of(room: str) -> UUID:
    return uuid5(NAMESPACE_URL, room)
