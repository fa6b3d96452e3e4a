"""More new callers at once than can be served: who is told busy at once instead of after four seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from domain.database import Database
from domain.tables import INSTALLATION
from domain.watching import workers

SPARE: Final = 8
"""Callers who may wait beyond the free places: one may come free in the seconds in which they ring."""


def hopeless(waiting: Mapping[str, datetime], *, places: int) -> Sequence[str]:
    """The rooms of those who came last, beyond the free `places` and the spare ones. `waiting`: since when,
    by room."""
    by_arrival = sorted(waiting, key=lambda room: (waiting[room], room))
    return by_arrival[max(0, places) + SPARE :]


async def capacity(database: Database) -> int:
    """Calls that all workers together take, those that are being served included. Raises SQLAlchemyError,
    OSError."""
    async with database.scope(business_id=INSTALLATION) as scope:
        return sum(one.capacity for one in await workers.alive(scope) if not one.draining)
