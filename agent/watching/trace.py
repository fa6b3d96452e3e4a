"""The trace of one call, as its job tells it: from the room's making to the hang-up."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from livekit.agents import telemetry
from opentelemetry import context as contexts
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, StatusCode, set_span_in_context

from agent.watching.figures import OTHER, tool_names
from domain import tracing
from domain.calls.events import (
    AssistantSaid,
    CallAnswered,
    CallEnded,
    CallerSaid,
    CallFlagged,
    CallStarted,
    ClaimWithheld,
    JournalEntry,
    ProviderFailed,
    ToolCalled,
    TransferEnded,
    TransferStarted,
    TurnLatency,
)

MOST_HELD: Final = 2000
"""Spans kept until the call's id is known."""
_TOOLS: Final = tool_names()


class CallExporter(SpanExporter):
    """Gives every span of this process the call's own trace: a job's process serves one call, and learns which
    only after it has begun."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self._call_id: UUID | None = None
        self._known = threading.Event()
        self._held: deque[ReadableSpan] = deque(maxlen=MOST_HELD)
        self.root = 0
        """The span id that the process itself gave the call's span."""

    def identify(self, call_id: UUID | None) -> None:
        """The call's id, or None for a call that never got one: its spans stay as they are."""
        if not self._known.is_set():
            self._call_id = call_id
            self._known.set()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._held.extend(spans)
        if not self._known.is_set():
            return SpanExportResult.SUCCESS
        told = [self._of_call(span) for span in self._held]
        self._held.clear()
        return self._inner.export(told) if told else SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)

    def _of_call(self, span: ReadableSpan) -> ReadableSpan:
        if self._call_id is None or span.context is None:
            return span
        parent = span.parent
        if span.context.span_id != self.root:
            # What began before, or beside, the call's span belongs under it too.
            place = parent.span_id if parent is not None else self.root
            parent = self._context(place)
        return tracing.changed(span, context=self._context(span.context.span_id), parent=parent)

    def _context(self, span_id: int) -> SpanContext:
        assert self._call_id is not None
        call = tracing.call_context(self._call_id)
        return SpanContext(
            trace_id=call.trace_id,
            span_id=call.span_id if span_id == self.root else span_id,
            is_remote=False,
            trace_flags=call.trace_flags,
        )


class CallTrace:
    """Makes spans of the facts of a call. Without an exporter it does nothing, and costs nothing."""

    def __init__(self, exporter: SpanExporter | None, *, room_made: datetime) -> None:
        """`room_made`: the earliest that is known of the call; livekit-sip makes the room on the INVITE."""
        self._exporter = CallExporter(exporter) if exporter is not None else None
        self._last_words: datetime | None = None
        self._handoff: tuple[datetime, TransferStarted] | None = None
        self._epoch = 1
        if self._exporter is None:
            return
        self._room_made = room_made
        self._provider = tracing.provider(service="reception-worker", exporter=self._exporter)
        telemetry.set_tracer_provider(self._provider, allow_pii=False)
        self._tracer = self._provider.get_tracer("reception")
        self._root = self._tracer.start_span(
            "call", context=contexts.Context(), start_time=_ns(room_made)
        )
        self._exporter.root = self._root.get_span_context().span_id
        self._under = set_span_in_context(self._root, contexts.Context())
        # livekit-agents' spans go under what is current when they begin, in this task and its children.
        contexts.attach(set_span_in_context(self._root))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """A part of answering."""
        if self._exporter is None:
            yield
            return
        span = self._tracer.start_span(name, context=self._under)
        try:
            yield
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(StatusCode.ERROR)
            raise
        finally:
            span.end()

    def event(self, entry: JournalEntry) -> None:
        """A fact of the call, as it is written into the journal."""
        if self._exporter is None:
            return
        self._epoch = entry.epoch
        self._exporter.identify(entry.call_id)
        event, at = entry.event, entry.at
        if isinstance(event, CallStarted):
            self._root.set_attribute("call.id", str(entry.call_id))
            self._root.set_attribute("call.channel", event.channel)
            self._root.set_attribute("call.synthetic", event.synthetic)
            self._root.set_attribute("call.degraded", event.degraded)
        elif isinstance(event, CallAnswered):
            self._span("answering", self._room_made, at)
        elif isinstance(event, CallerSaid):
            self._last_words = event.ended_at or at
        elif isinstance(event, AssistantSaid):
            self._said(event, at)
        elif isinstance(event, ToolCalled):
            name = event.name if event.name in _TOOLS else OTHER
            self._span(
                "tool",
                at - timedelta(seconds=event.seconds),
                at,
                failed=event.outcome == "failed",
                attributes={"tool.name": name, "tool.outcome": event.outcome},
            )
        elif isinstance(event, ProviderFailed):
            names = {"provider.kind": event.kind, "provider.name": event.provider}
            self._span("provider_failed", at, at, failed=True, attributes=names)
        elif isinstance(event, TransferStarted):
            self._handoff = (at, event)
        elif isinstance(event, TransferEnded):
            self._handed_over(at, event.outcome)
        elif isinstance(event, CallFlagged):
            self._span("flagged", at, at, attributes={"flag": event.flag})
        elif isinstance(event, ClaimWithheld):
            self._span("withheld", at, at, attributes={"deed": event.deed})
        elif isinstance(event, CallEnded):
            if self._handoff is not None:
                self._handed_over(at, "call_ended")
            self._span("end", at, at, attributes={"call.end_reason": event.reason})
            self._root.set_attribute("call.end_reason", event.reason)
            self._root.end(_ns(at))

    async def close(self) -> None:
        """Send what is left; a collector that does not answer is not waited for long. A call that goes on
        with another job leaves its own span to that one."""
        if self._exporter is None:
            return
        self._exporter.identify(None)
        await tracing.flush(self._provider)

    def _said(self, event: AssistantSaid, at: datetime) -> None:
        if event.kind == "greeting":
            self._span("greeting", at, at, attributes={"interrupted": event.interrupted})
        if event.latency is None or event.latency.total is None or self._last_words is None:
            return
        interrupted = {"interrupted": event.interrupted}
        turn = self._span("turn", self._last_words, at, attributes=interrupted)
        for name, begins, ends in stages(event.latency, after=self._last_words):
            self._span(name, begins, ends, under=turn)
        first_sound = self._last_words + timedelta(seconds=event.latency.total)
        self._span("spoken", first_sound, max(first_sound, at), under=turn)

    def _handed_over(self, at: datetime, outcome: str) -> None:
        if self._handoff is not None:
            began, started = self._handoff
            self._handoff = None
            names = {"handoff.kind": started.kind, "handoff.outcome": outcome}
            self._span("handoff", began, at, failed=outcome == "failed", attributes=names)

    def _span(
        self,
        name: str,
        begins: datetime,
        ends: datetime,
        *,
        under: contexts.Context | None = None,
        failed: bool = False,
        attributes: Mapping[str, str | bool] | None = None,
    ) -> contexts.Context:
        span = self._tracer.start_span(
            name,
            context=under or self._under,
            start_time=_ns(begins),
            attributes={"call.epoch": self._epoch, **(attributes or {})},
        )
        if failed:
            span.set_status(StatusCode.ERROR)
        span.end(_ns(max(begins, ends)))
        return set_span_in_context(span, contexts.Context())


def stages(latency: TurnLatency, *, after: datetime) -> list[tuple[str, datetime, datetime]]:
    """The stages of an answer with their times. The first two are counted from the caller's last word, the
    others back from the first sound: the model may be asked before the turn is over."""
    found = []
    for name, seconds in (
        ("end_of_turn", latency.end_of_turn),
        ("transcription", latency.transcription),
    ):
        if seconds is not None:
            found.append((name, after, after + timedelta(seconds=seconds)))
    ends = after + timedelta(seconds=latency.total or 0.0)
    for name, seconds in (("speech", latency.speech), ("model", latency.model)):
        if seconds is not None:
            begins = ends - timedelta(seconds=seconds)
            found.append((name, begins, ends))
            ends = begins
    return found


def _ns(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000_000)
