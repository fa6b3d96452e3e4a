"""A time that is about to be booked, with all that is needed to take it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.database import Scope
from domain.errors import Conflict, Invalid, NotFound
from domain.people.models import Person
from domain.scheduling.availability import Length, works
from domain.scheduling.givers import Giver, length_of, read_givers, read_service
from domain.scheduling.models import Offer
from domain.scheduling.rules import Rules, read_rules
from domain.services.models import Service


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A time with all that is needed to take it."""

    service: Service
    giver: Giver
    length: Length
    starts_at: datetime

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + self.length.service


async def offered_slot(scope: Scope, offer: Offer) -> Slot:
    """The offered time, if the rules that allowed it still do.

    The notice counts from when it was offered: a caller who takes a minute to say yes is not too
    late. Its length is what was told, even if the service's has changed since.
    """
    rules = await read_rules(scope)
    if offer.starts_at <= rules.now:
        raise Conflict("the time has passed")
    if offer.starts_at - offer.created_at < rules.notice:
        raise Conflict("the time is too soon to be booked")
    try:
        service = await read_service(scope, offer.service_id)
    except NotFound:
        raise Conflict("the service is not given any more") from None
    giver = await _giver(scope, service, offer.person_id, rules)
    if giver is None:
        raise Conflict("the person does not give this service any more")
    if not works(giver.timetable, offer.starts_at, offer.ends_at):
        raise Conflict("the time is outside working hours now")
    length = length_of(service)
    told = Length(service=offer.ends_at - offer.starts_at, before=length.before, after=length.after)
    return Slot(service=service, giver=giver, length=told, starts_at=offer.starts_at)


async def staff_slot(
    scope: Scope,
    *,
    service_id: UUID,
    person_id: UUID,
    starts_at: datetime,
    outside_hours: bool,
) -> Slot:
    if starts_at.tzinfo is None:
        raise Invalid("starts_at", "needs an offset from UTC")
    rules = await read_rules(scope)
    service = await read_service(scope, service_id)
    person = await scope.session.get(Person, person_id)
    if person is None or not person.active:
        raise NotFound("person")
    giver = await _giver(scope, service, person_id, rules)
    if giver is None:
        raise Invalid("person_id", "does not give this service")
    slot = Slot(service=service, giver=giver, length=length_of(service), starts_at=starts_at)
    if slot.ends_at <= rules.now:
        raise Invalid("starts_at", "has passed")
    if not outside_hours and not works(giver.timetable, slot.starts_at, slot.ends_at):
        raise Invalid("starts_at", "is outside working hours")
    return slot


async def _giver(scope: Scope, service: Service, person_id: UUID, rules: Rules) -> Giver | None:
    givers = await read_givers(scope, service_id=service.id, rules=rules, person_id=person_id)
    return givers[0] if givers else None
