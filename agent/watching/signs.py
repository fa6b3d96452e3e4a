"""The worker's signs of life in the database: other machines learn of it there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from agent.health import WorkerState
from agent.watching.spool_depth import SpoolDepth
from domain.database import Database
from domain.tables import INSTALLATION
from domain.watching import workers
from domain.watching.workers import EVERY_SECONDS, Sign

_ATTEMPT_SECONDS = 5.0

log = logging.getLogger("reception.agent.signs")


async def keep_giving_signs(
    database: Database,
    state: Callable[[], WorkerState],
    depth: Callable[[], Awaitable[SpoolDepth]],
) -> None:
    """Tell how this worker is, now and every EVERY_SECONDS, until cancelled; then that it has left. A database
    that is away is told later."""
    worker_id = database.seam.new_id()
    try:
        while True:
            try:
                waiting, now = await depth(), state()
                sign = Sign(
                    accepting=now.accepting,
                    draining=now.draining,
                    active_calls=now.active_calls,
                    capacity=now.capacity,
                    undelivered=waiting.undelivered,
                    oldest_undelivered_seconds=waiting.oldest_seconds,
                )
                async with (
                    asyncio.timeout(_ATTEMPT_SECONDS),
                    database.scope(business_id=INSTALLATION) as scope,
                ):
                    await workers.give_sign(scope, worker_id=worker_id, sign=sign)
            except Exception as error:
                log.warning("no sign of life given", extra={"error": type(error).__name__})
            await asyncio.sleep(EVERY_SECONDS)
    except asyncio.CancelledError:
        try:
            async with (
                asyncio.timeout(1),
                database.scope(business_id=INSTALLATION) as scope,
            ):
                await workers.leave(scope, worker_id=worker_id)
        except Exception as error:
            log.info("leave not told", extra={"error": type(error).__name__})
        raise
