"""Calendars that are published as a file: read only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from connectors.calendars import Keep, Now
from connectors.network import check_status, check_url, open_client, read_body, translated
from domain.calendars.port import (
    CalendarRefused,
    Changes,
    Entry,
    OutsideCalendar,
    OutsideEvent,
    Written,
)
from domain.calendars.reading import NotACalendar, read

LARGEST_FILE = 16 << 20
"""Bytes."""


async def connect(access: Mapping[str, Any], *, keep: Keep, now: Now) -> OutsideCalendar:
    """`access`: url (https or webcal), user and password where it asks for them, private (see
    `network.open_client`). Raises CalendarRefused for an address that may not be reached."""
    private = bool(access.get("private"))
    url = check_url(str(access["url"]), private=private)
    user = str(access.get("user", ""))
    auth = httpx.BasicAuth(user, str(access.get("password", ""))) if user else None
    return IcsCalendar(open_client(private=private, auth=auth), url=url, now=now)


class IcsCalendar:
    """A file that is fetched again when it has changed."""

    def __init__(self, client: httpx.AsyncClient, *, url: str, now: Now) -> None:
        self._client = client
        self._url = url
        self._now = now

    async def changes(
        self, *, cursor: str | None, begins: datetime, ends: datetime, zone: str
    ) -> Changes:
        headers = {"Accept": "text/calendar, */*;q=0.5"}
        if cursor is not None:
            headers.update(json.loads(cursor))
        async with (
            translated(),
            self._client.stream("GET", self._url, headers=headers) as response,
        ):
            if response.status_code == 304 and cursor is not None:
                return Changes(events=(), cursor=cursor)
            if response.status_code in (404, 410):
                raise CalendarRefused("there is no calendar at its address")
            check_status(response, now=self._now())
            data = await read_body(response, largest=LARGEST_FILE)
        try:
            # In a thread: a large file takes seconds, during which calls would stand still.
            reading = await asyncio.to_thread(read, data, begins=begins, ends=ends, zone=zone)
        except NotACalendar:
            raise CalendarRefused("what stands at its address is not a calendar") from None
        return Changes(
            events=[
                OutsideEvent(event_id=event.uid, busy=event.busy, ours=event.ours)
                for event in reading.events
            ],
            cursor=json.dumps(_conditions(response)),
            complete=True,
            unreadable=reading.unreadable,
        )

    async def write(self, entry: Entry, *, known: Written | None) -> Written:
        raise CalendarRefused("a published calendar cannot be written to")

    async def remove(self, appointment_id: UUID, *, known: Written | None) -> None:
        """Nothing of ours can stand there."""

    async def aclose(self) -> None:
        await self._client.aclose()


def _conditions(response: httpx.Response) -> dict[str, str]:
    """By what the next request asks for changes only (RFC 9110 section 13.1)."""
    given = {
        "If-None-Match": response.headers.get("ETag"),
        "If-Modified-Since": response.headers.get("Last-Modified"),
    }
    return {name: value for name, value in given.items() if value}
