"""How many calls a worker takes, exactly, also in a burst."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any, cast

import pytest
from livekit.agents import JobRequest

from agent.capacity import TARGET_LOAD, Capacity, cores


class Request:
    def __init__(self, id: str, running: list[str]) -> None:
        self.id = id
        self.answer = ""
        self.may_go_on = asyncio.Event()
        self._running = running

    async def accept(self, **_: Any) -> None:
        await self.may_go_on.wait()
        self._running.append(self.id)
        self.answer = "accepted"

    async def reject(self, *, terminate: bool) -> None:
        self.answer = "ended" if terminate else "left to others"


async def test_a_burst_is_taken_up_to_the_maximum_and_not_beyond() -> None:
    running: list[str] = []
    capacity = Capacity(maximum=3, active=lambda: running)
    requests = [Request(f"job-{number}", running) for number in range(5)]
    answers = [
        asyncio.create_task(capacity.answer(cast(JobRequest, request))) for request in requests
    ]
    await asyncio.sleep(0)
    assert capacity.calls == 3
    assert capacity.load == TARGET_LOAD
    for request in requests:
        request.may_go_on.set()
    await asyncio.gather(*answers)
    assert [request.answer for request in requests] == ["accepted"] * 3 + ["left to others"] * 2
    assert capacity.calls == 3
    running.remove("job-0")
    assert capacity.load < TARGET_LOAD


def test_without_a_number_it_depends_on_the_machine() -> None:
    assert Capacity(maximum=0, active=list).maximum >= 4


@pytest.mark.parametrize(
    ("limit", "expected"), [("50000 100000", 0.5), ("max 100000", None), ("", None), ("x y", None)]
)
def test_a_containers_limit_counts_and_not_its_machines_cores(
    tmp_path: Path, limit: str, expected: float | None
) -> None:
    path = tmp_path / "cpu.max"
    path.write_text(limit)
    assert cores(path) == (expected or len(os.sched_getaffinity(0)))
    assert cores(tmp_path / "missing") == len(os.sched_getaffinity(0))
