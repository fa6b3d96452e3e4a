"""Memory and processor time of a tree of processes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Snapshot:
    """A tree at one moment."""

    at: float
    """Monotonic seconds."""
    seconds: dict[tuple[int, float], float]
    """Processor seconds of each process, by process id and time of start."""
    pss: int
    """Bytes: private pages, and each shared page divided by those who share it."""


@dataclass(frozen=True)
class Usage:
    """What a tree used over a stretch of time."""

    cores: float
    pss: int
    """Bytes at the end of it."""


def process_tree(pid: int) -> list[psutil.Process]:
    """The process and all its descendants that live."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def usage_of(processes: list[psutil.Process]) -> Snapshot:
    """Look at the processes now; those that just ended are left out."""
    seconds: dict[tuple[int, float], float] = {}
    pss = 0
    for process in processes:
        try:
            times = process.cpu_times()
            seconds[process.pid, process.create_time()] = times.user + times.system
            pss += _pss(process.pid)
        except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            continue
    return Snapshot(at=time.monotonic(), seconds=seconds, pss=pss)


def usage_between(before: Snapshot, after: Snapshot) -> Usage:
    """What was used from one look to the next; processes that ended in between count nothing."""
    spent = sum(
        seconds - before.seconds.get(process, 0.0) for process, seconds in after.seconds.items()
    )
    return Usage(cores=spent / (after.at - before.at), pss=after.pss)


def _pss(pid: int) -> int:
    # smaps_rollup is summed by the kernel: reading smaps line by line would burden what is measured.
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
