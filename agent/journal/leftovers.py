"""Spools whose job died: the worker's main process delivers them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from agent.journal.delivery import BATCH, deliver
from agent.journal.refusals import is_refusal, tell_delivered, tell_set_aside
from agent.journal.spool import (
    ASIDE_SUFFIX,
    SUFFIX,
    UNFINISHED_SUFFIX,
    SpoolContents,
    abandoned,
    note_delivered,
    read_spool,
    spool_folder,
)
from domain.calls.events import JournalEntry
from domain.database import Database

INTERVAL: Final = 1.0
"""Seconds between two looks at the folder."""
ASIDE_EVERY: Final = timedelta(minutes=10)
"""How often what was set aside is tried again: a key, a newer version, whatever was missing may be there."""
_UNFINISHED_FOR: Final = timedelta(minutes=1)

_failing: Final[set[str]] = set()
"""Spools whose trouble is in the log: with the database away it would be there each second."""

_Result = Literal["delivered", "set_aside", "kept", "away"]

log = logging.getLogger("reception.agent.leftovers")


async def keep_delivering(database: Database, *, home: Path) -> None:
    """Deliver what dead jobs left, now and every INTERVAL seconds, until cancelled."""
    aside_at = database.seam.now()
    while True:
        now = database.seam.now()
        try:
            await deliver_leftovers(database, home=home, aside=now >= aside_at)
            if now >= aside_at:
                aside_at = now + ASIDE_EVERY
                await asyncio.to_thread(_sweep, spool_folder(home), now.timestamp())
        except OSError as error:
            # The folder may come back; a loop that ends would not.
            log.error("spools not looked at", extra={"error": type(error).__name__})
        await asyncio.sleep(INTERVAL)


async def deliver_leftovers(
    database: Database, *, home: Path, call_id: UUID | None = None, aside: bool = False
) -> int:
    """Deliver and remove every abandoned spool, or those of one call; returns how many. A failure leaves the
    file. `aside`: those too that were set aside."""
    done = 0
    suffixes = (SUFFIX, ASIDE_SUFFIX) if aside else (SUFFIX,)
    named = "*" if call_id is None else f"{call_id}.*"
    for path in sorted(spool_folder(home).glob(named)):
        if path.suffix not in suffixes:
            continue
        try:
            with abandoned(path) as ours:
                if not ours:
                    continue
                result = await _deliver(database, path)
        except OSError as error:
            # A file that cannot be opened must not hold up the others.
            log.error("spool not opened", extra={"spool": path.name, "error": type(error).__name__})
            continue
        if result == "delivered":
            done += 1
        elif result == "away":
            # The rest would wait for the same database.
            break
    return done


async def _deliver(database: Database, path: Path) -> _Result:
    try:
        contents = await asyncio.to_thread(read_spool, path, database.keyring)
    except ValueError as error:
        return await _set_aside(database, path, None, str(error))
    except OSError as error:
        log.error("spool not read", extra={"spool": path.name, "error": type(error).__name__})
        return "kept"
    try:
        refused = await _deliver_contents(database, contents)
    except Exception as error:
        if path.name not in _failing:
            _failing.add(path.name)
            log.warning(
                "leftover not delivered, trying again",
                extra={"spool": path.name, "error": type(error).__name__},
            )
        return "kept" if await _answers(database) else "away"
    _failing.discard(path.name)
    try:
        if refused or contents.damaged_lines:
            seqs = {entry.seq for entry in contents.waiting} - {entry.seq for entry in refused}
            if seqs:
                await asyncio.to_thread(note_delivered, path, database.keyring, sorted(seqs))
            why = f"{len(refused)} refused, {contents.damaged_lines} damaged"
            return await _set_aside(database, path, contents.header.call_id, why)
        await asyncio.to_thread(path.unlink, missing_ok=True)
    except OSError as error:
        # Delivered again later, which changes nothing.
        log.error("spool not removed", extra={"spool": path.name, "error": type(error).__name__})
        return "kept"
    log.info("leftover delivered", extra={"spool": path.name, "entries": len(contents.waiting)})
    if path.suffix == ASIDE_SUFFIX:
        await tell_delivered(database, subject=f"spool {path.stem}")
    return "delivered"


async def _deliver_contents(database: Database, contents: SpoolContents) -> list[JournalEntry]:
    """Deliver what can be; returns what the database refuses. Raises whatever is wrong with the database."""
    business_id = contents.header.business_id
    refused: list[JournalEntry] = []
    for batch in _batches(contents.waiting):
        try:
            await deliver(database, business_id=business_id, entries=batch)
            continue
        except Exception as error:
            if not is_refusal(error):
                raise
        for entry in batch:
            try:
                await deliver(database, business_id=business_id, entries=[entry])
            except Exception as error:
                if not is_refusal(error):
                    raise
                log.error(
                    "an event is refused by the database, and set aside",
                    extra={"type": entry.event.type, "error": type(error).__name__},
                )
                refused.append(entry)
    return refused


def _batches(entries: Sequence[JournalEntry]) -> Iterable[Sequence[JournalEntry]]:
    return (entries[start : start + BATCH] for start in range(0, len(entries), BATCH))


async def _set_aside(database: Database, path: Path, call_id: UUID | None, why: str) -> _Result:
    """Keep it under a name that is looked at seldom: for whoever has the key, or mends what is wrong."""
    if path.suffix == ASIDE_SUFFIX:
        return "set_aside"
    try:
        await asyncio.to_thread(path.rename, path.with_suffix(ASIDE_SUFFIX))
    except OSError as error:
        log.error("spool not set aside", extra={"spool": path.name, "error": type(error).__name__})
        return "kept"
    log.error("spool set aside", extra={"spool": path.name, "why": why})
    await tell_set_aside(database, call_id=call_id, subject=f"spool {path.stem}")
    return "set_aside"


async def _answers(database: Database) -> bool:
    """Whether the database is there, so that the trouble is this spool's own."""
    try:
        async with asyncio.timeout(5), database.unscoped() as session:
            await session.connection()
    except Exception:
        return False
    return True


def _sweep(folder: Path, now: float) -> None:
    """Remove what jobs left that died while they made their spool: nothing had been told yet."""
    for path in folder.glob(f"*{UNFINISHED_SUFFIX}"):
        with abandoned(path) as ours:
            if ours and now - path.stat().st_mtime > _UNFINISHED_FOR.total_seconds():
                path.unlink(missing_ok=True)
