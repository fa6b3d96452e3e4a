"""The way out to telephones: the outbound trunk that `reception sip apply` put into livekit-server."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import aiohttp
from livekit import api
from livekit.protocol.sip import ListSIPOutboundTrunkRequest

TRUNK_NAME: Final = "reception"
LOOK_SECONDS: Final = 2.0

log = logging.getLogger("reception.agent.handoff")


async def find_trunk(livekit: api.LiveKitAPI) -> str:
    """Its id; empty where there is none, or where it can't be asked for: then nobody can be rung."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            found = await livekit.sip.list_outbound_trunk(ListSIPOutboundTrunkRequest())
    except (api.TwirpError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("outbound trunk not known", extra={"error": type(error).__name__})
        return ""
    return next((one.sip_trunk_id for one in found.items if one.name == TRUNK_NAME), "")
