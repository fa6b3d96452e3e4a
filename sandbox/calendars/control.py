"""`/control/calendars/{vendor}/…`: what the calendars' owner does there, and what the vendor does to tokens.

Events are in the vendor's own JSON: Google's and Graph's event, any FHIR resource.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, cast

from aiohttp import web
from pydantic import BaseModel, ConfigDict, TypeAdapter

from sandbox.calendars import fhir, google, microsoft
from sandbox.calendars.endpoint import CalendarVendor, account_of
from sandbox.calendars.state import Account
from sandbox.control import body_as

routes = web.RouteTableDef()
_ROOT = "/control/calendars/{vendor:google|microsoft|fhir}"
_PUT: dict[str, Callable[[Account, dict[str, Any]], str]] = {
    "google": google.put_event,
    "microsoft": microsoft.put_event,
    "fhir": fhir.put_resource,
}


class Expiry(BaseModel):
    """What a vendor stops accepting: change and page tokens, access tokens, or every sign-in."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["cursors", "access_tokens", "sign_ins"]


def _account(request: web.Request) -> Account:
    return account_of(request, cast(CalendarVendor, request.match_info["vendor"]))


@routes.get(f"{_ROOT}/events")
async def get_events(request: web.Request) -> web.Response:
    """All that stands there now."""
    return web.json_response([thing.body for thing in _account(request).store.living()])


@routes.post(f"{_ROOT}/events")
async def post_event(request: web.Request) -> web.Response:
    """Put one in, or, with the id of one that is there, in its place."""
    event = await body_as(request, TypeAdapter(dict[str, Any]))
    try:
        event_id = _PUT[request.match_info["vendor"]](_account(request), event)
    except KeyError as error:
        field = str(error.args[0])
        raise web.HTTPUnprocessableEntity(text=f"missing field: {field}") from None
    return web.json_response({"id": event_id}, status=201)


@routes.delete(_ROOT + "/events/{id:.+}")
async def delete_event(request: web.Request) -> web.Response:
    try:
        _account(request).store.delete(request.match_info["id"])
    except KeyError:
        raise web.HTTPNotFound() from None
    return web.Response(status=204)


@routes.post(f"{_ROOT}/sign-in")
async def sign_in(request: web.Request) -> web.Response:
    """The tokens of somebody who agrees at once, without the pages of a browser."""
    return web.json_response(_account(request).authority.sign_in(), status=201)


@routes.post(f"{_ROOT}/expire")
async def expire(request: web.Request) -> web.Response:
    asked = await body_as(request, Expiry)
    account = _account(request)
    if asked.what == "cursors":
        account.store.forget_tokens()
    elif asked.what == "access_tokens":
        account.authority.expire_access_tokens()
    else:
        account.authority.forget()
    return web.Response(status=204)
