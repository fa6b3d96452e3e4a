"""How a worker stops: its calls go on to their own end, and nothing of them stays behind."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final

from agent.journal.leftovers import deliver_leftovers
from agent.journal.spool import SUFFIX, abandoned, spool_folder
from domain.businesses.settings import LONGEST_CALL_SECONDS
from domain.database import Database

DRAIN_SECONDS: Final = LONGEST_CALL_SECONDS + 600
"""How long a stopping worker lets its calls go on: a call that began just before may take all the time that
a business allows, and is cut nowhere else. Whoever stops workers (deploy/, compose.yaml) has to wait longer."""
REST_SECONDS: Final = 120.0
"""How long a worker without calls waits for a database that is away, to bring it what it still holds."""
_LOOK_SECONDS: Final = 2.0

log = logging.getLogger("reception.agent.drain")


async def deliver_rest(database: Database, *, home: Path, seconds: float = REST_SECONDS) -> bool:
    """Deliver what ended calls left, for at most `seconds`: where the worker runs in a container, its disk may go
    with it. Whether nothing is left."""
    try:
        async with asyncio.timeout(seconds):
            await deliver_leftovers(database, home=home)
            while left_over(home):
                await asyncio.sleep(_LOOK_SECONDS)
                await deliver_leftovers(database, home=home)
    except TimeoutError:
        log.error("calls' events are left undelivered: keep this worker's folder")
        return False
    return True


def left_over(home: Path) -> bool:
    """Whether there is a spool that nobody writes any more; those of another worker's calls are its own."""
    for path in spool_folder(home).glob(f"*{SUFFIX}"):
        with abandoned(path) as ours:
            if ours:
                return True
    return False
