"""Calendars of CalDAV servers: Nextcloud, iCloud, Fastmail, Radicale and others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.caldav.calendar import CaldavCalendar
from connectors.caldav.client import DavClient
from connectors.calendars import Keep, Now
from connectors.network import check_url
from domain.calendars.port import OutsideCalendar


async def connect(access: Mapping[str, Any], *, keep: Keep, now: Now) -> OutsideCalendar:
    """`access`: url of the calendar, user, password, private (see `network.open_client`). Nothing is
    asked yet. Raises CalendarRefused for an address that may not be reached."""
    private = bool(access.get("private"))
    url = check_url(str(access["url"]), private=private)
    user = str(access.get("user", ""))
    client = DavClient(
        url=url, user=user, password=str(access.get("password", "")), private=private, now=now
    )
    return CaldavCalendar(client, url=url, owner=user if "@" in user else "", now=now)
