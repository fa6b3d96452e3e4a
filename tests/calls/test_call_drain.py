"""Workers are stopped and replaced, the admin service and the jobs restarted, the schema migrated: calls go on."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from alembic import command
from sqlalchemy.engine import make_url

from domain.bootstrap import OWNER
from domain.businesses import numbers, operations as businesses
from domain.businesses.settings import BusinessSettings, CallLimits
from domain.calls.events import AssistantSaid, CallEnded, CallerSaid, CallStarted, ToolCalled
from domain.calls.models import Call
from domain.migrate import _config, upgrade
from reception.caller.caller import CallEnded as CutOff, NothingHeard
from reception.caller.webrtc import WebRtcCaller
from tests.calls.conftest import Line
from tests.calls.events import of_type, until
from tests.calls.practice import heard_as
from tests.calls.proxy import DatabaseProxy
from tests.calls.stack import Part, Stack, free_port, worker_state
from tests.domain.test_migrations import NEWEST, with_migration_to_come

pytestmark = [pytest.mark.call, pytest.mark.timeout(240)]

QUESTION = "is there parking nearby"
PATIENT = "+12025550166"
CALLS = 10
START_CEILING = 240.0
SPREAD = 2.0
"""Seconds from one caller's question to the next one's."""
ATTEMPTS = 5
STOP_CEILING = 60.0
"""Seconds: a worker without calls ends its idle processes first."""


@dataclass(frozen=True)
class RunningWorker:
    """A worker process with the port of its health."""

    part: Part
    port: int

    @property
    def calls(self) -> int:
        return int(worker_state(self.port).get("active_calls", 0))

    def told_to_stop(self) -> None:
        """SIGTERM to every process of it, as systemd sends it."""
        process = psutil.Process(self.part.process.pid)
        for one in [*process.children(recursive=True), process]:
            one.terminate()

    def ready_status(self) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=5) as reply:
                return int(reply.status)
        except urllib.error.HTTPError as error:
            return error.code

    async def exit_code(self) -> int:
        return await asyncio.to_thread(self.part.process.wait, STOP_CEILING)


def running_worker(stack: Stack) -> RunningWorker:
    """The worker that the stack was started with."""
    part = next(one for one in stack.parts if one.name == "worker" and one.process.poll() is None)
    return RunningWorker(part, stack.worker_port)


async def start_worker(stack: Stack, name: str, *, most: int = 0) -> RunningWorker:
    """Another worker, with a folder of its own, as in another container; ready to take calls."""
    port = free_port()
    part = stack.start_part(
        "worker",
        ["-m", "reception", "worker"],
        RECEPTION_WORKER_PORT=str(port),
        RECEPTION_HOME=str(stack.folder / name),
        RECEPTION_MAX_CALLS=str(most),
    )
    # Beside ten calls a start takes its time.
    await until(lambda: _is(lambda: worker_state(port).get("accepting")), timeout=START_CEILING)
    return RunningWorker(part, port)


@pytest.fixture
async def workers_back(stack: Stack) -> AsyncIterator[None]:
    """Afterwards the stack has its one worker again, and no other."""
    yield
    whole = running_worker(stack).part if worker_state(stack.worker_port).get("accepting") else None
    for part in [one for one in stack.parts if one.name == "worker" and one is not whole]:
        part.process.kill()
        part.process.wait(10)
        stack.parts.remove(part)
    if whole is None:
        await asyncio.to_thread(stack.start_worker)


async def _serving(*workers: RunningWorker) -> RunningWorker | None:
    """The worker that has a call."""
    return next((one for one in workers if one.calls), None)


async def _answered(caller: WebRtcCaller) -> None:
    await caller.speak(QUESTION)
    heard = await caller.hear()
    assert "parking" in heard.text.lower()


@pytest.mark.usefixtures("workers_back")
async def test_a_stopping_worker_finishes_its_call_and_the_next_one_goes_elsewhere(
    line: Line,
) -> None:
    both = [running_worker(line.stack), await start_worker(line.stack, "second")]
    async with line.call() as caller:
        await caller.hear()
        old = await until(lambda: _serving(*both), timeout=15)
        new = both[1 - both.index(old)]
        old.told_to_stop()

        async def draining() -> bool:
            return worker_state(old.port).get("draining") is True

        await until(draining, timeout=15)
        assert old.ready_status() == 503
        assert new.ready_status() == 200
        async with line.call(caller="+12025550112") as next_caller:
            assert "Riverside Dental" in (await next_caller.hear()).text
            assert (old.calls, new.calls) == (1, 1), old.part.tail()
            await _answered(caller)
            assert old.part.process.poll() is None
    assert await old.exit_code() == 0
    assert new.ready_status() == 200
    for room in (caller.room_name, next_caller.room_name):
        call = await line.ended(room)
        events = await line.events(call)
        assert call.end_reason == "caller_hung_up"
        assert len(of_type(events, CallStarted)) == len(of_type(events, CallEnded)) == 1
    first = await line.ended(caller.room_name)
    assert "look_up" in [one.name for one in of_type(await line.events(first), ToolCalled)]


@pytest.mark.long
@pytest.mark.usefixtures("workers_back")
async def test_a_second_signal_stops_at_once_and_leaves_no_process_behind(line: Line) -> None:
    worker = running_worker(line.stack)
    async with line.call() as caller:
        await caller.hear()
        processes = psutil.Process(worker.part.process.pid).children(recursive=True)
        assert processes
        worker.part.process.terminate()
        await until(lambda: _is(lambda: worker_state(worker.port).get("draining")), timeout=15)
        worker.part.process.terminate()
        assert await worker.exit_code() == 1
        # A job that outlived its worker would speak beside the one that takes its call over.
        await until(lambda: _is(lambda: not any(one.is_running() for one in processes)), timeout=30)


@pytest.mark.long
@pytest.mark.usefixtures("workers_back")
async def test_a_worker_stopped_while_it_starts_ends_too(line: Line) -> None:
    port = free_port()
    part = line.stack.start_part(
        "worker",
        ["-m", "reception", "worker"],
        RECEPTION_WORKER_PORT=str(port),
        RECEPTION_HOME=str(line.stack.folder / "starting"),
    )
    state = await until(lambda: _state(port), timeout=START_CEILING)
    part.process.terminate()
    assert state["registered"] is False
    assert await RunningWorker(part, port).exit_code() == 0, part.tail()


async def _state(port: int) -> dict[str, Any] | None:
    return worker_state(port) or None


@pytest.mark.long
@pytest.mark.usefixtures("workers_back")
async def test_a_worker_without_its_database_waits_to_deliver_before_it_ends(
    line: Line, proxy: DatabaseProxy
) -> None:
    worker = running_worker(line.stack)
    spools = line.stack.home / "spool"
    async with line.call() as caller:
        await caller.hear()
        proxy.cut("refused")
        await _answered(caller)
        worker.part.process.terminate()
    room = caller.room_name
    await until(lambda: _is(lambda: worker_state(worker.port).get("active_calls") == 0), timeout=60)
    assert list(spools.glob("*.spool"))
    assert worker.part.process.poll() is None
    proxy.restore()
    assert await worker.exit_code() == 0
    assert not list(spools.glob("*.spool"))
    events = await line.events(await line.ended(room))
    assert len(of_type(events, CallEnded)) == 1


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("workers_back")
async def test_a_rolling_update_under_ten_calls_drops_none(line: Line) -> None:
    stack = line.stack
    # The same words for everybody: recognising ten real voices is not what this machine is for.
    script = {"lines": [heard_as(QUESTION)], "streams": 0, "repeat": True}
    stack.sandbox("PUT", "scripts", [script])
    await _patient_business(line)
    old = [await start_worker(stack, f"old-{number}", most=CALLS) for number in range(2)]
    first = running_worker(stack)
    first.part.process.terminate()
    assert await first.exit_code() == 0
    replaced = asyncio.Event()
    calls: list[asyncio.Task[_Held]] = []
    for number in range(CALLS // 2):
        calls.append(asyncio.create_task(_hold(line, number, until=replaced)))
        await asyncio.sleep(1)
    await until(lambda: _is(lambda: sum(one.calls for one in old) == CALLS // 2), timeout=60)
    new = []
    for number, worker in enumerate(old):
        # As a Deployment does it: one more first, then one less.
        new.append(await start_worker(stack, f"new-{number}", most=CALLS))
        worker.told_to_stop()
        # Calls come in meanwhile.
        for _ in range(2 + number):
            calls.append(asyncio.create_task(_hold(line, len(calls), until=replaced)))
            await asyncio.sleep(1)
    await until(lambda: _is(lambda: sum(one.calls for one in new) >= CALLS // 2), timeout=90)
    replaced.set()
    held = await asyncio.gather(*calls)
    assert len(held) == CALLS
    print(f"\n{CALLS} calls, {sum(one.answers for one in held)} answers heard")
    for worker in old:
        assert await worker.exit_code() == 0, worker.part.tail()
    for one in held:
        assert one.answers >= 2
        call = await line.ended(one.room)
        await _whole(line, call)


@dataclass(frozen=True)
class _Held:
    """A call that was held over the change."""

    room: str
    answers: int


async def _hold(line: Line, number: int, *, until: asyncio.Event) -> _Held:
    """Ask before the change and after it; whoever is cut off fails, with the reason."""
    async with line.call(PATIENT, caller=f"+120255501{20 + number}") as caller:
        try:
            answers = await _ask_until(caller, until, spread=number * SPREAD)
        except CutOff as error:
            call = await line.ended(caller.room_name)
            raise AssertionError(f"call {number} was dropped: {call.end_reason}") from error
    assert caller.ended_by == "us"
    return _Held(caller.room_name, answers)


async def _ask_until(caller: WebRtcCaller, until: asyncio.Event, *, spread: float) -> int:
    """Ask at the beginning, hold the line over the change, and ask again; how often there was an answer. Ten who
    talk without a pause are more than two cores hold with all the stand-ins, whatever is being updated."""
    with suppress(NothingHeard):
        # A machine this full may connect the caller's ear after the greeting was said.
        await caller.hear(timeout=30)
    answers = await _ask(caller)
    await until.wait()
    # Not all at the same moment.
    await asyncio.sleep(spread)
    return answers + await _ask(caller)


async def _ask(caller: WebRtcCaller) -> int:
    """Ask until there is an answer: a machine this full may miss a line, and a caller says it again."""
    for _ in range(ATTEMPTS):
        await caller.speak(QUESTION)
        with suppress(NothingHeard):
            await caller.hear(timeout=20)
            return 1
    return 0


async def _patient_business(line: Line) -> None:
    """One that ends no call for silence: a machine this full may not hear a caller for a while."""
    async with line.database.scope(business_id=line.database.seam.new_id()) as scope:
        await businesses.create(
            scope,
            name="Patient Books",
            time_zone="America/New_York",
            country="US",
            settings=BusinessSettings(
                greeting="Patient Books, good day.", limits=CallLimits(silence_seconds=120)
            ),
        )
        await numbers.add(scope, e164=PATIENT)


async def _whole(line: Line, call: Call) -> None:
    """One job served the call from its beginning to its end, and everything is on record."""
    events = await line.events(call)
    assert call.end_reason == "caller_hung_up"
    assert call.epoch == 1
    assert len(of_type(events, CallStarted)) == len(of_type(events, CallEnded)) == 1
    assert of_type(events, CallerSaid)
    assert of_type(events, AssistantSaid)


@pytest.mark.long
async def test_the_admin_service_and_the_jobs_restart_during_a_call(line: Line) -> None:
    stack = line.stack
    async with _beside(stack, "admin") as admin, _beside(stack, "jobs") as jobs:
        async with line.call() as caller:
            await caller.hear()
            admin.process.kill()
            jobs.process.terminate()
            await _answered(caller)
            assert jobs.process.wait(30) == 0
            admin.process.wait(10)
            async with _beside(stack, "admin"), _beside(stack, "jobs"):
                await _answered(caller)
        call = await line.ended(caller.room_name)
        await _whole(line, call)
        events = await line.events(call)
    assert len(of_type(events, CallerSaid)) >= 2
    assert call.outcome is None


@asynccontextmanager
async def _beside(stack: Stack, name: str) -> AsyncIterator[Part]:
    """The admin service or the jobs, as a process of its own that answers."""
    port = free_port()
    part = stack.start_part(
        name, ["-m", "reception", name], **{f"RECEPTION_{name.upper()}_PORT": str(port)}
    )
    try:
        await until(lambda: asyncio.to_thread(_answers, port), timeout=60)
        yield part
    finally:
        part.stop()
        stack.parts.remove(part)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
            return True
    except OSError:
        return False


@pytest.mark.long
async def test_a_migration_during_a_call_holds_nobody_up(
    line: Line, proxy: DatabaseProxy, tmp_path: Path
) -> None:
    folder = with_migration_to_come(tmp_path / "migrations")
    owner_url = (
        make_url(proxy.behind)
        .set(username=OWNER, password="test")
        .render_as_string(hide_password=False)
    )
    gave_way = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait(seconds: float) -> None:
        loop.call_soon_threadsafe(gave_way.set)

    try:
        async with line.call() as caller:
            await caller.hear()
            # A long report holds the migration up, as a backup would.
            with psycopg.connect(owner_url) as report:
                report.execute("SELECT count(*) FROM calls")
                migrating = asyncio.create_task(
                    asyncio.to_thread(upgrade, owner_url, folder=folder, wait=wait)
                )
                await asyncio.wait_for(gave_way.wait(), 30)
                await _answered(caller)
                # What the caller was told reaches the record between its tries.
                await until(lambda: _said(line, caller.room_name), timeout=30)
                assert not migrating.done()
            await migrating
            await _answered(caller)
        await _whole(line, await line.ended(caller.room_name))
    finally:
        await asyncio.to_thread(command.downgrade, _config(owner_url, folder), NEWEST)


async def _said(line: Line, room: str) -> bool:
    call = await line.find(room)
    return call is not None and bool(of_type(await line.events(call), CallerSaid))


async def _is(value: object) -> bool:
    return bool(value() if callable(value) else value)
