"""Microsoft Graph: what its events mean, its delta links, and its names of zones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from connectors.microsoft import events
from connectors.microsoft.zones import windows_name, zone_of
from domain.calendars.port import (
    CalendarAway,
    CalendarError,
    CursorGone,
    OutsideCalendar,
    SignInNeeded,
)
from domain.seam import PinnedSeam
from sandbox.calendars import microsoft
from tests.connectors.vendors import Seen, Vendor, entry, hour, vendor_of


@pytest.fixture
async def vendor(seam: PinnedSeam, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Vendor]:
    async with vendor_of("microsoft", seam, monkeypatch) as made:
        yield made


@pytest.fixture
async def calendar(vendor: Vendor) -> AsyncIterator[OutsideCalendar]:
    opened = await vendor.connect()
    yield opened
    await opened.aclose()


def point(text: str, zone: str = "UTC") -> dict[str, str]:
    return {"dateTime": text, "timeZone": zone}


def put(vendor: Vendor, **event: Any) -> str:
    """An event of the second day, 15:00 to 16:00 UTC, unless it says otherwise."""
    usual = {"start": point("2026-03-03T15:00:00"), "end": point("2026-03-03T16:00:00")}
    return microsoft.put_event(vendor.account, {**usual, **event})


def requests(vendor: Vendor, kind: str) -> int:
    counts: dict[str, int] = vendor.shared.traffic.report()["microsoft"]["counts"]
    return counts.get(kind, 0)


@pytest.mark.parametrize(
    ("event", "busy"),
    [
        ({}, True),
        ({"showAs": "free"}, False),
        ({"showAs": "workingElsewhere"}, False),
        ({"showAs": "tentative"}, True),
        ({"showAs": "oof"}, True),
        ({"showAs": "unknown"}, True),
        ({"isCancelled": True}, False),
        ({"responseStatus": {"response": "declined"}}, False),
        ({"responseStatus": {"response": "notResponded"}}, True),
        ({"sensitivity": "private"}, True),
        ({"end": point("2026-03-03T15:00:00")}, False),
        ({"transactionId": "c7555340-474b-cf1f-5bd8-d9e197da220e"}, True),
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
    put(
        vendor,
        isAllDay=True,
        start=point("2026-03-07T00:00:00", "Eastern Standard Time"),
        end=point("2026-03-09T00:00:00", "Eastern Standard Time"),
    )
    seen = Seen()
    await seen.read(calendar)
    assert seen.busy == [(datetime(2026, 3, 7, 5, tzinfo=UTC), datetime(2026, 3, 9, 4, tzinfo=UTC))]


async def test_an_event_that_makes_no_sense_is_counted_and_hides_no_other(
    vendor: Vendor, calendar: OutsideCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(vendor)
    put(vendor, subject="broken")
    shown = microsoft._shown

    def broken(thing: Any, request: Any) -> dict[str, Any]:
        event = shown(thing, request)
        if event.get("subject") == "broken":
            event["start"] = point("half past nine")
        return event

    monkeypatch.setattr(microsoft, "_shown", broken)
    seen = Seen()
    assert (await seen.read(calendar)).unreadable == 1
    assert seen.busy == [hour(1, 15)]


@pytest.mark.parametrize("far", [False, True])
@pytest.mark.parametrize(("shows", "busy"), [("free", 0), ("oof", 3)])
async def test_an_occurrence_is_as_busy_as_its_series(
    vendor: Vendor, calendar: OutsideCalendar, far: bool, shows: str, busy: int
) -> None:
    begun = "2025-01-07" if far else "2026-03-03"
    put(
        vendor,
        id="series",
        type="seriesMaster",
        showAs=shows,
        start=point(f"{begun}T15:00:00"),
        end=point(f"{begun}T16:00:00"),
    )
    for day in (3, 10, 17):
        put(
            vendor,
            type="occurrence",
            seriesMasterId="series",
            start=point(f"2026-03-{day:02}T15:00:00"),
            end=point(f"2026-03-{day:02}T16:00:00"),
        )
    seen = Seen()
    await seen.read(calendar)
    # The series itself is no time of its own.
    assert len(seen.events) == 3
    assert len(seen.busy) == busy
    # One question for the series, however many its occurrences.
    assert requests(vendor, "get") == (1 if far else 0)


async def test_a_change_of_a_whole_series_reaches_occurrences_that_are_not_reported(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    put(vendor, id="series", type="seriesMaster", showAs="busy")
    put(vendor, id="one", type="occurrence", seriesMasterId="series")
    seen = Seen()
    await seen.read(calendar)
    assert len(seen.busy) == 1
    put(vendor, id="series", type="seriesMaster", showAs="free")
    await seen.read(calendar)
    assert seen.busy == []


async def test_an_event_moved_out_of_the_window_blocks_no_more(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    moving = vendor.add(hour(1, 15))
    seen = Seen()
    await seen.read(calendar)
    vendor.move(moving, hour(300, 15))
    await seen.read(calendar)
    assert seen.busy == []


async def test_a_round_that_goes_in_circles_is_read_in_the_plain_view(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    vendor.account.page_size = 2
    spans = [hour(day, 15) for day in range(5)]
    for span in spans:
        vendor.add(span)
    vendor.account.circles = True
    seen = Seen()
    changes = await seen.read(calendar)
    assert seen.busy == spans
    assert changes.complete and changes.cursor is None
    assert requests(vendor, "delta") < 5


async def test_a_link_to_another_host_is_not_followed(
    vendor: Vendor, calendar: OutsideCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = (
        f"http://localhost:{vendor.url.rpartition(':')[2]}/microsoft/v1.0/me/calendarView/delta"
    )
    monkeypatch.setattr(microsoft, "_link", lambda *_: f"{elsewhere}?$skiptoken=x")
    vendor.account.page_size = 1
    vendor.add(hour(1, 15))
    vendor.add(hour(2, 15))
    with pytest.raises(CalendarAway):
        await Seen().read(calendar)
    assert requests(vendor, "delta") == 1


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (410, "SyncStateNotFound", CursorGone),
        (400, "SyncStateNotFound", CursorGone),
        (410, "resyncRequired", CursorGone),
        (403, "ErrorAccessDenied", SignInNeeded),
        (404, "ErrorItemNotFound", SignInNeeded),
    ],
)
async def test_errors_by_graph_s_own_words(
    vendor: Vendor,
    calendar: OutsideCalendar,
    status: int,
    reason: str,
    error: type[CalendarError],
) -> None:
    seen = Seen()
    await seen.read(calendar)
    vendor.fault("status", status=status, reason=reason, only="delta")
    with pytest.raises(error):
        await seen.read(calendar)


async def test_a_transaction_id_that_a_deleted_entry_used_up_is_replaced(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    vendor.fault("status", status=409, reason="ErrorDuplicateTransactionId", count=1, only="create")
    made = entry(1, hour(1, 15))
    written = await calendar.write(made, known=None)
    seen = Seen()
    await seen.read(calendar)
    assert [event.event_id for event in seen.ours(made)] == [written.remote_id]


async def test_an_entry_is_found_by_its_property_when_the_transaction_id_is_forgotten(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    made = entry(1, hour(1, 15))
    written = await calendar.write(made, known=None)
    del vendor.account.store.things[written.remote_id].body["transactionId"]
    again = await calendar.write(entry(1, hour(2, 15), version=2), known=None)
    assert again.remote_id == written.remote_id
    assert len(vendor.account.store.living()) == 1
    await calendar.remove(made.appointment_id, known=None)
    assert vendor.account.store.living() == []


def test_transaction_ids_name_their_appointment() -> None:
    appointment_id = UUID(int=5)
    for name in (
        events.transaction_id(appointment_id),
        events.transaction_id(appointment_id, again=12),
    ):
        assert events.appointment_of({"transactionId": name}) == appointment_id
    for name in (None, "", "reception-", f"{appointment_id}", f"reception-{'-' * 36}"):
        assert events.appointment_of({"transactionId": name}) is None


def test_windows_names_of_zones() -> None:
    assert str(zone_of("Eastern Standard Time")) == "America/New_York"
    assert str(zone_of("India Standard Time")) in ("Asia/Calcutta", "Asia/Kolkata")
    assert str(zone_of("Europe/Berlin")) == "Europe/Berlin"
    assert str(zone_of("tzone://Microsoft/Utc")) == "UTC"
    assert zone_of("tzone://Microsoft/Custom") is None
    assert zone_of("../../etc/passwd") is None
    assert windows_name("America/New_York") == "Eastern Standard Time"
    assert windows_name("Europe/Vienna") is None


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Vienna", "Asia/Kolkata", "UTC"])
@pytest.mark.parametrize(
    "begins",
    [
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        datetime(2026, 7, 1, 9, 0, tzinfo=UTC),
    ],
)
def test_an_entry_is_written_at_its_instant_in_every_zone(zone: str, begins: datetime) -> None:
    point = events._point(begins, zone)
    local = datetime.fromisoformat(point["dateTime"])
    named = zone_of(point["timeZone"])
    assert named is not None and local.tzinfo is None
    assert local.replace(tzinfo=named).astimezone(UTC) == begins
