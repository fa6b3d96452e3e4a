"""Whether somebody's microphone still reaches the room: a lost network is silent for long before the
server says so (about 20 s)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from livekit import rtc

LOST_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 0.5


async def until_lost(
    track: rtc.Track, *, muted: Callable[[], bool], seconds: float = LOST_SECONDS
) -> None:
    """Return when no packet of `track` has come for `seconds`. A muted microphone may send none; an
    unmuted one sends some also in silence (RFC 7587 section 3.1.3: at least every 400 ms)."""
    loop = asyncio.get_running_loop()
    last, since = -1, loop.time()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        count = await _packets(track)
        if muted() or count is None or count != last:
            last, since = count if count is not None else last, loop.time()
        elif loop.time() - since >= seconds:
            return


async def _packets(track: rtc.Track) -> int | None:
    """Packets received so far; None while there are no figures."""
    for stats in await track.get_stats():
        if stats.HasField("inbound_rtp"):
            return int(stats.inbound_rtp.received.packets_received)
    return None
