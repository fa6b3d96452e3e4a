"""The calendars' stand-ins: they refuse what the vendors refuse, and do on demand what vendors do."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from sandbox.calendars.partial import cut, parse
from sandbox.server import Sandbox

GOOGLE = "google/calendar/v3/calendars/primary/events"
GRAPH = "microsoft/v1.0/me"
WINDOW = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z"
POINTS = {
    "start": {"dateTime": "2026-03-03T15:00:00Z"},
    "end": {"dateTime": "2026-03-03T16:00:00Z"},
}
GRAPH_POINTS = {
    "start": {"dateTime": "2026-03-03T15:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-03-03T16:00:00", "timeZone": "UTC"},
}
APPOINTMENT = {
    "resourceType": "Appointment",
    "status": "booked",
    "start": "2026-03-03T15:00:00Z",
    "end": "2026-03-03T16:00:00Z",
    "participant": [{"actor": {"reference": "Practitioner/1"}, "status": "accepted"}],
}


class Client:
    """Somebody who is signed in."""

    def __init__(self, sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
        self._url, self._http = sandbox.url, http
        self._tokens: dict[str, str] = {}

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self._url}/control/calendars/{path}"
        async with self._http.request(method, url, json=body) as answer:
            assert answer.status in (200, 201, 204), await answer.text()
            return await answer.json() if answer.status != 204 else None

    async def __call__(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        vendor = path.split("/")[0]
        if vendor not in self._tokens:
            signed_in = await self.control("POST", f"{vendor}/sign-in")
            self._tokens[vendor] = signed_in["access_token"]
        given = {"Authorization": f"Bearer {self._tokens[vendor]}"}
        if vendor == "fhir" and body is not None:
            given["Content-Type"] = "application/fhir+json"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"{self._url}/{path}"
        async with self._http.request(method, url, json=body, headers=given) as answer:
            text = await answer.text()
            return answer.status, await answer.json(content_type=None) if text else None


@pytest.fixture
def client(sandbox: Sandbox, http: aiohttp.ClientSession) -> Client:
    return Client(sandbox, http)


@pytest.mark.parametrize("path", [GOOGLE, f"{GRAPH}/calendarView/delta?{WINDOW}", "fhir/Slot"])
async def test_nobody_is_let_in_without_a_token(
    sandbox: Sandbox, http: aiohttp.ClientSession, path: str
) -> None:
    async with http.get(f"{sandbox.url}/{path}") as answer:
        assert answer.status == 401
    headers = {"Authorization": "Bearer guessed"}
    async with http.get(f"{sandbox.url}/{path}", headers=headers) as answer:
        assert answer.status == 401


@pytest.mark.parametrize("name", ["timeMin", "timeMax", "q", "orderBy", "updatedMin", "iCalUID"])
async def test_google_s_sync_token_goes_with_no_restriction(client: Client, name: str) -> None:
    _, listed = await client("GET", GOOGLE)
    token = listed["nextSyncToken"]
    status, refused = await client("GET", f"{GOOGLE}?syncToken={token}&{name}=x")
    assert status == 400
    assert refused["error"]["errors"][0]["reason"] == "syncTokenWithRequestRestrictions"


async def test_google_s_pages_belong_to_their_question(client: Client) -> None:
    for _ in range(3):
        await client.control("POST", "google/events", POINTS)
    _, first = await client("GET", f"{GOOGLE}?maxResults=2")
    assert "nextSyncToken" not in first and len(first["items"]) == 2
    status, _ = await client("GET", f"{GOOGLE}?maxResults=3&pageToken={first['nextPageToken']}")
    assert status == 400
    _, last = await client("GET", f"{GOOGLE}?maxResults=2&pageToken={first['nextPageToken']}")
    assert len(last["items"]) == 1 and "nextPageToken" not in last
    await client.control("POST", "google/expire", {"what": "cursors"})
    status, gone = await client("GET", f"{GOOGLE}?syncToken={last['nextSyncToken']}")
    assert (status, gone["error"]["errors"][0]["reason"]) == (410, "fullSyncRequired")


async def test_google_remembers_deleted_ids_and_forms(client: Client) -> None:
    status, made = await client("POST", GOOGLE, {"id": "abcde", **POINTS})
    assert status == 200
    assert (await client("POST", GOOGLE, {"id": "abcde", **POINTS}))[0] == 409
    assert (await client("POST", GOOGLE, {"id": "xyz", **POINTS}))[0] == 400
    old = made["etag"]
    status, changed = await client("PATCH", f"{GOOGLE}/abcde", {"summary": "new"}, If_Match=old)
    assert (status, changed["summary"]) == (200, "new") and changed["etag"] != old
    assert (await client("PATCH", f"{GOOGLE}/abcde", {}, If_Match=old))[0] == 412
    assert (await client("DELETE", f"{GOOGLE}/abcde"))[0] == 204
    assert (await client("DELETE", f"{GOOGLE}/abcde"))[0] == 410
    assert (await client("POST", GOOGLE, {"id": "abcde", **POINTS}))[0] == 409
    assert (await client("GET", f"{GOOGLE}/abcde"))[1]["status"] == "cancelled"


@pytest.mark.parametrize("fields", ["items(id", "items)", "items/", "a b", ",", "items()"])
async def test_google_refuses_broken_masks(client: Client, fields: str) -> None:
    assert (await client("GET", f"{GOOGLE}?fields={fields}"))[0] == 400


def test_masks_keep_what_they_name() -> None:
    whole = {"a": 1, "b": [{"c": {"d": 2, "e": 3}, "f": 4}], "g": 5}
    assert cut(whole, parse("a,b(c/d)")) == {"a": 1, "b": [{"c": {"d": 2}}]}
    assert cut(whole, parse("b/f,missing")) == {"b": [{"f": 4}]}


@pytest.mark.parametrize("option", ["$select=id", "$filter=x", "$expand=y", "$orderby=z"])
async def test_graph_s_delta_takes_no_options(client: Client, option: str) -> None:
    path = f"{GRAPH}/calendarView/delta?{WINDOW}&{option}"
    assert (await client("GET", path))[0] == 400
    assert (await client("GET", f"{GRAPH}/calendarView/delta"))[0] == 400


def path_of(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.path.lstrip('/')}?{parts.query}"


async def test_graph_s_delta_says_what_went(client: Client) -> None:
    made = await client.control("POST", "microsoft/events", GRAPH_POINTS)
    _, first = await client("GET", f"{GRAPH}/calendarView/delta?{WINDOW}")
    assert [one["id"] for one in first["value"]] == [made["id"]]
    await client.control("DELETE", f"microsoft/events/{made['id']}")
    _, second = await client("GET", path_of(first["@odata.deltaLink"]))
    assert second["value"] == [{"@removed": {"reason": "deleted"}, "id": made["id"]}]
    await client.control("POST", "microsoft/expire", {"what": "cursors"})
    status, gone = await client("GET", path_of(second["@odata.deltaLink"]))
    assert (status, gone["error"]["code"]) == (410, "SyncStateNotFound")


async def test_graph_makes_one_event_of_a_repeated_transaction(client: Client) -> None:
    body = {"transactionId": "once", **GRAPH_POINTS}
    first, again = [await client("POST", f"{GRAPH}/events", body) for _ in range(2)]
    assert first[0] == again[0] == 201
    assert first[1]["id"] == again[1]["id"]
    assert len(await client.control("GET", "microsoft/events")) == 1


async def test_fhir_creates_once_and_updates_versions(client: Client) -> None:
    unless = {"If_None_Exist": "identifier=urn:x|1"}
    body = {**APPOINTMENT, "identifier": [{"system": "urn:x", "value": "1"}]}
    status, made = await client("POST", "fhir/Appointment", body, **unless)
    assert status == 201
    assert (await client("POST", "fhir/Appointment", body, **unless))[0] == 200
    path = f"fhir/Appointment/{made['id']}"
    version = f'W/"{made["meta"]["versionId"]}"'
    assert (await client("PUT", path, made, If_Match=version))[0] == 200
    status, outcome = await client("PUT", path, made, If_Match=version)
    assert (status, outcome["resourceType"]) == (412, "OperationOutcome")
    await client("POST", "fhir/Appointment", body)
    status, outcome = await client("POST", "fhir/Appointment", body, **unless)
    assert (status, outcome["issue"][0]["code"]) == (412, "multiple-matches")


@pytest.mark.parametrize(
    "change",
    [
        {"comment": ""},
        {"slot": []},
        {"participant": []},
        {"end": "2026-03-03T15:00:00Z"},
        {"resourceType": "Patient"},
    ],
)
async def test_fhir_refuses_what_r4_forbids(client: Client, change: dict[str, Any]) -> None:
    assert (await client("POST", "fhir/Appointment", {**APPOINTMENT, **change}))[0] == 400
    assert (await client("GET", "fhir/Appointment?colour=blue"))[0] == 400


async def test_consent_and_tokens_follow_the_rules(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    # RFC 7636 appendix B.
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    query = (
        "response_type=code&client_id=c&redirect_uri=http://x/&state=s&scope=calendar"
        f"&code_challenge_method=S256&code_challenge={challenge}"
    )
    url = f"{sandbox.google_url}/o/oauth2/v2/auth"
    async with http.get(f"{url}?{query}", allow_redirects=False) as answer:
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
    async with http.get(f"{url}?response_type=code") as answer:
        assert answer.status == 400
    form = {
        "grant_type": "authorization_code",
        "code": back["code"][0],
        "redirect_uri": "http://x/",
        "code_verifier": verifier,
        "client_id": "c",
        "client_secret": "sandbox-secret",
    }
    token_url = f"{sandbox.google_url}/token"
    async with http.post(token_url, data={**form, "client_secret": "wrong"}) as answer:
        assert (await answer.json())["error"] == "invalid_client"
    async with http.post(token_url, data=form) as answer:
        assert answer.status == 200
        assert {"access_token", "refresh_token", "expires_in"} <= (await answer.json()).keys()
    async with http.post(token_url, data=form) as answer:
        assert (await answer.json())["error"] == "invalid_grant"


async def test_the_owner_s_doings_are_checked_and_reset(
    client: Client, sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    url = f"{sandbox.url}/control/calendars"
    async with http.post(f"{url}/fhir/events", json={}) as answer:
        assert answer.status == 422 and "resourceType" in await answer.text()
    async with http.post(f"{url}/google/expire", json={"what": "everything"}) as answer:
        assert answer.status == 422
    async with http.delete(f"{url}/google/events/nothing") as answer:
        assert answer.status == 404
    async with http.get(f"{url}/nobody/events") as answer:
        assert answer.status == 404
    await client.control("POST", "google/events", POINTS)
    assert (await client("GET", GOOGLE))[0] == 200
    async with http.get(f"{sandbox.url}/control/requests") as answer:
        assert (await answer.json())["google"]["counts"] == {"list": 1}
    await http.post(f"{sandbox.url}/control/reset")
    assert await client.control("GET", "google/events") == []
    assert (await client("GET", GOOGLE))[0] == 401
