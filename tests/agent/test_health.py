"""The worker's own health: ready only while calls are taken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from agent.health import WorkerState, health_server
from agent.watching.figures import Figure
from agent.watching.metrics import WorkerMetrics
from agent.watching.spool_depth import SpoolDepth
from tests.calls.stack import free_port

WELL = WorkerState(registered=True, reconnecting=False, draining=False, active_calls=3, capacity=8)


class Worker:
    def __init__(self) -> None:
        self.state = WELL
        self.port = free_port()
        self.metrics = WorkerMetrics()
        self.waiting = SpoolDepth()

    async def depth(self) -> SpoolDepth:
        return self.waiting


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    worker = Worker()
    server = health_server(
        lambda: worker.state,
        metrics=worker.metrics,
        depth=worker.depth,
        host="127.0.0.1",
        port=worker.port,
    )
    await server.start()
    yield worker
    await server.stop()


async def get(worker: Worker, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{worker.port}{path}") as reply,
    ):
        return reply.status, await reply.text()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"registered": False}, 503),
        ({"reconnecting": True}, 503),
        ({"draining": True}, 503),
        ({"active_calls": 8}, 503),
    ],
)
async def test_ready_means_that_calls_are_taken(
    worker: Worker, change: dict[str, int], status: int
) -> None:
    worker.state = replace(WELL, **change)
    found, body = await get(worker, "/ready")
    assert found == status
    assert f'"accepting": {"true" if status == 200 else "false"}' in body
    assert (await get(worker, "/healthz"))[0] == 200


async def test_metrics_tell_the_calls_and_what_waits(worker: Worker) -> None:
    worker.waiting = SpoolDepth(files=2, undelivered=7, oldest_seconds=3.5, unreadable=1)
    worker.metrics.take(Figure("turn", ("total",), 0.62))
    status, body = await get(worker, "/metrics")
    assert status == 200
    assert "reception_worker_active_calls 3.0" in body
    assert "reception_worker_accepting 1.0" in body
    assert "reception_spool_undelivered 7.0" in body
    assert "reception_spool_oldest_seconds 3.5" in body
    assert 'reception_turn_seconds_bucket{le="0.6",stage="total"} 0.0' in body
    assert 'reception_turn_seconds_bucket{le="0.7",stage="total"} 1.0' in body
