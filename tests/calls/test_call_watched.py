"""A whole call as those see it who watch: figures, one trace, log lines, and nothing private in any of them."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from domain import tracing
from domain.businesses.directory import business_ids
from domain.calls import log
from domain.calls.events import AssistantSaid, CallerSaid, ToolCalled
from domain.calls.log import CallFilter
from domain.contacts import operations as contacts
from domain.database import Database
from domain.demo import DEMO_NUMBER, seed_demo
from domain.tables import INSTALLATION
from domain.watching import synthetic_calls
from tests.calls.collector import Collector, attributes, collecting
from tests.calls.conftest import Line, database_of
from tests.calls.events import of_type, until
from tests.calls.practice import Talk, heard_as
from tests.calls.stack import Stack, find_livekit_server
from tests.postgres import clone_template, drop

pytestmark = [pytest.mark.call, pytest.mark.timeout(240)]

CALLER = "+12025550187"
NAME = "Zebediah Quill"
"""Of the contact who has the number: the model is told it."""


@dataclass
class Watched:
    """An installation whose worker tells its traces to a collector of the test's."""

    stack: Stack
    line: Line
    collector: Collector

    def metrics(self) -> str:
        address = f"http://127.0.0.1:{self.stack.worker_port}/metrics"
        with urllib.request.urlopen(address, timeout=10) as reply:
            text: str = reply.read().decode()
            return text

    async def spans(self, call_id: UUID) -> list[Span]:
        """Of a call's trace, once its end is there."""

        async def look() -> list[Span] | None:
            found = self.collector.of_trace(call_id.bytes)
            return found if any(span.name == "call" for span in found) else None

        return await until(look, timeout=30)

    def log(self) -> str:
        return next(part.log.read_text() for part in self.stack.parts if part.name == "worker")


@pytest.fixture(scope="module")
async def watched() -> AsyncIterator[Watched]:
    """Skips where livekit-server is absent."""
    binary = find_livekit_server()
    if binary is None:
        pytest.skip("livekit-server is not on PATH and RECEPTION_LIVEKIT_SERVER is not set")
    superuser_url = os.environ["RECEPTION_TEST_POSTGRES"]
    target = clone_template(superuser_url)
    with tempfile.TemporaryDirectory() as folder:
        async with collecting() as collector:
            stack = Stack(folder=Path(folder), database_url=target.app)
            stack.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.address
            stack.environment["RECEPTION_SYNTHETIC_CALL_NUMBER"] = DEMO_NUMBER
            database = database_of(stack, target.app)
            await seed_demo(database)
            await _add_contact(database)
            try:
                stack.start(binary)
                yield Watched(stack, Line(stack, database), collector)
            finally:
                stack.stop()
                await database.aclose()
    drop(superuser_url, target)


async def test_a_call_is_seen_in_figures_one_trace_and_log_lines_and_none_is_private(
    watched: Watched,
) -> None:
    lines = ["i would like to book a cleaning please", "monday morning"]
    # Told what it hears: a stall of a busy machine would be one turn more.
    watched.stack.sandbox("POST", "scripts", {"lines": [heard_as(lines[0])]})
    async with watched.line.call(caller=CALLER) as caller:
        talk = Talk(watched.stack, caller, iter(lines))
        await talk.hear("help")
        await talk.say("day")
        await talk.say("which")
    call = await watched.line.ended(caller.room_name)
    events = await watched.line.events(call)
    assert len(of_type(events, ToolCalled)) == 1
    spans = await watched.spans(call.id)

    text = watched.metrics()
    for line in (
        'reception_calls_started_total{channel="webrtc"} 1.0',
        'reception_calls_ended_total{reason="caller_hung_up"} 1.0',
        'reception_tools_total{outcome="done",tool="find_times"} 1.0',
        'reception_turn_seconds_count{stage="total"} 2.0',
        "reception_call_setup_seconds_count 1.0",
        "reception_worker_figures_lost_total 0.0",
    ):
        assert line in text, text
    for kind, provider in (("hearing", "deepgram"), ("model", "openai"), ("speech", "elevenlabs")):
        labels = f'kind="{kind}",outcome="done",provider="{provider}"'
        assert f"reception_provider_requests_total{{{labels}}}" in text

    names = Counter(span.name for span in spans)
    assert (names["call"], names["turn"], names["tool"], names["end"]) == (1, 2, 1, 1)
    assert {"answering", "join", "lock", "profile", "greeting", "llm_node", "tts_node"} <= set(
        names
    )
    roots = [span for span in spans if not span.parent_span_id]
    assert [span.name for span in roots] == ["call"]
    assert roots[0].span_id == tracing.root_id(call.id).to_bytes(8)
    assert attributes(roots[0])["call.end_reason"] == "caller_hung_up"
    turn = next(span for span in spans if span.name == "turn")
    stages = {span.name for span in spans if span.parent_span_id == turn.span_id}
    assert stages == {"end_of_turn", "transcription", "model", "speech", "spoken"}

    log = watched.log()
    lines = [json.loads(line) for line in log.splitlines() if line]
    job = next(line for line in lines if line["message"] == "call started")
    of_call = [line for line in lines if line.get("job_id") == job["job_id"]]
    after = of_call[of_call.index(job) :]
    assert {line.get("call_id") for line in after} == {str(call.id)}

    said = [one.text for one in of_type(events, CallerSaid) + of_type(events, AssistantSaid)]
    outside = {
        "figures": text,
        "log": log,
        "traces": b"".join(watched.collector.bodies).decode("utf-8", "replace"),
    }
    for where, told in outside.items():
        for private in (CALLER.removeprefix("+"), *NAME.split(), *said):
            assert private.lower() not in told.lower(), (where, private)


@pytest.mark.long
async def test_the_installation_calls_itself_and_no_list_of_calls_shows_it(
    watched: Watched,
) -> None:
    started = _started(watched.metrics())
    part = watched.stack.start_part("synthetic", ["-m", "reception", "synthetic-call"])
    code = await asyncio.to_thread(part.process.wait, 90)
    assert code == 0, part.tail() + watched.log()[-4000:]
    database = watched.line.database
    async with database.scope(business_id=INSTALLATION) as scope:
        (kept,) = await synthetic_calls.latest(scope, limit=2)
    assert (kept.outcome, kept.dialled) == ("passed", DEMO_NUMBER)
    assert kept.greeting_seconds and kept.answer_seconds is not None
    call = await watched.line.ended(kept.room)
    assert call.synthetic
    async with database.scope(business_id=call.business_id) as scope:
        listed = await log.list_calls(scope)
        own = await log.list_calls(scope, matching=CallFilter(synthetic=True))
    assert [one.id for one in own] == [call.id]
    assert call.id not in {one.id for one in listed}
    text = watched.metrics()
    assert "reception_calls_synthetic_total 1.0" in text
    assert _started(text) == started, "it counts as no call"


def _started(metrics: str) -> list[str]:
    return [one for one in metrics.splitlines() if one.startswith("reception_calls_started_total{")]


async def _add_contact(database: Database) -> None:
    (business_id,) = await business_ids(database)
    async with database.scope(business_id=business_id) as scope:
        await contacts.create(scope, name=NAME, phone=CALLER)
