"""A working day of the demo practice with appointments on it, for the tests of the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, text

from domain.calendars.models import BusyTime, Calendar
from domain.contacts import operations as contacts
from domain.database import SYSTEM, Actor, Database, Scope
from domain.people import operations as people
from domain.scheduling import appointments
from domain.scheduling.day_plan import read_day_plan
from domain.scheduling.models import Appointment
from domain.services import operations as services
from tests.factories import make_call

ZONE = ZoneInfo("America/New_York")


@dataclass(frozen=True, kw_only=True)
class BookedDay:
    """Jane Doe is with Dr. Chen at 10:00 and, booked on a call, John Roe at 11:00, half an hour each;
    Dr. Patel's own calendar says busy from 14:00 to 15:00."""

    database: Database
    business_id: UUID
    day: date
    chen_id: UUID
    patel_id: UUID
    check_up_id: UUID
    jane_id: UUID
    jane: UUID
    john: UUID
    call_id: UUID

    def at(self, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(self.day, time(hour, minute), tzinfo=ZONE).astimezone(UTC)

    async def read(self, appointment_id: UUID) -> Appointment:
        async with self.database.scope(business_id=self.business_id) as scope:
            return await appointments.get(scope, appointment_id=appointment_id)

    async def starts(self, appointment_id: UUID) -> str:
        """The wall clock at its start."""
        found = await self.read(appointment_id)
        return found.starts_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


async def make_booked_day(database: Database, business_id: UUID) -> BookedDay:
    """Whatever was on the calendar before is gone."""
    async with database.scope(business_id=business_id) as scope:
        await scope.session.execute(delete(Appointment))
        await scope.session.execute(delete(Calendar))
        named = {one.name: one for one in await people.list_people(scope)}
        chen, patel = named["Dr. Sarah Chen"], named["Dr. Michael Patel"]
        check_up = next(
            one for one in await services.list_services(scope) if one.name == "Check-up"
        )
        day = await _working_day(scope, chen.id, patel.id)
        jane = await contacts.save(scope, name="Jane Doe", phone="+12025550123")
        john = await contacts.save(scope, name="John Roe", phone="+12025550124")
        await _make_busy(scope, patel.id, patel.resource_id, _at(day, 14), _at(day, 15))
    call_id = await make_call(database, business_id=business_id, contact_id=john.id)

    async def book(contact_id: UUID, hour: int, actor: Actor = SYSTEM) -> UUID:
        async with database.scope(business_id=business_id, actor=actor) as scope:
            booked = await appointments.book_directly(
                scope,
                service_id=check_up.id,
                person_id=chen.id,
                starts_at=_at(day, hour),
                contact_id=contact_id,
            )
            return booked.id

    return BookedDay(
        database=database,
        business_id=business_id,
        day=day,
        chen_id=chen.id,
        patel_id=patel.id,
        check_up_id=check_up.id,
        jane_id=jane.id,
        jane=await book(jane.id, 10),
        john=await book(john.id, 11, Actor(kind="assistant", id=str(call_id), call_id=call_id)),
        call_id=call_id,
    )


async def _working_day(scope: Scope, *person_ids: UUID) -> date:
    """The next day on which all of them work from 9 to 12 and from 13 to 17."""
    today = scope.seam.now().astimezone(ZONE).date()
    for ahead in range(1, 29):
        day = today + timedelta(days=ahead)
        plan = await read_day_plan(scope, first_day=day, last_day=day)
        working = {one.person_id: one.working for one in plan.people}
        if all(
            any(span.starts_at <= _at(day, 9) and _at(day, 12) <= span.ends_at for span in spans)
            and any(
                span.starts_at <= _at(day, 13) and _at(day, 17) <= span.ends_at for span in spans
            )
            for spans in (working[person_id] for person_id in person_ids)
        ):
            return day
    raise AssertionError("nobody works for four weeks")


async def _make_busy(
    scope: Scope, person_id: UUID, resource_id: int, begins_at: datetime, ends_at: datetime
) -> None:
    calendar_id = scope.seam.new_id()
    await scope.session.execute(
        text(
            "INSERT INTO calendars (id, business_id, person_id, kind, name, direction, access,"
            " state, error, failures, unreadable, show_names, version, next_at, created_at)"
            " VALUES (:id, :business, :person, 'ics', 'Own', 'in', '', 'connected', '', 0, 0,"
            " false, 1, :now, :now)"
        ),
        {
            "id": calendar_id,
            "business": scope.business_id,
            "person": person_id,
            "now": scope.seam.now(),
        },
    )
    scope.session.add(
        BusyTime(
            business_id=scope.business_id,
            calendar_id=calendar_id,
            resource_id=resource_id,
            event_id="1",
            begins_at=begins_at,
            ends_at=ends_at,
        )
    )


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=ZONE).astimezone(UTC)
