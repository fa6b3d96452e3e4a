"""Spools whose job died: the worker's main process delivers them."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final

from agent.journal.delivery import BATCH, deliver
from agent.journal.spool import SUFFIX, abandoned, read_spool, spool_folder
from domain.database import Database

INTERVAL: Final = 5.0
"""Seconds between two looks at the folder."""

log = logging.getLogger("reception.agent.leftovers")


async def keep_delivering(database: Database, *, home: Path) -> None:
    """Deliver what dead jobs left, now and every INTERVAL seconds, until cancelled."""
    while True:
        await deliver_leftovers(database, home=home)
        await asyncio.sleep(INTERVAL)


async def deliver_leftovers(database: Database, *, home: Path) -> int:
    """Deliver and remove every abandoned spool; returns how many. A failure leaves the file."""
    done = 0
    for path in sorted(spool_folder(home).glob(f"*{SUFFIX}")):
        with abandoned(path) as ours:
            if ours and await _deliver(database, path):
                done += 1
    return done


async def _deliver(database: Database, path: Path) -> bool:
    try:
        contents = await asyncio.to_thread(read_spool, path, database.keyring)
    except ValueError as error:
        # Kept for whoever has the key, under a name that is not looked at again.
        await asyncio.to_thread(path.rename, path.with_suffix(".unreadable"))
        log.error("spool set aside", extra={"spool": path.name, "error": str(error)})
        return False
    except OSError as error:
        log.error("spool not read", extra={"spool": path.name, "error": type(error).__name__})
        return False
    if contents.damaged_lines:
        log.error(
            "spool has damaged lines", extra={"spool": path.name, "lines": contents.damaged_lines}
        )
    waiting = contents.waiting
    try:
        for start in range(0, len(waiting), BATCH):
            await deliver(
                database,
                business_id=contents.header.business_id,
                entries=waiting[start : start + BATCH],
            )
    except Exception as error:
        log.warning(
            "leftover not delivered, trying again",
            extra={"spool": path.name, "error": type(error).__name__},
        )
        return False
    await asyncio.to_thread(path.unlink, missing_ok=True)
    log.info("leftover delivered", extra={"spool": path.name, "entries": len(waiting)})
    return True
