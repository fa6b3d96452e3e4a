"""Jobs are done once each, whatever happens to the process, to others beside it, or to the database."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from domain.seam import SystemSeam
from jobs.app import make_queue
from jobs.process import JobsProcess
from tests.jobs.conftest import PATIENCE, Bench, task


async def test_a_job_is_done_and_leaves_nothing(bench: Bench) -> None:
    async def greet(name: str) -> None:
        bench.note(name)

    async with bench.working(task("greet", greet)) as queue:
        job_id = await bench.defer(queue, "greet", name="one")
        await bench.until(lambda: bench.done == ["one"])
        await bench.until_job(job_id, None)


async def test_processes_side_by_side_do_each_job_once(bench: Bench) -> None:
    async def greet(name: str) -> None:
        bench.note(name)

    async with bench.working(task("greet", greet), processes=3) as queue:
        for number in range(60):
            await bench.defer(queue, "greet", name=str(number))
        await bench.until(lambda: len(bench.done) >= 60)
    assert sorted(bench.done) == sorted(str(number) for number in range(60))
    assert bench.rows("SELECT count(*) FROM jobs.procrastinate_jobs") == [(0,)]


async def test_what_comes_by_itself_comes_once_for_all_processes(bench: Bench) -> None:
    async def tick(timestamp: int) -> None:
        bench.note(str(timestamp))

    async with bench.working(task("tick", tick, every="* * * * * *"), processes=3):
        await bench.until(lambda: len(bench.done) >= 3)
    assert len(set(bench.done)) == len(bench.done)


async def test_the_same_work_never_runs_twice_at_once(bench: Bench) -> None:
    running: set[str] = set()

    async def visit(name: str) -> None:
        assert "room" not in running
        running.add("room")
        await asyncio.sleep(0)
        running.discard("room")
        bench.note(name)

    async with bench.working(task("visit", visit), processes=2) as queue:
        for number in range(4):
            await queue.app.configure_task("visit", lock="room").defer_async(name=str(number))
        await bench.until(lambda: len(bench.done) == 4)
    assert bench.done == [str(number) for number in range(4)]


async def test_a_stopping_process_finishes_what_it_began(bench: Bench) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        await go_on.wait()
        bench.note("finished")

    queue = bench.queue(task("slow", slow))
    process = JobsProcess(bench.environment(), queue=queue)
    serving = asyncio.create_task(process.serve())
    await _ready(process)
    job_id = await bench.defer(queue, "slow")
    await asyncio.wait_for(begun.wait(), PATIENCE)
    process.stop()
    assert not process.state().ready
    go_on.set()
    await asyncio.wait_for(serving, PATIENCE)
    assert bench.done == ["finished"]
    assert bench.status(job_id) is None


async def test_a_stopping_process_hands_back_what_does_not_end(
    bench: Bench, monkeypatch: Any
) -> None:
    monkeypatch.setattr("jobs.process.STOP_SECONDS", 0.05)
    begun = asyncio.Event()

    async def endless() -> None:
        begun.set()
        await asyncio.Event().wait()

    async with bench.working(task("endless", endless, tries=1)) as queue:
        job_id = await bench.defer(queue, "endless")
        await asyncio.wait_for(begun.wait(), PATIENCE)
    assert bench.status(job_id) == "todo"

    async def ends() -> None:
        bench.note("done")

    async with bench.working(task("endless", ends)):
        await bench.until(lambda: bench.done == ["done"])


async def test_it_goes_on_after_all_its_connections_were_cut(bench: Bench) -> None:
    async def greet(name: str) -> None:
        bench.note(name)

    async with bench.working(task("greet", greet)) as queue:
        for round_number in range(3):
            cut = bench.rows(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE usename = 'reception_app' AND datname = current_database()"
            )
            assert cut[0][0] >= 1
            other = make_queue(bench.address.app, seam=SystemSeam(), works=[task("greet", greet)])
            await other.open()
            await bench.defer(other, "greet", name=str(round_number))
            await other.close()
            await bench.until(lambda wanted=str(round_number): wanted in bench.done)  # type: ignore[misc]
        assert queue is not None


async def test_a_job_that_ends_while_the_connections_are_cut_is_settled(bench: Bench) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        await go_on.wait()
        bench.note("done")

    async with bench.working(task("slow", slow)) as queue:
        job_id = await bench.defer(queue, "slow")
        await asyncio.wait_for(begun.wait(), PATIENCE)
        bench.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'reception_app' AND datname = current_database()"
        )
        go_on.set()
        await bench.until_job(job_id, None)
    assert bench.done == ["done"]


async def test_health_and_metrics_tell_of_the_queue(bench: Bench) -> None:
    async def fails() -> None:
        raise KeyError("+12025550123")

    environment = bench.environment()
    process = JobsProcess(environment, queue=(queue := bench.queue(task("fails", fails, tries=1))))
    serving = asyncio.create_task(process.serve())
    await _ready(process)
    job_id = await bench.defer(queue, "fails")
    await bench.until_job(job_id, "failed")
    base = f"http://127.0.0.1:{environment.reception_jobs_port}"
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{base}/ready") as reply:
            assert reply.status == 200
            assert await reply.json() == {"ready": True, "connected": True, "stopping": False}
        async with http.get(f"{base}/metrics") as reply:
            text = await reply.text()
        async with http.get(f"{base}/healthz") as reply:
            assert reply.status == 200
    process.stop()
    await serving
    assert 'reception_jobs_ended_total{outcome="failed",task="fails"} 1.0' in text
    assert "reception_jobs_dead 1.0" in text
    assert "reception_jobs_database_up 1.0" in text


async def _ready(process: JobsProcess) -> None:
    async with asyncio.timeout(PATIENCE):
        while not process.state().ready:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
