"""How many can be with a person, or in a room, at once: the seats of a resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import delete, select

from domain.database import Scope
from domain.errors import Conflict, NotFound
from domain.people.models import Resource
from domain.scheduling.models import Appointment, AppointmentResource
from domain.services.models import LONGEST, Service


async def set_seats(scope: Scope, *, resource_id: int, count: int) -> None:
    """Give a person or a room (by its own resource, the first seat) `count` seats.

    Appointments that have a person to themselves take the new seats too, so that nobody else can be
    booked beside them; a room's new seats are free. Raises Conflict, and changes nothing, while an
    appointment that is not over takes a seat that would go; NotFound.

    A seat that went but was booked once stays in the table, because the appointment's history names
    it; whoever books counts the first `count` only.
    """
    parent = await _lock(scope, resource_id)
    children = (
        await scope.session.scalars(
            select(Resource).where(Resource.parent_id == resource_id).order_by(Resource.seat)
        )
    ).all()
    going = [one for one in children if one.seat > count]
    if going:
        await _remove(scope, going)
    there = {one.seat for one in children}
    made = [
        Resource(business_id=scope.business_id, kind="seat", parent_id=resource_id, seat=number)
        for number in range(2, count + 1)
        if number not in there
    ]
    if not made:
        return
    scope.session.add_all(made)
    await scope.session.flush()
    if parent.kind == "person":
        seats = [resource_id, *(one.id for one in children)]
        await _fill(scope, seats, [one.id for one in made])


async def _lock(scope: Scope, resource_id: int) -> Resource:
    # Who books locks the parent too: nobody reads the seats while they change.
    parent = await scope.session.scalar(
        select(Resource)
        .where(Resource.id == resource_id, Resource.parent_id.is_(None))
        .with_for_update(key_share=True)
    )
    if parent is None:
        raise NotFound("resource")
    return parent


async def _remove(scope: Scope, going: Sequence[Resource]) -> None:
    rows = select(AppointmentResource.resource_id).where(
        AppointmentResource.resource_id.in_([one.id for one in going])
    )
    coming = rows.where(
        AppointmentResource.state != "cancelled", AppointmentResource.ends_at > scope.seam.now()
    )
    if await scope.session.scalar(coming.limit(1)) is not None:
        raise Conflict("an appointment that is not over takes one of the seats that would go")
    booked_once = set(await scope.session.scalars(rows.distinct()))
    # Numbers without a gap: whoever makes the next seat counts those that are there.
    last = max((one.seat for one in going if one.id in booked_once), default=0)
    unused = [one.id for one in going if one.seat > last]
    await scope.session.execute(delete(Resource).where(Resource.id.in_(unused)))


async def _fill(scope: Scope, seats: Sequence[int], made: Sequence[int]) -> None:
    """Let the appointments that take all of `seats` take those that were `made` too."""
    now = scope.seam.now()
    coming = (
        AppointmentResource.resource_id.in_(seats),
        AppointmentResource.state != "cancelled",
        AppointmentResource.begins_at > now - LONGEST,
        AppointmentResource.ends_at > now,
    )
    # Whoever cancels needs no lock of the person: without this one a seat could be taken for good by
    # an appointment that is not there any more.
    await scope.session.execute(
        select(Appointment.id)
        .where(Appointment.id.in_(select(AppointmentResource.appointment_id).where(*coming)))
        .order_by(Appointment.id)
        .with_for_update()
    )
    rows = await scope.session.execute(
        select(AppointmentResource, Service.capacity)
        .join(Appointment, Appointment.id == AppointmentResource.appointment_id)
        .join(Service, Service.id == Appointment.service_id)
        .where(*coming)
        .execution_options(populate_existing=True)
    )
    takes: dict[object, list[AppointmentResource]] = defaultdict(list)
    for row, capacity in rows:
        # With one seat there was until now, a class and an appointment alone look the same.
        if len(seats) > 1 or capacity == 1:
            takes[row.appointment_id].append(row)
    scope.session.add_all(
        AppointmentResource(
            appointment_id=taken[0].appointment_id,
            business_id=scope.business_id,
            resource_id=resource_id,
            during=taken[0].during,
            state=taken[0].state,
            held_until=taken[0].held_until,
        )
        for taken in takes.values()
        if len(taken) == len(seats)
        for resource_id in made
    )
    await scope.session.flush()
