"""iCalendar (RFC 5545) as far as it says when somebody is busy."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component, Event, vBroken
from icalendar.timezone import tzp

from domain.calendars.port import OutsideBusy
from domain.calendars.rules import check_rules
from domain.calendars.writing import appointment_of

MOST_OCCURRENCES = 5_000
"""Of one event in a window, after those that touch are joined."""

_EVENT_BEGINS = re.compile(r"^BEGIN:VEVENT\s*$", re.MULTILINE | re.IGNORECASE)
_A_DAY = timedelta(days=1)

# icalendar keeps zones that a calendar defines for the whole process, by name alone: another calendar
# with a zone of the same name and other rules would be read by the first one's.
_reading = threading.Lock()


class NotACalendar(ValueError):
    """The text is no iCalendar at all."""


@dataclass(frozen=True, kw_only=True)
class ReadEvent:
    """An event with all its occurrences in the window, joined where they touch, in UTC; one of ours that
    has none there with its own time."""

    uid: str
    busy: tuple[OutsideBusy, ...]
    ours: UUID | None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """`unreadable` counts the events that made no sense; the others are not lost with them."""

    events: tuple[ReadEvent, ...]
    unreadable: int


def read(
    data: bytes | str, *, begins: datetime, ends: datetime, zone: str, owner: str = ""
) -> Reading:
    """The events of a calendar and when they keep its owner busy between `begins` and `ends`.

    All-day and floating events are in `zone` (sections 3.3.4 and 3.3.5). Transparent and cancelled
    ones, and those that `owner` (an e-mail address) declined, leave free. Busy for long: run it in a
    thread. Raises NotACalendar.
    """
    text = data.decode("utf-8-sig", errors="replace") if isinstance(data, bytes) else data
    with _reading:
        tzp.use_default()
        components, unreadable = _parse(text)
        events = []
        for uid, group, source in _series(components):
            try:
                ours = appointment_of(uid)
                check_rules(group, ends=ends)
                busy = _busy(
                    group, source, begins, ends, ZoneInfo(zone), owner=owner, ours=ours is not None
                )
            # What strangers write into events raises anything: ValueError, KeyError, TypeError …
            except Exception:
                unreadable += 1
                continue
            events.append(ReadEvent(uid=uid, busy=busy, ours=ours))
        for component in components:
            events.extend(_free_busy(component, begins, ends, ZoneInfo(zone)))
    return Reading(events=tuple(events), unreadable=unreadable)


def _parse(text: str) -> tuple[list[Component], int]:
    if "BEGIN:VCALENDAR" not in text[:10_000].upper():
        raise NotACalendar("it is not a calendar")
    try:
        calendars: list[Component] = list(Calendar.from_ical(text, multiple=True))
    except ValueError:
        return _salvage(text)
    # One without its END swallows what follows, and nothing says so.
    read_events = sum(len(calendar.walk("VEVENT")) for calendar in calendars)
    nested = any(
        event.subcomponents and any(part.name == "VEVENT" for part in event.subcomponents)
        for calendar in calendars
        for event in calendar.walk("VEVENT")
    )
    if nested or read_events != len(_EVENT_BEGINS.findall(text)):
        return _salvage(text)
    return calendars, 0


def _salvage(text: str) -> tuple[list[Component], int]:
    """Every event by itself, because one of them, or the frame around them, is broken."""
    calendars: list[Component] = []
    broken = 0
    for name in ("VTIMEZONE", "VEVENT"):
        blocks, cut = _blocks(text, name)
        broken += cut if name == "VEVENT" else 0
        for block in blocks:
            try:
                calendars.append(Calendar.from_ical(f"BEGIN:VCALENDAR\n{block}\nEND:VCALENDAR\n"))
            except ValueError:
                broken += name == "VEVENT"
    return [_joined(calendars)], broken


def _blocks(text: str, name: str) -> tuple[list[str], int]:
    """The components of this name as text, and how many begin and do not end."""
    blocks: list[str] = []
    begun: list[str] | None = None
    cut = 0
    for line in text.splitlines():
        word = line.strip().upper()
        if word == f"BEGIN:{name}":
            cut += begun is not None
            begun = []
        if begun is not None:
            begun.append(line)
            if word == f"END:{name}":
                blocks.append("\n".join(begun))
                begun = None
    return blocks, cut + (begun is not None)


def _joined(calendars: Iterable[Component]) -> Component:
    # One calendar again: an exception and its series are read together.
    joined = Calendar()
    for calendar in calendars:
        for component in calendar.subcomponents:
            joined.add_component(component)
    return joined


def _series(components: Iterable[Component]) -> Iterator[tuple[str, list[Component], Component]]:
    """Each event with its exceptions, which share its UID."""
    groups: dict[tuple[int, str], list[Component]] = {}
    sources: dict[int, Component] = {}
    for number, calendar in enumerate(components):
        sources[number] = calendar
        for event in calendar.walk("VEVENT"):
            groups.setdefault((number, _uid(event)), []).append(event)
    for (number, uid), group in groups.items():
        yield uid, group, sources[number]


def _uid(event: Component) -> str:
    uid = str(event.get("UID", "")).strip()
    # An event without one is broken by section 3.6.1, but busy all the same.
    return uid or "none-" + hashlib.sha256(event.to_ical()).hexdigest()[:32]


def _busy(
    group: list[Component],
    source: Component,
    begins: datetime,
    ends: datetime,
    zone: tzinfo,
    *,
    owner: str,
    ours: bool,
) -> tuple[OutsideBusy, ...]:
    calendar = Calendar()
    for name in ("X-WR-TIMEZONE", "CALSCALE"):
        if name in source:
            calendar.add(name, source[name])
    for event in group:
        if isinstance(event.get("EXDATE"), vBroken):
            # Better busy on a day that was taken out than free on all the others.
            del event["EXDATE"]
        calendar.add_component(event)
    spans = []
    for series in recurring_ical_events.of(calendar).series:
        # A day more on either side: the edges of days and floating times depend on the zone.
        for occurrence in series.between(begins - _A_DAY, ends + _A_DAY):
            if _leaves_free(occurrence.as_component(False), owner=owner, ours=ours):
                continue
            span = _span(occurrence.start, occurrence.end, zone)
            if span[0] < span[1] and span[0] < ends and span[1] > begins:
                spans.append(span)
    if ours and not spans:
        # Moved out of the window: without its time it would be taken for cancelled.
        spans = [
            _span(event.start, event.end, zone)
            for event in group
            if isinstance(event, Event) and not _leaves_free(event, owner=owner, ours=True)
        ]
    return _within_cap(_merged(spans))


def _leaves_free(event: Component, *, owner: str, ours: bool) -> bool:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return True
    if ours:
        return False
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return True
    if str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE":
        return True
    return bool(owner) and _declined(event, owner)


def _declined(event: Component, owner: str) -> bool:
    attendees = event.get("ATTENDEE", [])
    for attendee in attendees if isinstance(attendees, list) else [attendees]:
        address = str(attendee).lower().removeprefix("mailto:")
        if address == owner.lower():
            return str(attendee.params.get("PARTSTAT", "")).upper() == "DECLINED"
    return False


def _span(start: date, end: date, zone: tzinfo) -> tuple[datetime, datetime]:
    begins, ends = _instant(start, zone), _instant(end, zone)
    if ends <= begins and type(start) is type(end):
        # It begins in an hour that a clock change skips: as long as its wall clock says.
        ends = begins + max(end - start, timedelta())
    return begins, ends


def _instant(value: date, zone: tzinfo) -> datetime:
    """A DATE is its midnight. A local time that a clock change skips is read by the offset before the
    gap, a doubled one is its first (section 3.3.5), which is what `fold=0` means."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    return value.astimezone(UTC)


def _merged(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    for begins, ends in sorted(spans):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        else:
            merged.append((begins, ends))
    return merged


def _within_cap(spans: list[tuple[datetime, datetime]]) -> tuple[OutsideBusy, ...]:
    if len(spans) > MOST_OCCURRENCES:
        raise ValueError("an event has too many occurrences")
    return tuple(OutsideBusy(begins_at=begins, ends_at=ends) for begins, ends in spans)


def _free_busy(
    calendar: Component, begins: datetime, ends: datetime, zone: tzinfo
) -> Iterator[ReadEvent]:
    """Published free/busy times (section 3.6.4)."""
    for number, component in enumerate(calendar.walk("VFREEBUSY")):
        spans = []
        for period in _periods(component):
            if str(period.params.get("FBTYPE", "BUSY")).upper() == "FREE":
                continue
            span = _span(period.start, period.end, zone)
            if span[0] < span[1] and span[0] < ends and span[1] > begins:
                spans.append(span)
        yield ReadEvent(
            uid=f"{component.get('UID', 'freebusy')}#{number}",
            busy=_within_cap(_merged(list(islice(spans, MOST_OCCURRENCES)))),
            ours=None,
        )


def _periods(component: Component) -> Iterator[Any]:
    given = component.get("FREEBUSY", [])
    for item in given if isinstance(given, list) else [given]:
        yield from getattr(item, "dts", [item])
