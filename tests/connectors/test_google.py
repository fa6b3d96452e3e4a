"""Google Calendar: what its events mean, and what its errors do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from connectors.google import events
from domain.calendars.port import CalendarAway, CalendarRefused, OutsideCalendar, SignInNeeded
from domain.seam import PinnedSeam
from sandbox.calendars import google
from sandbox.calendars.partial import parse
from tests.connectors.vendors import Seen, Vendor, entry, hour, vendor_of


@pytest.fixture
async def vendor(seam: PinnedSeam, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Vendor]:
    async with vendor_of("google", seam, monkeypatch) as made:
        yield made


@pytest.fixture
async def calendar(vendor: Vendor) -> AsyncIterator[OutsideCalendar]:
    opened = await vendor.connect()
    yield opened
    await opened.aclose()


def put(vendor: Vendor, **event: Any) -> str:
    """An event of the second day, 15:00 to 16:00 UTC, unless it says otherwise."""
    begins, ends = hour(1, 15)
    usual = {"start": {"dateTime": begins.isoformat()}, "end": {"dateTime": ends.isoformat()}}
    return google.put_event(vendor.account, {**usual, **event})


@pytest.mark.parametrize(
    ("event", "busy"),
    [
        ({}, True),
        ({"status": "tentative"}, True),
        ({"transparency": "transparent"}, False),
        ({"eventType": "workingLocation"}, False),
        ({"eventType": "birthday"}, False),
        ({"eventType": "outOfOffice"}, True),
        ({"eventType": "focusTime"}, True),
        ({"visibility": "private"}, True),
        ({"attendees": [{"self": True, "responseStatus": "declined"}]}, False),
        ({"attendees": [{"self": True, "responseStatus": "needsAction"}]}, True),
        ({"attendees": [{"self": True, "responseStatus": "accepted"}]}, True),
        ({"end": {"dateTime": hour(1, 15)[0].isoformat()}}, False),
    ],
)
async def test_what_makes_busy(
    vendor: Vendor, calendar: OutsideCalendar, event: dict[str, Any], busy: bool
) -> None:
    put(vendor, **event)
    seen = Seen()
    await seen.read(calendar)
    assert len(seen.events) == 1
    assert seen.busy == ([hour(1, 15)] if busy else [])


async def test_whole_days_are_days_where_the_person_is(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    # The night to 8 March is an hour shorter in New York.
    put(vendor, start={"date": "2026-03-07"}, end={"date": "2026-03-09"})
    seen = Seen()
    await seen.read(calendar)
    assert seen.busy == [(datetime(2026, 3, 7, 5, tzinfo=UTC), datetime(2026, 3, 9, 4, tzinfo=UTC))]


async def test_local_times_are_read_in_their_own_zone(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    put(
        vendor,
        start={"dateTime": "2026-03-05T09:00:00", "timeZone": "Asia/Kolkata"},
        end={"dateTime": "2026-03-05T10:00:00+01:00", "timeZone": "Europe/Berlin"},
    )
    seen = Seen()
    await seen.read(calendar)
    assert seen.busy == [
        (datetime(2026, 3, 5, 3, 30, tzinfo=UTC), datetime(2026, 3, 5, 9, tzinfo=UTC))
    ]


async def test_an_event_that_makes_no_sense_is_counted_and_hides_no_other(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    put(vendor)
    put(vendor, start={"dateTime": "2026-03-05T09:00:00", "timeZone": "Nowhere/Land"})
    seen = Seen()
    assert (await seen.read(calendar)).unreadable == 1
    assert seen.busy == [hour(1, 15)]


async def test_a_deleted_series_frees_every_occurrence_though_google_names_few(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    ids = [put(vendor, id=f"series_2026030{day}", recurringEventId="series") for day in range(5)]
    seen = Seen()
    await seen.read(calendar)
    assert len(seen.busy) == 5
    vendor.delete(ids[0])
    for forgotten in ids[1:]:
        del vendor.account.store.things[forgotten]
    await seen.read(calendar)
    assert seen.events == {}


async def test_our_deleted_entry_is_told_without_reading_everything(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    made, seen = entry(1, hour(1, 15)), Seen()
    written = await calendar.write(made, known=None)
    await seen.read(calendar)
    vendor.delete(written.remote_id)
    changes = await seen.read(calendar)
    assert not changes.complete
    assert changes.removed == [written.remote_id]


async def test_a_copy_of_our_entry_is_somebody_s_own_event(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    written = await calendar.write(entry(1, hour(1, 15)), known=None)
    original = vendor.account.store.things[written.remote_id].body
    google.put_event(vendor.account, {**original, "id": "copy0fit"})
    google.put_event(vendor.account, {**original, "id": f"{written.remote_id}_20260303"})
    seen = Seen()
    await seen.read(calendar)
    assert len(seen.ours(entry(1, hour(1, 15)))) == 1
    assert seen.busy == [hour(1, 15), hour(1, 15)]


async def test_nothing_is_asked_that_says_what_an_event_is_about(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    mask = parse(events.FIELDS)["items"]
    assert not {"summary", "description", "location", "organizer", "creator"} & mask.keys()
    assert set(mask["attendees"]) == {"self", "responseStatus"}


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (403, "userRateLimitExceeded", CalendarAway),
        (403, "rateLimitExceeded", CalendarAway),
        (403, "quotaExceeded", CalendarAway),
        (403, "insufficientPermissions", SignInNeeded),
        (403, "requiredAccessLevel", SignInNeeded),
        (403, "forbiddenForNonOrganizer", CalendarRefused),
        (404, "notFound", SignInNeeded),
        (400, "invalid", CalendarRefused),
    ],
)
async def test_errors_by_google_s_own_words(
    vendor: Vendor,
    calendar: OutsideCalendar,
    status: int,
    reason: str,
    error: type[Exception],
) -> None:
    vendor.fault("status", status=status, reason=reason, only="list")
    with pytest.raises(error):
        await Seen().read(calendar)


async def test_a_calendar_that_is_not_there_needs_a_person(vendor: Vendor) -> None:
    calendar = await vendor.connect({**vendor.access, "calendar_id": "../team@example.com?x=1"})
    with pytest.raises(SignInNeeded):
        await Seen().read(calendar)
    await calendar.aclose()


def test_ids_are_of_the_letters_that_google_takes() -> None:
    for number in (0, 1, 2**127, 2**128 - 1):
        appointment_id = UUID(int=number)
        event_id = events.event_id(appointment_id)
        assert re.fullmatch(r"[a-v0-9]{5,1024}", event_id)
        assert events.appointment_of({"id": event_id}) == appointment_id
    assert events.appointment_of({"id": "reception"}) is None
    assert events.appointment_of({"id": "receptionist0party"}) is None


async def test_our_entry_shows_its_person_as_busy_to_others(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    written = await calendar.write(entry(1, hour(1, 15)), known=None)
    stored = vendor.account.store.things[written.remote_id].body
    assert (stored["transparency"], stored["status"]) == ("opaque", "confirmed")
    assert stored["start"] == {
        "dateTime": "2026-03-03T10:00:00-05:00",
        "timeZone": "America/New_York",
    }


@pytest.mark.parametrize("at", [5, 6])
async def test_both_hours_of_a_doubled_one_can_be_written(
    vendor: Vendor, calendar: OutsideCalendar, at: int
) -> None:
    begins = datetime(2026, 11, 1, at, 30, tzinfo=UTC)
    made = entry(1, (begins, begins.replace(minute=50)))
    await calendar.write(made, known=None)
    assert vendor.standing(made) == [(made.starts_at, made.ends_at)]
