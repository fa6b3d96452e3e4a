"""Reading from the database what a call needs to know of its business."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import select

from domain.businesses.models import Business, SettingsVersion
from domain.businesses.profile import (
    CallProfile,
    ProfileClosure,
    ProfileHours,
    ProfileKnowledge,
    ProfilePerson,
    ProfileService,
)
from domain.businesses.settings import BusinessSettings
from domain.database import Scope
from domain.errors import NotFound
from domain.hours.models import Closure, WeeklyHours
from domain.knowledge.models import KnowledgeEntry
from domain.people.models import Person
from domain.services.models import Service, ServicePerson

_MOST_KNOWLEDGE = 200
"""More would not fit a model's instructions; the rest is found by search."""


async def load_profile(scope: Scope) -> CallProfile:
    """The business of `scope` as the assistant knows it, in seven queries. Raises NotFound."""
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
    return CallProfile(
        business_id=business.id,
        name=business.name,
        time_zone=business.time_zone,
        country=business.country,
        settings=BusinessSettings.model_validate(version.document),
        settings_version=version.version,
        services=await _services(scope),
        people=await _people(scope),
        hours=await _hours(scope),
        closures=await _closures(scope, time_zone=business.time_zone),
        knowledge=await _knowledge(scope),
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
        )
        for service in rows
    )


async def _people(scope: Scope) -> tuple[ProfilePerson, ...]:
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
        )
        for person in people
    )


async def _hours(scope: Scope) -> tuple[ProfileHours, ...]:
    rows = await scope.session.scalars(
        select(WeeklyHours)
        .where(WeeklyHours.person_id.is_(None))
        .order_by(WeeklyHours.weekday, WeeklyHours.opens)
    )
    return tuple(
        ProfileHours(weekday=span.weekday, opens=span.opens, closes=span.closes) for span in rows
    )


async def _closures(scope: Scope, *, time_zone: str) -> tuple[ProfileClosure, ...]:
    today = scope.seam.now().astimezone(ZoneInfo(time_zone)).date()
    rows = await scope.session.scalars(
        select(Closure)
        .where(Closure.person_id.is_(None), Closure.last_day >= today)
        .order_by(Closure.first_day)
    )
    return tuple(
        ProfileClosure(first_day=row.first_day, last_day=row.last_day, reason=row.reason)
        for row in rows
    )


async def _knowledge(scope: Scope) -> tuple[ProfileKnowledge, ...]:
    rows = await scope.session.scalars(
        select(KnowledgeEntry)
        .where(KnowledgeEntry.active)
        .order_by(KnowledgeEntry.id)
        .limit(_MOST_KNOWLEDGE)
    )
    return tuple(ProfileKnowledge(question=row.question, answer=row.answer) for row in rows)
