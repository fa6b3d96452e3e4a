from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.usage import Snapshot, process_tree, usage_between, usage_of

needs_rollup = pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="the kernel gives no smaps_rollup"
)
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c",
    "held = bytearray(b'x' * (64 << 20)); print('held', flush=True); input()"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print("ready", flush=True)
input()
child.kill()
"""


@pytest.fixture
def parent() -> Iterator[int]:
    """A process with a child that holds 64 MiB."""
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process.pid
    process.communicate("\n", timeout=30)


@needs_rollup
def test_a_childs_memory_counts(parent: int) -> None:
    tree = process_tree(parent)
    assert len(tree) == 2
    seen = usage_of(tree)
    assert seen.pss > 64 << 20
    assert len(seen.seconds) == 2


@needs_rollup
def test_what_ended_meanwhile_is_left_out() -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    seen = psutil.Process(process.pid)
    process.wait()
    assert usage_of([seen]).seconds == {}


def test_cores_are_seconds_spent_by_seconds_passed() -> None:
    before = Snapshot(at=10.0, seconds={(1, 0.0): 5.0, (2, 0.0): 9.0}, pss=1)
    after = Snapshot(at=14.0, seconds={(1, 0.0): 6.0, (3, 12.0): 1.0}, pss=2)
    used = usage_between(before, after)
    assert used.cores == pytest.approx(0.5)
    assert used.pss == 2


@needs_rollup
def test_a_busy_process_uses_processor_time() -> None:
    before = usage_of([psutil.Process()])
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass
    assert usage_between(before, usage_of([psutil.Process()])).cores > 0
