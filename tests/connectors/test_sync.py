"""Synchronisation itself: order, failures, two workers, and what staff see."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from connectors.sync import SyncReport, sync_calendar, sync_due
from domain.calendars import health, operations as calendars
from domain.calendars.models import BusyTime, Calendar, CalendarEntry
from domain.calendars.port import (
    CalendarAway,
    CalendarRefused,
    ChangedOutside,
    SignInNeeded,
)
from domain.database import Database
from domain.people import operations as people
from domain.scheduling import appointments
from domain.scheduling.models import Appointment
from domain.scheduling.occupation import lock
from domain.seam import PinnedSeam
from tests.connectors.fakes import MemoryCalendar
from tests.domain.practice import Practice, at, book_cleaning, make_practice


class Desk:
    """A practice whose Dr. Lee has a calendar elsewhere."""

    def __init__(self, database: Database, practice: Practice, calendar_id: UUID) -> None:
        self.database, self.practice, self.calendar_id = database, practice, calendar_id
        self.outside = MemoryCalendar()

    def scope(self) -> Any:
        return self.database.scope(business_id=self.practice.business_id)

    async def sync(self) -> SyncReport:
        return await sync_calendar(
            self.database,
            business_id=self.practice.business_id,
            calendar_id=self.calendar_id,
            connect=self.outside.connect,
        )

    async def calendar(self) -> Calendar:
        async with self.scope() as scope:
            return await calendars.get(scope, calendar_id=self.calendar_id)

    async def health(self) -> health.CalendarHealth:
        async with self.scope() as scope:
            (found,) = await health.health(scope)
            return found

    async def conflicts(self) -> list[str]:
        async with self.scope() as scope:
            return [conflict.kind for conflict in await health.conflicts(scope)]

    async def busy(self) -> list[datetime]:
        async with self.scope() as scope:
            rows = await scope.session.scalars(
                select(BusyTime.begins_at).order_by(BusyTime.begins_at)
            )
            return list(rows)

    async def entry(self, appointment: Appointment) -> CalendarEntry | None:
        async with self.scope() as scope:
            return await scope.session.get(CalendarEntry, (self.calendar_id, appointment.id))

    async def book(self, *, hour: int = 14) -> Appointment:
        return await book_cleaning(
            self.database, self.practice, call_id=self.database.seam.new_id(), hour=hour
        )

    async def move(self, appointment: Appointment, *, hour: int) -> None:
        async with self.scope() as scope:
            await appointments.move(scope, appointment_id=appointment.id, starts_at=at(hour))

    async def cancel(self, appointment: Appointment) -> None:
        async with self.scope() as scope:
            await appointments.cancel(scope, appointment_id=appointment.id, by_staff=True)


@pytest.fixture
async def desk(database: Database) -> Desk:
    practice = await make_practice(database)
    async with database.scope(business_id=practice.business_id) as scope:
        calendar = await calendars.connect(
            scope,
            person_id=practice.lee_id,
            kind="caldav",
            name="Dr. Lee",
            access={"url": "https://example.com/dav/", "user": "lee", "password": "secret"},
        )
    return Desk(database, practice, calendar.id)


async def test_what_is_new_is_read_from_where_the_last_reading_ended(desk: Desk) -> None:
    desk.outside.put("a", (at(10), at(11)))
    await desk.sync()
    desk.outside.put("b", (at(12), at(13)))
    assert (await desk.sync()).told == 1
    assert [request.cursor for request in desk.outside.requests] == [None, "1"]
    assert await desk.busy() == [at(10), at(12)]
    assert desk.outside.open == 0


async def test_a_cursor_that_is_gone_leads_to_a_full_reading(desk: Desk) -> None:
    desk.outside.put("a", (at(10), at(11)))
    desk.outside.put("b", (at(12), at(13)))
    await desk.sync()
    desk.outside.gone_cursors.add("2")
    desk.outside.delete("a")
    await desk.sync()
    assert [request.cursor for request in desk.outside.requests] == [None, "2", None]
    assert await desk.busy() == [at(12)]


async def test_an_import_waits_for_a_booking_of_the_same_person_and_not_the_other_way_round(
    desk: Desk, database: Database
) -> None:
    """Whoever comes second sees what the first did: both lock the person's resource."""
    desk.outside.put("a", (at(10), at(11)))
    async with desk.scope() as scope:
        person = await people.get(scope, person_id=desk.practice.lee_id)
        await lock(scope, [person.resource_id])
        syncing = asyncio.create_task(desk.sync())
        await _until_waiting(database)
        assert not syncing.done()
    await syncing
    assert await desk.busy() == [at(10)]


async def _until_waiting(database: Database) -> None:
    """Until some transaction waits for another's lock."""
    async with asyncio.timeout(30):
        while True:
            async with database.unscoped() as session:
                waiting = await session.scalar(
                    text(
                        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN "
                        "(SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
                    )
                )
            if waiting:
                return
            await asyncio.sleep(0)


async def test_two_workers_never_sync_one_calendar_at_once(desk: Desk) -> None:
    desk.outside.hold = asyncio.Event()
    first = asyncio.create_task(desk.sync())
    await desk.outside.reached.wait()
    assert (await desk.sync()).state is None
    desk.outside.hold.set()
    assert (await first).state == "connected"
    assert len(desk.outside.requests) == 1
    # And the lock is given back.
    assert (await desk.sync()).state == "connected"


async def test_what_was_read_by_an_access_that_staff_changed_meanwhile_is_dropped(
    desk: Desk,
) -> None:
    desk.outside.put("a", (at(10), at(11)))
    desk.outside.hold = asyncio.Event()
    first = asyncio.create_task(desk.sync())
    await desk.outside.reached.wait()
    async with desk.scope() as scope:
        await calendars.change(scope, calendar_id=desk.calendar_id, active=False)
    desk.outside.hold.set()
    assert (await first).state is None
    assert await desk.busy() == []
    assert (await desk.calendar()).state == "off"
    assert (await desk.sync()).state is None


async def test_refreshed_tokens_are_stored_before_anything_else(desk: Desk) -> None:
    desk.outside.tokens = [{"access_token": "new"}]
    desk.outside.fail["changes"] = [CalendarAway("down")]
    await desk.sync()
    assert (await desk.calendar()).access["access_token"] == "new"


async def test_failures_wait_longer_each_time_and_as_long_as_they_are_told(
    desk: Desk, seam: PinnedSeam
) -> None:
    waits = []
    for number in range(10):
        asked = timedelta(minutes=10) if number == 1 else None
        desk.outside.fail["changes"] = [CalendarAway("down", retry_after=asked)]
        await desk.sync()
        waits.append((await desk.calendar()).next_at - seam.now())
    seconds = [30, 600, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert waits == [timedelta(seconds=each) for each in seconds]
    failing = await desk.health()
    assert (failing.state, failing.error, failing.failing_since) == ("failing", "down", seam.now())


async def test_only_what_is_due_is_asked(desk: Desk, database: Database, seam: PinnedSeam) -> None:
    connect = desk.outside.connect
    assert await sync_due(database, connect=connect) == 1
    assert await sync_due(database, connect=connect) == 0
    seam.advance(timedelta(seconds=30))
    desk.outside.fail["changes"] = [SignInNeeded("no")]
    assert await sync_due(database, connect=connect) == 1
    # Nobody is locked out by trying a wrong password for ever.
    seam.advance(timedelta(days=30))
    assert await sync_due(database, connect=connect) == 0
    async with desk.scope() as scope:
        await calendars.change(scope, calendar_id=desk.calendar_id, access={"password": "new"})
    assert await sync_due(database, connect=connect) == 1
    assert (await desk.calendar()).state == "connected"


async def test_an_entry_that_is_refused_keeps_no_other_back(desk: Desk, seam: PinnedSeam) -> None:
    refused, other = await desk.book(hour=10), await desk.book()
    desk.outside.refuse[refused.id] = CalendarRefused("it refused (400)")
    report = await desk.sync()
    assert (report.state, report.written, report.failed) == ("connected", 1, 1)
    found = await desk.health()
    assert (found.waiting, found.refused) == (1, 1)
    assert (await desk.sync()).failed == 0
    seam.advance(timedelta(hours=1))
    desk.outside.refuse.clear()
    assert (await desk.sync()).written == 1
    assert (await desk.health()).refused == 0
    assert len(desk.outside.entries) == 2 and await desk.entry(other) is not None


async def test_a_server_that_answers_no_entry_is_away(desk: Desk) -> None:
    for hour in (10, 11, 12):
        await desk.book(hour=hour)
    desk.outside.fail["write"] = [CalendarAway("down")] * 2
    assert (await desk.sync()).state == "failing"
    asked = [request for request in desk.outside.requests if request.method == "write"]
    assert len(asked) == 2


async def test_a_connector_that_stumbles_is_asked_again_later(desk: Desk) -> None:
    desk.outside.fail["changes"] = [KeyError("private words")]
    assert (await desk.sync()).state == "failing"
    calendar = await desk.calendar()
    assert calendar.error == "its answer was not understood"
    assert (await desk.sync()).state == "connected"


@pytest.mark.parametrize("method", ["write", "remove"])
async def test_a_lost_answer_makes_neither_a_second_event_nor_a_ghost(
    desk: Desk, seam: PinnedSeam, method: str
) -> None:
    appointment = await desk.book()
    if method == "remove":
        await desk.sync()
        await desk.cancel(appointment)
    desk.outside.fail_after[method] = [CalendarAway("lost")]
    await desk.sync()
    if method == "write":
        # Cancelled before anybody knew whether it stands there.
        await desk.cancel(appointment)
    seam.advance(timedelta(minutes=5))
    await desk.sync()
    assert desk.outside.events == {}
    assert await desk.entry(appointment) is None
    assert (await desk.health()).waiting == 0


async def test_a_crash_between_writing_and_recording_leaves_no_second_event(
    desk: Desk, seam: PinnedSeam
) -> None:
    appointment = await desk.book()
    desk.outside.fail_after["write"] = [asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await desk.sync()
    await desk.move(appointment, hour=16)
    seam.advance(timedelta(minutes=1))
    assert (await desk.sync()).state == "connected"
    (entry,) = desk.outside.entries.values()
    assert entry.starts_at == at(16)
    found = await desk.entry(appointment)
    assert found is not None and found.conflict == "" and found.delivered_version == entry.version


async def test_a_change_made_outside_meanwhile_is_looked_at_before_ours_is_written(
    desk: Desk, seam: PinnedSeam
) -> None:
    appointment = await desk.book()
    await desk.sync()
    await desk.move(appointment, hour=15)
    desk.outside.fail["write"] = [ChangedOutside("changed")]
    assert (await desk.sync()).failed == 1
    assert (await desk.health()).waiting == 1
    seam.advance(timedelta(minutes=1))
    assert (await desk.sync()).written == 1
    (entry,) = desk.outside.entries.values()
    assert entry.starts_at == at(15)


async def test_somebodys_copy_of_our_entry_blocks_and_the_entry_does_not(desk: Desk) -> None:
    appointment = await desk.book()
    await desk.sync()
    desk.outside.put("copy", (at(9), at(10)), ours=appointment.id)
    await desk.sync()
    assert await desk.busy() == [at(9)]


async def test_an_entry_put_back_where_it_was_is_no_conflict_any_more(desk: Desk) -> None:
    appointment = await desk.book()
    await desk.sync()
    event_id = f"e-{appointment.id}"
    desk.outside.move(event_id, at(8), at(9))
    await desk.sync()
    async with desk.scope() as scope:
        (conflict,) = await health.conflicts(scope)
    assert (conflict.kind, conflict.appointment_id) == ("moved_outside", appointment.id)
    assert (await desk.health()).conflicts == 1
    desk.outside.move(event_id, appointment.starts_at, appointment.ends_at)
    await desk.sync()
    async with desk.scope() as scope:
        assert await health.conflicts(scope) == []


async def test_an_entry_that_was_moved_is_not_taken_for_removed_when_its_day_is_past(
    desk: Desk, seam: PinnedSeam
) -> None:
    appointment = await desk.book()
    async with desk.scope() as scope:
        await appointments.move(
            scope, appointment_id=appointment.id, starts_at=at(10) + timedelta(days=14)
        )
    await desk.sync()
    event_id = f"e-{appointment.id}"
    desk.outside.move(event_id, at(8), at(9))
    await desk.sync()
    assert await desk.conflicts() == ["moved_outside"]
    seam.advance(timedelta(days=5))
    # As a server does that is asked for a window.
    moved = desk.outside.events.pop(event_id)
    await desk.sync()
    assert desk.outside.requests[-1].cursor is None
    assert await desk.conflicts() == ["moved_outside"]
    # Back on a day that is read, it is missed there as soon as it is gone.
    desk.outside.events[event_id] = moved
    desk.outside.move(event_id, at(8) + timedelta(days=12), at(9) + timedelta(days=12))
    await desk.sync()
    desk.outside.delete(event_id)
    seam.advance(timedelta(days=5))
    await desk.sync()
    assert desk.outside.requests[-1].cursor is None
    assert await desk.conflicts() == ["removed_outside"]


async def test_appointments_beyond_what_is_read_are_not_taken_for_removed(
    desk: Desk, database: Database
) -> None:
    appointment = await desk.book()
    async with desk.scope() as scope:
        await appointments.move(
            scope,
            appointment_id=appointment.id,
            starts_at=at(10) + timedelta(days=200),
            outside_hours=True,
        )
    await desk.sync()
    # As a server does that is asked for a window.
    hidden = desk.outside.events.pop(f"e-{appointment.id}")
    async with desk.scope() as scope:
        calendar = await calendars.get(scope, calendar_id=desk.calendar_id)
        calendar.cursor = None
    await desk.sync()
    found = await desk.entry(appointment)
    assert hidden.ours == appointment.id
    assert found is not None and found.conflict == ""


async def test_names_are_shown_only_if_the_practice_wants_it(desk: Desk) -> None:
    appointment = await desk.book()
    await desk.sync()
    (entry,) = desk.outside.entries.values()
    assert (entry.title, entry.note, entry.patient) == ("Cleaning", "", None)
    async with desk.scope() as scope:
        await calendars.change(scope, calendar_id=desk.calendar_id, show_names=True)
    assert (await desk.sync()).written == 1
    (entry,) = desk.outside.entries.values()
    assert entry.title == "Cleaning: Jane"
    assert entry.appointment_id == appointment.id


async def test_two_calendars_of_a_person_both_block_and_both_show(
    desk: Desk, database: Database
) -> None:
    async with desk.scope() as scope:
        second = await calendars.connect(
            scope,
            person_id=desk.practice.lee_id,
            kind="caldav",
            name="Private",
            access={"url": "https://example.com/other/", "user": "lee", "password": "secret"},
        )
    other = Desk(database, desk.practice, second.id)
    desk.outside.put("a", (at(10), at(11)))
    other.outside.put("a", (at(12), at(13)))
    await desk.book()
    assert (await desk.sync()).written == (await other.sync()).written == 1
    assert await desk.busy() == [at(10), at(12)]
