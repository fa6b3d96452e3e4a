"""HTTP to addresses that customers give: never to where only we can reach."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from domain.calendars.port import CalendarAway, CalendarRefused, SignInNeeded

TIMEOUT = httpx.Timeout(20, connect=10)
"""Seconds."""
_LONGEST_WAIT = timedelta(hours=24)


def open_client(
    *, private: bool, auth: httpx.Auth | None = None, follow_redirects: bool = True
) -> httpx.AsyncClient:
    """A client for an address that a customer gave.

    Without `private` it speaks https to public addresses alone, redirects included: whoever may name
    an address could reach this machine's and its network's own services otherwise (SSRF). With it,
    http and private addresses are fine, as for a server in the practice's own network. Link-local
    addresses, where clouds serve their machines' secrets, are refused always.
    """
    return httpx.AsyncClient(
        transport=_GuardedTransport(private=private),
        auth=auth,
        timeout=TIMEOUT,
        follow_redirects=follow_redirects,
        # A proxy of the environment would be asked for names that are then not checked.
        trust_env=False,
        headers={"User-Agent": "Reception"},
    )


class _GuardedTransport(httpx.AsyncBaseTransport):
    """Looks the name up itself and connects to the address it checked: a name that is looked up again
    when connecting could be another address by then (DNS rebinding)."""

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self._inner = httpx.AsyncHTTPTransport(retries=0)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if request.url.scheme not in ("https", "http"):
            raise CalendarRefused("its address is neither https nor http")
        if request.url.scheme == "http" and not self._private:
            raise CalendarRefused("its address must begin with https")
        failure: httpx.ConnectError | None = None
        for address in await _addresses(host, request.url.port or 0, private=self._private):
            # A new request: this one is sent again, by its name, when it has to be authenticated.
            attempt = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await self._inner.handle_async_request(attempt)
            except httpx.ConnectError as error:
                failure = error
        raise failure or httpx.ConnectError("no address")

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _addresses(host: str, port: int, *, private: bool) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CalendarAway("its host name is not known") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(_allowed(address, private=private) for address in addresses):
        raise CalendarRefused("its address is in a network that may not be reached from here")
    return addresses


def _allowed(text: str, *, private: bool) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return private or address.is_global


def check_url(text: str, *, private: bool) -> str:
    """`text` as an address to ask: webcal(s) is http(s) (the scheme of subscriptions). Raises
    CalendarRefused saying what is wrong with it."""
    scheme, separator, rest = text.strip().partition("://")
    scheme = {"webcal": "https", "webcals": "https"}.get(scheme.lower(), scheme.lower())
    if not separator or scheme not in ("https", "http"):
        raise CalendarRefused("its address must begin with https://")
    if scheme == "http" and not private:
        raise CalendarRefused("its address must begin with https://")
    url = f"{scheme}://{rest}"
    try:
        parts = urlsplit(url)
        # Read for its error: a port that is none.
        _ = parts.port
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        raise CalendarRefused("its address is malformed") from None
    if not parts.hostname:
        raise CalendarRefused("its address names no host")
    if parts.username or parts.password:
        raise CalendarRefused("its address must not hold a user or password")
    return url


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Turns what httpx raises into `CalendarAway`, whose message holds no address."""
    try:
        yield
    except httpx.TimeoutException:
        raise CalendarAway("it does not answer in time") from None
    except httpx.TooManyRedirects:
        raise CalendarRefused("its address redirects in a circle") from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
        raise CalendarAway("it cannot be reached") from None


def check_status(response: httpx.Response, *, now: datetime) -> None:
    """Raises what a failed answer means; statuses below 400 and those with a meaning of their own in
    the protocol (404, 409, 410, 412) are for the caller to have looked at before."""
    status = response.status_code
    if status < 400:
        return
    if status == 401:
        raise SignInNeeded("it does not accept the user and password")
    if status in (408, 425, 429) or status >= 500:
        raise CalendarAway(
            "it takes no more requests just now" if status == 429 else f"it failed ({status})",
            retry_after=retry_after(response, now=now),
        )
    if status == 403:
        raise CalendarRefused("it does not allow this user to do it (403)")
    raise CalendarRefused(f"it refused ({status})")


def retry_after(response: httpx.Response, *, now: datetime) -> timedelta | None:
    """What `Retry-After` asks for (RFC 9110 section 10.2.3: seconds or a date), a day at most."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        wait = timedelta(seconds=min(int(text), int(_LONGEST_WAIT.total_seconds())))
    else:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return max(timedelta(), min(wait, _LONGEST_WAIT))


async def read_body(response: httpx.Response, *, largest: int) -> bytes:
    """The body of a streamed response. Raises CalendarRefused beyond `largest` bytes, counted after
    decompression: a small compressed body may be a huge one."""
    parts, size = [], 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > largest:
            raise CalendarRefused(f"its answer is larger than {largest >> 20} MiB")
        parts.append(part)
    return b"".join(parts)
