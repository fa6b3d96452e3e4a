"""A practice system on FHIR R4, under `/fhir`: Schedule, Slot, Appointment, Patient.

Sources: https://hl7.org/fhir/R4/http.html (create, update, conditional create, versioned update), /search.html,
/bundle.html, /operationoutcome.html. A booked Appointment makes the Slots busy that it names, a cancelled one
frees them, as practice systems do. Its token endpoint is `/fhir/token`.
"""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from typing import Any, Final

from aiohttp import web
from multidict import MultiDict, MultiMapping

from sandbox.calendars.endpoint import account_of, endpoint, sign_in_routes
from sandbox.calendars.state import Account
from sandbox.calendars.store import Thing

_KINDS: Final = frozenset({"Schedule", "Slot", "Appointment", "Patient", "Practitioner"})
_JSON: Final = "application/fhir+json"
_ISSUES: Final = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    409: "conflict",
    410: "deleted",
    412: "conflict",
    422: "processing",
    429: "throttled",
}
PRIVATE: Final = "Patient Zebulon Quagmire (+12025550177)"
"""What every error quotes, as real ones may: no message of a client should hold it."""


def failure(status: int, reason: str | None = None) -> web.Response:
    """An OperationOutcome."""
    issue = {
        "severity": "error",
        "code": reason or _ISSUES.get(status, "exception"),
        "diagnostics": f"could not process {PRIVATE}",
    }
    return _json({"resourceType": "OperationOutcome", "issue": [issue]}, status)


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.json_response(body, status=status, content_type=_JSON)


def put_resource(account: Account, resource: dict[str, Any]) -> str:
    """Put one in or replace it, as the practice's staff do; its reference."""
    resource_id = str(resource.get("id") or uuid.uuid4())
    reference = f"{resource['resourceType']}/{resource_id}"
    account.store.put({**resource, "id": resource_id}, id=reference)
    return reference


@endpoint("fhir", "search", failure=failure)
async def search(request: web.Request) -> web.StreamResponse:
    """GET with parameters in the address, or POST `_search` with them in the body."""
    account, kind = account_of(request, "fhir"), request.match_info["kind"]
    if kind not in _KINDS:
        return failure(404, "not-supported")
    posted = await request.post() if request.method == "POST" else None
    if posted is None and "_page" in request.query:
        page = account.store.tokens.get(request.query["_page"])
        if page is None:
            return failure(410)
    else:
        asked = request.query if posted is None else posted
        try:
            ids = [t.id for t in _found(account, kind, asked)]
            size = int(str(asked.get("_count", "20")))
        except ValueError:
            return failure(400)
        page = {"ids": ids, "at": 0, "size": size}
    return _json(_bundle(request, account, kind, page))


def _bundle(
    request: web.Request, account: Account, kind: str, page: dict[str, Any]
) -> dict[str, Any]:
    size = min(account.page_size, page["size"])
    shown = page["ids"][page["at"] : page["at"] + size]
    base = f"{request.url.origin()}/fhir"
    links = [{"relation": "self", "url": f"{base}/{kind}"}]
    if page["at"] + size < len(page["ids"]):
        token = account.store.token(**{**page, "at": page["at"] + size})
        links.append({"relation": "next", "url": f"{base}/{kind}?_page={token}"})
    entries = [
        {
            "fullUrl": f"{base}/{one}",
            "resource": _shown(account.store.things[one]),
            "search": {"mode": "match"},
        }
        for one in shown
    ]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(page["ids"]),
        "link": links,
        "entry": entries,
    }


def _found(account: Account, kind: str, asked: MultiMapping[Any]) -> list[Thing]:
    """Raises ValueError for a parameter that the resource does not have."""
    found = [t for t in account.store.living() if t.id.startswith(f"{kind}/")]
    for name in asked:
        if name == "_count":
            continue
        test = _PARAMETERS.get((kind, name)) or _PARAMETERS.get(("", name))
        if test is None:
            raise ValueError(name)
        for value in asked.getall(name):
            wanted = str(value)
            found = [t for t in found if any(test(t, part) for part in wanted.split(","))]
    return found


def _moment(text: str) -> datetime:
    if "T" not in text:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    return datetime.fromisoformat(text)


def _compared(moment: datetime, wanted: str) -> bool:
    """https://hl7.org/fhir/R4/search.html#date."""
    prefix, at = wanted[:2], _moment(wanted[2:] if wanted[:2].isalpha() else wanted)
    return {
        "ge": moment >= at,
        "gt": moment > at,
        "le": moment <= at,
        "lt": moment < at,
    }.get(prefix, moment == at)


def _token(held: Iterable[dict[str, Any]], wanted: str) -> bool:
    system, bar, value = wanted.rpartition("|")
    return any(
        str(one.get("value")) == value and (not bar or one.get("system") == system) for one in held
    )


def _begins(values: Iterable[Any], wanted: str) -> bool:
    return any(str(value).casefold().startswith(wanted.casefold()) for value in values)


def _given(thing: Thing) -> Iterable[Any]:
    return (given for name in thing.body.get("name", ()) for given in name.get("given", ()))


def _actors(thing: Thing) -> list[str]:
    return [part["actor"]["reference"] for part in thing.body.get("participant", ())]


_PARAMETERS: Final[dict[tuple[str, str], Callable[[Thing, str], bool]]] = {
    ("", "_lastUpdated"): lambda t, v: _compared(t.changed_at, v),
    ("", "_id"): lambda t, v: t.body["id"] == v,
    ("", "identifier"): lambda t, v: _token(t.body.get("identifier", ()), v),
    ("Slot", "schedule"): lambda t, v: t.body["schedule"]["reference"] == v,
    ("Slot", "start"): lambda t, v: _compared(_moment(t.body["start"]), v),
    ("Slot", "status"): lambda t, v: t.body["status"] == v,
    ("Appointment", "actor"): lambda t, v: v in _actors(t),
    ("Appointment", "date"): lambda t, v: _compared(_moment(t.body["start"]), v),
    ("Appointment", "status"): lambda t, v: t.body["status"] == v,
    ("Appointment", "slot"): lambda t, v: v in [s["reference"] for s in t.body.get("slot", ())],
    ("Patient", "birthdate"): lambda t, v: t.body.get("birthDate") == v,
    ("Patient", "family"): lambda t, v: _begins(
        (name.get("family", "") for name in t.body.get("name", ())), v
    ),
    ("Patient", "given"): lambda t, v: _begins(_given(t), v),
    ("Patient", "phone"): lambda t, v: _token(t.body.get("telecom", ()), v),
}


@endpoint("fhir", "read", failure=failure)
async def read(request: web.Request) -> web.StreamResponse:
    thing = account_of(request, "fhir").store.things.get(_reference(request))
    if thing is None:
        return failure(404)
    if thing.gone:
        return failure(410)
    return _answer(request, thing, 200)


@endpoint("fhir", "create", failure=failure)
async def create(request: web.Request) -> web.StreamResponse:
    account, resource = account_of(request, "fhir"), await _body(request)
    if resource is None:
        return failure(400)
    if unless := request.headers.get("If-None-Exist"):
        name, _, value = unless.partition("=")
        matched = _found(account, request.match_info["kind"], MultiDict({name: value}))
        if len(matched) > 1:
            return failure(412, "multiple-matches")
        if matched:
            return _answer(request, matched[0], 200)
    resource.pop("id", None)
    reference = put_resource(account, resource)
    _fill_slots(account, account.store.things[reference])
    return _answer(request, account.store.things[reference], 201)


@endpoint("fhir", "update", failure=failure)
async def update(request: web.Request) -> web.StreamResponse:
    account, resource = account_of(request, "fhir"), await _body(request)
    thing = account.store.things.get(_reference(request))
    if thing is None:
        return failure(404)
    if thing.gone:
        return failure(410)
    if request.headers.get("If-Match", _etag(thing)) != _etag(thing):
        return failure(412)
    if resource is None or resource.get("id") != request.match_info["id"]:
        return failure(400)
    _free_slots(account, thing)
    changed = account.store.put(resource, id=thing.id)
    _fill_slots(account, changed)
    return _answer(request, changed, 200)


def _fill_slots(account: Account, thing: Thing) -> None:
    if thing.body.get("status") in ("booked", "pending"):
        _set_slots(account, thing, "busy")


def _free_slots(account: Account, thing: Thing) -> None:
    if thing.body.get("status") in ("booked", "pending"):
        _set_slots(account, thing, "free")


def _set_slots(account: Account, thing: Thing, status: str) -> None:
    for slot in thing.body.get("slot", ()):
        if held := account.store.things.get(slot["reference"]):
            account.store.put({**held.body, "status": status}, id=held.id)


def _reference(request: web.Request) -> str:
    return f"{request.match_info['kind']}/{request.match_info['id']}"


async def _body(request: web.Request) -> dict[str, Any] | None:
    """None: not a resource of the kind in the address, or an Appointment that breaks a rule of R4."""
    try:
        resource = json.loads(await request.text())
        kind = request.match_info["kind"]
        if request.content_type != _JSON or resource["resourceType"] != kind or kind not in _KINDS:
            return None
        if kind == "Appointment":
            starts, ends = _moment(resource["start"]), _moment(resource["end"])
            if starts >= ends or not resource["participant"] or not resource["status"]:
                return None
    except (ValueError, KeyError, TypeError):
        return None
    # FHIR's JSON has no empty texts, lists or objects.
    return None if _holds_nothing(resource) else dict(resource)


def _holds_nothing(value: Any) -> bool:
    if isinstance(value, dict):
        return not value or any(_holds_nothing(v) for v in value.values())
    if isinstance(value, list):
        return not value or any(_holds_nothing(v) for v in value)
    return value is None or value == ""


def _etag(thing: Thing) -> str:
    return f'W/"{thing.version}"'


def _shown(thing: Thing) -> dict[str, Any]:
    updated = thing.changed_at.isoformat().replace("+00:00", "Z")
    meta = {"versionId": str(thing.version), "lastUpdated": updated}
    return {**copy.deepcopy(thing.body), "meta": meta}


def _answer(request: web.Request, thing: Thing, status: int) -> web.Response:
    place = f"{request.url.origin()}/fhir/{thing.id}"
    headers = {"ETag": _etag(thing)}
    if status == 201:
        headers["Location"] = f"{place}/_history/{thing.version}"
    wanted = request.headers.get("Prefer", "return=representation")
    terse = account_of(request, "fhir").terse or "return=representation" not in wanted
    if request.method != "GET" and terse:
        return web.Response(status=status, headers=headers)
    response = _json(_shown(thing), status)
    response.headers.update(headers)
    return response


routes = [
    *sign_in_routes("fhir", authorize="/fhir/authorize", token="/fhir/token", failure=failure),
    web.get("/fhir/{kind}", search),
    web.post("/fhir/{kind}/_search", search),
    web.post("/fhir/{kind}", create),
    web.get("/fhir/{kind}/{id}", read),
    web.put("/fhir/{kind}/{id}", update),
]
