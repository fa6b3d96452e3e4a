"""The trace of a call: one, whoever serves it, and without a word of what was said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from livekit.agents import telemetry
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import NoOpTracerProvider

from agent.watching.trace import CallTrace, stages
from domain import tracing
from domain.calls.events import (
    AssistantSaid,
    CallAnswered,
    CallEnded,
    CallerSaid,
    CallStarted,
    Event,
    JournalEntry,
    ProviderFailed,
    ToolCalled,
    TransferEnded,
    TransferStarted,
    TurnLatency,
)

CALL = UUID("019ac0de-0000-7000-8000-000000000001")
RING = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SECRET = "Jane Doe of 12 Elm Street"


class Kept(SpanExporter):
    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: object) -> SpanExportResult:
        self.spans.extend(spans)  # type: ignore[arg-type]
        return SpanExportResult.SUCCESS

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.spans if span.name == name]


Start = Callable[[], CallTrace]


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def start(kept: Kept) -> AsyncIterator[Start]:
    yield lambda: CallTrace(kept, room_made=RING)
    telemetry.set_tracer_provider(NoOpTracerProvider())


def tell(trace: CallTrace, *events: Event, epoch: int = 1, after: float = 1.0) -> None:
    for seq, event in enumerate(events, start=1):
        at = RING + timedelta(seconds=after + seq)
        trace.event(JournalEntry(call_id=CALL, epoch=epoch, seq=seq, at=at, event=event))


STARTED = CallStarted(room="call-1", channel="sip", dialled="+12025550100", caller="+12025550123")


async def test_a_call_that_another_job_took_over_is_one_trace_with_one_root(
    start: Start, kept: Kept
) -> None:
    first = start()
    with first.stage("profile"):
        pass
    tell(first, STARTED, CallAnswered(setup_seconds=0.4, greeting_ready=True))
    await first.close()
    # Killed: nothing ends the call there.
    second = start()
    tell(second, STARTED, CallEnded(reason="caller_hung_up"), epoch=2, after=10.0)
    await second.close()

    assert {span.context.trace_id for span in kept.spans} == {CALL.int}
    (root,) = kept.named("call")
    assert root.parent is None
    assert root.context.span_id == tracing.root_id(CALL)
    others = [span for span in kept.spans if span is not root]
    assert {span.parent.span_id for span in others if span.parent} == {root.context.span_id}
    assert kept.named("answering") and kept.named("profile")
    assert root.start_time == int(RING.timestamp() * 1e9)
    assert kept.named("end")[0].attributes == {
        "call.epoch": 2,
        "call.end_reason": "caller_hung_up",
    }


async def test_no_span_holds_what_was_said_or_who_called(start: Start, kept: Kept) -> None:
    trace = start()
    tracer = telemetry.tracer
    with tracer.start_as_current_span("llm_node") as span:
        span.set_attribute("lk.pii.chat_ctx", SECRET)
        span.set_attribute("lk.response.ttft", 0.4)
        span.set_attribute("gen_ai.request.model", SECRET + " — and more")
        span.add_event("gen_ai.choice", {"content": SECRET})
    with (
        pytest.raises(ValueError, match="Elm"),
        tracer.start_as_current_span(f"tool for {SECRET}"),
    ):
        raise ValueError(SECRET)
    tell(
        trace,
        STARTED,
        CallerSaid(text=SECRET, ended_at=RING + timedelta(seconds=2)),
        AssistantSaid(text=SECRET, latency=TurnLatency(model=0.3, speech=0.1, total=0.9)),
        ToolCalled(
            name="Jane", arguments={"name": SECRET}, result=SECRET, outcome="failed", seconds=1
        ),
        ProviderFailed(kind="model", provider="openai", error=SECRET),
        TransferStarted(reason=SECRET, kind="warm"),
        TransferEnded(outcome="failed", detail=SECRET),
        CallEnded(reason="failed"),
    )
    await trace.close()

    told = "\n".join(span.to_json() for span in kept.spans)
    for private in ("Jane", "Elm", "2025550123"):
        assert private not in told
    (node,) = kept.named("llm_node")
    assert node.attributes == {"lk.response.ttft": 0.4}
    assert [span.status.description for span in kept.spans if span.status.description] == []
    assert kept.named("other")
    (tool,) = kept.named("tool")
    assert (tool.attributes or {})["tool.name"] == "other"
    (handoff,) = kept.named("handoff")
    assert (handoff.attributes or {})["handoff.outcome"] == "failed"


def test_the_stages_of_an_answer_end_with_its_first_sound() -> None:
    latency = TurnLatency(end_of_turn=0.6, transcription=0.3, model=0.4, speech=0.2, total=1.1)
    found = {
        name: (round((begins - RING).total_seconds(), 3), round((ends - RING).total_seconds(), 3))
        for name, begins, ends in stages(latency, after=RING)
    }
    assert found == {
        "end_of_turn": (0.0, 0.6),
        "transcription": (0.0, 0.3),
        "speech": (0.9, 1.1),
        "model": (0.5, 0.9),
    }


async def test_without_a_collector_nothing_is_made() -> None:
    trace = CallTrace(None, room_made=RING)
    with trace.stage("join"):
        pass
    tell(trace, STARTED, CallEnded(reason="failed"))
    await trace.close()
    assert not telemetry.tracer.start_span("anything").is_recording()


async def test_a_collector_that_hangs_keeps_no_job(start: Start, kept: Kept) -> None:
    import asyncio
    import threading

    stuck = threading.Event()

    class Hanging(Kept):
        def export(self, spans: object) -> SpanExportResult:
            stuck.wait(60)
            return SpanExportResult.FAILURE

    trace = CallTrace(Hanging(), room_made=RING)
    tell(trace, STARTED, CallEnded(reason="failed"))
    try:
        # Three times what is promised, and more.
        async with asyncio.timeout(3 * tracing.EXPORT_SECONDS + 10):
            await trace.close()
    finally:
        stuck.set()
