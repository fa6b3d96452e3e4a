"""Google Calendar's events in the words of the port, and our entries in Google's.

Source: https://developers.google.com/workspace/calendar/api/v3/reference/events.
"""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from connectors.fingerprint import fingerprint
from domain.calendars.port import Entry, OutsideBusy, OutsideEvent

FIELDS: Final = (
    "timeZone,nextPageToken,nextSyncToken,items(id,etag,status,start,end,transparency,eventType,"
    "attendees(self,responseStatus),extendedProperties/private)"
)
"""All that a reading asks for: titles, guests and descriptions stay at Google."""

_MARK: Final = "reception"
_APPOINTMENT: Final = "receptionAppointment"
_WRITTEN: Final = "receptionWritten"
_FREE_TYPES: Final = frozenset({"workingLocation", "birthday"})
"""outOfOffice, focusTime, fromGmail and default make busy unless they are marked as free."""


def event_id(appointment_id: UUID) -> str:
    """The id under which an appointment is put in, so that a repeated insert meets the first one. Google
    takes the letters a to v and digits of base32hex, and our mark is within them."""
    return _MARK + base64.b32hexencode(appointment_id.bytes).decode().rstrip("=").lower()


def appointment_of(item: dict[str, Any]) -> UUID | None:
    """Whose entry an event is. Told by its id, which a copy that somebody makes does not share, and which
    a deleted event still has."""
    event_id = str(item.get("id", ""))
    if not event_id.startswith(_MARK):
        return None
    try:
        return UUID(bytes=base64.b32hexdecode(event_id[len(_MARK) :].upper() + "======"))
    except ValueError:
        # An occurrence of an entry that somebody made a series of: theirs, and it makes busy.
        return None


def outside_event(item: dict[str, Any], *, zone: ZoneInfo) -> OutsideEvent:
    """Raises ValueError, KeyError or TypeError when it can't be understood."""
    begins_at, ends_at = span(item, zone=zone)
    ours = appointment_of(item)
    # A length of nothing takes no time, as in every calendar.
    busy = (
        (OutsideBusy(begins_at=begins_at, ends_at=ends_at),)
        if begins_at < ends_at and (ours is not None or _busy(item))
        else ()
    )
    return OutsideEvent(event_id=str(item["id"]), etag=item.get("etag"), busy=busy, ours=ours)


def span(item: dict[str, Any], *, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When an event is, in UTC. `end` is exclusive, also of whole days."""
    return _instant(item["start"], zone=zone), _instant(item["end"], zone=zone)


def _busy(item: dict[str, Any]) -> bool:
    if item.get("transparency") == "transparent" or item.get("eventType") in _FREE_TYPES:
        return False
    return not any(
        guest.get("self") and guest.get("responseStatus") == "declined"
        for guest in item.get("attendees") or ()
    )


def _instant(point: dict[str, Any], *, zone: ZoneInfo) -> datetime:
    if "date" in point:
        day = date.fromisoformat(point["date"])
        return datetime.combine(day, time(), zone).astimezone(UTC)
    moment = datetime.fromisoformat(point["dateTime"])
    if moment.tzinfo is None:
        own = point.get("timeZone")
        moment = moment.replace(tzinfo=ZoneInfo(own) if own else zone)
    return moment.astimezone(UTC)


def written(entry: Entry) -> str:
    return fingerprint(
        starts_at=entry.starts_at, ends_at=entry.ends_at, title=entry.title, place=entry.place
    )


def shown(item: dict[str, Any]) -> str:
    """The fingerprint of an event as it stands; empty for one that is gone or not understood."""
    if item.get("status") == "cancelled":
        return ""
    try:
        starts_at, ends_at = span(item, zone=ZoneInfo("UTC"))
    except (KeyError, TypeError, ValueError):
        return ""
    return fingerprint(
        starts_at=starts_at,
        ends_at=ends_at,
        title=str(item.get("summary", "")),
        place=str(item.get("location", "")),
    )


def untouched(item: dict[str, Any]) -> bool:
    """Whether an event stands as we last wrote it."""
    private = (item.get("extendedProperties") or {}).get("private") or {}
    return bool(shown(item)) and private.get(_WRITTEN) == shown(item)


def body(entry: Entry) -> dict[str, Any]:
    """An entry as Google takes it, for insert and patch alike."""
    zone = ZoneInfo(entry.zone)
    return {
        "summary": entry.title,
        "location": entry.place,
        "description": entry.note,
        # One that somebody threw away is brought back by this.
        "status": "confirmed",
        "transparency": "opaque",
        "start": {
            "dateTime": entry.starts_at.astimezone(zone).isoformat(),
            "timeZone": entry.zone,
        },
        "end": {"dateTime": entry.ends_at.astimezone(zone).isoformat(), "timeZone": entry.zone},
        "extendedProperties": {
            "private": {_APPOINTMENT: str(entry.appointment_id), _WRITTEN: written(entry)}
        },
    }
