"""Whether livekit-server has telephony: redis and livekit-sip."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

import aiohttp
from livekit.api import LiveKitAPI, TwirpError
from livekit.protocol.sip import ListSIPInboundTrunkRequest

from admin.watched_parts import PartState, extra_part
from domain.environment import Environment

_SECONDS = 3.0


async def telephony_part(environment: Environment) -> PartState | None:
    """None where livekit-server does not answer, or was given no redis: then there is none to be."""
    key = environment.livekit_api_key
    secret = environment.livekit_api_secret.get_secret_value()
    if not key:
        return None
    try:
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        async with LiveKitAPI(environment.livekit_address, key, secret, timeout=timeout) as livekit:
            found = await livekit.sip.list_inbound_trunk(ListSIPInboundTrunkRequest())
    except TwirpError as error:
        if "sip not connected" in error.message:
            return None
        return _part(
            up=False, detail="livekit-server cannot tell its trunks: does redis answer it?"
        )
    except (aiohttp.ClientError, TimeoutError, OSError):
        return None
    if not found.items:
        return _part(up=False, detail="no trunk: run `reception sip apply`")
    # livekit-sip may be on any machine; only on this one is it known where.
    if urlsplit(environment.livekit_address).hostname in ("127.0.0.1", "localhost", "::1"):
        listening = await _listens(environment.reception_sip_port)
        return _part(up=listening, detail="" if listening else "livekit-sip is not there")
    return _part(up=True, detail=f"{len(found.items)} trunk{'s' if len(found.items) > 1 else ''}")


def _part(*, up: bool, detail: str) -> PartState:
    return extra_part("telephony", up=up, detail=detail)


async def _listens(port: int) -> bool:
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
    except (TimeoutError, OSError):
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True
