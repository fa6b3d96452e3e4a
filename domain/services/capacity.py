"""Seats enough for every class that a person gives."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import func, or_, select

from domain.database import Scope
from domain.errors import Conflict
from domain.people.models import Person, Resource
from domain.rooms.seats import set_seats
from domain.services.models import Service, ServicePerson


async def fit_seats(scope: Scope) -> None:
    """Give every person as many seats as the largest class among the services that they give.

    To be called when services, their people or people have changed. Seats that a coming appointment
    takes stay until it is over: a class that was booked is not cut.
    """
    for resource_id, wanted, there in await _misfits(scope):
        if wanted > there:
            await set_seats(scope, resource_id=resource_id, count=wanted)
        else:
            with suppress(Conflict):
                await set_seats(scope, resource_id=resource_id, count=wanted)


async def lock_people(scope: Scope) -> None:
    """Lock everybody's resource, before a service's row is changed whose seats may follow.

    Bookings lock people first and the service after them (for its limits): in the other order the two
    would wait for one another.
    """
    await scope.session.execute(
        select(Resource.id)
        .where(Resource.kind == "person")
        .order_by(Resource.id)
        .with_for_update(key_share=True)
    )


async def _misfits(scope: Scope) -> list[tuple[int, int, int]]:
    """Resource, seats needed and seats there of those where they differ, in the order of locking."""
    listed = (
        select(ServicePerson.person_id)
        .where(ServicePerson.service_id == Service.id)
        .correlate(Service)
    )
    # Inactive services too: what was booked of them stays, and they can come back.
    needed = (
        select(func.max(Service.capacity))
        .where(or_(Person.id.in_(listed), ~listed.exists()))
        .correlate(Person)
        .scalar_subquery()
    )
    last = (
        select(func.max(Resource.seat))
        .where(Resource.parent_id == Person.resource_id)
        .correlate(Person)
        .scalar_subquery()
    )
    rows = await scope.session.execute(
        select(Person.resource_id, func.coalesce(needed, 1), func.coalesce(last, 1)).order_by(
            Person.resource_id
        )
    )
    return [(one, wanted, there) for one, wanted, there in rows if wanted != there]
