"""Telling times as offers: the only form in which they can be booked."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from domain.calls.events import TimesOffered
from domain.scheduling.lookup import zone_at
from domain.scheduling.models import Offer
from domain.scheduling.offers import offer
from domain.scheduling.times import FreeTime, find_times
from tools.context import CallContext, Deed
from tools.places import place_names
from tools.understood import said_time

_NEAREST = 3
_MOST_OF_A_DAY = 200


async def offer_times(call: CallContext, opened: Deed, times: Sequence[FreeTime]) -> str:
    """Offer the times on this call: `[id] Tuesday … at 2 p.m. with Dr. Lee; [id] …`, empty for none."""
    if not times:
        return ""
    offered = await offer(opened.scope, call_id=call.call_id, times=times)
    await opened.record(TimesOffered(offer_ids=tuple(one.id for one in offered)))
    places = await place_names(opened.scope)
    return "; ".join(
        f"[{one.id}] {_told(call, time, places.get(time.place_id, ''))}"
        for one, time in zip(offered, times, strict=True)
    )


def _told(call: CallContext, time: FreeTime, place: str) -> str:
    zone = ZoneInfo(time.time_zone) if time.time_zone else None
    told = f"{said_time(call, time.starts_at, zone)} with {time.person_name}"
    return f"{told}, place: {place}" if place else told


async def offer_instead(call: CallContext, opened: Deed, lost: Offer) -> str:
    """Offer the free times nearest to one that was lost: the same day's at the same place, or else the
    next."""
    day = lost.starts_at.astimezone(await zone_at(opened.scope, lost.place_id)).date()
    found = await find_times(
        opened.scope,
        service_id=lost.service_id,
        place_id=lost.place_id or call.business_id,
        first_day=day,
        last_day=day,
        limit=_MOST_OF_A_DAY,
        spread=False,
    )
    near = sorted(found.times, key=lambda time: abs(time.starts_at - lost.starts_at))[:_NEAREST]
    near.sort(key=lambda time: time.starts_at)
    return await offer_times(call, opened, near or found.alternatives)
