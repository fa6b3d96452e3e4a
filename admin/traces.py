"""A span for each request, in the trace that its caller names (W3C Trace Context, `traceparent`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Link, Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from domain import tracing

_CALL = re.compile(r"/api/v1/calls/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/|$)")
_PROPAGATOR = TraceContextTextMapPropagator()


def call_of(path: str) -> UUID | None:
    """The call that an address is about."""
    found = _CALL.match(path)
    return UUID(found[1]) if found else None


@dataclass
class RequestSpan:
    """The span of one request; None where no traces are made."""

    span: Span | None

    def answered(self, *, method: str, route: str, status: int, request_id: str) -> None:
        if self.span is None:
            return
        self.span.set_attribute("http.request.method", method)
        self.span.set_attribute("http.route", route)
        self.span.set_attribute("http.response.status_code", status)
        self.span.set_attribute("request.id", request_id)
        if status >= 500:
            self.span.set_status(StatusCode.ERROR)


@contextmanager
def request_span(
    traces: TracerProvider | None, headers: Iterable[tuple[bytes, bytes]], call_id: UUID | None
) -> Iterator[RequestSpan]:
    """The request's span; linked to the trace of the call that it is about."""
    if traces is None:
        yield RequestSpan(None)
        return
    carrier = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in headers
        if name in (b"traceparent", b"tracestate")
    }
    span = traces.get_tracer("reception").start_span(
        "request",
        context=_PROPAGATOR.extract(carrier),
        kind=SpanKind.SERVER,
        links=[Link(tracing.call_context(call_id))] if call_id is not None else [],
        attributes={"call.id": str(call_id)} if call_id is not None else {},
    )
    try:
        yield RequestSpan(span)
    finally:
        span.end()
