"""CalDAV against a real Radicale, through the whole synchronisation."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from connectors.caldav.discovery import discover
from connectors.disconnection import disconnect
from connectors.sync import SyncReport, sync_calendar
from domain.calendars import operations as calendars
from domain.calendars.models import BusyTime, Calendar, CalendarEntry
from domain.calendars.port import CalendarRefused, SignInNeeded
from domain.database import Database
from domain.errors import Conflict
from domain.scheduling import appointments
from domain.scheduling.models import Appointment
from domain.seam import PinnedSeam
from tests.connectors.radicale import USER, Radicale, event
from tests.domain.practice import Practice, at, book_cleaning, make_practice


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def connect(
    database: Database, practice: Practice, radicale: Radicale, *, direction: str = "both"
) -> UUID:
    async with database.scope(business_id=practice.business_id) as scope:
        calendar = await calendars.connect(
            scope,
            person_id=practice.lee_id,
            kind="caldav",
            name="Dr. Lee",
            direction=direction,
            access={"url": radicale.calendar, "user": USER, "password": radicale.password},
            private=True,
        )
        return calendar.id


@pytest.fixture
async def calendar_id(database: Database, practice: Practice, radicale: Radicale) -> UUID:
    return await connect(database, practice, radicale)


async def sync(database: Database, practice: Practice, calendar_id: UUID) -> SyncReport:
    return await sync_calendar(database, business_id=practice.business_id, calendar_id=calendar_id)


async def calendar_of(database: Database, practice: Practice, calendar_id: UUID) -> Calendar:
    async with database.scope(business_id=practice.business_id) as scope:
        return await calendars.get(scope, calendar_id=calendar_id)


async def busy(database: Database, practice: Practice) -> list[tuple[datetime, datetime]]:
    async with database.scope(business_id=practice.business_id) as scope:
        rows = await scope.session.scalars(select(BusyTime).order_by(BusyTime.begins_at))
        return [(row.begins_at, row.ends_at) for row in rows]


async def entry_of(
    database: Database, practice: Practice, appointment: Appointment
) -> CalendarEntry | None:
    async with database.scope(business_id=practice.business_id) as scope:
        return await scope.session.scalar(
            select(CalendarEntry).where(CalendarEntry.appointment_id == appointment.id)
        )


async def book(database: Database, practice: Practice, *, hour: int = 14) -> Appointment:
    return await book_cleaning(database, practice, call_id=database.seam.new_id(), hour=hour)


async def move(
    database: Database, practice: Practice, appointment: Appointment, *, hour: int
) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.move(scope, appointment_id=appointment.id, starts_at=at(hour))


async def cancel(database: Database, practice: Practice, appointment: Appointment) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.cancel(scope, appointment_id=appointment.id, by_staff=True)


def name_of(appointment: Appointment) -> str:
    return f"appointment-{appointment.id}.ics"


async def test_an_outside_event_blocks_follows_its_change_and_frees_again(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    radicale.put("theirs.ics", "DTSTART:20261124T150000Z", "DTEND:20261124T160000Z", "SUMMARY:Gym")
    report = await sync(database, practice, calendar_id)
    assert (report.state, report.told) == ("connected", 1)
    assert await busy(database, practice) == [(at(10), at(11))]
    radicale.put("theirs.ics", "DTSTART:20261124T160000Z", "DTEND:20261124T163000Z")
    assert (await sync(database, practice, calendar_id)).told == 1
    assert await busy(database, practice) == [(at(11), at(11, 30))]
    assert (await sync(database, practice, calendar_id)).told == 0
    radicale.request("DELETE", radicale.calendar + "theirs.ics")
    await sync(database, practice, calendar_id)
    assert await busy(database, practice) == []


async def test_our_appointment_appears_is_moved_and_removed(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    appointment = await book(database, practice)
    assert (await sync(database, practice, calendar_id)).written == 1
    text = radicale.get(name_of(appointment)) or ""
    assert "SUMMARY:Cleaning\r\n" in text and "DTSTART:20261124T190000Z" in text
    assert "Jane" not in text
    # Seen again by the next import, it makes nobody busy and is not written again.
    assert (await sync(database, practice, calendar_id)).written == 0
    assert await busy(database, practice) == []
    await move(database, practice, appointment, hour=16)
    assert (await sync(database, practice, calendar_id)).written == 1
    assert "DTSTART:20261124T210000Z" in (radicale.get(name_of(appointment)) or "")
    await cancel(database, practice, appointment)
    assert (await sync(database, practice, calendar_id)).removed == 1
    assert radicale.names() == []
    assert await entry_of(database, practice, appointment) is None


async def test_an_appointment_given_to_somebody_else_leaves_the_calendar(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    appointment = await book(database, practice)
    await sync(database, practice, calendar_id)
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.move(
            scope,
            appointment_id=appointment.id,
            starts_at=at(14),
            person_id=practice.gomez_id,
        )
    assert (await sync(database, practice, calendar_id)).removed == 1
    assert radicale.names() == []
    assert await busy(database, practice) == []


async def test_changes_wait_while_the_server_is_down_and_are_delivered_after(
    database: Database,
    practice: Practice,
    radicale: Radicale,
    calendar_id: UUID,
    seam: PinnedSeam,
) -> None:
    first, second = await book(database, practice), await book(database, practice, hour=10)
    await sync(database, practice, calendar_id)
    radicale.put("theirs.ics", "DTSTART:20261124T170000Z", "DTEND:20261124T180000Z")
    await sync(database, practice, calendar_id)
    radicale.kill()
    await move(database, practice, first, hour=15)
    await cancel(database, practice, second)
    third = await book(database, practice, hour=11)
    waits = []
    for _ in range(3):
        assert (await sync(database, practice, calendar_id)).state == "failing"
        calendar = await calendar_of(database, practice, calendar_id)
        waits.append(calendar.next_at - seam.now())
    assert waits == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert calendar.error == "it cannot be reached"
    assert await busy(database, practice) == [(at(12), at(13))]
    radicale.start()
    report = await sync(database, practice, calendar_id)
    assert (report.state, report.written, report.removed) == ("connected", 2, 1)
    assert radicale.names() == sorted([name_of(first), name_of(third), "theirs.ics"])
    calendar = await calendar_of(database, practice, calendar_id)
    assert (calendar.failures, calendar.failing_since, calendar.error) == (0, None, "")


async def test_a_changed_password_is_told_and_a_new_one_takes_up_the_rest(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    await sync(database, practice, calendar_id)
    radicale.change_password("another")
    radicale.kill()
    radicale.start()
    appointment = await book(database, practice)
    assert (await sync(database, practice, calendar_id)).state == "sign_in_needed"
    calendar = await calendar_of(database, practice, calendar_id)
    assert calendar.error == "it does not accept the user and password"
    async with database.scope(business_id=practice.business_id) as scope:
        await calendars.change(scope, calendar_id=calendar_id, access={"password": "another"})
    assert (await sync(database, practice, calendar_id)).written == 1
    assert radicale.names() == [name_of(appointment)]


async def test_an_entry_moved_outside_is_a_conflict_and_stays_until_ours_changes(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    appointment = await book(database, practice)
    await sync(database, practice, calendar_id)
    text = radicale.get(name_of(appointment)) or ""
    moved = text.replace("DTSTART:20261124T19", "DTSTART:20261124T17").replace(
        "DTEND:20261124T19", "DTEND:20261124T17"
    )
    radicale.request("PUT", radicale.calendar + name_of(appointment), content=moved)
    for _ in range(2):
        assert (await sync(database, practice, calendar_id)).written == 0
        entry = await entry_of(database, practice, appointment)
        assert entry is not None and entry.conflict == "moved"
        assert "DTSTART:20261124T170000Z" in (radicale.get(name_of(appointment)) or "")
    assert await busy(database, practice) == []
    await move(database, practice, appointment, hour=16)
    await sync(database, practice, calendar_id)
    entry = await entry_of(database, practice, appointment)
    assert entry is not None and entry.conflict == ""
    assert "DTSTART:20261124T210000Z" in (radicale.get(name_of(appointment)) or "")


async def test_an_entry_moved_beyond_what_is_read_is_not_taken_for_removed(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    appointment = await book(database, practice)
    await sync(database, practice, calendar_id)
    moved = (radicale.get(name_of(appointment)) or "").replace(":20261124T", ":20271124T")
    radicale.request("PUT", radicale.calendar + name_of(appointment), content=moved)
    for _ in range(2):
        await sync(database, practice, calendar_id)
        entry = await entry_of(database, practice, appointment)
        assert entry is not None and entry.conflict == "moved"
        assert await busy(database, practice) == []
        async with database.scope(business_id=practice.business_id) as scope:
            calendar = await calendars.get(scope, calendar_id=calendar_id)
            calendar.cursor = None


async def test_an_entry_removed_outside_is_a_conflict_and_comes_back_when_ours_changes(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    appointment = await book(database, practice)
    await sync(database, practice, calendar_id)
    radicale.request("DELETE", radicale.calendar + name_of(appointment))
    for _ in range(2):
        await sync(database, practice, calendar_id)
        assert radicale.names() == []
    entry = await entry_of(database, practice, appointment)
    assert entry is not None and entry.conflict == "removed"
    await move(database, practice, appointment, hour=16)
    await sync(database, practice, calendar_id)
    assert radicale.names() == [name_of(appointment)]


async def test_what_people_add_to_an_entry_is_no_conflict(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    appointment = await book(database, practice)
    await sync(database, practice, calendar_id)
    text = radicale.get(name_of(appointment)) or ""
    noted = text.replace("STATUS:", "DESCRIPTION:Bring the chart\r\nSTATUS:")
    radicale.request("PUT", radicale.calendar + name_of(appointment), content=noted)
    await sync(database, practice, calendar_id)
    entry = await entry_of(database, practice, appointment)
    assert entry is not None and entry.conflict == ""


async def test_an_entry_whose_answer_was_lost_is_not_made_twice(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    appointment = await book(database, practice)
    await sync(database, practice, calendar_id)
    async with database.scope(business_id=practice.business_id) as scope:
        entry = await scope.session.get(CalendarEntry, (calendar_id, appointment.id))
        assert entry is not None
        entry.remote_id = entry.etag = entry.starts_at = entry.ends_at = None
        entry.delivered_version = 0
        calendar = await calendars.get(scope, calendar_id=calendar_id)
        calendar.direction = "out"
    report = await sync(database, practice, calendar_id)
    assert (report.written, report.failed) == (1, 0)
    assert radicale.names() == [name_of(appointment)]


async def test_an_unread_change_of_an_entry_is_not_overwritten(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    """The server's own comparison (If-Match) catches what came after our last reading."""
    appointment = await book(database, practice)
    await sync(database, practice, calendar_id)
    text = radicale.get(name_of(appointment)) or ""
    theirs = event(
        *(line for line in text.split("\r\n") if line.startswith(("UID", "X-RECEPTION"))),
        "DTSTART:20261124T120000Z",
        "DTEND:20261124T123000Z",
    )
    from connectors.caldav import connect as open_calendar
    from domain.calendars.entries import describe
    from domain.calendars.port import ChangedOutside, Written

    async def keep(_: object) -> None:
        raise AssertionError("there are no tokens")

    entry = await entry_of(database, practice, appointment)
    assert entry is not None and entry.remote_id is not None
    radicale.request("PUT", radicale.calendar + name_of(appointment), content=theirs)
    async with database.scope(business_id=practice.business_id) as scope:
        described = await describe(scope, appointment_ids=[appointment.id], show_names=False)
    calendar = await calendar_of(database, practice, calendar_id)
    outside = await open_calendar(calendar.access, keep=keep, now=database.seam.now)
    with pytest.raises(ChangedOutside):
        await outside.write(
            described[appointment.id],
            known=Written(remote_id=entry.remote_id, etag=entry.etag),
        )
    assert "T120000Z" in (radicale.get(name_of(appointment)) or "")
    await outside.aclose()


async def test_a_calendar_connected_later_shows_what_is_to_come(
    database: Database, practice: Practice, radicale: Radicale
) -> None:
    booked = [await book(database, practice, hour=hour) for hour in (10, 14)]
    calendar_id = await connect(database, practice, radicale)
    assert (await sync(database, practice, calendar_id)).written == 2
    assert radicale.names() == sorted(map(name_of, booked))


async def test_the_directions_in_and_out_do_one_thing_each(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    radicale.put("theirs.ics", "DTSTART:20261124T150000Z", "DTEND:20261124T160000Z")
    await book(database, practice)
    await sync(database, practice, calendar_id)
    async with database.scope(business_id=practice.business_id) as scope:
        await calendars.change(scope, calendar_id=calendar_id, direction="in")
    assert (await sync(database, practice, calendar_id)).removed == 1
    assert radicale.names() == ["theirs.ics"]
    assert await busy(database, practice) == [(at(10), at(11))]
    async with database.scope(business_id=practice.business_id) as scope:
        await calendars.change(scope, calendar_id=calendar_id, direction="out")
    assert (await sync(database, practice, calendar_id)).written == 1
    assert await busy(database, practice) == []


async def test_disconnecting_takes_our_entries_along(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    radicale.put("theirs.ics", "DTSTART:20261124T150000Z", "DTEND:20261124T160000Z")
    await book(database, practice)
    await sync(database, practice, calendar_id)
    radicale.kill()
    with pytest.raises(Conflict, match="1 of our entries"):
        await disconnect(database, business_id=practice.business_id, calendar_id=calendar_id)
    radicale.start()
    await disconnect(database, business_id=practice.business_id, calendar_id=calendar_id)
    assert radicale.names() == ["theirs.ics"]
    assert await busy(database, practice) == []


async def test_entries_left_by_an_earlier_connection_are_taken_up(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    kept, dropped = await book(database, practice), await book(database, practice, hour=10)
    await sync(database, practice, calendar_id)
    await disconnect(
        database,
        business_id=practice.business_id,
        calendar_id=calendar_id,
        leave_entries=True,
    )
    await cancel(database, practice, dropped)
    again = await connect(database, practice, radicale)
    await sync(database, practice, again)
    assert radicale.names() == [name_of(kept)]
    assert await busy(database, practice) == []


async def test_a_sync_token_that_the_server_forgot_leads_to_a_full_reading(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    radicale.put("theirs.ics", "DTSTART:20261124T150000Z", "DTEND:20261124T160000Z")
    await sync(database, practice, calendar_id)
    async with database.scope(business_id=practice.business_id) as scope:
        calendar = await calendars.get(scope, calendar_id=calendar_id)
        calendar.cursor = '{"token": "http://radicale.org/ns/sync/' + "0" * 64 + '"}'
    radicale.request("DELETE", radicale.calendar + "theirs.ics")
    assert (await sync(database, practice, calendar_id)).state == "connected"
    assert await busy(database, practice) == []


async def test_a_server_without_sync_collection_is_compared_by_etags(
    database: Database, practice: Practice, radicale: Radicale, calendar_id: UUID
) -> None:
    radicale.put("theirs.ics", "DTSTART:20261124T150000Z", "DTEND:20261124T160000Z")
    await sync(database, practice, calendar_id)
    async with database.scope(business_id=practice.business_id) as scope:
        calendar = await calendars.get(scope, calendar_id=calendar_id)
        calendar.cursor = '{"ctag": "old", "etags": {}}'
    assert (await sync(database, practice, calendar_id)).told == 1
    assert (await sync(database, practice, calendar_id)).told == 0
    radicale.put("theirs.ics", "DTSTART:20261124T160000Z", "DTEND:20261124T170000Z")
    radicale.put("more.ics", "UID:more", "DTSTART:20261124T180000Z", "DTEND:20261124T190000Z")
    assert (await sync(database, practice, calendar_id)).told == 2
    radicale.request("DELETE", radicale.calendar + "more.ics")
    await sync(database, practice, calendar_id)
    assert await busy(database, practice) == [(at(11), at(12))]


async def test_recurring_events_are_read_anew_as_days_pass(
    database: Database,
    practice: Practice,
    radicale: Radicale,
    calendar_id: UUID,
    seam: PinnedSeam,
) -> None:
    radicale.put(
        "theirs.ics",
        "DTSTART;TZID=America/New_York:20261123T080000",
        "DTEND;TZID=America/New_York:20261123T083000",
        "RRULE:FREQ=DAILY",
    )
    await sync(database, practice, calendar_id)
    first = (await busy(database, practice))[-1]
    for _ in range(10):
        seam.advance(timedelta(days=1))
        assert (await sync(database, practice, calendar_id)).state == "connected"
    times = await busy(database, practice)
    assert times[-1][0] == first[0] + timedelta(days=10)
    assert times[-1][1] > seam.now() + timedelta(days=61)


@pytest.mark.parametrize("path", ["", f"{USER}/", f"{USER}/practice/"])
async def test_a_users_calendars_are_found_from_any_of_their_addresses(
    database: Database, radicale: Radicale, path: str
) -> None:
    found = await discover(
        url=radicale.address + path,
        user=USER,
        password=radicale.password,
        private=True,
        now=database.seam.now,
    )
    assert [(one.url.replace("%40", "@"), one.writable) for one in found] == [
        (radicale.calendar, True)
    ]


async def test_discovery_says_what_is_wrong(database: Database, radicale: Radicale) -> None:
    wrong = {"url": radicale.address, "user": USER, "private": True, "now": database.seam.now}
    with pytest.raises(SignInNeeded):
        await discover(**wrong, password="wrong")
    with pytest.raises(CalendarRefused, match="https"):
        await discover(**(wrong | {"private": False}), password=radicale.password)
