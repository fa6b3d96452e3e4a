"""Traces (OpenTelemetry) without anything private: what leaves a process is on a list, and nothing else does.

Off unless `OTEL_EXPORTER_OTLP_ENDPOINT` is set. The trace of a call has the call's id as its own (a UUID has the 128
bits of a trace id), and one root span with an id made of it: so all processes that serve a call, and those that
speak of it, tell of it in one trace without having to agree.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, SpanContext, Status, TraceFlags

EXPORT_SECONDS: Final = 3.0
"""How long one request to the collector may take."""
DELAY_SECONDS: Final = 1.0
"""What a process that is killed may not have told yet."""

OTHER: Final = "other"
NAMES: Final = frozenset(
    {
        # Ours.
        *("call", "answering", "join", "lock", "profile", "greeting", "turn", "end_of_turn"),
        *("transcription", "model", "speech", "spoken", "tool", "handoff", "provider_failed", "end"),
        *("request", "job", "flagged", "withheld"),
        # livekit-agents 1.8.9's.
        *("agent_session", "session_start", "session_close", "on_enter", "on_exit", "start_agent_activity"),
        *("drain_agent_activity", "agent_turn", "agent_speaking", "user_turn", "user_speaking"),
        *("eou_detection", "eou_wait", "llm_node", "llm_request", "llm_request_run", "tts_node", "tts_request"),
        *("tts_request_run", "function_tool", "update_agent", "room_connect", "job_shutdown", "on_session_end"),
        *("llm_fallback_adapter", "tts_fallback_adapter", "event_loop_blocked", "on_user_turn_completed"),
    }
)  # fmt: skip
ATTRIBUTES: Final = frozenset(
    {
        # Ours.
        *("call.id", "call.epoch", "call.channel", "call.end_reason", "call.synthetic", "call.degraded"),
        *("tool.name", "tool.outcome", "handoff.kind", "handoff.outcome", "provider.kind", "provider.name"),
        *("flag", "deed", "interrupted", "job.task", "job.id", "job.outcome", "job.tries"),
        *("http.request.method", "http.route", "http.response.status_code", "request.id"),
        # OpenTelemetry's and livekit-agents': counts, times, kinds and ids of theirs.
        *("error.type", "exception.type"),
        *("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model"),
        *("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"),
        "gen_ai.usage.cache_read.input_tokens",
        *("lk.speech_id", "lk.interrupted", "lk.generation_count", "lk.retry_count", "lk.e2e_latency"),
        *("lk.response.ttft", "lk.response.ttfb", "lk.function_tool.is_error", "lk.tts.streaming"),
        *("lk.end_of_turn_delay", "lk.transcription_delay", "lk.transcript_confidence"),
        *("lk.eou.probability", "lk.eou.endpointing_delay", "lk.eou.outcome", "lk.eou.wait_duration"),
        *("lk.fallback.index", "lk.fallback.label", "lk.speech.queue_wait", "lk.close_reason"),
        *("lk.blocking.duration", "lk.blocking.severity", "lk.interruption.source", "lk.playout.position"),
    }
)  # fmt: skip
_EVENTS: Final = frozenset({"exception"})
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:/ ()<>{}-]{1,80}")
"""A route, an id, a type: no sentence has room or marks enough to hide in it for long."""
_NUMBER: Final = re.compile(r"\+?\d{7,15}")
_IDS: Final = frozenset({"call.id", "request.id", "lk.speech_id", "job.id"})


def trace_id(call_id: UUID) -> int:
    """The id of a call's trace."""
    return call_id.int


def root_id(call_id: UUID) -> int:
    """The id of the span that all of a call's others are under."""
    return int.from_bytes(hashlib.blake2b(call_id.bytes, digest_size=8).digest())


def call_context(call_id: UUID) -> SpanContext:
    """What other processes link to."""
    return SpanContext(
        trace_id=trace_id(call_id),
        span_id=root_id(call_id),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )


def provider(*, service: str, exporter: SpanExporter) -> TracerProvider:
    """A provider that sends what `cleaned` leaves to `exporter`, in the background."""
    made = TracerProvider(
        sampler=ALWAYS_ON,
        resource=Resource.create({"service.name": service, "service.namespace": "reception"}),
        # A process ends when it is told to: none waits for a collector that does not answer.
        shutdown_on_exit=False,
    )
    made.add_span_processor(
        BatchSpanProcessor(
            PrivateExporter(exporter),
            schedule_delay_millis=DELAY_SECONDS * 1000,
            export_timeout_millis=EXPORT_SECONDS * 1000,
        )
    )
    return made


def of_process(endpoint: str, *, service: str) -> TracerProvider | None:
    """The traces of a process that serves many; None where no collector is named."""
    return provider(service=service, exporter=collector(endpoint)) if endpoint else None


async def flush(traces: TracerProvider | None) -> None:
    """Send what is left. A collector that does not answer is not waited for long."""
    if traces is None:
        return
    done = asyncio.Event()
    loop = asyncio.get_running_loop()

    def send() -> None:
        traces.force_flush(int(EXPORT_SECONDS * 1000))
        # The process may have ended its loop meanwhile.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(done.set)

    # A thread that a process which ends does not wait for.
    threading.Thread(target=send, name="traces", daemon=True).start()
    with suppress(TimeoutError):
        async with asyncio.timeout(EXPORT_SECONDS):
            await done.wait()


def collector(endpoint: str) -> SpanExporter:
    """The OTLP collector (protobuf over HTTP) at a base address, as `OTEL_EXPORTER_OTLP_ENDPOINT` names it
    (OpenTelemetry specification, "OTLP Exporter configuration")."""
    # Loaded only where there is one: it brings an HTTP client of its own.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)


class PrivateExporter(SpanExporter):
    """Hands on what is on the lists."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._inner.export([cleaned(span) for span in spans])

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)


def cleaned(span: ReadableSpan) -> ReadableSpan:
    """The span without what is on no list: texts of exceptions and of states, prompts, transcripts, names."""
    return changed(
        span,
        name=span.name if span.name in NAMES else OTHER,
        attributes=_allowed(span.attributes),
        events=[
            Event(event.name, attributes=_allowed(event.attributes), timestamp=event.timestamp)
            for event in span.events
            if event.name in _EVENTS
        ],
        links=[Link(link.context) for link in span.links],
        status=Status(span.status.status_code),
    )


def changed(span: ReadableSpan, **parts: Any) -> ReadableSpan:
    """The span with these `parts` (as ReadableSpan takes them) instead of its own."""
    own: dict[str, Any] = {
        "name": span.name,
        "context": span.context,
        "parent": span.parent,
        "resource": span.resource,
        "attributes": span.attributes,
        "events": span.events,
        "links": span.links,
        "kind": span.kind,
        "status": span.status,
        "start_time": span.start_time,
        "end_time": span.end_time,
        "instrumentation_scope": span.instrumentation_scope,
    }
    return ReadableSpan(**{**own, **parts})


def _allowed(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        key: value
        for key, value in (attributes or {}).items()
        if key in ATTRIBUTES and _plain(key, value)
    }


def _plain(key: str, value: object) -> bool:
    if isinstance(value, str):
        fit = _PLAIN.fullmatch(value) is not None
        return fit and (key in _IDS or _NUMBER.search(value) is None)
    return isinstance(value, bool | int | float)
