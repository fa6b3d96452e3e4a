"""What every endpoint of the calendars shares: counting, faults, and who may ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Literal, Protocol

from aiohttp import web

from sandbox.calendars.state import Account
from sandbox.faults import drop, kind_of
from sandbox.shared import STATE

CalendarVendor = Literal["google", "microsoft", "fhir"]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Failure(Protocol):
    """The vendor's error of an HTTP status, and of its own word where a status has several."""

    def __call__(self, status: int, reason: str | None = None) -> web.Response: ...


def account_of(request: web.Request, vendor: CalendarVendor) -> Account:
    account: Account = getattr(request.app[STATE].calendars, vendor)
    return account


def endpoint(
    vendor: CalendarVendor, kind: str, *, failure: Failure, signed_in: bool = True
) -> Callable[[Handler], Handler]:
    """Wrap a handler: it is counted as `kind`, meets the faults of its vendor, and asks for a token.

    `cut` and `hang_mid` do what was asked and lose the answer; `refuse`, `status` and `hang` do nothing.
    """

    def wrap(handler: Handler) -> Handler:
        @wraps(handler)
        async def handle(request: web.Request) -> web.StreamResponse:
            state = request.app[STATE]
            record = state.traffic.arrived(vendor, kind)
            fault = state.faults.meet(vendor, "turn", kind)
            record.fault = kind_of(fault)
            if fault is not None and fault.kind == "refuse":
                drop(request)
                return web.Response(status=499)
            if fault is not None and fault.kind == "hang":
                await asyncio.Event().wait()
            if fault is not None and fault.kind == "status":
                answer: web.StreamResponse = failure(fault.status or 500, fault.reason)
                if fault.retry_after is not None:
                    answer.headers["Retry-After"] = f"{fault.retry_after:g}"
                return answer
            if signed_in and not account_of(request, vendor).authority.lets_in(request):
                return failure(401)
            answer = await handler(request)
            if fault is not None and fault.kind == "hang_mid":
                await asyncio.Event().wait()
            if fault is not None and fault.kind == "cut":
                drop(request)
            if fault is not None and fault.kind == "garbage":
                return web.Response(text="\x00{not json", content_type="application/json")
            record.done()
            return answer

        return handle

    return wrap


def sign_in_routes(
    vendor: CalendarVendor, *, authorize: str, token: str, failure: Failure
) -> list[web.RouteDef]:
    """The consent page and the token endpoint."""

    @endpoint(vendor, "consent", failure=failure, signed_in=False)
    async def consent(request: web.Request) -> web.StreamResponse:
        return account_of(request, vendor).authority.consent(request)

    @endpoint(vendor, "token", failure=failure, signed_in=False)
    async def give_token(request: web.Request) -> web.StreamResponse:
        return await account_of(request, vendor).authority.token(request)

    return [web.get(authorize, consent), web.post(token, give_token)]
