"""An outside calendar through the queue: a real jobs process, a real CalDAV server, the real clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.calendars import operations as calendars
from domain.database import Database
from domain.environment import Environment
from jobs.app import make_queue
from jobs.process import JobsProcess
from tests.connectors.radicale import USER, Radicale
from tests.domain.practice import make_practice
from tests.jobs.conftest import PATIENCE, Bench
from tests.postgres import DatabaseAddress


@pytest.fixture
def environment(bench: Bench) -> Environment:
    return bench.environment()


@pytest.fixture
async def real_time(
    environment: Environment, database_address: DatabaseAddress
) -> AsyncIterator[Database]:
    """What a jobs process would see: its keys and its clock."""
    database = Database(database_address.app, keyring=environment.keyring)
    yield database
    await database.aclose()


@pytest.fixture
def radicale(tmp_path: Path) -> Iterator[Radicale]:
    server = Radicale(tmp_path)
    server.start()
    server.make_calendar()
    yield server
    server.kill()


async def test_an_outside_event_blocks_without_anybody_asking(
    bench: Bench, environment: Environment, real_time: Database, radicale: Radicale
) -> None:
    practice = await make_practice(real_time)
    begins = (datetime.now(UTC) + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    radicale.put(
        "theirs.ics",
        f"DTSTART:{begins:%Y%m%dT%H%M%SZ}",
        f"DTEND:{begins + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
    )
    async with real_time.scope(business_id=practice.business_id) as scope:
        await calendars.connect(
            scope,
            person_id=practice.lee_id,
            kind="caldav",
            name="Dr. Lee",
            direction="both",
            access={"url": radicale.calendar, "user": USER, "password": radicale.password},
            private=True,
        )
    queue = make_queue(bench.address.app, seam=real_time.seam)
    process = JobsProcess(environment, queue=queue)
    serving = asyncio.create_task(process.serve())
    try:
        async with asyncio.timeout(PATIENCE):
            while not (rows := bench.rows("SELECT begins_at FROM busy_times")):
                assert not serving.done()
                await asyncio.sleep(0.1)
    finally:
        process.stop()
        await serving
    assert rows == [(begins,)]
    state = bench.rows("SELECT state, error FROM calendars")
    assert state == [("connected", "")]
