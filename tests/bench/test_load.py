"""The load section: what it promises, what it refuses to promise, and the callers it is measured with."""

from __future__ import annotations

import argparse
import asyncio
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import psycopg
import pytest

from bench.calls import Place
from bench.load import seconds_of
from bench.load_calls import Crowd, HeldCall, hold
from bench.load_events import Kept, Record
from bench.load_report import LATEST_TURN, LoadPlan, LoadReport, Ramp, Step, render
from bench.part_usage import per_call, product_cores
from bench.soak import Soak
from bench.usage import Usage
from reception.caller.caller import CallEnded, Heard, NothingHeard
from tests.postgres import DatabaseAddress

MIB = 1 << 20
IDLE = {"worker": Usage(0.02, 600 * MIB), "stand-ins": Usage(0.01, 90 * MIB)}


def _busy(calls: int, *, each: float) -> dict[str, Usage]:
    return {
        "worker": Usage(0.02 + each * calls, (600 + 80 * calls) * MIB),
        "stand-ins": Usage(0.01 + 0.05 * calls, 90 * MIB),
    }


def _ramp(agent: str, latest: Sequence[float], *, each: float, kept: Kept | None = None) -> Ramp:
    """A step for each of the latencies: one caller, two, three …"""
    steps = [
        Step(calls, [seconds] * 20, unanswered=0, failures=[], used=_busy(calls, each=each))
        for calls, seconds in enumerate(latest, start=1)
    ]
    return Ramp(agent, "WebRTC", IDLE, steps, kept)


def _kept(**changes: int) -> Kept:
    figures = {
        "calls": 3, "ended": 3, "events": 40, "holes": 0, "said": 20, "heard": 15,
        "placed": 3, "answers": 20, "lines": 15,
    }  # fmt: skip
    return Kept(**(figures | changes))


def _soak(*, last: int = 900, samples: int = 40) -> Soak:
    soak = Soak(seconds=1200, calls_at_once=3, calls=60, kept=_kept())
    soak.turns = [1.2] * 50
    soak.samples = [
        (number * 5.0, (900 if number < samples // 2 else last) * MIB) for number in range(samples)
    ]
    return soak


def _report(ours: Ramp, theirs: Ramp, soak: Soak | None = None) -> LoadReport:
    plan = LoadPlan(steps=(1, 2, 3), seconds=45, soak_seconds=1200)
    return LoadReport(plan, "a machine", 0.0, [ours, theirs], soak or _soak())


def test_a_ramp_ends_where_answers_come_too_late() -> None:
    ramp = _ramp("reception", [1.2, 1.3, LATEST_TURN + 0.1], each=0.15)
    assert ramp.held is not None
    assert ramp.passed is not None
    assert (ramp.held.calls, ramp.passed.calls) == (2, 3)
    # By the installation's own share of the processor: the stand-ins are no part of it.
    assert ramp.calls_per_core == pytest.approx(2 / 0.32)


def test_a_step_without_an_answer_or_with_a_failure_is_not_held() -> None:
    silent = Step(1, [], unanswered=4, failures=[], used=IDLE)
    assert silent.too_late
    failed = Step(1, [1.0] * 20, unanswered=0, failures=["ended early"], used=IDLE)
    for step in (silent, failed):
        ramp = Ramp("reception", "WebRTC", IDLE, [step])
        assert ramp.held is None
        assert ramp.passed is step
        assert "not even one call was held" in _report(ramp, ramp).broken[0]


def test_what_is_kept_is_said_and_what_is_not_is_named() -> None:
    ours = _ramp("reception", [1.2, 1.3], each=0.15, kept=_kept())
    theirs = _ramp("quickstart", [1.3, 1.6], each=0.17)
    report = _report(ours, theirs)
    assert report.broken == []
    text = "\n".join(render(report))
    assert "- kept: more calls per core" in text
    assert "no machine without stand-ins was run" in text
    assert "| reception, WebRTC | 2 | 1.300 | 1.300 | 20 | 0 | 0 | 0.32 | 0.11 | – |" in text
    assert "| reception, WebRTC | 2 | worker | 0.150 | 80.0 | 600 |" in text


@pytest.mark.parametrize(
    ("ours", "soak", "complaint"),
    [
        (_ramp("reception", [1.2, 1.3], each=0.3, kept=_kept()), _soak(), "calls per core"),
        (_ramp("reception", [1.2], each=0.1, kept=_kept(ended=2)), _soak(), "1 of 3 calls lost"),
        (_ramp("reception", [1.2], each=0.1, kept=_kept(holes=2)), _soak(), "2 events lost"),
        (_ramp("reception", [1.2], each=0.1, kept=_kept(said=19)), _soak(), "1 events lost"),
        (_ramp("reception", [1.2], each=0.1, kept=_kept(heard=12)), _soak(), "3 events lost"),
        (_ramp("reception", [1.2], each=0.1), _soak(last=1000), "memory per call grew to 1.11"),
        (_ramp("reception", [1.2], each=0.1), _soak(samples=3), "too few samples"),
    ],
)
def test_a_promise_that_is_not_kept_is_named(ours: Ramp, soak: Soak, complaint: str) -> None:
    report = _report(ours, _ramp("quickstart", [1.3, 1.4], each=0.2), soak)
    assert any(complaint in line for line in report.broken), report.broken
    assert any(line.startswith("- **not kept**") for line in render(report))


def test_a_call_adds_to_each_part() -> None:
    busy = _busy(4, each=0.1)
    added = per_call(IDLE, busy, calls=4)
    assert list(added) == ["worker", "stand-ins"]
    assert added["worker"] == pytest.approx((0.1, 80 * MIB))
    assert product_cores(busy) == pytest.approx(0.42)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("20m", 1200), ("2h", 7200), ("0.5m", 30)]
)
def test_how_long_a_soak_lasts(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "0", "-5m", "2d"])
def test_a_length_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="90s, 20m or 2h"):
        seconds_of(text)


class _Call:
    """An agent that answers `answers` times, and then is silent or gone."""

    def __init__(self, answers: int, then: Exception) -> None:
        self._answers, self._then = answers, then
        self.hung_up = False

    async def speak(self, text: str) -> None:
        await asyncio.sleep(0)

    async def hear(self, *, timeout: float) -> Heard:
        if self._answers == 0:
            raise self._then
        self._answers -= 1
        return Heard(started=0, ended=1, text="", latency=1.25, cut_in=False)

    async def hang_up(self) -> None:
        self.hung_up = True


def _placing(call: _Call) -> Place:
    async def place() -> Any:
        return call

    return cast(Place, place)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.load_calls._PAUSE", 0)


async def test_a_call_that_ends_early_is_a_failure() -> None:
    call = _Call(3, CallEnded("room deleted"))
    held = await hold(_placing(call), ["hello"], stop=asyncio.Event())
    assert (held.answers, held.lines, held.turns) == (3, 2, [1.25, 1.25])
    assert held.failed == "ended early: room deleted"
    assert call.hung_up


async def test_a_call_that_cannot_be_placed_is_a_failure() -> None:
    async def place() -> Any:
        raise ConnectionError("486 Busy Here")

    held = await hold(cast(Place, place), ["hello"], stop=asyncio.Event())
    assert held.failed == "not placed: 486 Busy Here"


async def test_a_crowd_counts_lines_without_an_answer_and_hangs_up() -> None:
    call = _Call(1, NothingHeard())
    async with Crowd(_placing(call), ["hello"]) as crowd:
        await crowd.grow(1, apart=0)
        await crowd.greeted(timeout=5)
        for _ in range(10):
            await asyncio.sleep(0)
    assert crowd.unanswered > 0
    assert crowd.failures == []
    assert crowd.turns == []
    assert call.hung_up


async def test_what_is_on_record_is_compared_with_what_was_heard(
    database_address: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.load_events._SETTLE_SECONDS", 0)
    business = uuid.uuid4()
    with psycopg.connect(database_address.superuser) as connection:
        connection.execute(
            "INSERT INTO businesses (id, name, time_zone, country, settings_version, created_at)"
            " VALUES (%s, 'B', 'America/New_York', 'US', 1, now())",
            [business],
        )
        _write_call(connection, business, types=["call_started", "call_ended"])
        connection.commit()
        record = Record(database_address.superuser)
        _write_call(
            connection,
            business,
            types=["call_started", "assistant_said", "caller_said", "assistant_said", "call_ended"],
        )
        connection.commit()
        whole = await record.kept([HeldCall(answers=2, lines=1), HeldCall(failed="not placed")])
        assert (whole.calls, whole.events, whole.lost_calls, whole.lost_events) == (1, 5, 0, 0)
        # The end of one is missing, and an event in the middle.
        _write_call(connection, business, types=["call_started", "", "assistant_said"], ended=False)
        connection.commit()
        lost = await record.kept([HeldCall(answers=2, lines=1), HeldCall(answers=2, lines=1)])
    assert lost.lost_calls == 1
    assert lost.lost_events == 1 + 1 + 1  # a hole, an answer and a line


def _write_call(
    connection: psycopg.Connection, business: uuid.UUID, *, types: list[str], ended: bool = True
) -> None:
    call = uuid.uuid4()
    connection.execute(
        "INSERT INTO calls (id, business_id, room, channel, dialled, state, epoch, started_at, ended_at,"
        " sandbox) VALUES (%s, %s, %s, 'webrtc', '', 'ended', 1, now(), %s, '[]')",
        [call, business, str(call), datetime(2026, 1, 1, tzinfo=UTC) if ended else None],
    )
    for number, kind in enumerate(types, start=1):
        if kind:
            connection.execute(
                "INSERT INTO call_events (call_id, epoch, seq, type, at, body, business_id)"
                " VALUES (%s, 1, %s, %s, now(), '', %s)",
                [call, number, kind, business],
            )
