"""Google Calendar API v3: events and their sync tokens, under `/google`.

Sources: https://developers.google.com/workspace/calendar/api/v3/reference/events (list, get, insert, patch,
delete), …/api/guides/sync, …/api/guides/errors, …/api/guides/version-resources.

Not here: recurrence rules (occurrences are put in one by one, with `recurringEventId`), watch channels,
calendars other than `primary`.
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

from sandbox.calendars.endpoint import account_of, endpoint, sign_in_routes
from sandbox.calendars.partial import cut, parse
from sandbox.calendars.state import Account
from sandbox.calendars.store import Thing

ZONE: Final = "America/New_York"
"""Of the account's calendar."""
_ROOT: Final = "/google/calendar/v3/calendars/{calendar}/events"
_ID = re.compile(r"[a-v0-9]{5,1024}")
_FORBIDDEN_WITH_TOKEN: Final = frozenset(
    {"iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin"}
    | {"timeMax", "updatedMin"}
)
_REASONS: Final = {
    400: ("global", "invalid", "Bad Request"),
    401: ("global", "authError", "Invalid Credentials"),
    403: ("usageLimits", "userRateLimitExceeded", "User Rate Limit Exceeded"),
    404: ("global", "notFound", "Not Found"),
    409: ("global", "duplicate", "The requested identifier already exists."),
    410: (
        "calendar",
        "fullSyncRequired",
        "Sync token is no longer valid, a full sync is required.",
    ),
    412: ("global", "conditionNotMet", "Precondition Failed"),
    429: ("usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"),
}


def failure(status: int, reason: str | None = None) -> web.Response:
    """An error as Google words it. A fault of 403 is a limit that was met."""
    domain, usual, message = _REASONS.get(status, ("global", "backendError", "Backend Error"))
    error = {"domain": domain, "reason": reason or usual, "message": message}
    body = {"error": {"errors": [error], "code": status, "message": message}}
    return web.json_response(body, status=status)


def put_event(account: Account, event: dict[str, Any]) -> str:
    """Put one in or replace it, as the calendar's owner does; its id."""
    event_id = str(event.get("id") or secrets.token_hex(13))
    account.store.put({**event, "id": event_id}, id=event_id)
    return event_id


@endpoint("google", "list", failure=failure)
async def list_events(request: web.Request) -> web.StreamResponse:
    if request.match_info["calendar"] != "primary":
        return failure(404)
    account, query = account_of(request, "google"), dict(request.query)
    page_token = query.pop("pageToken", None)
    if "syncToken" in query and _FORBIDDEN_WITH_TOKEN & query.keys():
        return failure(400, "syncTokenWithRequestRestrictions")
    try:
        mask = parse(query.get("fields", ""))
        size = min(account.page_size, int(query.get("maxResults", 250)), 2500)
    except ValueError:
        return failure(400)
    if page_token is not None:
        page = account.store.tokens.get(page_token)
        if page is None or page.get("query") != query:
            return failure(400)
    else:
        started = _started(account, query)
        if started is None:
            return failure(410)
        page = {"query": query, "at": 0, **started}
    ids = page["ids"][page["at"] : page["at"] + size]
    answer: dict[str, Any] = {
        "kind": "calendar#events",
        "etag": f'"p{account.store.clock}"',
        "summary": "owner@example.com",
        "updated": _stamp(datetime.now(UTC)),
        "timeZone": ZONE,
        "accessRole": "owner",
        "defaultReminders": [{"method": "popup", "minutes": 30}],
        "items": [_shown(account.store.things[one]) for one in ids],
    }
    if page["at"] + size < len(page["ids"]):
        following = {**page, "at": page["at"] + size}
        answer["nextPageToken"] = account.store.token(**following)
    else:
        window = {"timeMin": page["timeMin"], "timeMax": page["timeMax"]}
        answer["nextSyncToken"] = account.store.token(since=page["clock"], **window)
    return web.json_response(cut(answer, mask))


def _started(account: Account, query: dict[str, str]) -> dict[str, Any] | None:
    """The ids that a new question is answered with; None when its sync token is too old."""
    store = account.store
    if "syncToken" in query:
        meaning = store.tokens.get(query["syncToken"])
        if meaning is None or "since" not in meaning:
            return None
        window = {"timeMin": meaning["timeMin"], "timeMax": meaning["timeMax"]}
        # What was deleted, and what left the window, is always among the changes.
        things = store.changed_since(meaning["since"])
    else:
        window = {"timeMin": query.get("timeMin"), "timeMax": query.get("timeMax")}
        things = [thing for thing in store.living() if _within(thing, **window)]
    return {"ids": [thing.id for thing in things], "clock": store.clock, **window}


def _within(thing: Thing, *, timeMin: str | None, timeMax: str | None) -> bool:
    begins, ends = _instant(thing.body["start"]), _instant(thing.body["end"])
    if timeMin and ends <= datetime.fromisoformat(timeMin):
        return False
    return not (timeMax and begins >= datetime.fromisoformat(timeMax))


def _instant(point: dict[str, Any]) -> datetime:
    moment = datetime.fromisoformat(point.get("dateTime") or point["date"])
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(ZONE))


@endpoint("google", "get", failure=failure)
async def get_event(request: web.Request) -> web.StreamResponse:
    thing = account_of(request, "google").store.things.get(request.match_info["event"])
    return failure(404) if thing is None else web.json_response(_shown(thing, deleted_whole=True))


@endpoint("google", "insert", failure=failure)
async def insert_event(request: web.Request) -> web.StreamResponse:
    account, body = account_of(request, "google"), await _body(request)
    if body is None:
        return failure(400)
    event_id = body.get("id") or secrets.token_hex(13)
    if not _ID.fullmatch(event_id):
        return failure(400)
    if event_id in account.store.things:
        # A deleted event keeps its id.
        return failure(409)
    thing = account.store.put({**body, "id": event_id}, id=event_id)
    return web.json_response(_shown(thing))


@endpoint("google", "patch", failure=failure)
async def patch_event(request: web.Request) -> web.StreamResponse:
    account, body = account_of(request, "google"), await _body(request, partial=True)
    thing = account.store.things.get(request.match_info["event"])
    if thing is None:
        return failure(404)
    if request.headers.get("If-Match", _etag(thing)) != _etag(thing):
        return failure(412)
    if body is None:
        return failure(400)
    return web.json_response(_shown(account.store.put({**thing.body, **body}, id=thing.id)))


@endpoint("google", "delete", failure=failure)
async def delete_event(request: web.Request) -> web.StreamResponse:
    store = account_of(request, "google").store
    thing = store.things.get(request.match_info["event"])
    if thing is None:
        return failure(404)
    if thing.gone:
        return failure(410, "deleted")
    store.delete(thing.id)
    return web.Response(status=204)


async def _body(request: web.Request, *, partial: bool = False) -> dict[str, Any] | None:
    """None: not an event that Google would take."""
    try:
        body = json.loads(await request.text())
        points = [body[name] for name in ("start", "end") if not partial or name in body]
        moments = [_instant(point) for point in points]
    except (ValueError, KeyError, TypeError):
        return None
    if len(moments) == 2 and moments[0] > moments[1]:
        return None
    return dict(body)


def _etag(thing: Thing) -> str:
    return f'"{3181161784712000 + thing.version * 1000 + thing.changed}"'


def _shown(thing: Thing, *, deleted_whole: bool = False) -> dict[str, Any]:
    if thing.gone and not deleted_whole:
        # All that a deleted event is sure to say.
        deleted = {"kind": "calendar#event", "etag": _etag(thing), "id": thing.id}
        return {**deleted, "status": "cancelled"}
    return {
        "kind": "calendar#event",
        "etag": _etag(thing),
        "status": "confirmed",
        "htmlLink": f"https://www.google.com/calendar/event?eid={thing.id}",
        "created": _stamp(thing.changed_at),
        "updated": _stamp(thing.changed_at),
        "creator": {"email": "owner@example.com", "self": True},
        "organizer": {"email": "owner@example.com", "self": True},
        "iCalUID": f"{thing.id}@google.com",
        "sequence": thing.version - 1,
        "reminders": {"useDefault": True},
        "eventType": "default",
        **copy.deepcopy(thing.body),
        **({"status": "cancelled"} if thing.gone else {}),
    }


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


routes = [
    web.get(_ROOT, list_events),
    web.post(_ROOT, insert_event),
    web.get(_ROOT + "/{event}", get_event),
    web.patch(_ROOT + "/{event}", patch_event),
    web.delete(_ROOT + "/{event}", delete_event),
    *sign_in_routes(
        "google", authorize="/google/o/oauth2/v2/auth", token="/google/token", failure=failure
    ),
]
