"""The installation calls itself from time to time, to see whether calls are answered."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog
from procrastinate import JobContext

from domain.tables import INSTALLATION
from domain.watching import synthetic_calls
from domain.watching.synthetic_calls import SyntheticResult
from jobs.work import database_of, environment_of

COMMAND: Final = (sys.executable, "-P", "-m", "reception", "synthetic-call")
CALL_SECONDS: Final = 90.0
"""Many times what a call takes, which ends by itself."""
FAILED: Final = 2
"""The command's exit code for a call that failed and was told of."""

log = structlog.get_logger("jobs.synthetic_calls")


async def call_itself(
    context: JobContext, *, timestamp: int, command: tuple[str, ...] = COMMAND
) -> None:
    """Place a synthetic call if one is due. A process of its own makes it, and stores what came of it: what
    carries its sound is native code, and this process does other people's work."""
    environment, database = environment_of(context), database_of(context)
    minutes, number = (
        environment.reception_synthetic_call_minutes,
        environment.synthetic_call_number,
    )
    if not minutes:
        return
    async with database.scope(business_id=INSTALLATION) as scope:
        if not await synthetic_calls.is_due(scope, every=timedelta(minutes=minutes)):
            return
    code = await _run((*command, "--number", number))
    if code not in (0, FAILED):
        log.error("synthetic call not made", exit_code=code)
        result = SyntheticResult(dialled=number, room="", outcome="did_not_run")
        async with database.scope(business_id=INSTALLATION) as scope:
            await synthetic_calls.keep_result(scope, result)


async def _run(command: tuple[str, ...]) -> int | None:
    """The exit code; None for a command that did not end."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(CALL_SECONDS):
            return await process.wait()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
