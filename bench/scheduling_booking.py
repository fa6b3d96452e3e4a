"""`python -m bench.scheduling_booking`: a process that books and tells how much memory it has.

Run by `bench.scheduling` as a child of its own, so that what is measured is the booking alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import psutil

import domain.models  # noqa: F401  (every table, before the first row is written)
from bench.database import keyring_of
from domain.database import Actor, Database
from domain.scheduling import appointments
from domain.seam import SystemSeam

_SLOTS_OF_A_DAY: Final = 16
_STAFF: Final = Actor(kind="staff", id="bench")


@dataclass(frozen=True, kw_only=True)
class Task:
    """What the child books; the URL and the keys come by its standard input, not its command line."""

    url: str
    keys: tuple[str, str]
    business_id: str
    service_id: str
    contact_id: str
    person_ids: tuple[str, ...]
    first: str
    """The first half hour of the first day (ISO 8601); all that follow are free."""
    bookings: int
    every: int
    """Memory is looked at after so many."""
    connections: int


class _Clock(SystemSeam):
    """Stands still, while ids and codes are real."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at


@dataclass(frozen=True, kw_only=True)
class Done:
    """Bookings made, the seconds they took, and resident bytes after each `every` of them."""

    bookings: int
    seconds: float
    resident: tuple[int, ...]


async def book_all(task: Task) -> Done:
    """Book `task.bookings` different times, each in a transaction of its own. Raises what booking raises."""
    first = datetime.fromisoformat(task.first)
    database = Database(
        task.url, keyring=keyring_of(task.keys), seam=_Clock(first), pool_size=task.connections
    )
    numbers = iter(range(task.bookings))
    process = psutil.Process()
    resident: list[int] = []

    async def booker() -> None:
        for number in numbers:
            await _book(database, task, first, number)
            if (number + 1) % task.every == 0:
                resident.append(process.memory_info().rss)

    began = time.perf_counter()
    try:
        await asyncio.gather(*(booker() for _ in range(task.connections)))
    finally:
        await database.aclose()
    seconds = time.perf_counter() - began
    return Done(bookings=task.bookings, seconds=seconds, resident=tuple(resident))


async def _book(database: Database, task: Task, first: datetime, number: int) -> None:
    turn, person = divmod(number, len(task.person_ids))
    day, slot = divmod(turn, _SLOTS_OF_A_DAY)
    async with database.scope(business_id=UUID(task.business_id), actor=_STAFF) as scope:
        await appointments.book_directly(
            scope,
            service_id=UUID(task.service_id),
            person_id=UUID(task.person_ids[person]),
            starts_at=first + timedelta(days=day, minutes=30 * slot),
            contact_id=UUID(task.contact_id),
            outside_hours=True,
        )


async def run_child(task: Task) -> Done:
    """Book in a process of its own. Raises RuntimeError when it fails."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.scheduling_booking",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    output, _ = await child.communicate(json.dumps(asdict(task)).encode())
    if child.returncode != 0:
        raise RuntimeError(f"the booking process ended with {child.returncode}")
    return Done(**json.loads(output))


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(book_all(Task(**json.load(sys.stdin)))))))
