"""Telling the calls of a business that go on what has changed for all of them."""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog
from sqlalchemy import select

from admin.livekit import LiveKitAway, RoomGone, Rooms, agents_in
from domain.calls.control import Control
from domain.calls.models import Call
from domain.database import Database
from domain.logs import describe

_AT_ONCE = 10
"""Requests to LiveKit under way for one change."""

logger = structlog.get_logger(__name__)


async def tell_calls(
    rooms: Rooms, database: Database, *, business_id: UUID, control: Control
) -> None:
    """Send `control` to the agent of every open call of the business. A call that can't be told is logged
    and goes on as it was: the next call reads the change from the database."""
    async with database.scope(business_id=business_id) as scope:
        query = select(Call.id, Call.room).where(Call.ended_at.is_(None))
        open_calls = (await scope.session.execute(query)).all()
    gate = asyncio.Semaphore(_AT_ONCE)

    async def tell(call_id: UUID, room: str) -> None:
        async with gate:
            try:
                agents = await agents_in(rooms, room)
                if agents:
                    await rooms.send(room, control, to=agents)
            except (LiveKitAway, RoomGone) as error:
                logger.warning("call_not_told", call_id=str(call_id), **describe(error))

    await asyncio.gather(*(tell(call_id, room) for call_id, room in open_calls))
