"""Readiness checks of other programs, for the supervisor and the doctor."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

Probe = Callable[[], Awaitable[bool]]


def http_ok(url: str) -> Probe:
    """A check that GETs `url` (http://…, without a query) and wants status 200."""
    parts = urlsplit(url)
    request = f"GET {parts.path or '/'} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode()

    async def probe() -> bool:
        # By hand: an HTTP library takes longer to load than most parts take to start.
        answer = await _ask(parts.hostname or "", parts.port or 80, request)
        return answer.startswith(b"HTTP/") and answer.split(b" ")[1:2] == [b"200"]

    return probe


def tcp_open(address: str, port: int) -> Probe:
    """A check that something takes TCP connections at `address`:`port`."""

    async def probe() -> bool:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), 2)
        except (TimeoutError, OSError):
            return False
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return True

    return probe


def redis_answers(address: str, port: int) -> Probe:
    """A check that a redis answers PING (https://redis.io/docs/latest/develop/reference/protocol-spec/)."""

    async def probe() -> bool:
        return (await _ask(address, port, b"PING\r\n")).startswith(b"+PONG")

    return probe


async def _ask(address: str, port: int, request: bytes) -> bytes:
    """The first line of the answer to `request`; empty when there is none within 2 s."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(address, port)
            try:
                writer.write(request)
                return await reader.readline()
            finally:
                writer.close()
    except (TimeoutError, OSError, ValueError):
        return b""
