"""Microsoft Graph v1.0: a mailbox's calendar and its delta links, under `/microsoft`.

Sources: https://learn.microsoft.com/graph/api/event-delta, /graph/delta-query-events, /graph/api/resources/event,
/graph/api/user-post-events, /graph/errors, /graph/throttling.

Not here: recurrence rules (a series and its occurrences are put in one by one, with `seriesMasterId`), change
notifications, calendars other than the main one.
"""

from __future__ import annotations

import copy
import json
import re
import secrets
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from sandbox.calendars.endpoint import account_of, endpoint, sign_in_routes
from sandbox.calendars.state import Account
from sandbox.calendars.store import Thing

_ROOT: Final = "/microsoft/v1.0/me"
_CONTEXT: Final = "https://graph.microsoft.com/v1.0/$metadata#Collection(event)"
_REFUSED_BY_DELTA: Final = frozenset({"$select", "$filter", "$expand", "$orderby", "$search"})
_HELD = re.compile(
    r"singleValueExtendedProperties/Any\(ep: ep/id eq '([^']+)' and ep/value eq '([^']+)'\)"
)
_SPARSE: Final = ("id", "type", "seriesMasterId", "start", "end")
"""All that the delta of a view says of an occurrence."""
_CODES: Final = {
    400: ("ErrorInvalidRequest", "The request is invalid."),
    401: ("InvalidAuthenticationToken", "Access token has expired or is not yet valid."),
    403: ("ErrorAccessDenied", "Access is denied. Check credentials and try again."),
    404: ("ErrorItemNotFound", "The specified object was not found in the store."),
    409: ("ErrorIrresolvableConflict", "The send or update operation could not be performed."),
    410: ("SyncStateNotFound", "The sync state generation is not found."),
    412: ("ErrorIrresolvableConflict", "The change key passed does not match."),
    429: ("ApplicationThrottled", "Application is over its MailboxConcurrency limit."),
    503: ("ServiceUnavailable", "The service is temporarily unavailable."),
}


def failure(status: int, reason: str | None = None) -> web.Response:
    """An error as Graph words it."""
    code, message = _CODES.get(status, ("generalException", "An internal error occurred."))
    inner = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "request-id": "sandbox"}
    error = {"code": reason or code, "message": message, "innerError": inner}
    return web.json_response({"error": error}, status=status)


def put_event(account: Account, event: dict[str, Any]) -> str:
    """Put one in or replace it, as the mailbox's owner does; its id."""
    event_id = str(event.get("id") or f"AAkALg{secrets.token_urlsafe(40)}=")
    account.store.put({**event, "id": event_id}, id=event_id)
    return event_id


@endpoint("microsoft", "delta", failure=failure)
async def delta(request: web.Request) -> web.StreamResponse:
    account, query = account_of(request, "microsoft"), request.query
    if _REFUSED_BY_DELTA & query.keys():
        return failure(400)
    if token := query.get("$skiptoken") or query.get("$deltatoken"):
        page = account.store.tokens.get(token)
        if page is None:
            return failure(410)
        if "$deltatoken" in query:
            page = _round(account, page)
    else:
        if "startDateTime" not in query or "endDateTime" not in query:
            return failure(400)
        window = {"begins": query["startDateTime"], "ends": query["endDateTime"]}
        page = _round(account, {"since": 0, **window})
    size = min(account.page_size, _page_size(request))
    ids = page["ids"][page["at"] : page["at"] + size]
    answer: dict[str, Any] = {
        "@odata.context": _CONTEXT,
        "value": [_changed(account.store.things[one], page, request) for one in ids],
    }
    window = {"begins": page["begins"], "ends": page["ends"]}
    if account.circles:
        answer["@odata.nextLink"] = _link(request, "$skiptoken", account.store.token(**page))
    elif page["at"] + size < len(page["ids"]):
        following = {**page, "at": page["at"] + size}
        answer["@odata.nextLink"] = _link(request, "$skiptoken", account.store.token(**following))
    else:
        after = account.store.token(since=page["clock"], **window)
        answer["@odata.deltaLink"] = _link(request, "$deltatoken", after)
    return web.json_response(answer)


def _round(account: Account, meaning: dict[str, Any]) -> dict[str, Any]:
    """The ids of a new round: everything in the window, or what changed since the last."""
    store, since = account.store, meaning["since"]
    things = store.changed_since(since)
    if not since:
        things = [thing for thing in things if not thing.gone and _within(thing, meaning)]
    window = {"begins": meaning["begins"], "ends": meaning["ends"]}
    return {
        "ids": [thing.id for thing in things],
        "at": 0,
        "since": since,
        "clock": store.clock,
        **window,
    }


def _within(thing: Thing, window: dict[str, Any]) -> bool:
    begins, ends = _point(thing.body["start"]), _point(thing.body["end"])
    return ends > datetime.fromisoformat(window["begins"]) and begins < datetime.fromisoformat(
        window["ends"]
    )


def _changed(thing: Thing, page: dict[str, Any], request: web.Request) -> dict[str, Any]:
    if thing.gone or not _within(thing, page):
        reason = "deleted" if thing.gone else "changed"
        return {"@removed": {"reason": reason}, "id": thing.id}
    shown = _shown(thing, request)
    if shown.get("type") == "occurrence":
        return {name: shown[name] for name in ("@odata.etag", *_SPARSE) if name in shown}
    return shown


def _page_size(request: web.Request) -> int:
    asked = re.search(r"odata\.maxpagesize=(\d+)", request.headers.get("Prefer", ""))
    return int(asked[1]) if asked else 10


def _link(request: web.Request, name: str, token: str) -> str:
    return f"{request.url.origin()}{_ROOT}/calendarView/delta?{name}={token}"


@endpoint("microsoft", "view", failure=failure)
async def view(request: web.Request) -> web.StreamResponse:
    """The plain view: everything in a window, page by page."""
    account, query = account_of(request, "microsoft"), request.query
    try:
        window = {"begins": query["startDateTime"], "ends": query["endDateTime"]}
        at = int(query.get("$skip", 0))
    except (KeyError, ValueError):
        return failure(400)
    things = [
        thing
        for thing in account.store.living()
        if _within(thing, window) and thing.body.get("type") != "seriesMaster"
    ]
    size = min(account.page_size, _page_size(request))
    answer: dict[str, Any] = {
        "@odata.context": _CONTEXT,
        "value": [_shown(thing, request) for thing in things[at : at + size]],
    }
    if at + size < len(things):
        answer["@odata.nextLink"] = str(request.url.update_query({"$skip": str(at + size)}))
    return web.json_response(answer)


@endpoint("microsoft", "list", failure=failure)
async def list_events(request: web.Request) -> web.StreamResponse:
    """Events that hold a property: the one question that clients have beside the view."""
    account = account_of(request, "microsoft")
    asked = _HELD.fullmatch(request.query.get("$filter", ""))
    if asked is None:
        return failure(400)
    found = [
        _shown(thing, request)
        for thing in account.store.living()
        if {"id": asked[1], "value": asked[2]}
        in (thing.body.get("singleValueExtendedProperties") or [])
    ]
    return web.json_response({"@odata.context": _CONTEXT, "value": found})


@endpoint("microsoft", "create", failure=failure)
async def create_event(request: web.Request) -> web.StreamResponse:
    """A repeated `transactionId` gives the event that stands there, with 201 again."""
    account, body = account_of(request, "microsoft"), await _body(request)
    if body is None:
        return failure(400)
    for thing in account.store.living():
        if body.get("transactionId") and thing.body.get("transactionId") == body["transactionId"]:
            return web.json_response(_shown(thing, request), status=201)
    event_id = put_event(account, {**body, "id": None})
    return web.json_response(_shown(account.store.things[event_id], request), status=201)


@endpoint("microsoft", "get", failure=failure)
async def get_event(request: web.Request) -> web.StreamResponse:
    thing = _living(request)
    return failure(404) if thing is None else web.json_response(_shown(thing, request))


@endpoint("microsoft", "update", failure=failure)
async def update_event(request: web.Request) -> web.StreamResponse:
    thing, body = _living(request), await _body(request, partial=True)
    if thing is None:
        return failure(404)
    if request.headers.get("If-Match", _etag(thing)) != _etag(thing):
        return failure(412)
    if body is None or "transactionId" in body:
        return failure(400)
    store = account_of(request, "microsoft").store
    return web.json_response(_shown(store.put({**thing.body, **body}, id=thing.id), request))


@endpoint("microsoft", "delete", failure=failure)
async def delete_event(request: web.Request) -> web.StreamResponse:
    thing = _living(request)
    if thing is None:
        return failure(404)
    account_of(request, "microsoft").store.delete(thing.id)
    return web.Response(status=204)


def _living(request: web.Request) -> Thing | None:
    things = account_of(request, "microsoft").store.things
    thing = things.get(request.match_info["event"])
    return None if thing is None or thing.gone else thing


async def _body(request: web.Request, *, partial: bool = False) -> dict[str, Any] | None:
    """None: not an event that Graph would take."""
    try:
        body = json.loads(await request.text())
        moments = [_point(body[name]) for name in ("start", "end") if not partial or name in body]
    except (ValueError, KeyError, TypeError):
        return None
    if len(moments) == 2 and moments[0] > moments[1]:
        return None
    return dict(body)


def _point(point: dict[str, Any]) -> datetime:
    name = point.get("timeZone", "UTC")
    zone = ZoneInfo(WINDOWS_TO_OLSON.get(name, name))
    return datetime.fromisoformat(point["dateTime"]).replace(tzinfo=zone)


def _etag(thing: Thing) -> str:
    return f'W/"Z47+STUbYkukHy6KMlay{thing.version:04d}{thing.changed:06d}=="'


def _shown(thing: Thing, request: web.Request) -> dict[str, Any]:
    """An event in UTC, as it is without another zone in `Prefer`; days stay at midnight."""
    body = copy.deepcopy(thing.body)
    held = body.pop("singleValueExtendedProperties", None)
    whole_day = bool(body.get("isAllDay"))
    body.setdefault("originalStartTimeZone", body["start"].get("timeZone", "UTC"))
    body.setdefault("originalEndTimeZone", body["end"].get("timeZone", "UTC"))
    for name in ("start", "end"):
        moment = _point(body[name])
        if not whole_day:
            moment = moment.astimezone(UTC)
        body[name] = {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}
    shown: dict[str, Any] = {
        "@odata.type": "#microsoft.graph.event",
        "@odata.etag": _etag(thing),
        "changeKey": f"Z47+STUbYkukHy6KMlay{thing.version:04d}==",
        "createdDateTime": thing.changed_at.isoformat().replace("+00:00", "Z"),
        "lastModifiedDateTime": thing.changed_at.isoformat().replace("+00:00", "Z"),
        "categories": [],
        "importance": "normal",
        "sensitivity": "normal",
        "isAllDay": False,
        "isCancelled": False,
        "isOrganizer": True,
        "showAs": "busy",
        "type": "singleInstance",
        "seriesMasterId": None,
        "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"},
        **body,
    }
    if "singleValueExtendedProperties" in request.query.get("$expand", "") and held:
        shown["singleValueExtendedProperties"] = held
    return shown


routes = [
    web.get(f"{_ROOT}/calendarView/delta", delta),
    web.get(f"{_ROOT}/calendarView", view),
    web.get(f"{_ROOT}/events", list_events),
    web.post(f"{_ROOT}/events", create_event),
    web.get(_ROOT + "/events/{event}", get_event),
    web.patch(_ROOT + "/events/{event}", update_event),
    web.delete(_ROOT + "/events/{event}", delete_event),
    *sign_in_routes(
        "microsoft",
        authorize="/microsoft/common/oauth2/v2.0/authorize",
        token="/microsoft/common/oauth2/v2.0/token",
        failure=failure,
    ),
]
