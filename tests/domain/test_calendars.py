"""Outside calendars in the domain: what a person's busy times do to bookings, and what is written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import icalendar
import pytest
from sqlalchemy import text

from domain.calendars import entries, feeds, health, operations as calendars
from domain.calendars.imports import take_in, window_of
from domain.calendars.models import Calendar, CalendarEntry
from domain.calendars.port import Changes, Entry, OutsideBusy, OutsideEvent
from domain.calendars.progress import LONGEST_WAIT, wait_after
from domain.calendars.writing import Party, appointment_of, invitation, uid_of, untouched
from domain.database import Database
from domain.errors import Conflict, Invalid, NotFound
from domain.people import operations as people
from domain.scheduling import appointments, times
from domain.scheduling.appointments import TimeTaken
from domain.seam import PinnedSeam
from tests.domain.practice import (
    TUESDAY,
    Practice,
    at,
    book_cleaning,
    make_offer,
    make_practice,
)
from tests.factories import make_business

ACCESS = {"url": "https://example.com/dav/", "user": "lee", "password": "secret"}


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


async def connect(database: Database, practice: Practice, **changes: object) -> Calendar:
    given = {
        "person_id": practice.lee_id,
        "kind": "caldav",
        "name": "Dr. Lee",
        "access": ACCESS,
    } | changes
    async with database.scope(business_id=practice.business_id) as scope:
        return await calendars.connect(scope, **given)  # type: ignore[arg-type]


async def tell(
    database: Database,
    practice: Practice,
    calendar: Calendar,
    *busy: tuple[datetime, datetime],
    removed: Iterable[str] = (),
) -> None:
    """What the calendar says anew: one event with these times."""
    events = [
        OutsideEvent(
            event_id="theirs",
            busy=tuple(OutsideBusy(begins_at=begins, ends_at=ends) for begins, ends in busy),
        )
    ]
    async with database.scope(business_id=practice.business_id) as scope:
        row = await calendars.get(scope, calendar_id=calendar.id, lock=True)
        await take_in(
            scope,
            row,
            Changes(events=[] if removed else events, removed=list(removed), cursor="1"),
            window=await window_of(scope, row),
        )


async def free_hours(database: Database, practice: Practice) -> set[int]:
    async with database.scope(business_id=practice.business_id) as scope:
        found = await times.find_times(
            scope,
            service_id=practice.service_id,
            first_day=TUESDAY,
            last_day=TUESDAY,
            person_id=practice.lee_id,
            limit=100,
            spread=False,
        )
    return {time.starts_at.hour - 5 for time in found.times}


async def test_a_busy_time_outside_takes_times_away_until_it_is_gone(
    database: Database, practice: Practice
) -> None:
    calendar = await connect(database, practice)
    assert {13, 14} <= await free_hours(database, practice)
    await tell(database, practice, calendar, (at(13), at(15)))
    assert not {13, 14} & await free_hours(database, practice)
    await tell(database, practice, calendar, removed=["theirs"])
    assert {13, 14} <= await free_hours(database, practice)


async def test_a_time_that_was_offered_and_is_busy_by_now_is_not_booked(
    database: Database, practice: Practice
) -> None:
    calendar = await connect(database, practice)
    call_id = database.seam.new_id()
    offered = await make_offer(database, practice, call_id=call_id, starts_at=at(14))
    await tell(database, practice, calendar, (at(13), at(15)))
    with pytest.raises(TimeTaken):
        async with database.scope(business_id=practice.business_id) as scope:
            await appointments.book(
                scope, call_id=call_id, offer_id=offered.id, contact_id=practice.contact_id
            )


async def test_a_busy_time_over_an_appointment_is_shown_and_leaves_it_booked(
    database: Database, practice: Practice
) -> None:
    calendar = await connect(database, practice)
    booked = await book_cleaning(database, practice, call_id=database.seam.new_id())
    await tell(database, practice, calendar, (at(13), at(14, 10)))
    async with database.scope(business_id=practice.business_id) as scope:
        (conflict,) = await health.conflicts(scope)
        found = await appointments.get(scope, appointment_id=booked.id)
    assert (conflict.kind, conflict.appointment_id) == ("overlap", booked.id)
    assert (conflict.busy_from, conflict.busy_until) == (at(13), at(14, 10))
    assert found.state == "booked"


async def test_a_calendar_that_is_off_or_out_only_blocks_nothing(
    database: Database, practice: Practice
) -> None:
    calendar = await connect(database, practice)
    for change in ({"active": False}, {"active": True}, {"direction": "out"}):
        await tell(database, practice, calendar, (at(13), at(15)))
        async with database.scope(business_id=practice.business_id) as scope:
            await calendars.change(scope, calendar_id=calendar.id, **change)  # type: ignore[arg-type]
        blocked = not {13, 14} & await free_hours(database, practice)
        assert blocked is (change == {"active": True}), change


async def test_changes_waiting_are_the_difference_to_what_was_delivered(
    database: Database, practice: Practice
) -> None:
    calendar = await connect(database, practice)

    async def waiting() -> list[tuple[UUID, bool]]:
        async with database.scope(business_id=practice.business_id) as scope:
            row = await calendars.get(scope, calendar_id=calendar.id)
            found = await entries.find_waiting(scope, row, limit=10)
            count = (await entries.count_waiting(scope)).get(calendar.id, 0)
            assert count == len(found)
            return [(one.appointment_id, one.entry is not None) for one in found]

    async def deliver(appointment_id: UUID) -> None:
        async with database.scope(business_id=practice.business_id) as scope:
            entry = await scope.session.get(CalendarEntry, (calendar.id, appointment_id))
            booked = await appointments.get(scope, appointment_id=appointment_id)
            assert entry is not None
            entry.delivered_version = booked.version

    booked = await book_cleaning(database, practice, call_id=database.seam.new_id())
    assert await waiting() == [(booked.id, True)]
    await deliver(booked.id)
    assert await waiting() == []
    # Whoever changes it, by whatever way: here by hand.
    async with database.scope(business_id=practice.business_id) as scope:
        await scope.session.execute(
            text(
                "UPDATE appointments SET starts_at = starts_at + interval '1 minute' WHERE id = :id"
            ),
            {"id": booked.id},
        )
    assert await waiting() == [(booked.id, True)]
    await deliver(booked.id)
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.cancel(scope, appointment_id=booked.id, by_staff=True)
    assert await waiting() == [(booked.id, False)]


async def test_holds_and_the_past_are_not_shown_outside(
    database: Database, practice: Practice, seam: PinnedSeam
) -> None:
    await book_cleaning(database, practice, call_id=database.seam.new_id())
    seam.advance(timedelta(days=2))
    call_id = database.seam.new_id()
    wednesday = at(14, day=TUESDAY + timedelta(days=8))
    offered = await make_offer(database, practice, call_id=call_id, starts_at=wednesday)
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.hold(scope, call_id=call_id, offer_id=offered.id)
    calendar = await connect(database, practice)
    async with database.scope(business_id=practice.business_id) as scope:
        row = await calendars.get(scope, calendar_id=calendar.id)
        assert await entries.find_waiting(scope, row, limit=10) == []


async def test_access_is_stored_encrypted(database: Database, practice: Practice) -> None:
    calendar = await connect(database, practice)
    await tell(database, practice, calendar)
    async with database.scope(business_id=practice.business_id) as scope:
        row = (await scope.session.execute(text("SELECT access, cursor FROM calendars"))).one()
    assert b"secret" not in bytes(row.access) and bytes(row.cursor) != b"1"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "exchange"}, "kind"),
        ({"direction": "sideways"}, "direction"),
        ({"kind": "ics", "access": {"url": "https://example.com"}}, "direction"),
        ({"access": {"url": "https://example.com"}}, "access.user"),
        ({"access": ACCESS | {"password": 5}}, "access.password"),
        ({"access": ACCESS | {"password": "a\r\nb"}}, "access.password"),
        ({"access": ACCESS | {"private": True}}, "access"),
        ({"person_id": UUID(int=1)}, "person_id"),
    ],
)
async def test_what_is_wrong_with_a_calendar_is_named(
    database: Database, practice: Practice, change: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as raised:
        await connect(database, practice, **change)
    assert raised.value.field == field
    assert "secret" not in str(raised.value)


async def test_a_person_of_another_business_gets_no_calendar(
    database: Database, practice: Practice
) -> None:
    other = await make_business(database, name="Other")
    with pytest.raises(Invalid, match="person_id"):
        async with database.scope(business_id=other) as scope:
            await calendars.connect(
                scope, person_id=practice.lee_id, kind="caldav", name="x", access=ACCESS
            )


async def test_another_calendar_is_not_put_in_the_place_of_one_that_holds_our_entries(
    database: Database, practice: Practice
) -> None:
    calendar = await connect(database, practice)
    await book_cleaning(database, practice, call_id=database.seam.new_id())
    async with database.scope(business_id=practice.business_id) as scope:
        # Without entries it may be corrected.
        url = {"url": "https://example.com/dav/lee/"}
        row = await calendars.change(scope, calendar_id=calendar.id, access=url)
        await entries.find_waiting(scope, row, limit=10)
    with pytest.raises(Invalid, match="another calendar"):
        async with database.scope(business_id=practice.business_id) as scope:
            await calendars.change(
                scope, calendar_id=calendar.id, access={"url": "https://example.com/elsewhere/"}
            )


async def test_permission_for_private_networks_ends_with_the_address_it_was_given_for(
    database: Database, practice: Practice
) -> None:
    calendar = await connect(database, practice, private=True)
    async with database.scope(business_id=practice.business_id) as scope:
        row = await calendars.change(
            scope, calendar_id=calendar.id, access={"password": "new"}, private=False
        )
        assert row.access == ACCESS | {"password": "new", "private": True}
        row = await calendars.change(
            scope, calendar_id=calendar.id, access={"url": "https://10.0.0.1/"}, private=False
        )
        assert row.access["private"] is False


async def test_a_calendar_that_nobody_has_signed_in_to_is_not_asked(
    database: Database, practice: Practice
) -> None:
    calendar = await connect(database, practice, kind="google", access={})
    assert (calendar.state, calendar.error) == ("sign_in_needed", "nobody has signed in to it yet")
    async with database.unscoped() as session:
        due = text("SELECT count(*) FROM due_calendars(:now)")
        assert await session.scalar(due, {"now": database.seam.now()}) == 0
    async with database.scope(business_id=practice.business_id) as scope:
        row = await calendars.sign_in(
            scope, calendar_id=calendar.id, tokens={"refresh_token": "r", "access_token": "a"}
        )
        assert row.state == "new"


async def test_a_person_has_a_calendar_once_and_not_too_many(
    database: Database, practice: Practice
) -> None:
    await connect(database, practice)
    with pytest.raises(Conflict, match="already"):
        await connect(database, practice)
    await connect(database, practice, person_id=practice.gomez_id)
    for number in range(calendars.MOST_OF_A_PERSON - 1):
        await connect(database, practice, access=ACCESS | {"url": f"https://example.com/{number}"})
    with pytest.raises(Conflict, match="at most"):
        await connect(database, practice, access=ACCESS | {"url": "https://example.com/more"})


async def test_calendars_of_another_business_are_not_there(
    database: Database, practice: Practice
) -> None:
    calendar = await connect(database, practice)
    other = await make_business(database, name="Other")
    async with database.scope(business_id=other) as scope:
        assert await calendars.list_calendars(scope) == []
        assert await health.health(scope) == []
        with pytest.raises(NotFound):
            await calendars.disconnect(scope, calendar_id=calendar.id)


def test_waits_double_from_half_a_minute_to_an_hour() -> None:
    waits = [wait_after(failures).total_seconds() for failures in range(1, 10)]
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert wait_after(10_000) == LONGEST_WAIT
    assert wait_after(1, at_least=timedelta(hours=5)) == timedelta(hours=5)


async def test_a_feed_tells_only_its_person_and_only_what_is_booked(
    database: Database, practice: Practice
) -> None:
    booked = await book_cleaning(database, practice, call_id=database.seam.new_id())
    cancelled = await book_cleaning(database, practice, call_id=database.seam.new_id(), hour=10)
    async with database.scope(business_id=practice.business_id) as scope:
        await appointments.cancel(scope, appointment_id=cancelled.id, by_staff=True)
        _, lees = await feeds.rotate(scope, person_id=practice.lee_id)
        _, gomezs = await feeds.rotate(scope, person_id=practice.gomez_id)
    feed = icalendar.Calendar.from_ical(await feeds.render(database, token=lees) or b"")
    (event,) = feed.walk("VEVENT")
    assert (str(event["UID"]), str(event["SUMMARY"])) == (uid_of(booked.id), "Cleaning")
    assert str(feed["NAME"]) == "Dr. Lee"
    other = icalendar.Calendar.from_ical(await feeds.render(database, token=gomezs) or b"")
    assert other.walk("VEVENT") == []
    async with database.scope(business_id=practice.business_id) as scope:
        await feeds.remove(scope, person_id=practice.lee_id)
        with pytest.raises(NotFound):
            await feeds.get(scope, person_id=practice.lee_id)
        with pytest.raises(NotFound):
            await feeds.rotate(scope, person_id=UUID(int=1))
    assert await feeds.render(database, token=lees) is None
    assert await feeds.render(database, token="f" * 64) is None


async def test_a_persons_own_zone_reads_their_all_day_events(
    database: Database, practice: Practice
) -> None:
    calendar = await connect(database, practice)
    async with database.scope(business_id=practice.business_id) as scope:
        window = await window_of(scope, calendar)
        assert window.zone == "America/New_York" and window.anew
        assert window.begins < scope.seam.now() < window.ends - timedelta(days=60)
        await people.get(scope, person_id=practice.lee_id)


def an_entry(*, version: int = 3) -> Entry:
    return Entry(
        appointment_id=UUID("01a20959-a680-7000-8000-000000000001"),
        version=version,
        title="Cleaning, scaling; and a very long explanation of what else will be done — ünïcode 🦷",
        starts_at=datetime(2026, 11, 24, 14, tzinfo=UTC),
        ends_at=datetime(2026, 11, 24, 15, tzinfo=UTC),
        zone="America/New_York",
        place="1 Main St\nRiverside",
    )


@pytest.mark.parametrize(("method", "status"), [("REQUEST", "CONFIRMED"), ("CANCEL", "CANCELLED")])
def test_an_invitation_is_what_rfc_5546_asks_for(method: str, status: str) -> None:
    data = invitation(
        an_entry(),
        method=method,  # type: ignore[arg-type]
        organizer=Party(email="desk@example.com", name="Riverside, Dental"),
        attendee=Party(email="jane@example.com"),
        stamp=datetime(2026, 11, 23, tzinfo=UTC),
    )
    # Lines are folded at 75 octets (RFC 5545 section 3.1).
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    calendar = icalendar.Calendar.from_ical(data)
    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["METHOD"]), str(event["STATUS"])) == (method, status)
    assert str(event["UID"]) == uid_of(an_entry().appointment_id)
    assert event["SEQUENCE"] == 3
    assert str(event["SUMMARY"]) == an_entry().title
    assert str(event["LOCATION"]) == an_entry().place
    assert str(event["ORGANIZER"]) == "mailto:desk@example.com"
    assert event["ORGANIZER"].params["CN"] == "Riverside, Dental"
    assert str(event["ATTENDEE"]) == "mailto:jane@example.com"
    assert b"DTSTART:20261124T140000Z" in data


def test_uids_lead_back_to_their_appointment_and_others_to_none() -> None:
    appointment_id = uuid4()
    assert appointment_of(uid_of(appointment_id)) == appointment_id
    for other in (
        "",
        "theirs",
        f"appointment-{appointment_id}@elsewhere",
        "appointment-@reception",
    ):
        assert appointment_of(other) is None


def test_an_entry_is_untouched_until_its_times_are_changed() -> None:
    from domain.calendars.writing import entry_calendar

    data = entry_calendar(an_entry(), stamp=datetime(2026, 11, 23, tzinfo=UTC))
    assert untouched(data)
    assert untouched(data.replace(b"STATUS:CONFIRMED", b"STATUS:CONFIRMED\r\nDESCRIPTION:x"))
    assert not untouched(data.replace(b"DTEND:20261124T15", b"DTEND:20261124T16"))
    assert not untouched(data.replace(b"UID:appointment", b"UID:other"))
    assert not untouched(
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:x\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )
    assert not untouched(b"nothing")
