"""A small practice to book at, made through the domain's own operations."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from domain.contacts import operations as contacts
from domain.database import Database
from domain.hours import operations as hours
from domain.people import operations as people
from domain.scheduling import appointments
from domain.scheduling.models import Appointment, AppointmentResource, Offer
from domain.scheduling.offers import offer
from domain.scheduling.times import FreeTime
from domain.services import operations as services
from tests.factories import make_business

T = TypeVar("T")

NEW_YORK = ZoneInfo("America/New_York")
TUESDAY = date(2026, 11, 24)
"""The day after the pinned clock's."""


@dataclass(frozen=True, kw_only=True)
class Practice:
    """Open Monday to Friday from 9 to 17; a cleaning takes 30 minutes, given by both people."""

    business_id: UUID
    service_id: UUID
    lee_id: UUID
    gomez_id: UUID
    contact_id: UUID
    phone: str = "+12025550123"


async def make_practice(database: Database, *, time_zone: str = "America/New_York") -> Practice:
    business_id = await make_business(database, time_zone=time_zone)
    async with database.scope(business_id=business_id) as scope:
        await hours.replace_hours(
            scope,
            spans=[
                hours.Span(weekday=weekday, opens=time(9), closes=time(17)) for weekday in range(5)
            ],
        )
        lee = await people.create(scope, name="Dr. Lee", title="dentist")
        gomez = await people.create(scope, name="Ana Gomez", title="hygienist")
        service = await services.create(scope, name="Cleaning", duration_minutes=30)
        contact = await contacts.save(scope, phone=Practice.phone, name="Jane Doe")
    return Practice(
        business_id=business_id,
        service_id=service.id,
        lee_id=lee.id,
        gomez_id=gomez.id,
        contact_id=contact.id,
    )


def at(hour: int, minute: int = 0, *, day: date = TUESDAY, zone: ZoneInfo = NEW_YORK) -> datetime:
    """An instant (UTC) of the practice's wall clock."""
    return datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(UTC)


async def make_offer(
    database: Database,
    practice: Practice,
    *,
    call_id: UUID,
    starts_at: datetime,
    person_id: UUID | None = None,
) -> Offer:
    """An offer of a cleaning, made without asking whether the time is free."""
    async with database.scope(business_id=practice.business_id) as scope:
        service = await services.get(scope, service_id=practice.service_id)
        ends_at = starts_at + timedelta(minutes=service.duration_minutes)
        free = FreeTime(
            service_id=practice.service_id,
            person_id=person_id or practice.lee_id,
            person_name="",
            starts_at=starts_at,
            ends_at=ends_at,
        )
        return (await offer(scope, call_id=call_id, times=[free]))[0]


async def book_cleaning(
    database: Database, practice: Practice, *, call_id: UUID, hour: int = 14
) -> Appointment:
    """Book Dr. Lee on Tuesday, by an offer of the call."""
    offered = await make_offer(database, practice, call_id=call_id, starts_at=at(hour))
    async with database.scope(business_id=practice.business_id) as scope:
        return await appointments.book(
            scope, call_id=call_id, offer_id=offered.id, contact_id=practice.contact_id
        )


async def count_taken(database: Database, practice: Practice) -> int:
    """How many spans of anybody's time are taken."""
    async with database.scope(business_id=practice.business_id) as scope:
        query = select(func.count()).select_from(AppointmentResource)
        taken = query.where(AppointmentResource.state.in_(["held", "booked"]))
        return await scope.session.scalar(taken) or 0


async def at_once(*work: Awaitable[T]) -> list[T]:
    """The results of what is done at the same time; raises the first failure when all have ended,
    so that none goes on with a transaction of a test that is over."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]
