"""Microsoft Graph v1.0's calendar behind the port.

Sources: https://learn.microsoft.com/graph/api/event-delta and /graph/delta-query-events (calendarView/delta,
which takes no $select, $filter or $expand), /graph/outlook-immutable-id, /graph/throttling (429, Retry-After),
/graph/api/user-post-events (transactionId), /graph/api/event-update.

Changes are polled. Change notifications need an address that Microsoft can reach and a renewal every few
days, and say only that something changed. National clouds are not spoken to.
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
from connectors.microsoft import events
from connectors.network import retry_after
from connectors.oauth import signed_in
from connectors.rest import Answer, Rest, items
from domain.calendars.port import (
    CalendarAway,
    CalendarError,
    ChangedOutside,
    Changes,
    CursorGone,
    Entry,
    OutsideEvent,
    SignInNeeded,
    Written,
)

_NAME: Final = "Microsoft 365"
_MOST_PAGES: Final = 400
_PREFER: Final = 'IdType="ImmutableId", outlook.timezone="UTC", odata.maxpagesize=200'
"""Ids that stay when an event is moved to another folder, and instants that need no table of zones."""
_LOST_STATE: Final = frozenset(
    {"syncstatenotfound", "syncstateinvalid", "resyncrequired", "badrequest.syncstatenotfound"}
)
_WITH_OURS: Final = f"singleValueExtendedProperties($filter=id eq '{events.APPOINTMENT}' or id eq '{events.WRITTEN}')"
_SHOWN: Final = "id,subject,start,end,location,isAllDay,isCancelled,transactionId"


async def connect(access: Mapping[str, Any], *, keep: Keep, now: Now) -> MicrosoftCalendar:
    """`access`: `refresh_token`, `access_token` and `expires_at` as a sign-in gave them, and optionally
    `calendar_id` (else the mailbox's main calendar). Raises CalendarError."""
    rest = signed_in(
        "microsoft",
        access,
        keep=keep,
        now=now,
        headers={"Prefer": _PREFER},
        judge=lambda answer: _judge(answer, now=now()),
    )
    return MicrosoftCalendar(rest, calendar_id=str(access.get("calendar_id") or ""), now=now)


class MicrosoftCalendar:
    """One calendar of a Microsoft 365 mailbox."""

    def __init__(self, rest: Rest, *, calendar_id: str, now: Now) -> None:
        self._rest, self._now = rest, now
        self._calendar = f"me/calendars/{quote(calendar_id, safe='')}" if calendar_id else "me"

    async def aclose(self) -> None:
        await self._rest.aclose()

    async def changes(
        self, *, cursor: str | None, begins: datetime, ends: datetime, zone: str
    ) -> Changes:
        """A removal, or a change of a whole series, leads to a reading of the whole window: Graph does not
        promise that every occurrence is reported then."""
        since = covered.read(cursor) if cursor else None
        if since is None or not since.covers(begins, ends):
            return await self._whole(begins, ends, ZoneInfo(zone))
        found, link = await self._round(since.token, {})
        if link is None or any("@removed" in item or _master(item) for item in found):
            return await self._whole(begins, ends, ZoneInfo(zone))
        understood, unreadable = await self._understood(found, ZoneInfo(zone))
        cursor = covered.Cursor(
            token=link, begins=since.begins, ends=since.ends, read_at=since.read_at
        ).text()
        return Changes(events=understood, cursor=cursor, unreadable=unreadable)

    async def _whole(self, begins: datetime, ends: datetime, zone: ZoneInfo) -> Changes:
        ends = ends + covered.RUNWAY
        window = {"startDateTime": _utc(begins), "endDateTime": _utc(ends)}
        found, link = await self._round(f"{self._calendar}/calendarView/delta", window)
        if link is None:
            # Known of mailboxes with many recurrences: the round goes in circles. The plain view ends,
            # and without a cursor it is read again each time.
            found, _ = await self._round(f"{self._calendar}/calendarView", window)
        understood, unreadable = await self._understood(found, zone)
        cursor = (
            covered.Cursor(token=link, begins=begins, ends=ends, read_at=self._now()).text()
            if link
            else None
        )
        return Changes(events=understood, cursor=cursor, complete=True, unreadable=unreadable)

    async def _round(
        self, address: str, params: Mapping[str, str]
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Every page, and the delta link at its end; None when the pages repeat themselves or end without
        one."""
        found: list[dict[str, Any]] = []
        before: list[Any] | None = None
        for _ in range(_MOST_PAGES):
            answer = await self._rest.send("GET", address, params=params or None)
            page = items(answer.body, "value", vendor=_NAME)
            ids = [item.get("id") for item in page]
            if ids and ids == before:
                return found, None
            found, before = found + page, ids
            if link := answer.body.get("@odata.deltaLink"):
                return found, str(link)
            if not (link := answer.body.get("@odata.nextLink")):
                return found, None
            address, params = str(link), {}
        raise CalendarAway(f"{_NAME} did not come to the end of its list")

    async def _understood(
        self, found: list[dict[str, Any]], zone: ZoneInfo
    ) -> tuple[list[OutsideEvent], int]:
        masters = {str(item.get("id")): item for item in found if _master(item)}
        # A later page says it again where an event changed during the round.
        last = {str(item.get("id")): item for item in found if not _master(item)}
        understood, unreadable = [], 0
        for item in last.values():
            if "@removed" in item:
                continue
            try:
                whole = await self._completed(item, masters)
                understood.append(events.outside_event(whole, zone=zone))
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
                unreadable += 1
        return understood, unreadable

    async def _completed(
        self, item: dict[str, Any], masters: dict[str, dict[str, Any]]
    ) -> dict[str, Any]:
        """Graph says of an occurrence only when it is; whether it makes busy stands in its series."""
        series = item.get("seriesMasterId")
        if "showAs" in item or not series:
            return item
        if series not in masters:
            answer = await self._rest.send(
                "GET",
                f"me/events/{quote(str(series), safe='')}",
                params={"$select": "id,showAs,isAllDay,isCancelled,responseStatus"},
                takes=(404,),
            )
            masters[str(series)] = answer.body if answer.status == 200 else {}
        inherited = ("showAs", "isAllDay", "isCancelled", "responseStatus")
        master = masters[str(series)]
        return {**{name: master[name] for name in inherited if name in master}, **item}

    async def write(self, entry: Entry, *, known: Written | None) -> Written:
        if known is None:
            return await self._create(entry)
        answer = await self._patch(known.remote_id, entry, etag=known.etag)
        if answer.status == 412:
            return await self._over(await self._read(known.remote_id), entry)
        if answer.status in (404, 410):
            if known.etag is None:
                return await self._create(entry)
            raise ChangedOutside(f"the entry is gone from {_NAME}")
        return _written(answer.body)

    async def _create(self, entry: Entry) -> Written:
        if there := await self._find(entry.appointment_id):
            return await self._over(there[0], entry)
        for again in (None, entry.version):
            name = events.transaction_id(entry.appointment_id, again=again)
            answer = await self._rest.send(
                "POST",
                f"{self._calendar}/events",
                body={"transactionId": name, **events.body(entry)},
                takes=(409,),
            )
            if answer.status != 409:
                break
            if there := await self._find(entry.appointment_id):
                return await self._over(there[0], entry)
            # The id was used by an entry that is deleted by now.
        else:
            raise CalendarAway(f"{_NAME} refused the entry as made already (HTTP 409)")
        if events.shown(answer.body) == events.written(entry):
            return _written(answer.body)
        # The one of an earlier try, made with an earlier form of the appointment.
        return await self._over(await self._read(_written(answer.body).remote_id), entry)

    async def _find(self, appointment_id: UUID) -> list[dict[str, Any]]:
        """Our entries of an appointment, whatever they are called."""
        held = f"ep/id eq '{events.APPOINTMENT}' and ep/value eq '{appointment_id}'"
        answer = await self._rest.send(
            "GET",
            f"{self._calendar}/events",
            params={
                "$filter": f"singleValueExtendedProperties/Any(ep: {held})",
                "$select": _SHOWN,
                "$expand": _WITH_OURS,
            },
        )
        return items(answer.body, "value", vendor=_NAME)

    async def _read(self, remote_id: str) -> dict[str, Any]:
        answer = await self._rest.send(
            "GET",
            f"me/events/{quote(remote_id, safe='')}",
            params={"$select": _SHOWN, "$expand": _WITH_OURS},
            takes=(404, 410),
        )
        if answer.status != 200:
            raise ChangedOutside(f"the entry is gone from {_NAME}")
        return dict(answer.body)

    async def _over(self, current: dict[str, Any], entry: Entry) -> Written:
        """Write over one that stands as we left it."""
        if not events.untouched(current):
            raise ChangedOutside(f"the entry was changed in {_NAME}")
        there = _written(current)
        if events.shown(current) == events.written(entry):
            return there
        answer = await self._patch(there.remote_id, entry, etag=there.etag)
        if answer.status in (404, 410, 412):
            raise ChangedOutside(f"the entry was changed in {_NAME}")
        return _written(answer.body)

    async def _patch(self, remote_id: str, entry: Entry, *, etag: str | None) -> Answer:
        return await self._rest.send(
            "PATCH",
            f"me/events/{quote(remote_id, safe='')}",
            body=events.body(entry),
            headers={"If-Match": etag} if etag else {},
            takes=(404, 410, 412),
        )

    async def remove(self, appointment_id: UUID, *, known: Written | None) -> None:
        if known is not None:
            await self._delete(known.remote_id)
            return
        for item in await self._find(appointment_id):
            await self._delete(_written(item).remote_id)

    async def _delete(self, remote_id: str) -> None:
        await self._rest.send("DELETE", f"me/events/{quote(remote_id, safe='')}", takes=(404, 410))


def _master(item: dict[str, Any]) -> bool:
    return item.get("type") == "seriesMaster"


def _written(item: Any) -> Written:
    try:
        return Written(remote_id=str(item["id"]), etag=item.get("@odata.etag"))
    except (KeyError, TypeError, AttributeError):
        raise CalendarAway(f"{_NAME} answered with something that was not understood") from None


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _judge(answer: Answer, *, now: datetime) -> CalendarError | None:
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    code = str(error.get("code", "")).lower() if isinstance(error, dict) else ""
    if answer.status == 410 or code in _LOST_STATE:
        return CursorGone(f"{_NAME} no longer knows the delta link")
    if answer.status == 409:
        # Two savings met (ErrorIrresolvableConflict, ConcurrentItemSave): the next try decides.
        return CalendarAway(
            f"{_NAME} was busy with it", retry_after=retry_after(answer.response, now=now)
        )
    if answer.status == 404:
        return SignInNeeded(f"{_NAME}: the calendar is not there or no longer shared")
    return None
