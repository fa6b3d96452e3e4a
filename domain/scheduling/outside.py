"""Booked appointments that the hours of today no longer allow: changing hours drops none of them, and
staff are told which ones they have to see to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, select, tuple_

from domain.database import Scope
from domain.rooms.models import Room
from domain.scheduling.givers import read_plan
from domain.scheduling.models import Appointment
from domain.scheduling.plan import Giver, Plan
from domain.scheduling.slots import is_work

_AT_ONCE = 500


class _Booked(NamedTuple):
    id: UUID
    person_id: UUID
    place_id: UUID | None
    room_id: UUID | None
    starts_at: datetime
    ends_at: datetime


async def outside_hours(
    scope: Scope, *, person_id: UUID | None = None, place_id: UUID | None = None, limit: int = 200
) -> Sequence[Appointment]:
    """Appointments that are booked, have not begun and are not allowed any more, the next first and
    `limit` of them at most: outside the hours of the person or the place, on a closure or a public
    holiday, with a person or a room, or at a place, that is not active.

    Of one person or one place only, if that is given (the business's own id means its main address).
    Those that staff booked outside the hours on purpose are among them.
    """
    found: list[UUID] = []
    after: _Booked | None = None
    while len(found) < limit:
        booked = await _read_booked(scope, after, person_id=person_id, place_id=place_id)
        if not booked:
            break
        found += await _outside(scope, booked, person_id)
        after = booked[-1]
        if len(booked) < _AT_ONCE:
            break
    rows = await scope.session.scalars(
        select(Appointment)
        .where(Appointment.id.in_(found[:limit]))
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return rows.all()


async def _read_booked(
    scope: Scope, after: _Booked | None, *, person_id: UUID | None, place_id: UUID | None
) -> list[_Booked]:
    query: Select[tuple[UUID, UUID, UUID | None, UUID | None, datetime, datetime]] = (
        select(
            Appointment.id,
            Appointment.person_id,
            Appointment.place_id,
            Appointment.room_id,
            Appointment.starts_at,
            Appointment.ends_at,
        )
        .where(Appointment.state == "booked", Appointment.starts_at > scope.seam.now())
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(_AT_ONCE)
    )
    if person_id is not None:
        query = query.where(Appointment.person_id == person_id)
    if place_id == scope.business_id:
        query = query.where(Appointment.place_id.is_(None))
    elif place_id is not None:
        query = query.where(Appointment.place_id == place_id)
    if after is not None:
        query = query.where(
            tuple_(Appointment.starts_at, Appointment.id) > (after.starts_at, after.id)
        )
    return [_Booked(*row) for row in await scope.session.execute(query)]


async def _outside(scope: Scope, booked: Sequence[_Booked], person_id: UUID | None) -> list[UUID]:
    plan = await read_plan(
        scope,
        service_id=None,
        person_id=person_id,
        first_day=booked[0].starts_at.date() - timedelta(days=1),
        last_day=booked[-1].ends_at.date() + timedelta(days=1),
    )
    rooms = {one.room_id for one in booked if one.room_id is not None}
    closed_rooms = set(
        await scope.session.scalars(select(Room.id).where(Room.id.in_(rooms), ~Room.active))
    )
    givers: dict[tuple[UUID, UUID | None], Giver | None] = {}
    return [
        one.id
        for one in booked
        if one.room_id in closed_rooms or not _is_allowed(plan, givers, one)
    ]


def _is_allowed(
    plan: Plan, givers: dict[tuple[UUID, UUID | None], Giver | None], one: _Booked
) -> bool:
    whose = one.person_id, one.place_id
    if whose not in givers:
        givers[whose] = plan.giver_at(*whose)
    giver = givers[whose]
    return giver is not None and is_work(giver, one.starts_at, one.ends_at)
