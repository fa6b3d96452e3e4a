"""Reading from the database what a call needs to know of its business."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import select

from domain.businesses.models import Business, SettingsVersion
from domain.businesses.profile import (
    CallProfile,
    ProfileClosure,
    ProfileDateHours,
    ProfileDepartment,
    ProfileHours,
    ProfileKnowledge,
    ProfilePause,
    ProfilePerson,
    ProfilePlace,
    ProfileProvider,
    ProfileService,
    ProfileShift,
    ProfileSwitch,
)
from domain.businesses.settings import BusinessSettings
from domain.database import Scope
from domain.errors import NotFound
from domain.handoffs import departments as handoffs
from domain.handoffs.models import RotaShift
from domain.handoffs.rota import not_over
from domain.holidays.calendar import holidays_of
from domain.holidays.operations import closed_days
from domain.hours.models import Closure, DateHours, WeeklyHours
from domain.knowledge.models import KnowledgeEntry
from domain.people.models import Person
from domain.places.models import Place
from domain.providers.breaker import may_probe
from domain.providers.operations import known
from domain.services.models import Service, ServicePerson
from domain.switches import operations as switches

_MOST_KNOWLEDGE = 200
"""More would not fit a model's instructions; the rest is found by search."""
_AHEAD = timedelta(days=60)
"""How far callers are told of public holidays and of dates with hours of their own."""
_ROTA_AHEAD = timedelta(days=14)


async def load_profile(scope: Scope) -> CallProfile:
    """The business of `scope` as the assistant knows it, in sixteen queries. Raises NotFound."""
    row = (
        await scope.session.execute(
            select(Business, SettingsVersion).join(
                SettingsVersion,
                (SettingsVersion.business_id == Business.id)
                & (SettingsVersion.version == Business.settings_version),
            )
        )
    ).one_or_none()
    if row is None:
        raise NotFound("business")
    business, version = row
    settings = BusinessSettings.model_validate(version.document)
    today = scope.seam.now().astimezone(ZoneInfo(business.time_zone)).date()
    dates = await _date_hours(scope, today)
    closures, pauses = await _closures(scope, today)
    open_anyway = {span.day for span in dates}
    own = await handoffs.own_numbers(scope)
    return CallProfile(
        business_id=business.id,
        name=business.name,
        time_zone=business.time_zone,
        country=business.country,
        settings=settings,
        settings_version=version.version,
        services=await _services(scope),
        people=await _people(scope, own),
        hours=await _hours(scope),
        date_hours=dates,
        closures=tuple(
            sorted(
                (*closures, *_holidays(business.country, settings, today, closures, open_anyway)),
                key=lambda one: one.first_day,
            )
        ),
        pauses=pauses,
        places=await _places(scope),
        knowledge=await _knowledge(scope),
        departments=await _departments(scope, own),
        shifts=await _shifts(scope, today),
        switch=await _switch(scope, own),
        providers=await _providers(scope),
    )


async def _services(scope: Scope) -> tuple[ProfileService, ...]:
    rows = await scope.session.scalars(
        select(Service).where(Service.active).order_by(Service.name, Service.id)
    )
    return tuple(
        ProfileService(
            id=service.id,
            name=service.name,
            description=service.description,
            duration_minutes=service.duration_minutes,
            price=service.price,
            channel=service.channel,
            new_contacts_only=service.new_contacts_only,
        )
        for service in rows
    )


async def _people(scope: Scope, own: Collection[str]) -> tuple[ProfilePerson, ...]:
    people = (
        await scope.session.scalars(select(Person).where(Person.active).order_by(Person.id))
    ).all()
    rows = await scope.session.execute(
        select(Service.id, ServicePerson.person_id)
        .outerjoin(ServicePerson, ServicePerson.service_id == Service.id)
        .where(Service.active)
        .order_by(Service.name, Service.id)
    )
    # A service that lists nobody is given by everybody.
    given = [(service_id, person_id) for service_id, person_id in rows]
    return tuple(
        ProfilePerson(
            id=person.id,
            name=person.name,
            title=person.title,
            service_ids=tuple(
                service_id for service_id, giver in given if giver in (person.id, None)
            ),
            phone=_ringable(person.phone, own),
        )
        for person in people
    )


async def _hours(scope: Scope) -> tuple[ProfileHours, ...]:
    rows = await scope.session.scalars(
        select(WeeklyHours)
        .where(WeeklyHours.person_id.is_(None), WeeklyHours.place_id.is_(None))
        .order_by(WeeklyHours.weekday, WeeklyHours.opens)
    )
    return tuple(
        ProfileHours(weekday=span.weekday, opens=span.opens, closes=span.closes) for span in rows
    )


async def _date_hours(scope: Scope, today: date) -> tuple[ProfileDateHours, ...]:
    rows = await scope.session.scalars(
        select(DateHours)
        .where(
            DateHours.person_id.is_(None),
            DateHours.place_id.is_(None),
            DateHours.day.between(today, today + _AHEAD),
        )
        .order_by(DateHours.day, DateHours.opens)
    )
    return tuple(ProfileDateHours(day=row.day, opens=row.opens, closes=row.closes) for row in rows)


async def _closures(
    scope: Scope, today: date
) -> tuple[tuple[ProfileClosure, ...], tuple[ProfilePause, ...]]:
    rows = await scope.session.scalars(
        select(Closure)
        .where(Closure.person_id.is_(None), Closure.place_id.is_(None), Closure.last_day >= today)
        .order_by(Closure.first_day)
    )
    closures: list[ProfileClosure] = []
    pauses: list[ProfilePause] = []
    for row in rows:
        days = {"first_day": row.first_day, "last_day": row.last_day, "reason": row.reason}
        if row.from_time is None or row.until_time is None:
            closures.append(ProfileClosure.model_validate(days))
        else:
            between = {"from_time": row.from_time, "until_time": row.until_time}
            pauses.append(ProfilePause.model_validate(days | between))
    return tuple(closures), tuple(pauses)


def _holidays(
    country: str,
    settings: BusinessSettings,
    today: date,
    closures: Sequence[ProfileClosure],
    open_anyway: set[date],
) -> Iterable[ProfileClosure]:
    """The public holidays that lie ahead, but for those that a closure tells of already."""
    rules = settings.public_holidays
    if not rules.closed:
        return
    closed = closed_days(
        country=country,
        subdivision=rules.subdivision,
        first_day=today,
        last_day=today + _AHEAD,
        open_on=rules.open_on,
    )
    for day, name in closed.items():
        if day in open_anyway or any(one.first_day <= day <= one.last_day for one in closures):
            continue
        # Switched by their English names, told in the language of the call where it is known.
        spoken = dict(
            reversed(holidays_of(country, rules.subdivision, day.year, settings.language))
        )
        yield ProfileClosure(first_day=day, last_day=day, reason=spoken.get(day, name))


async def _places(scope: Scope) -> tuple[ProfilePlace, ...]:
    rows = await scope.session.scalars(
        select(Place).where(Place.active).order_by(Place.name, Place.id)
    )
    return tuple(
        ProfilePlace(id=place.id, name=place.name, address=place.address, time_zone=place.time_zone)
        for place in rows
    )


async def _knowledge(scope: Scope) -> tuple[ProfileKnowledge, ...]:
    rows = await scope.session.scalars(
        select(KnowledgeEntry)
        .where(KnowledgeEntry.active)
        .order_by(KnowledgeEntry.id)
        .limit(_MOST_KNOWLEDGE)
    )
    return tuple(ProfileKnowledge(question=row.question, answer=row.answer) for row in rows)


async def _departments(scope: Scope, own: Collection[str]) -> tuple[ProfileDepartment, ...]:
    return tuple(
        ProfileDepartment(
            id=row.id,
            name=row.name,
            description=row.description,
            phone=_ringable(row.phone, own),
            ring=cast(handoffs.Ring, row.ring),
            ring_seconds=row.ring_seconds,
            tries=row.tries,
            hours=cast(handoffs.When, row.hours),
            own_hours=tuple(
                ProfileHours(weekday=span.weekday, opens=span.opens, closes=span.closes)
                for span in one.own_hours
            ),
            member_ids=tuple(member.person_id for member in one.members),
        )
        for one in await handoffs.list_departments(scope, active=True)
        for row in [one.department]
    )


async def _shifts(scope: Scope, today: date) -> tuple[ProfileShift, ...]:
    # Those of yesterday may run over midnight; how far ahead matters to no one but the snapshot, which
    # is as good after two weeks for it.
    rows = await scope.session.scalars(
        select(RotaShift)
        .where(not_over(today - timedelta(days=1)), RotaShift.day <= today + _ROTA_AHEAD)
        .order_by(RotaShift.id)
    )
    return tuple(
        ProfileShift(
            department_id=row.department_id,
            person_id=row.person_id,
            day=row.day,
            begins=row.begins,
            ends=row.ends,
            every_weeks=row.every_weeks,
            until=row.until,
        )
        for row in rows
    )


async def _switch(scope: Scope, own: Collection[str]) -> ProfileSwitch:
    found = await switches.read(scope)
    return ProfileSwitch(mode=found.mode, forward_to=_ringable(found.forward_to, own))


async def _providers(scope: Scope) -> tuple[ProfileProvider, ...]:
    now = scope.seam.now()
    return tuple(
        ProfileProvider(
            kind=one.kind,
            provider=one.provider,
            own=one.business_id == scope.business_id,
            asked_last=one.standing.asked_last,
            may_be_tried=may_probe(one.standing, now),
        )
        for one in await known(scope)
    )


def _ringable(number: str | None, own: Collection[str]) -> str:
    """The number, unless the assistant answers it: the call would come back."""
    return number if number and number not in own else ""
