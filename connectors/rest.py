"""JSON over HTTP to a calendar's vendor; whatever goes wrong there, in the errors of the port.

No message here holds an address, a body or anything else the other side said: only its name, an HTTP
status and, where a vendor's words are a fixed vocabulary, that word.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn, Protocol

import httpx

from connectors.network import TIMEOUT, read_body, retry_after
from domain.calendars.port import CalendarAway, CalendarError, CalendarRefused, SignInNeeded

# It logs every address at INFO, and a calendar's address is often its owner's mail address.
logging.getLogger("httpx").setLevel(logging.WARNING)

LARGEST_ANSWER = 32 << 20
"""Bytes."""


class Bearer(Protocol):
    """Where the access token of a request comes from."""

    async def token(self, *, refused: str | None = None) -> str:
        """A token to send; with `refused`, another one than that. Raises CalendarError."""
        ...

    async def aclose(self) -> None: ...


class FixedBearer:
    """A token that somebody typed in: when it is refused there is no other."""

    def __init__(self, vendor: str, token: str) -> None:
        self._vendor, self._token = vendor, token

    async def token(self, *, refused: str | None = None) -> str:
        if refused is not None:
            raise SignInNeeded(f"{self._vendor} does not accept the token")
        return self._token

    async def aclose(self) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A whole answer; `body` is its JSON, `{}` when there was none."""

    response: httpx.Response
    body: Any

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> httpx.Headers:
        return self.response.headers


Judge = Callable[[Answer], CalendarError | None]
"""What a vendor's own error means; None: what its HTTP status does."""


def new_client() -> httpx.AsyncClient:
    """A client for a vendor's own hosts. Follows no redirects: one could carry a token elsewhere."""
    return httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False)


class Rest:
    """One vendor's API with one sign-in."""

    def __init__(
        self,
        *,
        vendor: str,
        base_url: str,
        client: httpx.AsyncClient,
        bearer: Bearer,
        now: Callable[[], datetime],
        headers: Mapping[str, str] | None = None,
        judge: Judge | None = None,
    ) -> None:
        self._vendor = vendor
        self._base = httpx.URL(base_url.rstrip("/"))
        self._bearer = bearer
        self._now = now
        self._headers = dict(headers or {})
        self._judge = judge
        self._client = client

    async def aclose(self) -> None:
        await self._bearer.aclose()
        await self._client.aclose()

    async def send(
        self,
        method: str,
        address: str,
        *,
        params: Mapping[str, str | list[str]] | None = None,
        body: Any = None,
        form: Mapping[str, str | list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
        takes: Collection[int] = (),
    ) -> Answer:
        """Ask `address` (a path below the base, or a whole address at the same host, as links in answers
        are) and return an answer of 2xx or of a status in `takes`. Raises CalendarError."""
        url = self._url(address)
        if params:
            url = url.copy_merge_params(dict(params))

        async def once(token: str) -> Answer:
            sent = {**self._headers, **(headers or {}), "Authorization": f"Bearer {token}"}
            request = self._client.build_request(
                method, url, json=body, data=dict(form) if form else None, headers=sent
            )
            return await exchange(self._client, request, vendor=self._vendor)

        token = await self._bearer.token()
        answer = await once(token)
        if answer.status == 401:
            # Nothing was done: a request may be repeated whatever its method.
            answer = await once(await self._bearer.token(refused=token))
        if 200 <= answer.status < 300 or answer.status in takes:
            return answer
        self._fail(answer)

    def _url(self, address: str) -> httpx.URL:
        if not address.startswith(("http://", "https://")):
            return httpx.URL(f"{self._base}/{address.lstrip('/')}")
        url = httpx.URL(address)
        # A link in an answer must not carry the token elsewhere.
        if (url.scheme, url.host, url.port) != (
            self._base.scheme,
            self._base.host,
            self._base.port,
        ):
            raise CalendarAway(f"{self._vendor} pointed to an address that is not its own")
        return url

    def _fail(self, answer: Answer) -> NoReturn:
        judged = self._judge(answer) if self._judge else None
        raise judged or error_of(self._vendor, answer, now=self._now())


async def exchange(client: httpx.AsyncClient, request: httpx.Request, *, vendor: str) -> Answer:
    """Send a request and read the answer to its end. Raises CalendarAway when there is none, or none
    that is JSON."""
    try:
        response = await client.send(request, stream=True)
        try:
            content = await read_body(response, largest=LARGEST_ANSWER)
        finally:
            await response.aclose()
    except httpx.TimeoutException:
        raise CalendarAway(f"{vendor} did not answer in time") from None
    except (httpx.HTTPError, httpx.StreamError):
        raise CalendarAway(f"{vendor} could not be reached") from None
    try:
        body = json.loads(content) if content.strip() else {}
    except (ValueError, RecursionError):
        if 200 <= response.status_code < 300:
            raise CalendarAway(f"{vendor} answered with something that is not JSON") from None
        # A proxy's error page: its status says enough.
        body = {}
    return Answer(response=response, body=body)


def error_of(vendor: str, answer: Answer, *, now: datetime) -> CalendarError:
    """What an HTTP status means (RFC 9110 section 15, RFC 6585 section 4)."""
    status = answer.status
    if status in (401, 403):
        return SignInNeeded(f"{vendor} does not allow it any more (HTTP {status})")
    if status in (408, 425, 429) or status >= 500:
        words = "asks to wait" if status == 429 else "is in trouble"
        return CalendarAway(
            f"{vendor} {words} (HTTP {status})", retry_after=retry_after(answer.response, now=now)
        )
    if 300 <= status < 400:
        return CalendarAway(f"{vendor} answered with a redirect (HTTP {status})")
    return CalendarRefused(f"{vendor} refused it (HTTP {status})")


def items(body: Any, name: str, *, vendor: str) -> list[dict[str, Any]]:
    """The objects in a list of an answer. Raises CalendarAway when it is not one."""
    found = body.get(name, []) if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise CalendarAway(f"{vendor} answered with something that was not understood")
    return [item if isinstance(item, dict) else {} for item in found]
