"""JSON logs with a request id, and without anything private: no query strings, bodies, messages of
exceptions or addresses of callers."""

from __future__ import annotations

import logging
import re
import sys
import time
import traceback
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from admin.metrics import Metrics
from domain.seam import Seam

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_FRAMES = 6
_QUIET = frozenset({"/healthz", "/ready", "/metrics"})

logger = structlog.get_logger("admin.request")


def configure_logging(*, level: str = "INFO") -> None:
    """Write every log record of this process to standard output, one JSON object a line."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_exception_text,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)


def _without_exception_text(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Libraries log exceptions whole; PostgreSQL's messages repeat the values of a row."""
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event.update(describe(error))
    return event


def describe(error: BaseException) -> dict[str, Any]:
    """An exception's types and places, without its message."""
    kinds, cause = [], error.__cause__ or error.__context__
    kinds.append(type(error).__name__)
    while cause is not None and len(kinds) < _FRAMES:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return {
        "error": " from ".join(kinds),
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


class RequestLog:
    """Wraps the whole application: gives each request an id, logs and counts how it ended.

    Outside Litestar's own middleware, so that unknown addresses are seen too.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, seam: Seam) -> None:
        self._app = app
        self._metrics = metrics
        self._seam = seam

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

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                self._tell(scope, status, time.perf_counter() - began)

    def _request_id(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                given = value.decode("latin-1")
                if _REQUEST_ID.fullmatch(given):
                    return given
        return self._seam.new_id().hex

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        # The template, never the path: anything can stand in an address that nobody serves.
        route = scope.get("path_template") or "unknown"
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
            key_id=str(principal.key_id) if principal else None,
        )
