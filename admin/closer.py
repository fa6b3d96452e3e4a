"""Closes calls that stay open after their room is gone: a worker that died cannot tell their end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from admin.metrics import Metrics
from domain.calls import log
from domain.calls.closing import close_open
from domain.calls.control import ROOM_PREFIX
from domain.calls.events import EndReason
from domain.database import Database
from domain.logs import describe

GRACE = timedelta(seconds=30)
"""A worker that is well delivers the end itself; its spool may need a moment."""
SWEEP_EVERY = timedelta(seconds=60)

EndRoom = Callable[[str], Awaitable[None]]
"""Disconnects everybody from a room. Raises when LiveKit cannot."""

ListRooms = Callable[[], Awaitable[Collection[str]]]
"""The names of the rooms there are. Raises when LiveKit cannot say."""

logger = structlog.get_logger(__name__)


class CallCloser:
    """Remembers rooms that are gone and, after GRACE, ends their calls: with `worker_lost`, or with the reason
    that is known.

    Webhooks tell it of rooms; because they can be lost, with a restart too, it also compares open calls
    with the rooms that LiveKit has. Several admin processes may do this at once: closing is idempotent.
    """

    def __init__(
        self, database: Database, *, list_rooms: ListRooms, end_room: EndRoom, metrics: Metrics
    ) -> None:
        self._database = database
        self._list_rooms = list_rooms
        self._end_room = end_room
        self._metrics = metrics
        self._due: dict[str, datetime] = {}
        self._reasons: dict[str, EndReason] = {}
        """Of rooms that are due, where it is another than `worker_lost`."""
        self._hanging_up: dict[str, datetime] = {}
        self._next_sweep = database.seam.now()

    def room_finished(self, room: str, *, reason: EndReason = "worker_lost") -> None:
        """A room is gone, and what is still open after GRACE ends with `reason`. Told again, the first time
        counts, and what is known better than that the worker did not tell the end."""
        if room.startswith(ROOM_PREFIX):
            self._due.setdefault(room, self._database.seam.now() + GRACE)
            if reason != "worker_lost":
                self._reasons[room] = reason

    def hang_up(self, room: str, *, within: timedelta) -> None:
        """The agent of a room was told to end its call: what is still open after that time is ended
        without it. Asked again, the first time counts."""
        self._hanging_up.setdefault(room, self._database.seam.now() + within)

    async def step(self) -> None:
        """Do what is due. A failure is logged and tried again at the next step."""
        now = self._database.seam.now()
        try:
            if now >= self._next_sweep:
                self._next_sweep = now + SWEEP_EVERY
                await self._sweep()
            for room in [room for room, due in self._due.items() if due <= now]:
                await self.close(room, reason=self._reasons.get(room, "worker_lost"))
                del self._due[room]
                self._reasons.pop(room, None)
            for room in [room for room, due in self._hanging_up.items() if due <= now]:
                if await self._end(room):
                    del self._hanging_up[room]
        except (SQLAlchemyError, OSError) as error:
            logger.warning("closing_calls_failed", **describe(error))

    async def run(self, *, every: float = 1.0) -> None:
        """Step every `every` seconds until cancelled."""
        while True:
            await self.step()
            await asyncio.sleep(every)

    async def _sweep(self) -> None:
        open_calls = await log.open_calls(self._database)
        if not open_calls:
            return
        try:
            rooms = await self._list_rooms()
        except Exception as error:
            # LiveKit away says nothing about rooms: closing every call now would be wrong.
            logger.warning("listing_rooms_failed", **describe(error))
            return
        for call in open_calls:
            if call.room not in rooms:
                self.room_finished(call.room)

    async def _end(self, room: str) -> bool:
        """Whether that is done with."""
        if all(call.room != room for call in await log.open_calls(self._database)):
            return True
        try:
            await self._end_room(room)
        except Exception as error:
            logger.warning("ending_room_failed", **describe(error))
            return False
        await self.close(room, reason="staff_ended")
        return True

    async def close(self, room: str, *, reason: EndReason) -> None:
        """End the call of a room, if it is still open. Raises SQLAlchemyError, OSError."""
        found = await log.call_by_room(self._database, room)
        if found is None:
            return
        call_id, business_id = found
        async with self._database.scope(business_id=business_id) as scope:
            closed = await close_open(scope, call_id=call_id, reason=reason)
        if closed:
            self._metrics.closed_for_worker()
            logger.warning("call_closed_for_worker", call_id=str(call_id))
