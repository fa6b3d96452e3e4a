"""Microsoft Graph's events in the words of the port, and our entries in Graph's.

Sources: https://learn.microsoft.com/graph/api/resources/event,
https://learn.microsoft.com/graph/api/resources/datetimetimezone,
https://learn.microsoft.com/graph/api/resources/singlevaluelegacyextendedproperty.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from connectors.fingerprint import fingerprint
from connectors.microsoft.zones import windows_name, zone_of
from domain.calendars.port import Entry, OutsideBusy, OutsideEvent

_SET: Final = "{8f3a6d1e-5b0c-4c52-9c1f-2f6f0a7d4e11}"
"""The namespace of our own named properties in a mailbox."""
APPOINTMENT: Final = f"String {_SET} Name receptionAppointment"
WRITTEN: Final = f"String {_SET} Name receptionWritten"

_FREE: Final = frozenset({"free", "workingElsewhere"})
"""tentative, busy, oof and unknown make busy."""
_OURS = re.compile(r"reception-([0-9a-f-]{36})(-\d+)?")


def transaction_id(appointment_id: UUID, *, again: int | None = None) -> str:
    """Graph makes one event of repeated requests with the same one. Other programs put bare UUIDs there,
    so ours has a mark. `again` makes another, where an earlier entry was deleted."""
    return f"reception-{appointment_id}" + (f"-{again}" if again is not None else "")


def appointment_of(item: dict[str, Any]) -> UUID | None:
    """Whose entry an event is."""
    match = _OURS.fullmatch(str(item.get("transactionId") or ""))
    try:
        return UUID(match[1]) if match else None
    except ValueError:
        return None


def outside_event(item: dict[str, Any], *, zone: ZoneInfo) -> OutsideEvent:
    """Raises ValueError, KeyError or TypeError when it can't be understood."""
    begins_at, ends_at = span(item, zone=zone)
    ours = appointment_of(item)
    busy = (
        (OutsideBusy(begins_at=begins_at, ends_at=ends_at),)
        if begins_at < ends_at and not item.get("isCancelled") and (ours is not None or _busy(item))
        else ()
    )
    return OutsideEvent(
        event_id=str(item["id"]), etag=item.get("@odata.etag"), busy=busy, ours=ours
    )


def _busy(item: dict[str, Any]) -> bool:
    response = (item.get("responseStatus") or {}).get("response")
    return item.get("showAs") not in _FREE and response != "declined"


def span(item: dict[str, Any], *, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When an event is, in UTC."""
    whole_day = bool(item.get("isAllDay"))
    begins_at = _instant(item["start"], whole_day=whole_day, zone=zone)
    return begins_at, _instant(item["end"], whole_day=whole_day, zone=zone)


def _instant(point: dict[str, Any], *, whole_day: bool, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(point["dateTime"])
    if whole_day and moment.time() == time():
        # Graph says "midnight UTC" of a day that is meant wherever its owner is: read as an instant,
        # a day off would begin the evening before in America.
        return moment.replace(tzinfo=zone).astimezone(UTC)
    if moment.tzinfo is None:
        named = zone_of(str(point.get("timeZone") or "UTC"))
        if named is None:
            raise ValueError("an unknown time zone")
        moment = moment.replace(tzinfo=named)
    return moment.astimezone(UTC)


def written(entry: Entry) -> str:
    return fingerprint(
        starts_at=entry.starts_at, ends_at=entry.ends_at, title=entry.title, place=entry.place
    )


def shown(item: dict[str, Any]) -> str:
    """The fingerprint of an event as it stands; empty for one that is not understood."""
    try:
        starts_at, ends_at = span(item, zone=ZoneInfo("UTC"))
    except (KeyError, TypeError, ValueError):
        return ""
    return fingerprint(
        starts_at=starts_at,
        ends_at=ends_at,
        title=str(item.get("subject") or ""),
        place=str((item.get("location") or {}).get("displayName") or ""),
    )


def untouched(item: dict[str, Any]) -> bool:
    """Whether an event, read with our properties, stands as we last wrote it."""
    own = {
        str(held.get("id")).lower(): held.get("value")
        for held in item.get("singleValueExtendedProperties") or ()
    }
    return bool(shown(item)) and own.get(WRITTEN.lower()) == shown(item)


def body(entry: Entry) -> dict[str, Any]:
    """An entry as Graph takes it, for create and update alike."""
    return {
        "subject": entry.title,
        "body": {"contentType": "text", "content": entry.note},
        "location": {"displayName": entry.place},
        "start": _point(entry.starts_at, entry.zone),
        "end": _point(entry.ends_at, entry.zone),
        "isAllDay": False,
        "showAs": "busy",
        "singleValueExtendedProperties": [
            {"id": APPOINTMENT, "value": str(entry.appointment_id)},
            {"id": WRITTEN, "value": written(entry)},
        ],
    }


def _point(moment: datetime, zone: str) -> dict[str, str]:
    windows = windows_name(zone)
    # A zone that Windows has no name for of its own goes as UTC: the instant is the same, and Outlook
    # shows it in its reader's zone.
    local = moment.astimezone(ZoneInfo(zone) if windows else UTC).replace(tzinfo=None, fold=0)
    if windows and local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) != moment:
        # The second hour of a doubled one can't be said in local time.
        return _point(moment, "UTC")
    return {"dateTime": local.isoformat(), "timeZone": windows or "UTC"}
