"""What became of a transaction whose commit was sent and not answered."""

from __future__ import annotations

import asyncio
import logging
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text

from domain.calls.events import JournalEntry
from domain.database import Database

Outcome = Literal["done", "undone", "unknown"]

_AGAIN_SECONDS: Final = 0.2
# pg_xact_status (PostgreSQL, table 9.83) is there for just this. The event itself is the surer sign: a server that
# crashed without durable commits may give a transaction's number again.
_QUERY: Final = text(
    """
    SELECT EXISTS (SELECT FROM call_events
                    WHERE call_id = :call_id AND epoch = :epoch AND seq = :seq) AS told,
           pg_xact_status(CAST(CAST(:transaction AS text) AS xid8)) AS status
    """
)

log = logging.getLogger("reception.agent.commits")


async def outcome_of(
    database: Database,
    *,
    business_id: UUID,
    entry: JournalEntry,
    transaction: int,
    seconds: float | None,
) -> Outcome:
    """Whether the transaction that wrote `entry` was committed; asks for up to `seconds`, or until it is
    known."""
    place = {"call_id": entry.call_id, "epoch": entry.epoch, "seq": entry.seq}
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    async with database.scope(business_id=business_id) as scope:
                        row = (
                            await scope.session.execute(
                                _QUERY, {**place, "transaction": str(transaction)}
                            )
                        ).one()
                    if row.told:
                        return "done"
                    # "committed", and yet not seen: it happened while the question was on its way.
                    if row.status not in ("in progress", "committed"):
                        return "undone"
                except Exception as error:
                    log.info("commit not looked up", extra={"error": type(error).__name__})
                await asyncio.sleep(_AGAIN_SECONDS)
    except TimeoutError:
        return "unknown"
