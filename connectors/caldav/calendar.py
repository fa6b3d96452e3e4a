"""A CalDAV calendar (RFC 4791) kept in step by sync-collection (RFC 6578), or by comparing ETags where
the server has none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from connectors.caldav.client import XML, Answer, DavClient, document, hrefs, path_of
from connectors.caldav.multistatus import CALDAV, CALENDAR_SERVER, DAV, Resource, parse
from domain.calendars.port import (
    CalendarRefused,
    ChangedOutside,
    Changes,
    CursorGone,
    Entry,
    OutsideEvent,
    Written,
)
from domain.calendars.reading import NotACalendar, Reading, read
from domain.calendars.writing import entry_calendar, untouched

_ETAG = f"{DAV}getetag"
_DATA = f"{CALDAV}calendar-data"
_CTAG = f"{CALENDAR_SERVER}getctag"
_AT_ONCE = 50
"""Resources that are asked for in one request."""
_MOST_PARTS = 1000
"""Of one list of changes that a server gives in parts."""
_GONE = (404, 410)


class CaldavCalendar:
    """One calendar collection. `owner` is the user's own address where the user name is one: what it
    declined leaves free."""

    def __init__(
        self, client: DavClient, *, url: str, owner: str, now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._url = url if url.endswith("/") else f"{url}/"
        self._itself = path_of(self._url, self._url)
        self._owner = owner
        self._now = now

    async def changes(
        self, *, cursor: str | None, begins: datetime, ends: datetime, zone: str
    ) -> Changes:
        window = _Window(begins=begins, ends=ends, zone=zone, owner=self._owner)
        state = _read_cursor(cursor)
        if state is None:
            return await self._everything(window)
        if "token" in state:
            return await self._since(state["token"], window)
        return await self._compared(state, window)

    async def write(self, entry: Entry, *, known: Written | None) -> Written:
        path = known.remote_id if known else self._path(entry.appointment_id)
        body = entry_calendar(entry, stamp=self._now())
        if known is None:
            condition = {"If-None-Match": "*"}
        else:
            condition = {"If-Match": known.etag} if known.etag else {}
        answer = await self._put(path, body, condition)
        if answer.status == 412:
            # Ours after all, if an answer was lost, or with what somebody added to it: its times tell.
            current = await self._client.request("GET", self._at(path), accept=_GONE)
            if current.status in _GONE or not current.etag or not untouched(current.body):
                raise ChangedOutside("somebody changed the entry")
            answer = await self._put(path, body, {"If-Match": current.etag})
            if answer.status == 412:
                raise ChangedOutside("somebody changed the entry")
        return Written(remote_id=path, etag=answer.etag or await self._etag(path))

    async def remove(self, appointment_id: UUID, *, known: Written | None) -> None:
        path = known.remote_id if known else self._path(appointment_id)
        await self._client.request("DELETE", self._at(path), accept=_GONE)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _put(self, path: str, body: bytes, condition: dict[str, str]) -> Answer:
        answer = await self._client.request(
            "PUT",
            self._at(path),
            body=body,
            headers={"Content-Type": "text/calendar; charset=utf-8", **condition},
            accept=(404, 409, 412),
        )
        if answer.status in (404, 409):
            raise CalendarRefused("there is no calendar at its address that takes entries")
        return answer

    async def _etag(self, path: str) -> str | None:
        """Of what was just written, when the server did not say (section 5.3.4)."""
        found = await self._client.propfind(
            self._at(path), depth=0, properties=[_ETAG], accept=_GONE
        )
        return found.resources[0].text(_ETAG) if found and found.resources else None

    async def _everything(self, window: _Window) -> Changes:
        found = await self._client.propfind(
            self._url,
            depth=0,
            properties=[
                f"{DAV}resourcetype",
                f"{DAV}supported-report-set",
                f"{DAV}sync-token",
                _CTAG,
            ],
            accept=_GONE,
        )
        collection = found.resources[0] if found and found.resources else None
        if collection is None or not collection.has(f"{DAV}resourcetype", f"{CALDAV}calendar"):
            raise CalendarRefused("there is no calendar at its address")
        # The cursor is from before the list: what changes meanwhile is told again.
        token = collection.text(f"{DAV}sync-token")
        if token and collection.has(f"{DAV}supported-report-set", f"{DAV}sync-collection"):
            cursor: dict[str, Any] = {"token": token}
        else:
            cursor = {"ctag": collection.text(_CTAG), "etags": await self._etags()}
        resources = await self._report(self._url, _query(window.begins, window.ends))
        events, unreadable = await self._events(resources, window)
        return Changes(
            events=events, cursor=json.dumps(cursor), complete=True, unreadable=unreadable
        )

    async def _since(self, token: str, window: _Window) -> Changes:
        changed: dict[str, None] = {}
        removed: dict[str, None] = {}
        for _ in range(_MOST_PARTS):
            answer = await self._client.request(
                "REPORT",
                self._url,
                body=document(
                    "d:sync-collection",
                    f"<d:sync-token>{_escaped(token)}</d:sync-token><d:sync-level>1</d:sync-level>"
                    "<d:prop><d:getetag/></d:prop>",
                ),
                headers=XML,
                accept=(400, 403, 409, 410, 412),
            )
            if answer.status != 207:
                raise CursorGone("its list of changes does not go back that far")
            status = parse(answer.body)
            more = False
            for resource in status.resources:
                path = path_of(self._url, resource.href)
                if path == self._itself:
                    more = resource.status == 507
                elif resource.status in _GONE:
                    removed[path] = None
                    changed.pop(path, None)
                else:
                    changed[path] = None
                    removed.pop(path, None)
            token = status.sync_token or token
            if not more:
                break
        else:
            raise CursorGone("its list of changes does not end")
        return await self._told(list(changed), list(removed), {"token": token}, window)

    async def _compared(self, state: dict[str, Any], window: _Window) -> Changes:
        found = await self._client.propfind(self._url, depth=0, properties=[_CTAG])
        ctag = found.resources[0].text(_CTAG) if found and found.resources else None
        if ctag is not None and ctag == state.get("ctag"):
            return Changes(events=(), cursor=json.dumps(state))
        before, etags = state.get("etags", {}), await self._etags()
        changed = [path for path, etag in etags.items() if before.get(path) != etag]
        removed = [path for path in before if path not in etags]
        return await self._told(changed, removed, {"ctag": ctag, "etags": etags}, window)

    async def _told(
        self,
        changed: Sequence[str],
        removed: Sequence[str],
        cursor: dict[str, Any],
        window: _Window,
    ) -> Changes:
        events: list[OutsideEvent] = []
        unreadable = 0
        gone = list(removed)
        for first in range(0, len(changed), _AT_ONCE):
            asked = changed[first : first + _AT_ONCE]
            body = document(
                "c:calendar-multiget",
                f"<d:prop><d:getetag/><c:calendar-data/></d:prop>{hrefs(asked)}",
            )
            resources = await self._report(self._url, body)
            there = {path_of(self._url, resource.href): resource for resource in resources}
            gone += [path for path in asked if path not in there or there[path].status in _GONE]
            read_events, broken = await self._events(resources, window)
            events += read_events
            unreadable += broken
        return Changes(
            events=events, removed=gone, cursor=json.dumps(cursor), unreadable=unreadable
        )

    async def _etags(self) -> dict[str, str]:
        found = await self._client.propfind(self._url, depth=1, properties=[_ETAG])
        tags = {
            path_of(self._url, resource.href): resource.text(_ETAG)
            for resource in (found.resources if found else ())
        }
        # Some give the collection itself one.
        return {path: tag for path, tag in tags.items() if tag and path != self._itself}

    async def _report(self, url: str, body: str) -> Sequence[Resource]:
        answer = await self._client.request("REPORT", url, body=body, headers={"Depth": "1", **XML})
        return parse(answer.body).resources

    async def _events(
        self, resources: Iterable[Resource], window: _Window
    ) -> tuple[list[OutsideEvent], int]:
        # In a thread: thousands of events take seconds, during which calls would stand still.
        return await asyncio.to_thread(_read_events, self._url, list(resources), window)

    def _path(self, appointment_id: UUID) -> str:
        return path_of(self._url, f"appointment-{appointment_id}.ics")

    def _at(self, path: str) -> str:
        return urljoin(self._url, path)


class _Window:
    """In which time, zone and for whom events are read."""

    def __init__(self, *, begins: datetime, ends: datetime, zone: str, owner: str) -> None:
        self.begins, self.ends, self.zone, self.owner = begins, ends, zone, owner

    def read(self, data: str) -> Reading:
        return read(data, begins=self.begins, ends=self.ends, zone=self.zone, owner=self.owner)


def _read_events(
    base: str, resources: Iterable[Resource], window: _Window
) -> tuple[list[OutsideEvent], int]:
    events, unreadable = [], 0
    for resource in resources:
        data = resource.text(_DATA)
        if resource.status in _GONE or data is None:
            continue
        try:
            reading = window.read(data)
        except NotACalendar:
            unreadable += 1
            continue
        unreadable += reading.unreadable
        events.append(
            OutsideEvent(
                event_id=path_of(base, resource.href),
                etag=resource.text(_ETAG),
                # One resource holds one event with its exceptions (section 4.1).
                busy=tuple(busy for event in reading.events for busy in event.busy),
                ours=next((event.ours for event in reading.events if event.ours), None),
            )
        )
    return events, unreadable


def _query(begins: datetime, ends: datetime) -> str:
    """Events in the window, a day wider: servers read all-day and floating ones in zones of their own."""
    first, last = (
        f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        for at in (begins - timedelta(days=1), ends + timedelta(days=1))
    )
    return document(
        "c:calendar-query",
        "<d:prop><d:getetag/><c:calendar-data/></d:prop>"
        '<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">'
        f'<c:time-range start="{first}" end="{last}"/>'
        "</c:comp-filter></c:comp-filter></c:filter>",
    )


def _read_cursor(cursor: str | None) -> dict[str, Any] | None:
    if cursor is None:
        return None
    state: dict[str, Any] = json.loads(cursor)
    return state


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
