"""Nothing is lost with a process that is killed, or with a database that goes and comes back."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from jobs import upkeep
from jobs.app import Work
from jobs.process import JobsProcess
from reception.postgres import EmbeddedPostgres
from reception.prepare_database import prepare_embedded
from tests.calls.stack import free_port
from tests.jobs.conftest import PATIENCE, Bench, task
from tests.postgres import DatabaseAddress
from tests.reception.test_up_postgres import running

SCRIPT = Path(__file__).with_name("hanging_process.py")
OFTEN = "* * * * * *"


@contextmanager
def hanging(bench: Bench) -> Iterator[subprocess.Popen[str]]:
    """A process that has taken a job and hangs in it."""
    process = subprocess.Popen(
        [
            sys.executable,
            *("-m", "tests.jobs.hanging_process", bench.address.app),
            *(Fernet.generate_key().decode(), str(free_port())),
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=SCRIPT.parents[2],
    )
    try:
        assert process.stdout
        assert "begun\n" in iter(process.stdout.readline, "")
        yield process
    finally:
        process.kill()
        process.wait()


def let_time_pass(bench: Bench) -> None:
    """As if the last sign of life of every process were a minute ago."""
    bench.rows("UPDATE jobs.procrastinate_workers SET last_heartbeat = now() - interval '60 s'")


async def nothing() -> None: ...


async def deferred(bench: Bench, work: str | None = None) -> int:
    queue = bench.queue(task("visit", nothing))
    await queue.open()
    job_id = await bench.defer(queue, "visit", work=work)
    await queue.close()
    return job_id


async def test_the_job_of_a_killed_process_is_done_by_another(bench: Bench) -> None:
    job_id = await deferred(bench, work="room 1")
    with hanging(bench) as process:
        process.kill()
        process.wait()
    assert bench.status(job_id) == "doing"
    let_time_pass(bench)

    async def visit() -> None:
        bench.note("visit")

    async with bench.working(task("visit", visit), Work(run=upkeep.recover_jobs, every=OFTEN)):
        await bench.until(lambda: bench.done == ["visit"])
        await bench.until_job(job_id, None)


async def test_the_job_of_a_living_process_is_left_alone(bench: Bench) -> None:
    job_id = await deferred(bench)
    with hanging(bench):
        async with bench.working(Work(run=upkeep.recover_jobs)) as queue:
            sweep = await queue.app.configure_task("recover_jobs").defer_async(timestamp=0)
            await bench.until_job(sweep, None)
        assert bench.status(job_id) == "doing"


async def test_a_job_that_kills_its_process_every_time_ends_as_a_dead_letter(bench: Bench) -> None:
    job_id = await deferred(bench)
    with hanging(bench) as process:
        process.kill()
        process.wait()
    let_time_pass(bench)
    async with bench.working(
        task("visit", nothing, tries=1), Work(run=upkeep.recover_jobs, every=OFTEN)
    ):
        await bench.until_job(job_id, "failed")
    assert bench.rows("SELECT error FROM jobs.failures") == [("ProcessDied",)]


async def test_a_database_that_restarts_is_waited_for_and_no_job_is_lost(bench: Bench) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        await go_on.wait()
        bench.note("slow")

    async def quick() -> None:
        bench.note("quick")

    with tempfile.TemporaryDirectory(prefix="rcp") as folder:
        async with running(Path(folder)) as server:
            await prepare_embedded(server, lambda part, line: None)
            here = _bench_of(server)
            queue = here.queue(task("slow", slow), task("quick", quick))
            process = JobsProcess(here.environment(), queue=queue)
            serving = asyncio.create_task(process.serve())
            await _until(process, ready=True)
            await here.defer(queue, "slow")
            await asyncio.wait_for(begun.wait(), PATIENCE)
        # It ends while nobody can be told.
        go_on.set()
        await bench.until(lambda: bench.done == ["slow"])
        await _until(process, ready=False)
        async with running(Path(folder)):
            await _until(process, ready=True)
            await here.defer(queue, "quick")
            await bench.until(lambda: bench.done == ["slow", "quick"])
            process.stop()
            await asyncio.wait_for(serving, PATIENCE)
            assert here.rows("SELECT task_name FROM jobs.procrastinate_jobs") == []


async def test_a_process_stops_when_told_though_the_database_is_away() -> None:
    with tempfile.TemporaryDirectory(prefix="rcp") as folder, ExitStack() as processes:
        async with running(Path(folder)) as server:
            await prepare_embedded(server, lambda part, line: None)
            here = _bench_of(server)
            await deferred(here)
            process = await asyncio.to_thread(processes.enter_context, hanging(here))
        process.terminate()
        assert await asyncio.to_thread(process.wait, PATIENCE) == 0


def _bench_of(server: EmbeddedPostgres) -> Bench:
    # Not the superuser's URL: it leads into another database.
    return Bench(
        DatabaseAddress(superuser=server.owner_url, owner=server.owner_url, app=server.app_url)
    )


async def _until(process: JobsProcess, *, ready: bool) -> None:
    async with asyncio.timeout(PATIENCE):
        while process.state().ready is not ready:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_old_jobs_go_and_dead_letters_stay(bench: Bench) -> None:
    kept = ("failed", "todo")
    for status in ("failed", "cancelled", "aborted", "todo"):
        bench.rows(
            "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, status, scheduled_at)"
            " VALUES ('default', 'visit', %s, now() + interval '1 day')",
            status,
        )
    bench.rows(
        "INSERT INTO jobs.procrastinate_events (job_id, type, at)"
        " SELECT id, 'deferred', now() - interval '31 days' FROM jobs.procrastinate_jobs"
    )
    bench.rows("DELETE FROM jobs.procrastinate_events WHERE at > now() - interval '30 days'")
    async with bench.working(Work(run=upkeep.remove_old_jobs)) as queue:
        job = await queue.app.configure_task("remove_old_jobs").defer_async(timestamp=0)
        await bench.until_job(job, None)
    left = bench.rows("SELECT status::text FROM jobs.procrastinate_jobs ORDER BY 1")
    assert left == [(status,) for status in kept]


@pytest.mark.parametrize("given", [{}, {"DATABASE_URL": "x", "RECEPTION_JOBS_PORT": "eighty"}])
def test_wrong_settings_are_one_clear_line(tmp_path: Path, given: dict[str, str]) -> None:
    done = _run(tmp_path, given)
    assert done.returncode == 1
    assert ("reception_jobs_port" if given else "DATABASE_URL") in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_ends_it(tmp_path: Path, database_address: DatabaseAddress) -> None:
    import socket

    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = _run(tmp_path, {"DATABASE_URL": database_address.app, "RECEPTION_JOBS_PORT": port})
    assert done.returncode == 1
    assert "RECEPTION_JOBS_PORT" in done.stdout


def _run(folder: Path, values: dict[str, str]) -> subprocess.CompletedProcess[str]:
    import os

    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SCRIPT.parents[2])}
    return subprocess.run(
        [sys.executable, "-m", "jobs.main"],
        env=kept | {"RECEPTION_HOME": str(folder)} | values,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
