"""A line in the log for each request, with its id, and without anything private: no query strings,
bodies or addresses of callers."""

from __future__ import annotations

import re
import time

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from opentelemetry.sdk.trace import TracerProvider

from admin.metrics import Metrics
from admin.traces import call_of, request_span
from domain.seam import Seam

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = frozenset({"/healthz", "/ready", "/metrics"})

logger = structlog.get_logger("admin.request")


class RequestLog:
    """Wraps the whole application: gives each request an id, logs and counts how it ended.

    Outside Litestar's own middleware, so that unknown addresses are seen too.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: Metrics,
        seam: Seam,
        traces: TracerProvider | None = None,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._seam = seam
        self._traces = traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id = self._request_id(scope)
        scope["state"]["request_id"] = request_id
        status = 500
        began = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        call_id = call_of(scope["path"])
        bound = {"request_id": request_id} | ({"call_id": str(call_id)} if call_id else {})
        with (
            structlog.contextvars.bound_contextvars(**bound),
            request_span(self._traces, scope["headers"], call_id) as span,
        ):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                # The template, never the path: anything can stand in an address that nobody serves.
                route = scope.get("path_template") or "unknown"
                span.answered(
                    method=str(scope.get("method", "")),
                    route=route,
                    status=status,
                    request_id=request_id,
                )
                self._tell(scope, route, status, time.perf_counter() - began)

    def _request_id(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                given = value.decode("latin-1")
                if _REQUEST_ID.fullmatch(given):
                    return given
        return self._seam.new_id().hex

    def _tell(self, scope: Scope, route: str, status: int, seconds: float) -> None:
        method = str(scope.get("method", ""))
        self._metrics.request(method=method, route=route, status=status, seconds=seconds)
        principal = scope.get("user")
        log = logger.debug if route in _QUIET else logger.info
        log(
            "request",
            method=method,
            route=route,
            status=status,
            seconds=round(seconds, 4),
            key_id=str(principal.key_id) if principal and principal.key_id else None,
            user_id=str(principal.user_id) if principal and principal.user_id else None,
        )
