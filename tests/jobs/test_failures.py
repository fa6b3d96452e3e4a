"""A job that fails is tried again, later each time, and stays as a dead letter at last."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from procrastinate.jobs import Job

from domain.seam import SystemSeam
from jobs.backoff import Backoff
from jobs.job_manager import UNKNOWN_TASK_TRIES
from jobs.main import without_arguments
from tests.jobs.conftest import PATIENCE, Bench, task

NUMBER = "+12025550123"


def _job(attempts: int) -> Job:
    return Job(queue="default", lock=None, queueing_lock=None, task_name="x", attempts=attempts)


def test_waits_double_with_jitter_up_to_the_longest() -> None:
    backoff = Backoff(seam=SystemSeam(), tries=100, first=5, longest=600)
    for attempts, whole in ((0, 5), (1, 10), (2, 20), (6, 320), (7, 600), (90, 600)):
        waits = {backoff.seconds(attempts) for _ in range(50)}
        assert all(whole / 2 <= wait <= whole for wait in waits)
        assert len(waits) > 40


def test_it_gives_up_after_the_tries_but_not_for_being_stopped() -> None:
    backoff = Backoff(seam=SystemSeam(), tries=3)
    error = KeyError()
    assert backoff.get_retry_decision(exception=error, job=_job(1)) is not None
    assert backoff.get_retry_decision(exception=error, job=_job(2)) is None
    stopped = asyncio.CancelledError()
    assert backoff.get_retry_decision(exception=stopped, job=_job(9)) is not None


async def _hurry(bench: Bench, job_id: int) -> None:
    """Let the wait of a job that will be tried again be over."""
    await bench.until_job(job_id, "todo")
    bench.rows("UPDATE jobs.procrastinate_jobs SET scheduled_at = now() WHERE id = %s", job_id)


async def test_a_job_that_fails_once_is_done_at_the_second_try(bench: Bench) -> None:
    async def unsure() -> None:
        bench.note("try")
        if len(bench.done) == 1:
            raise ConnectionResetError

    async with bench.working(task("unsure", unsure)) as queue:
        job_id = await bench.defer(queue, "unsure")
        await bench.until(lambda: len(bench.done) == 1)
        await _hurry(bench, job_id)
        await bench.until_job(job_id, None)
    assert bench.done == ["try", "try"]


async def test_after_the_last_try_it_stays_with_the_kind_of_failure_alone(bench: Bench) -> None:
    async def fails(phone: str) -> None:
        raise ValueError(f"no such number: {phone}")

    async with bench.working(task("fails", fails, tries=2)) as queue:
        job_id = await bench.defer(queue, "fails", phone=NUMBER)
        await _hurry(bench, job_id)
        await bench.until_job(job_id, "failed")
    assert bench.rows("SELECT error FROM jobs.failures WHERE job_id = %s", job_id) == [
        ("ValueError",)
    ]
    assert bench.rows("SELECT attempts FROM jobs.procrastinate_jobs") == [(2,)]
    everything = str(bench.rows("SELECT to_jsonb(f)::text FROM jobs.failures f"))
    everything += str(bench.rows("SELECT to_jsonb(e)::text FROM jobs.procrastinate_events e"))
    assert NUMBER not in everything


async def test_a_job_that_does_not_come_back_fails_in_the_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.process.LONGEST_JOB", 0.05)

    async def hangs() -> None:
        await asyncio.Event().wait()

    async with bench.working(task("hangs", hangs, tries=1)) as queue:
        job_id = await bench.defer(queue, "hangs")
        await bench.until_job(job_id, "failed")
    assert bench.rows("SELECT error FROM jobs.failures") == [("TimeoutError",)]


async def test_work_that_comes_again_by_itself_is_one_dead_letter(bench: Bench) -> None:
    fail = True

    async def visit() -> None:
        bench.note("visit")
        if fail:
            raise KeyError

    async with bench.working(task("visit", visit, tries=1)) as queue:
        for _ in range(3):
            job_id = await bench.defer(queue, "visit", work="room 1")
            await bench.until_job(job_id, "failed")
        other = await bench.defer(queue, "visit", work="room 2")
        await bench.until_job(other, "failed")
        await _dead(bench, [job_id, other])
        fail = False
        healed = await bench.defer(queue, "visit", work="room 1")
        await bench.until_job(healed, None)
        await _dead(bench, [other])


async def test_a_dead_letter_opens_an_alert_that_goes_with_the_last_of_its_task(
    bench: Bench,
) -> None:
    fail = True

    async def visit() -> None:
        if fail:
            raise KeyError

    async with bench.working(task("visit", visit, tries=1)) as queue:
        for work in ("room 1", "room 2"):
            await bench.until_job(await bench.defer(queue, "visit", work=work), "failed")
        await _alerts(bench, [("work_failed", "visit", 2, False)])
        fail = False
        for work in ("room 1", "room 2"):
            await bench.until_job(await bench.defer(queue, "visit", work=work), None)
        await _alerts(bench, [("work_failed", "visit", 2, True)])


async def _alerts(bench: Bench, wanted: list[tuple[str, str, int, bool]]) -> None:
    query = "SELECT kind, subject, times, resolved_at IS NOT NULL FROM alerts"
    async with asyncio.timeout(PATIENCE):
        while bench.rows(query) != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def _dead(bench: Bench, wanted: list[int]) -> None:
    async with asyncio.timeout(PATIENCE):
        while bench.rows(  # noqa: ASYNC110
            "SELECT id FROM jobs.procrastinate_jobs WHERE status = 'failed' ORDER BY id"
        ) != [(one,) for one in wanted]:
            await asyncio.sleep(0.02)


async def test_a_failed_job_gives_way_to_the_same_work_queued_meanwhile(bench: Bench) -> None:
    begun, fail = asyncio.Event(), asyncio.Event()

    async def visit() -> None:
        bench.note("visit")
        if len(bench.done) == 1:
            begun.set()
            await fail.wait()
            raise KeyError

    async with bench.working(task("visit", visit)) as queue:
        first = await bench.defer(queue, "visit", work="room 1")
        await asyncio.wait_for(begun.wait(), PATIENCE)
        second = await bench.defer(queue, "visit", work="room 1")
        fail.set()
        # procrastinate by itself would leave the first `doing`, and the second waiting for it.
        await bench.until_job(first, None)
        await bench.until_job(second, None)
    assert bench.done == ["visit", "visit"]


async def test_a_task_of_a_newer_version_is_left_for_a_newer_process(bench: Bench) -> None:
    async def nothing() -> None: ...

    newer = bench.queue(task("newer", nothing))
    await newer.open()
    job_id = await bench.defer(newer, "newer")
    await newer.close()
    async with bench.working(task("older", nothing)):
        async with asyncio.timeout(PATIENCE):
            while bench.rows(  # noqa: ASYNC110
                "SELECT attempts, status::text, scheduled_at > now() FROM jobs.procrastinate_jobs"
            ) != [(1, "todo", True)]:
                await asyncio.sleep(0.02)
        bench.rows(
            "UPDATE jobs.procrastinate_jobs SET attempts = %s, scheduled_at = NULL",
            UNKNOWN_TASK_TRIES,
        )
        await bench.until_job(job_id, "failed")
    assert bench.rows("SELECT error FROM jobs.failures") == [("TaskNotFound",)]


async def test_the_log_of_a_failure_names_job_and_kind_and_nothing_private(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from domain.logs import configure_logging

    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    procrastinate = logging.getLogger("procrastinate")

    async def fails(phone: str) -> None:
        raise ValueError(f"no such number: {phone}")

    try:
        configure_logging()
        root.handlers[0].addFilter(without_arguments)
        monkeypatch.setattr(procrastinate, "level", logging.WARNING)
        async with bench.working(task("fails", fails, tries=1)) as queue:
            job_id = await bench.defer(queue, "fails", phone=NUMBER)
            await bench.until_job(job_id, "failed")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    output = capsys.readouterr().out
    assert NUMBER not in output and "no such number" not in output
    lines: list[dict[str, Any]] = [json.loads(line) for line in output.splitlines()]
    (failed,) = [line for line in lines if line["event"] == "job failed"]
    assert (failed["job_id"], failed["task"], failed["error"]) == (job_id, "fails", "ValueError")
