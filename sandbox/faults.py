"""Failures on demand: which vendor, which kind, for how many requests."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

Vendor = Literal["deepgram", "openai", "elevenlabs", "google", "microsoft", "fhir"]
Stage = Literal["connect", "turn"]
"""A WebSocket's handshake, or one utterance, context or HTTP request."""

FaultKind = Literal["refuse", "status", "hang", "hang_mid", "cut", "garbage", "slow"]

_AT_CONNECT = frozenset({"refuse", "status", "hang"})


class Fault(BaseModel):
    """One failure.

    `refuse` drops the connection; `status` answers with an HTTP status (an open WebSocket is closed
    with an error); `hang` answers nothing; `hang_mid` and `cut` begin an answer, then stop or drop it;
    `garbage` sends what the protocol doesn't know; `slow` multiplies the vendor's delays.
    """

    model_config = ConfigDict(extra="forbid")

    vendor: Vendor
    kind: FaultKind
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    retry_after: Annotated[float, Field(ge=0, le=3600)] | None = None
    """Seconds, sent as Retry-After with a `status`."""
    reason: str | None = None
    """The vendor's own word for a `status`, where it has several (calendars)."""
    factor: Annotated[float, Field(gt=1, le=1000)] = 10.0
    """Of `slow`."""
    count: Annotated[int, Field(ge=1)] | None = None
    """How many requests it meets; None: all until it is removed."""
    after: Annotated[int, Field(ge=0)] = 0
    """How many requests pass untouched before it."""
    only: str | None = None
    """The one kind of request, as `/control/requests` counts them, that it meets (calendars)."""

    _passed: int = PrivateAttr(default=0)
    _met: int = PrivateAttr(default=0)

    @model_validator(mode="after")
    def _status_belongs_to_its_kind(self) -> Fault:
        if (self.kind == "status") != (self.status is not None):
            raise ValueError("status is needed with kind 'status', and only there")
        if self.retry_after is not None and self.kind != "status":
            raise ValueError("retry_after belongs to kind 'status'")
        return self

    def meets(self) -> bool:
        """Count a request of the fault's vendor; whether the fault applies to it."""
        if self.count is not None and self._met >= self.count:
            return False
        if self._passed < self.after:
            self._passed += 1
            return False
        self._met += 1
        return True


class Faults:
    """The faults in force, in the order they were set."""

    def __init__(self) -> None:
        self.all: list[Fault] = []

    def meet(self, vendor: Vendor, stage: Stage, kind: str | None = None) -> Fault | None:
        """The fault that this request runs into. A handshake can only be refused, denied or hang."""
        for fault in self.all:
            if fault.only is not None and fault.only != kind:
                continue
            if fault.vendor != vendor or (stage == "connect" and fault.kind not in _AT_CONNECT):
                continue
            if fault.meets():
                return fault
        return None


def factor(fault: Fault | None) -> float:
    """What the vendor's delays are multiplied by."""
    return fault.factor if fault and fault.kind == "slow" else 1.0


def drop(request: web.Request) -> None:
    """Close the TCP connection at once, as a vendor that died does."""
    if request.transport is not None:
        request.transport.abort()


async def before_answer(request: web.Request, fault: Fault | None) -> web.Response | None:
    """Act on a fault that needs no answer begun; a response to send, or None to go on."""
    if fault is None:
        return None
    if fault.kind == "refuse":
        drop(request)
        return web.Response(status=499)
    if fault.kind == "status":
        return status_response(fault)
    if fault.kind == "hang":
        await asyncio.Event().wait()
    return None


def kind_of(fault: Fault | None) -> FaultKind | None:
    return fault.kind if fault else None


def status_response(fault: Fault) -> web.Response:
    status = fault.status or 500
    headers = {"Retry-After": f"{fault.retry_after:g}"} if fault.retry_after is not None else {}
    message = f"sandbox fault: status {status}"
    # The three vendors' error bodies in one: each client reads the fields it knows.
    body = {
        "error": {"message": message, "type": "sandbox_fault", "code": str(status)},
        "detail": {"status": "sandbox_fault", "message": message},
        "err_code": "SANDBOX_FAULT",
        "err_msg": message,
    }
    return web.json_response(body, status=status, headers=headers)
