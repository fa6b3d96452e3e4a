"""A business's chain of vendors, asked over HTTP one after the other until one answers.

For what is asked outside a call (`speech`, `model`): on calls LiveKit's adapters ask the same chains.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

import httpx

from domain.businesses.settings import Provider
from domain.environment import Environment
from domain.errors import DomainError, Invalid
from domain.providers.endpoints import Endpoint, endpoint, refuse_sandbox_in_production

CONNECT_SECONDS: Final = 5.0
LARGEST_ANSWER: Final = 8 << 20
"""Bytes."""

Answer = TypeVar("Answer")

log = logging.getLogger("reception.connectors")
# It logs every address at INFO, and an address can hold a voice or a key's project.
logging.getLogger("httpx").setLevel(logging.WARNING)


class VendorsFailed(DomainError):
    """Not one vendor of a chain answered; `reason` says what each did, with nothing that anybody said."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class VendorFailed(Exception):
    """One vendor did not answer, or with nothing of use; its message may be shown."""


def endpoints_of(environment: Environment, chain: Iterable[Provider]) -> list[Endpoint]:
    """The endpoints of a chain that can be used, the preferred first, as calls resolve them.

    Raises VendorsFailed when there is none, Refused for a stand-in in production.
    """
    found = []
    for provider in chain:
        try:
            found.append(endpoint(environment, provider))
        except Invalid as error:
            log.error("provider left out", extra={"reason": str(error)})
    if not found:
        raise VendorsFailed("no provider of this chain is configured")
    refuse_sandbox_in_production(environment, found)
    return found


async def first_answer(
    endpoints: Iterable[Endpoint],
    ask: Callable[[httpx.AsyncClient, Endpoint], Awaitable[Answer]],
    *,
    seconds: float,
) -> Answer:
    """What the first endpoint that answers says; each may take `seconds` between two parts of an answer.

    Raises VendorsFailed when none does.
    """
    failures = []
    timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS)
    # A redirect could carry a key elsewhere.
    async with httpx.AsyncClient(timeout=timeout, follow_redirects=False) as client:
        for one in endpoints:
            try:
                return await ask(client, one)
            except VendorFailed as error:
                reason = str(error)
            except httpx.TimeoutException:
                reason = "did not answer in time"
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError):
                reason = "could not be reached"
            log.warning("vendor failed", extra={"vendor": one.vendor, "reason": reason})
            failures.append(f"{one.vendor} {reason}")
    raise VendorsFailed("; ".join(failures))


async def body_of(client: httpx.AsyncClient, request: httpx.Request) -> tuple[str, bytes]:
    """The media type and the whole body of an answer of 2xx.

    Raises VendorFailed for another status, for a body that ends early and beyond LARGEST_ANSWER, and
    what httpx raises.
    """
    response = await client.send(request, stream=True)
    try:
        if not 200 <= response.status_code < 300:
            raise VendorFailed(f"refused (HTTP {response.status_code})")
        parts, size = [], 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > LARGEST_ANSWER:
                raise VendorFailed("answered with far too much")
            parts.append(part)
        return response.headers.get("Content-Type", "").partition(";")[0].strip(), b"".join(parts)
    finally:
        await response.aclose()
