"""Our appointments as iCalendar (RFC 5545): in a calendar, in a feed, in an invitation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from icalendar import Calendar, Event, vCalAddress, vText

from domain.calendars.port import Entry

PRODUCT = "-//Reception//Appointments//EN"
WRITTEN = "X-RECEPTION-WRITTEN"
"""The times that we wrote, beside those that stand there: they differ when somebody moved it."""

_UID = re.compile(r"appointment-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@reception")


@dataclass(frozen=True, kw_only=True)
class Party:
    """Who invites or is invited (RFC 5546)."""

    email: str
    name: str = ""


def uid_of(appointment_id: UUID) -> str:
    """The UID of an appointment wherever it stands: always the same, so that a repeated write, a feed
    and an invitation are one event to whoever sees several of them."""
    return f"appointment-{appointment_id}@reception"


def appointment_of(uid: str) -> UUID | None:
    """The appointment whose UID this is; None for anybody else's."""
    found = _UID.fullmatch(uid)
    return UUID(found[1]) if found else None


def entry_calendar(entry: Entry, *, stamp: datetime) -> bytes:
    """A calendar object resource (RFC 4791 section 4.1): one event, no METHOD."""
    event = _event(entry, stamp=stamp)
    event.add(WRITTEN, vText(written_times(entry.starts_at, entry.ends_at)))
    calendar = _calendar()
    calendar.add_component(event)
    return _text(calendar)


def feed(entries: Sequence[tuple[Entry, datetime]], *, name: str) -> bytes:
    """What subscribers read: entries, each with the instant at which it last changed."""
    calendar = _calendar(method="PUBLISH")
    # RFC 7986 sections 5.1 and 5.7, and what came before it.
    calendar.add("NAME", vText(name))
    calendar.add("X-WR-CALNAME", vText(name))
    calendar.add("REFRESH-INTERVAL", timedelta(minutes=15), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vText("PT15M"))
    for entry, stamp in entries:
        calendar.add_component(_event(entry, stamp=stamp))
    return _text(calendar)


def invitation(
    entry: Entry,
    *,
    method: Literal["REQUEST", "CANCEL"],
    organizer: Party,
    attendee: Party,
    stamp: datetime,
) -> bytes:
    """An invitation, its update, or its withdrawal, to be mailed as `text/calendar; method=…`
    (RFC 5546 sections 3.2.2 and 3.2.5): the same UID, a SEQUENCE that only grows."""
    event = _event(entry, stamp=stamp, status="CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("ORGANIZER", _address(organizer))
    invited = _address(attendee)
    invited.params["ROLE"] = "REQ-PARTICIPANT"
    invited.params["PARTSTAT"] = "NEEDS-ACTION"
    event.add("ATTENDEE", invited)
    calendar = _calendar(method=method)
    calendar.add_component(event)
    return _text(calendar)


def untouched(data: bytes) -> bool:
    """Whether `data` is an entry of ours that stands at the times that we wrote."""
    try:
        events = Calendar.from_ical(data).walk("VEVENT")
        if len(events) != 1 or appointment_of(str(events[0].get("UID", ""))) is None:
            return False
        begins: Any = events[0]["DTSTART"]
        ends: Any = events[0]["DTEND"]
        return written_times(begins.dt, ends.dt) == str(events[0].get(WRITTEN, ""))
    # It may have been changed into anything, broken iCalendar too.
    except (ValueError, KeyError, AttributeError, TypeError):
        return False


def written_times(starts_at: datetime, ends_at: datetime) -> str:
    """The value of `WRITTEN`."""
    return f"{starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}/{ends_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _calendar(*, method: str | None = None) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    if method:
        calendar.add("METHOD", method)
    return calendar


def _event(entry: Entry, *, stamp: datetime, status: str = "CONFIRMED") -> Event:
    event = Event()
    event.add("UID", uid_of(entry.appointment_id))
    event.add("SEQUENCE", entry.version)
    event.add("DTSTAMP", stamp.astimezone(UTC))
    # In UTC (section 3.3.5, form 2): the one form that no reader's table of zones can shift.
    event.add("DTSTART", entry.starts_at.astimezone(UTC))
    event.add("DTEND", entry.ends_at.astimezone(UTC))
    event.add("SUMMARY", entry.title)
    if entry.place:
        event.add("LOCATION", entry.place)
    if entry.note:
        event.add("DESCRIPTION", entry.note)
    event.add("STATUS", status)
    event.add("TRANSP", "OPAQUE")
    return event


def _text(calendar: Calendar) -> bytes:
    text: bytes = calendar.to_ical()
    return text


def _address(party: Party) -> vCalAddress:
    address = vCalAddress(f"mailto:{party.email}")
    if party.name:
        address.params["CN"] = vText(party.name)
    return address
