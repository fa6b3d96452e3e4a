"""The tasks: what is due is queued once, and each does its work in the right business."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from domain.database import Database
from domain.seam import SystemSeam
from jobs import businesses, calendars
from jobs.app import WORKS, Queue, make_queue
from tests.factories import make_business
from tests.jobs.conftest import Bench


class Context:
    """What a task gets, outside a worker."""

    def __init__(self, queue: Queue, database: Database) -> None:
        self.app = queue.app
        self.additional_context = {"database": database}


@pytest.fixture
async def context(bench: Bench, database: Database) -> Any:
    queue = make_queue(bench.address.app, seam=SystemSeam())
    await queue.open()
    yield Context(queue, database)
    await queue.close()


def queued(bench: Bench) -> list[tuple[Any, ...]]:
    return bench.rows(
        "SELECT task_name, args ->> 'business_id' FROM jobs.procrastinate_jobs ORDER BY id"
    )


async def test_each_minute_every_business_gets_its_jobs_once(
    bench: Bench, context: Any, database: Database
) -> None:
    made = [await make_business(database, name=name) for name in ("One", "Two")]
    for _ in range(3):
        await businesses.each_minute(context, timestamp=0)
    wanted = [(task, str(one)) for task in businesses.EACH_MINUTE for one in made]
    assert queued(bench) == wanted


async def test_work_under_way_is_not_queued_again(
    bench: Bench, context: Any, database: Database
) -> None:
    await make_business(database)
    await businesses.each_hour(context, timestamp=0)
    bench.rows("UPDATE jobs.procrastinate_jobs SET status = 'doing'")
    await businesses.each_hour(context, timestamp=0)
    assert len(queued(bench)) == 1
    bench.rows("UPDATE jobs.procrastinate_jobs SET status = 'failed'")
    await businesses.each_hour(context, timestamp=0)
    assert len(queued(bench)) == 2


async def test_no_calendar_due_queues_nothing(bench: Bench, context: Any) -> None:
    await calendars.find_due_calendars(context, timestamp=0)
    assert queued(bench) == []


async def test_the_jobs_of_a_business_run(context: Any, database: Database) -> None:
    business_id: UUID = await make_business(database)
    for run in (
        businesses.clear_expired_holds,
        businesses.pass_on_waiting_list,
        businesses.forget_old_requests,
    ):
        await run(context, business_id=str(business_id))


def test_every_task_that_is_queued_by_name_exists() -> None:
    names = {work.name for work in WORKS}
    assert {*businesses.EACH_MINUTE, *businesses.EACH_HOUR, "sync_calendar"} <= names
    assert len(names) == len(WORKS)
