"""What is asked of the domain: requests that can be made again unchanged, and what they share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.database import Actor, Scope
from domain.scheduling import appointments
from domain.scheduling.models import Appointment, Offer
from tests.domain.scheduling_machine.told import Told
from tests.domain.scheduling_machine.world import Offered, Practice, World

Pick = tuple[int, int, int]
"""Three numbers from which a request chooses what it is about."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """`run` asks, in a transaction of the business; `settle` takes in what was answered."""

    kind: str
    business_id: UUID
    actor: Actor
    run: Callable[[Scope], Awaitable[Any]]
    settle: Callable[[Any], None] = lambda _: None
    wants: Told | None = None
    """For a request that takes time: what it would take, as far as that is known before."""
    about: UUID | None = None
    """The appointment that it changes."""


Planner = Callable[[World, Practice, Pick], Request | None]
"""None: there is nothing of which this could be asked now."""

_HOURS = (*range(9, 17), *range(9, 17), *range(6), 20, 22)
"""Mostly the day, and the hours in which clocks change."""
STAFF = Actor(kind="staff", id="key")


def assistant(call_id: UUID) -> Actor:
    return Actor(kind="assistant", id=str(call_id), call_id=call_id)


def some_service(practice: Practice, number: int) -> UUID:
    ids = list(practice.services)
    return ids[number % len(ids)]


def today(world: World, practice: Practice) -> date:
    return world.seam.now().astimezone(practice.zone).date()


def some_time(world: World, practice: Practice, pick: Pick) -> datetime:
    """A quarter of an hour of one of the next days, as its wall clock shows it."""
    day = today(world, practice) + timedelta(days=pick[1] // 4 % 8)
    quarter = time(_HOURS[pick[2] // 4 % len(_HOURS)], pick[2] % 4 * 15)
    return datetime.combine(day, quarter, tzinfo=practice.zone).astimezone(UTC)


def wanted(practice: Practice, service_id: UUID, person_id: UUID, starts_at: datetime) -> Told:
    length = practice.services[service_id].length
    return Told(
        id=UUID(int=0),
        business_id=practice.business_id,
        service_id=service_id,
        person_id=person_id,
        starts_at=starts_at,
        ends_at=starts_at + length.service,
        before=length.before,
        after=length.after,
        state="booked",
        version=0,
    )


def offered_to(call_id: UUID, made: Sequence[Offer]) -> list[Offered]:
    return [
        Offered(
            call_id=call_id,
            offer_id=one.id,
            service_id=one.service_id,
            person_id=one.person_id,
            starts_at=one.starts_at,
        )
        for one in made
    ]


async def as_told(scope: Scope, made: Appointment, practice: Practice) -> Told:
    """The answer to a caller: the appointment as this transaction leaves it."""
    await scope.session.flush()
    row = (
        await scope.session.execute(
            select(
                Appointment.person_id,
                Appointment.service_id,
                Appointment.starts_at,
                Appointment.ends_at,
                Appointment.state,
                Appointment.version,
                Appointment.call_id,
                Appointment.offer_id,
            ).where(Appointment.id == made.id)
        )
    ).one()
    length = practice.services[row.service_id].length
    return Told(
        id=made.id,
        business_id=scope.business_id,
        service_id=row.service_id,
        person_id=row.person_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        before=length.before,
        after=length.after,
        state=row.state,
        version=row.version,
        held_until=scope.seam.now() + appointments.HOLD if row.state == "held" else None,
        call_id=row.call_id,
        offer_id=row.offer_id,
    )
