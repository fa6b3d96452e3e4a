"""A collector of traces on loopback, which takes OTLP over HTTP and keeps what it was told."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass
class Collector:
    """What was told, span by span."""

    port: int = 0
    spans: list[Span] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def of_trace(self, trace_id: bytes) -> list[Span]:
        return [span for span in self.spans if span.trace_id == trace_id]

    def tree(self, trace_id: bytes) -> str:
        """A trace as text: each span under its parent, with its time and attributes."""
        spans = sorted(self.of_trace(trace_id), key=lambda span: span.start_time_unix_nano)
        known = {span.span_id for span in spans}
        roots = [span for span in spans if span.parent_span_id not in known]
        began = min(span.start_time_unix_nano for span in spans)
        lines: list[str] = []

        def add(span: Span, depth: int) -> None:
            after = (span.start_time_unix_nano - began) / 1e9
            took = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9
            told = " ".join(f"{one.key}={_value(one.value)}" for one in span.attributes)
            lines.append(f"{after:7.2f} s  {'  ' * depth}{span.name} {took:.3f} s  {told}".rstrip())
            for child in spans:
                if child.parent_span_id == span.span_id:
                    add(child, depth + 1)

        for root in roots:
            add(root, 0)
        return "\n".join(lines)


def attributes(span: Span) -> dict[str, object]:
    return {one.key: _value(one.value) for one in span.attributes}


def _value(value: object) -> object:
    kind = value.WhichOneof("value")  # type: ignore[attr-defined]
    return getattr(value, kind) if kind else None


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    collector = Collector()

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip" and body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        collector.bodies.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                collector.spans.extend(scope.spans)
        return web.Response(
            body=ExportTraceServiceResponse().SerializeToString(),
            content_type="application/x-protobuf",
        )

    app = web.Application()
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    collector.port = runner.addresses[0][1]
    try:
        yield collector
    finally:
        await runner.cleanup()
