"""WebDAV requests to one server, signed in."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from datetime import datetime
from urllib.parse import quote, unquote, urljoin, urlsplit
from xml.sax.saxutils import escape

import httpx

from connectors.caldav.multistatus import CALDAV, CALENDAR_SERVER, DAV, Multistatus, parse
from connectors.network import check_status, check_url, open_client, read_body, translated
from domain.calendars.port import CalendarRefused

LARGEST_ANSWER = 64 << 20
"""Bytes."""
_MOST_REDIRECTS = 5
_PREFIXES = {DAV: "d", CALDAV: "c", CALENDAR_SERVER: "s"}


class Answer:
    """A response that has been read."""

    def __init__(self, response: httpx.Response, body: bytes) -> None:
        self.response = response
        self.status = response.status_code
        self.etag: str | None = response.headers.get("ETag")
        self.body = body


class DavClient:
    """Speaks to one server as one user. Raises CalendarErrors only."""

    def __init__(
        self, *, url: str, user: str, password: str, private: bool, now: Callable[[], datetime]
    ) -> None:
        self._private = private
        self._now = now
        self._home = urlsplit(check_url(url, private=private)).hostname or ""
        auth = BasicOrDigest(user, password) if user else None
        # Redirects are followed here: httpx would ask again with GET.
        self._client = open_client(private=private, auth=auth, follow_redirects=False)

    async def request(
        self,
        method: str,
        url: str,
        *,
        body: str | bytes = b"",
        headers: dict[str, str] | None = None,
        accept: Iterable[int] = (),
    ) -> Answer:
        """The answer, if its status is below 400 or among `accept`."""
        for _ in range(_MOST_REDIRECTS):
            self._check_host(url)
            async with (
                translated(),
                self._client.stream(method, url, content=body, headers=headers) as response,
            ):
                data = await read_body(response, largest=LARGEST_ANSWER)
            if response.status_code not in (301, 302, 307, 308):
                if response.status_code not in accept:
                    check_status(response, now=self._now())
                return Answer(response, data)
            url = urljoin(url, response.headers.get("Location", ""))
        raise CalendarRefused("its address redirects in a circle")

    async def propfind(
        self, url: str, *, depth: int, properties: Iterable[str], accept: Iterable[int] = ()
    ) -> Multistatus | None:
        """None when the status was one of `accept`."""
        asked = "".join(f"<{prefixed(name)}/>" for name in properties)
        answer = await self.request(
            "PROPFIND",
            url,
            body=document("d:propfind", f"<d:prop>{asked}</d:prop>"),
            headers={"Depth": str(depth), **XML},
            accept=accept,
        )
        return parse(answer.body) if answer.status == 207 else None

    def _check_host(self, url: str) -> None:
        """Hosts that a server names get the password only when they are of its own domain."""
        host = urlsplit(url).hostname or ""
        if host != self._home and _domain(host) != _domain(self._home):
            raise CalendarRefused("it leads to a server of another domain")

    async def aclose(self) -> None:
        await self._client.aclose()


class BasicOrDigest(httpx.Auth):
    """Signs in as the server asks (RFC 7616, RFC 7617), and never with the password in clear where it
    offers digest."""

    def __init__(self, user: str, password: str) -> None:
        self._user, self._password = user, password
        self._chosen: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._chosen is None:
            response = yield request
            if response.status_code != 401:
                return
            offered = ", ".join(response.headers.get_list("WWW-Authenticate")).lower()
            if "digest" in offered:
                self._chosen = httpx.DigestAuth(self._user, self._password)
            elif "basic" in offered:
                self._chosen = httpx.BasicAuth(self._user, self._password)
            else:
                return
        yield from self._chosen.auth_flow(request)


XML = {"Content-Type": "application/xml; charset=utf-8"}


def document(root: str, inner: str) -> str:
    """An XML document whose elements have the prefixes d, c and s."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<{root} xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" '
        f'xmlns:s="http://calendarserver.org/ns/">{inner}</{root}>'
    )


def prefixed(name: str) -> str:
    """`{DAV:}getetag` as `d:getetag`."""
    namespace, _, local = name.rpartition("}")
    return f"{_PREFIXES[namespace + '}']}:{local}"


def hrefs(paths: Iterable[str]) -> str:
    return "".join(f"<d:href>{escape(path)}</d:href>" for path in paths)


def path_of(base: str, href: str) -> str:
    """The path of an address in one spelling: servers escape the same one in several ways."""
    return quote(unquote(urlsplit(urljoin(base, href)).path), safe="/~!$&'()*+,;=:@")


def _domain(host: str) -> str:
    return host if host.replace(".", "").isdecimal() else ".".join(host.split(".")[-2:])
