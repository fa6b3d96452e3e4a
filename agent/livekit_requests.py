"""Asking livekit-server for something until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
from livekit import api


async def insist(ask: Callable[[], Awaitable[object]], *, tries: int, seconds: float) -> str:
    """Ask up to `tries` times, `seconds` each; returns what was wrong the last time, without anything private.

    Empty: it is done, or what it was about is not there any more.
    """
    problem = ""
    for _ in range(tries):
        try:
            async with asyncio.timeout(seconds):
                await ask()
            return ""
        except api.TwirpError as error:
            if error.code == api.TwirpErrorCode.NOT_FOUND:
                return ""
            problem = str(error.code)
        except (TimeoutError, aiohttp.ClientError) as error:
            problem = type(error).__name__
    return problem
