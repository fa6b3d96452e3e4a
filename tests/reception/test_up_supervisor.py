"""The supervisor and its guardian, over real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from reception.home import Home
from reception.supervisor import Part, PartFailed, Supervisor

PATIENCE = 30.0


def script(text: str) -> list[str]:
    return [sys.executable, "-S", "-c", text]


SERVE = "import pathlib, signal, sys; pathlib.Path(sys.argv[1]).touch(); signal.pause()"
DEAF = (
    "import pathlib, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "pathlib.Path(sys.argv[1]).touch()\nwhile True: signal.pause()"
)


class Stage:
    """A supervisor whose words are kept, and parts whose readiness is a file they make."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = Home(folder)
        self.home.make()
        self.said: list[tuple[str, str]] = []
        self.restarted: list[str] = []
        self.supervisor = Supervisor(
            say=lambda part, line: self.said.append((part, line)),
            lock=self.home.lock(),
            restarted=self._note_restart,
        )

    async def _note_restart(self, name: str) -> None:
        self.restarted.append(name)

    def part(self, name: str, text: str = SERVE, **settings: object) -> Part:
        marker = self.folder / f"{name}.ready"

        async def ready() -> bool:
            return marker.exists()

        values: dict[str, object] = {
            "name": name,
            "command": [*script(text), str(marker)],
            "log": self.home.logs / f"{name}.log",
            "address": f"somewhere://{name}",
            "ready": ready,
            "stage": 0,
        }
        return Part(**(values | settings))  # type: ignore[arg-type]

    def heard(self, part: str) -> str:
        return "\n".join(line for name, line in self.said if name == part)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    made = Stage(tmp_path)
    yield made
    await made.supervisor.stop()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_ready_part_is_told_with_its_address(stage: Stage) -> None:
    await stage.supervisor.start(stage.part("clock"))
    assert "somewhere://clock" in stage.heard("clock")
    assert psutil.pid_exists(stage.supervisor.process_ids()["clock"])


async def test_a_part_that_dies_at_start_is_one_error_with_exit_code_log_and_last_lines(
    stage: Stage,
) -> None:
    part = stage.part("clock", "print('no such spring'); raise SystemExit(7)")
    with pytest.raises(PartFailed) as failure:
        await stage.supervisor.start(part)
    text = str(failure.value)
    assert text.startswith("clock stopped with exit code 7")
    assert str(part.log) in text
    assert "no such spring" in text


async def test_a_missing_program_is_one_error(stage: Stage) -> None:
    with pytest.raises(PartFailed, match=r"clock did not start: .*no-such-program"):
        await stage.supervisor.start(stage.part("clock", command=["/no-such-program"]))


async def test_a_part_that_is_never_ready_is_an_error_and_does_not_stay(stage: Stage) -> None:
    part = stage.part("clock", "import signal; signal.pause()", ready_within=0.3)
    with pytest.raises(PartFailed, match="clock was not ready after"):
        await stage.supervisor.start(part)
    pid = stage.supervisor.process_ids()["clock"]
    await stage.supervisor.stop()
    assert not psutil.pid_exists(pid)


async def test_a_part_that_dies_later_is_told_and_started_again(stage: Stage) -> None:
    await stage.supervisor.start(stage.part("clock"))
    first = stage.supervisor.process_ids()["clock"]
    os.kill(first, signal.SIGKILL)
    await until(lambda: stage.restarted == ["clock"])
    assert "was ended by SIGKILL" in stage.heard("clock")
    assert "starting it again in 1 s" in stage.heard("clock")
    assert "is back at somewhere://clock" in stage.heard("clock")
    assert stage.supervisor.process_ids()["clock"] != first


async def test_the_log_of_the_run_before_is_kept(stage: Stage) -> None:
    part = stage.part("clock")
    part.log.write_text("the run before\n")
    await stage.supervisor.start(part)
    assert part.log.with_name("clock.log.1").read_text() == "the run before\n"


async def test_parts_stop_from_the_highest_stage_down(stage: Stage, tmp_path: Path) -> None:
    order = tmp_path / "order"
    tell = (
        "import pathlib, signal, sys\n"
        "def end(*_):\n"
        "    with open({order!r}, 'a') as file: file.write({name!r} + ' ')\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "pathlib.Path(sys.argv[1]).touch()\n"
        "while True: signal.pause()\n"
    )
    for name, number in (("low", 0), ("high", 2), ("middle", 1)):
        text = tell.format(order=str(order), name=name)
        await stage.supervisor.start(stage.part(name, text, stage=number))
    await stage.supervisor.stop()
    assert order.read_text().split() == ["high", "middle", "low"]


async def test_a_part_that_does_not_stop_is_killed_and_told(stage: Stage) -> None:
    await stage.supervisor.start(stage.part("clock", DEAF, grace=0.2))
    pid = stage.supervisor.process_ids()["clock"]
    await stage.supervisor.stop()
    assert not psutil.pid_exists(pid)
    assert "killing it" in stage.heard("clock")


async def test_hurry_does_not_wait_for_the_grace(stage: Stage) -> None:
    await stage.supervisor.start(stage.part("clock", DEAF, grace=600))
    stage.supervisor.hurry()
    async with asyncio.timeout(PATIENCE):
        await stage.supervisor.stop()


async def test_what_a_part_started_itself_does_not_outlive_it(stage: Stage, tmp_path: Path) -> None:
    child = tmp_path / "child"
    text = (
        "import pathlib, signal, subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-S', '-c', {DEAF!r}, {str(child)!r}])\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(child.pid))\n"
        "pathlib.Path(sys.argv[1]).touch(); signal.pause()\n"
    )
    await stage.supervisor.start(stage.part("parent", text))
    await until(child.exists)
    await stage.supervisor.stop()
    pid = int((tmp_path / "pid").read_text())
    # A moment after it was killed it may still be there.
    await until(lambda: _has_ended(pid))


def _has_ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


HOST = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.reception.test_up_supervisor import Stage, DEAF

async def main():
    stage = Stage(Path(sys.argv[1]))
    await stage.supervisor.start(stage.part("polite"))
    await stage.supervisor.start(stage.part("deaf", DEAF))
    print(*stage.supervisor.process_ids().values(), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_after_kill_9_nothing_is_left_and_the_home_is_free_again(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    host = subprocess.Popen(
        [sys.executable, "-c", HOST.format(root=root), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert host.stdout
    pids = [int(word) for word in host.stdout.readline().split()]
    assert len(pids) == 2
    host.kill()
    host.wait()
    # The lock is free when the guardian has ended everything.
    Home(tmp_path).lock(wait=PATIENCE).close()
    deadline = time.monotonic() + PATIENCE
    while any(_lives(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
