"""FHIR's RESTful API: searches with their pages, conditional create, versioned update.

Source: https://hl7.org/fhir/R4/http.html, /search.html, /bundle.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import httpx

from connectors.calendars import Now
from connectors.fhir import resources
from connectors.fhir.access import NAME
from connectors.network import retry_after
from connectors.rest import Answer, Bearer, Rest
from domain.calendars.port import (
    CalendarAway,
    CalendarError,
    CalendarRefused,
    CursorGone,
    SignInNeeded,
)

_PAGE: Final = "200"
_MOST_PAGES: Final = 400
_WAITS: Final = frozenset({"throttled", "transient", "lock-error", "timeout", "no-store"})

Query = Mapping[str, str | list[str]]


class Service:
    """A FHIR server's resources as dictionaries."""

    def __init__(
        self, *, base_url: str, client: httpx.AsyncClient, bearer: Bearer, now: Now
    ) -> None:
        self._rest = Rest(
            vendor=NAME,
            base_url=base_url,
            client=client,
            bearer=bearer,
            now=now,
            headers={"Accept": "application/fhir+json"},
            judge=lambda answer: _judge(answer, now=now()),
        )

    async def aclose(self) -> None:
        await self._rest.aclose()

    async def search(self, kind: str, query: Query) -> tuple[list[dict[str, Any]], Answer]:
        """Every match of a search, and the first page's answer. Raises CalendarError.

        Asked by POST (https://hl7.org/fhir/R4/http.html#search): a patient's name and number in an address
        would stand in the logs of everything on the way.
        """
        answer = first = await self._rest.send(
            "POST", f"{kind}/_search", form={"_count": _PAGE, **query}
        )
        found: list[dict[str, Any]] = []
        for _ in range(_MOST_PAGES):
            found += _matches(answer.body, kind)
            following = _next(answer.body)
            if following is None:
                return found, first
            answer = await self._rest.send("GET", following)
        raise CalendarAway(f"{NAME} did not come to the end of its list")

    async def read(self, reference: str) -> dict[str, Any] | None:
        """A resource as it stands; None when it is gone."""
        answer = await self._rest.send("GET", reference, takes=(404, 410))
        return _resource(answer) if answer.status == 200 else None

    async def create(self, resource: dict[str, Any], *, unless: str) -> dict[str, Any]:
        """Create, unless one matches the search `unless` already: then that one."""
        kind = str(resource["resourceType"])
        answer = await self._rest.send(
            "POST",
            kind,
            body=resource,
            headers={
                "If-None-Exist": unless,
                "Prefer": "return=representation",
                "Content-Type": "application/fhir+json",
            },
            takes=(412,),
        )
        if answer.status == 412:
            raise CalendarRefused(f"{NAME} holds it more than once (HTTP 412)")
        return await self._stored(answer, kind)

    async def update(self, resource: dict[str, Any], *, etag: str | None) -> dict[str, Any] | None:
        """Replace a resource that stands as `etag` says; None when it does not any more."""
        answer = await self._rest.send(
            "PUT",
            resources.reference(resource),
            body=resource,
            headers={
                **({"If-Match": etag} if etag else {}),
                "Prefer": "return=representation",
                "Content-Type": "application/fhir+json",
            },
            takes=(404, 409, 410, 412),
        )
        if answer.status in (404, 409, 410, 412):
            return None
        return await self._stored(answer, str(resource["resourceType"]), str(resource["id"]))

    async def _stored(self, answer: Answer, kind: str, known_id: str = "") -> dict[str, Any]:
        """What was written; servers may leave it out of the answer and give its place alone."""
        if isinstance(answer.body, dict) and answer.body.get("resourceType") == kind:
            return _resource(answer)
        place = resources.short(answer.headers.get("Location", "")) or f"{kind}/{known_id}"
        if not place.startswith(f"{kind}/") or place == f"{kind}/":
            raise CalendarAway(f"{NAME} did not say what it stored")
        stored = await self.read(place)
        if stored is None:
            raise CalendarAway(f"{NAME} does not have what it stored")
        return stored


def _resource(answer: Answer) -> dict[str, Any]:
    body = answer.body
    if not isinstance(body, dict) or not body.get("id") or not body.get("resourceType"):
        raise CalendarAway(f"{NAME} answered with something that was not understood")
    if not (body.get("meta") or {}).get("versionId") and (header := answer.headers.get("ETag")):
        version = header.removeprefix("W/").strip('"')
        body = {**body, "meta": {**(body.get("meta") or {}), "versionId": version}}
    return body


def _matches(bundle: Any, kind: str) -> list[dict[str, Any]]:
    entries = bundle.get("entry", []) if isinstance(bundle, dict) else None
    if not isinstance(entries, list) or bundle.get("resourceType") != "Bundle":
        raise CalendarAway(f"{NAME} answered with something that was not understood")
    found = []
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        # Included resources and the search's own OperationOutcome come in the same list.
        if isinstance(resource, dict) and resource.get("resourceType") == kind:
            found.append(resource)
    return found


def _next(bundle: dict[str, Any]) -> str | None:
    for link in bundle.get("link") or ():
        if isinstance(link, dict) and link.get("relation") == "next":
            return str(link.get("url"))
    return None


def _judge(answer: Answer, *, now: datetime) -> CalendarError | None:
    """An OperationOutcome's code, where it says more than the status."""
    body = answer.body if isinstance(answer.body, dict) else {}
    issues = body.get("issue") if body.get("resourceType") == "OperationOutcome" else None
    codes = {
        str(issue.get("code")) for issue in issues or () if isinstance(issue, dict)
    } & resources.ISSUES
    if answer.status == 410:
        return CursorGone(f"{NAME} no longer knows the cursor")
    if answer.status in (401, 403):
        return SignInNeeded(f"{NAME} does not allow it any more (HTTP {answer.status})")
    words = f" ({', '.join(sorted(codes))})" if codes else ""
    if codes & _WAITS or answer.status in (408, 409, 429) or answer.status >= 500:
        return CalendarAway(
            f"{NAME} is in trouble (HTTP {answer.status}){words}",
            retry_after=retry_after(answer.response, now=now),
        )
    if codes & {"login", "expired"}:
        return SignInNeeded(f"{NAME} does not accept the sign-in{words}")
    if 400 <= answer.status < 500:
        return CalendarRefused(f"{NAME} refused it (HTTP {answer.status}){words}")
    return None
