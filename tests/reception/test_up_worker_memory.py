"""What a worker's processes share: memory that is there once, and not once in each call."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="there is a fork server on Linux alone"
)

SHARED = """
import os
import sys
from multiprocessing import forkserver, get_context, resource_tracker
from pathlib import Path

from reception.fork_server import start_fork_server

WEIGHT = 64 * 1024 * 1024

def private():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    dirty = next(line.split()[1] for line in lines if line.startswith("Private_Dirty"))
    return int(dirty) * 1024

def look(told):
    import heavy
    told.send((private() < WEIGHT / 2, len(heavy.weight) == WEIGHT, "heavy" in sys.modules))

if __name__ == "__main__":
    start_fork_server(["heavy", "missing", "livekit.agents.ipc._preload_freeze"])
    mine, theirs = get_context("forkserver").Pipe()
    for _ in range(2):
        job = get_context("forkserver").Process(target=look, args=(theirs,))
        job.start()
        print(*mine.recv())
        job.join()
    # Nor has the worker a copy of its own.
    print(private() < WEIGHT / 2, resource_tracker._resource_tracker._check_alive())
    # One that dies is started again, in multiprocessing's own way.
    os.kill(forkserver._forkserver._forkserver_pid, 9)
    os.waitid(os.P_PID, forkserver._forkserver._forkserver_pid, os.WEXITED | os.WNOWAIT)
    job = get_context("forkserver").Process(target=look, args=(theirs,))
    job.start()
    print(mine.recv()[1])
    job.join()
"""


def _run(tmp_path: Path, script: str) -> str:
    path = tmp_path / "script.py"
    path.write_text(script)
    done = subprocess.run(
        [sys.executable, str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_imported_before_the_fork_is_there_once(tmp_path: Path) -> None:
    (tmp_path / "heavy.py").write_text("weight = bytearray(b'x') * (64 * 1024 * 1024)\n")
    assert _run(tmp_path, SHARED).splitlines() == [
        "True True True",
        "True True True",
        "True True",
        "True",
    ]


ENDED = """
import os
from multiprocessing import forkserver

from reception.fork_server import start_fork_server

if __name__ == "__main__":
    start_fork_server(["json"])
    print(forkserver._forkserver._forkserver_pid, flush=True)
    os._exit(0)
"""


def test_the_fork_server_ends_with_its_worker(tmp_path: Path) -> None:
    # It has inherited standard output, for whose end `_run` waits.
    assert int(_run(tmp_path, ENDED)) > 0


WARM = """
import inspect
import sys

import agent.warm
from livekit.agents import llm

before = set(sys.modules)
copied = []
inspect._signature_fromstr = lambda *given: copied.append(given)
llm.AgentConfigUpdate(instructions="", tools_added=[])
import numpy as np
np.unique(np.array([1, 2, 1]))
print(sorted(set(sys.modules) - before), copied)
"""


def test_a_call_imports_nothing_that_its_fork_server_could_have(tmp_path: Path) -> None:
    assert _run(tmp_path, WARM) == "[] []\n"
