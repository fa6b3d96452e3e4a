"""A call's facts reach the worker's figures from the process of its job, which may be killed at any time."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from agent.watching.address import VARIABLE
from agent.watching.figures import Figure, closed, of_event
from agent.watching.metrics import WorkerMetrics
from agent.watching.socket import MOST_WAITING, FigureSocket, FigureTeller
from domain.calls.events import (
    AssistantSaid,
    CallAnswered,
    CallEnded,
    CallStarted,
    ToolCalled,
    TurnLatency,
)
from tests.calls.events import until


class Worker:
    def __init__(self) -> None:
        self.taken: list[Figure] = []
        self.metrics = WorkerMetrics()
        self.socket = FigureSocket(self.take)

    def take(self, figure: Figure) -> None:
        self.taken.append(figure)
        self.metrics.take(figure)

    async def until(self, count: int) -> list[Figure]:
        async def look() -> bool:
            return len(self.taken) >= count

        await until(look, timeout=20, every=0.01)
        return self.taken


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    worker = Worker()
    worker.socket.open()
    yield worker
    worker.socket.close()
    assert VARIABLE not in os.environ


async def test_what_a_job_tells_is_counted_by_the_worker(worker: Worker) -> None:
    teller = FigureTeller(os.environ[VARIABLE])
    teller.tell(Figure("turn", ("total",), 0.8))
    teller.tell(Figure("calls_ended", ("silence",)))
    teller.close()
    await worker.until(2)
    text = worker.metrics.text().decode()
    assert 'reception_calls_ended_total{reason="silence"} 1.0' in text
    assert 'reception_turn_seconds_count{stage="total"} 1.0' in text


async def test_a_job_that_is_killed_leaves_what_it_told(worker: Worker) -> None:
    program = (
        "import sys\n"
        "from agent.watching.figures import Figure\n"
        "from agent.watching.socket import FigureTeller\n"
        "teller = FigureTeller(sys.argv[1])\n"
        "for _ in range(5): teller.tell(Figure('calls_started', ('sip',)))\n"
        "print('told', flush=True)\n"
        "sys.stdin.read()\n"
    )
    process = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", program, os.environ[VARIABLE]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"told\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert process.stdin is not None
    process.stdin.close()
    await worker.until(5)
    assert 'reception_calls_started_total{channel="sip"} 5.0' in worker.metrics.text().decode()


async def test_a_worker_that_is_slow_loses_nothing_and_one_that_is_gone_costs_no_memory(
    worker: Worker,
) -> None:
    teller = FigureTeller(os.environ[VARIABLE])
    # Many more datagrams than the kernel keeps for a socket that is not read meanwhile.
    for _ in range(MOST_WAITING - 1):
        teller.tell(Figure("calls_started", ("sip",)))
    await worker.until(MOST_WAITING - 1)
    teller.close()

    alone = FigureTeller("/nonexistent/figures")
    for _ in range(3 * MOST_WAITING):
        alone.tell(Figure("calls_started", ("sip",)))
    assert len(alone._waiting) == MOST_WAITING
    assert alone._lost == 2 * MOST_WAITING
    alone.close()


async def test_nonsense_on_the_socket_makes_no_series(worker: Worker) -> None:
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    address = os.environ[VARIABLE]
    for told in (b"\xff", b"{}", b"[1]", json.dumps([["password", [], 1]]).encode()):
        sender.sendto(told, address)
    sender.sendto(json.dumps([["tools", ["+12025550123", "done"], 1]]).encode(), address)
    sender.close()
    assert await worker.until(1) == [Figure("tools", ("other", "done"), 1.0)]


def test_labels_come_from_closed_sets() -> None:
    asked = ToolCalled(
        name="delete_everything", arguments={"name": "Jane"}, result="", outcome="failed", seconds=1
    )
    found = [closed(figure) for figure in of_event(asked)]
    assert found == [Figure("tools", ("other", "failed")), Figure("tool_time", ("other",), 1.0)]
    assert closed(Figure("tools", ("book_appointment",))) is None
    assert closed(Figure("nothing")) is None


def test_a_synthetic_call_counts_in_no_list_of_calls_but_tells_how_fast_we_are() -> None:
    started = CallStarted(room="call-1", channel="webrtc", dialled="+12025550100", synthetic=True)
    said = AssistantSaid(text="Yes.", latency=TurnLatency(model=0.3, total=0.9))
    assert [f.name for f in of_event(started, synthetic=True)] == ["calls_synthetic"]
    assert list(of_event(started, synthetic=True, epoch=2)) == []
    assert list(of_event(CallEnded(reason="caller_hung_up"), synthetic=True)) == []
    assert [(f.labels, f.value) for f in of_event(said, synthetic=True)] == [
        (("model",), 0.3),
        (("total",), 0.9),
    ]
    answered = CallAnswered(setup_seconds=0.4, greeting_ready=True)
    assert list(of_event(answered)) == [Figure("call_setup", (), 0.4)]
