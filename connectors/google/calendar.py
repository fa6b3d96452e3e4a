"""Google Calendar API v3 behind the port.

Sources: https://developers.google.com/workspace/calendar/api/guides/sync (sync tokens, 410),
…/api/v3/reference/events/list (which parameters a sync token forbids), …/api/guides/errors (403 and 429),
…/api/guides/version-resources (If-Match).

Changes are polled: a push channel (events.watch) says only that something changed, ends within weeks, and
needs an address that Google can reach, which an installation behind a router has not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from connectors import covered
from connectors.calendars import Keep, Now
from connectors.google import events
from connectors.network import retry_after
from connectors.oauth import signed_in
from connectors.rest import Answer, Rest, items
from domain.calendars.port import (
    CalendarAway,
    CalendarError,
    CalendarRefused,
    ChangedOutside,
    Changes,
    CursorGone,
    Entry,
    OutsideEvent,
    SignInNeeded,
    Written,
)

_NAME: Final = "Google Calendar"
_PAGE: Final = "2500"
_MOST_PAGES: Final = 400
_QUOTA: Final = frozenset(
    {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"}
)
_NOT_OURS: Final = frozenset({"forbiddenForNonOrganizer", "cannotChangeOrganizer"})


async def connect(access: Mapping[str, Any], *, keep: Keep, now: Now) -> GoogleCalendar:
    """`access`: `refresh_token`, `access_token` and `expires_at` as a sign-in gave them, and optionally
    `calendar_id` (else the account's main calendar). Raises CalendarError."""
    rest = signed_in(
        "google",
        access,
        keep=keep,
        now=now,
        judge=lambda answer: _judge(answer, now=now()),
    )
    return GoogleCalendar(rest, calendar_id=str(access.get("calendar_id") or "primary"), now=now)


class GoogleCalendar:
    """One calendar of a Google account."""

    def __init__(self, rest: Rest, *, calendar_id: str, now: Now) -> None:
        self._rest, self._now = rest, now
        self._events = f"calendars/{quote(calendar_id, safe='')}/events"

    async def aclose(self) -> None:
        await self._rest.aclose()

    async def changes(
        self, *, cursor: str | None, begins: datetime, ends: datetime, zone: str
    ) -> Changes:
        """A deletion leads to a reading of the whole window: of a deleted series Google reports the
        occurrences of some months only, and the rest would block time for good. All-day events are days
        in `zone`."""
        since = covered.read(cursor) if cursor else None
        if since is None or not since.covers(begins, ends):
            return await self._whole(begins, ends, ZoneInfo(zone))
        found, token = await self._list({"syncToken": since.token})
        gone = [item for item in found if item.get("status") == "cancelled"]
        if any(events.appointment_of(item) is None for item in gone):
            return await self._whole(begins, ends, ZoneInfo(zone))
        here = [item for item in found if item.get("status") != "cancelled"]
        understood, unreadable = _understood(here, ZoneInfo(zone))
        cursor = covered.Cursor(
            token=token, begins=since.begins, ends=since.ends, read_at=since.read_at
        ).text()
        return Changes(
            events=understood,
            removed=[str(item["id"]) for item in gone],
            cursor=cursor,
            unreadable=unreadable,
        )

    async def _whole(self, begins: datetime, ends: datetime, zone: ZoneInfo) -> Changes:
        ends = ends + covered.RUNWAY
        # The sync token that comes of it keeps this window: it may not be sent along again.
        found, token = await self._list({"timeMin": _utc(begins), "timeMax": _utc(ends)})
        here = [item for item in found if item.get("status") != "cancelled"]
        understood, unreadable = _understood(here, zone)
        cursor = covered.Cursor(token=token, begins=begins, ends=ends, read_at=self._now())
        return Changes(
            events=understood, cursor=cursor.text(), complete=True, unreadable=unreadable
        )

    async def _list(self, query: dict[str, str]) -> tuple[list[dict[str, Any]], str]:
        """Every page of a reading, and its sync token. All parameters but the token's own are the same
        in every reading, as the documentation of `syncToken` asks."""
        params = {
            "singleEvents": "true",
            "maxResults": _PAGE,
            "maxAttendees": "1",
            "fields": events.FIELDS,
            **query,
        }
        found: list[dict[str, Any]] = []
        for _ in range(_MOST_PAGES):
            answer = await self._rest.send(
                "GET", self._events, params=params, takes=(400, 404, 410)
            )
            if answer.status == 410 or (answer.status == 400 and "syncToken" in query):
                raise CursorGone(f"{_NAME} no longer knows the sync token")
            if answer.status == 404:
                raise SignInNeeded(f"{_NAME}: the calendar is not there or no longer shared")
            if answer.status == 400:
                raise CalendarRefused(f"{_NAME} refused the question (HTTP 400)")
            found += items(answer.body, "items", vendor=_NAME)
            if token := answer.body.get("nextSyncToken"):
                return found, str(token)
            if not (page := answer.body.get("nextPageToken")):
                break
            params["pageToken"] = str(page)
        raise CalendarAway(f"{_NAME} did not come to the end of its list")

    async def write(self, entry: Entry, *, known: Written | None) -> Written:
        body = events.body(entry)
        if known is None:
            event_id = events.event_id(entry.appointment_id)
            answer = await self._rest.send(
                "POST", self._events, body={"id": event_id, **body}, takes=(409,)
            )
            if answer.status != 409:
                return _written(answer)
            # Its answer was lost, or it was there once and is in the bin now.
            return await self._over_what_is_there(event_id, entry)
        answer = await self._patch(known.remote_id, body, etag=known.etag)
        if answer.status == 412:
            return await self._over_what_is_there(known.remote_id, entry, known=known)
        if answer.status in (404, 410):
            if known.etag is None:
                return await self.write(entry, known=None)
            raise ChangedOutside(f"the entry is gone from {_NAME}")
        return _written(answer)

    async def _over_what_is_there(
        self, event_id: str, entry: Entry, *, known: Written | None = None
    ) -> Written:
        answer = await self._rest.send("GET", f"{self._events}/{quote(event_id)}", takes=(404, 410))
        current = answer.body if answer.status == 200 else {"status": "cancelled"}
        binned = current.get("status") == "cancelled"
        if binned and known is not None:
            raise ChangedOutside(f"the entry is gone from {_NAME}")
        if not binned and not events.untouched(current):
            raise ChangedOutside(f"the entry was changed in {_NAME}")
        if events.shown(current) == events.written(entry):
            return Written(remote_id=event_id, etag=current.get("etag"))
        answer = await self._patch(event_id, events.body(entry), etag=current.get("etag"))
        if answer.status in (404, 410, 412):
            raise ChangedOutside(f"the entry was changed in {_NAME}")
        return _written(answer)

    async def _patch(self, event_id: str, body: dict[str, Any], *, etag: str | None) -> Answer:
        return await self._rest.send(
            "PATCH",
            f"{self._events}/{quote(event_id)}",
            body=body,
            headers={"If-Match": etag} if etag else {},
            takes=(404, 410, 412),
        )

    async def remove(self, appointment_id: UUID, *, known: Written | None) -> None:
        event_id = known.remote_id if known else events.event_id(appointment_id)
        await self._rest.send("DELETE", f"{self._events}/{quote(event_id)}", takes=(404, 410))


def _understood(found: list[dict[str, Any]], zone: ZoneInfo) -> tuple[list[OutsideEvent], int]:
    understood, unreadable = [], 0
    for item in found:
        try:
            understood.append(events.outside_event(item, zone=zone))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            unreadable += 1
    return understood, unreadable


def _written(answer: Answer) -> Written:
    try:
        return Written(remote_id=str(answer.body["id"]), etag=answer.body.get("etag"))
    except (KeyError, TypeError, AttributeError):
        raise CalendarAway(f"{_NAME} answered with something that was not understood") from None


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _judge(answer: Answer, *, now: datetime) -> CalendarError | None:
    """Google says 403 both to who asks too often and to who may not."""
    if answer.status != 403:
        return None
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    listed = error.get("errors") if isinstance(error, dict) else None
    reasons = {str(item.get("reason")) for item in listed or () if isinstance(item, dict)}
    if reasons & _QUOTA:
        return CalendarAway(
            f"{_NAME} asks to wait (HTTP 403)", retry_after=retry_after(answer.response, now=now)
        )
    if reasons & _NOT_OURS:
        return CalendarRefused(f"{_NAME}: only the organiser may change that entry")
    return SignInNeeded(f"{_NAME}: the permission for the calendar is missing")
