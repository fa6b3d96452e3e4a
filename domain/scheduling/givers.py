"""Reading who gives a service, where and when.

One statement answers with one JSON document: a search has ten milliseconds, of which each further
round trip takes half of one and each ORM entity its share, and people's private columns would be
deciphered to be thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from domain.database import Scope
from domain.errors import NotFound
from domain.scheduling.availability import Length
from domain.scheduling.plan import Plan, ServiceRules
from domain.scheduling.rules import rules_from
from domain.services.models import Service

_AROUND = timedelta(days=3)
"""Hours that begin the day before, services that last a day and zones a day apart look beyond the
days that are asked for."""

_PLAN = text("""
WITH giver AS MATERIALIZED (
    SELECT p.id, p.resource_id, p.place_id, p.daily_limit, p.weekly_limit, p.name
      FROM people p
     WHERE p.active
       AND (CAST(:person_id AS uuid) IS NULL OR p.id = :person_id)
       AND (CAST(:service_id AS uuid) IS NULL
            OR EXISTS (SELECT FROM service_people l
                        WHERE l.service_id = :service_id AND l.person_id = p.id)
            OR NOT EXISTS (SELECT FROM service_people l WHERE l.service_id = :service_id))
), room AS MATERIALIZED (
    SELECT r.id, r.resource_id, r.place_id, r.seats, r.name
      FROM rooms r JOIN service_rooms l ON l.room_id = r.id
     WHERE l.service_id = :service_id AND r.active
)
SELECT json_build_object(
    'zone', b.time_zone,
    'country', b.country,
    'booking', v.document -> 'booking',
    'public_holidays', v.document -> 'public_holidays',
    'service', (
        SELECT json_build_array(duration_minutes, buffer_before_minutes, buffer_after_minutes,
                                capacity, minimum_notice_minutes, daily_limit, weekly_limit)
          FROM services WHERE id = :service_id AND active),
    'people', (
        SELECT json_agg(json_build_array(id, resource_id, place_id, daily_limit, weekly_limit,
                                         convert_from(name, 'UTF8')) ORDER BY id)
          FROM giver),
    'rooms', (
        SELECT json_agg(json_build_array(id, resource_id, place_id, seats) ORDER BY name, id)
          FROM room),
    'needs_room', EXISTS (SELECT FROM service_rooms WHERE service_id = :service_id),
    'seats', (
        SELECT json_agg(json_build_array(parent_id, id) ORDER BY seat)
          FROM resources
         WHERE parent_id IN (SELECT resource_id FROM giver UNION SELECT resource_id FROM room)),
    'places', (
        SELECT json_agg(json_build_array(id, time_zone, country, subdivision) ORDER BY id)
          FROM places WHERE active),
    'weekly', (
        SELECT json_agg(json_build_array(person_id, place_id, weekday,
                                         (date_part('epoch', opens) / 60)::int,
                                         (date_part('epoch', closes) / 60)::int))
          FROM weekly_hours
         WHERE person_id IS NULL OR person_id IN (SELECT id FROM giver)),
    'dates', (
        SELECT json_agg(json_build_array(person_id, place_id, day,
                                         (date_part('epoch', opens) / 60)::int,
                                         (date_part('epoch', closes) / 60)::int))
          FROM date_hours
         WHERE day BETWEEN :first_day AND :last_day
           AND (person_id IS NULL OR person_id IN (SELECT id FROM giver))),
    'closures', (
        SELECT json_agg(json_build_array(person_id, place_id, first_day, last_day,
                                         (date_part('epoch', from_time) / 60)::int,
                                         (date_part('epoch', until_time) / 60)::int))
          FROM closures
         WHERE last_day >= :first_day AND first_day <= :last_day
           AND (person_id IS NULL OR person_id IN (SELECT id FROM giver))))
  FROM businesses b
  LEFT JOIN settings_versions v ON v.business_id = b.id AND v.version = b.settings_version
 WHERE b.id = :business_id
""")


async def read_plan(
    scope: Scope,
    *,
    service_id: UUID | None,
    first_day: date,
    last_day: date,
    person_id: UUID | None = None,
) -> Plan:
    """The plan of a service for these local days, both included: of the active people listed for it,
    or of everybody if none is; without a service, of all active people. With `person_id`, of that
    person alone, if they are among them. Its `service` is None for one that can't be booked."""
    first_day, last_day = first_day - _AROUND, last_day + _AROUND
    document = (
        await scope.session.execute(
            _PLAN,
            {
                "business_id": scope.business_id,
                "service_id": service_id,
                "person_id": person_id,
                "first_day": first_day,
                "last_day": last_day,
            },
        )
    ).scalar_one_or_none()
    if document is None:
        raise NotFound("business")
    return Plan(
        rules=rules_from(
            zone=document["zone"],
            country=document["country"],
            booking=document["booking"],
            public_holidays=document["public_holidays"],
            now=scope.seam.now(),
        ),
        service=_service(document["service"]),
        needs_room=document["needs_room"],
        first_day=first_day,
        last_day=last_day,
        _document={**document, "business_id": str(scope.business_id)},
    )


def _service(row: Sequence[Any] | None) -> ServiceRules | None:
    if row is None:
        return None
    duration, before, after, capacity, notice, daily_limit, weekly_limit = row
    return ServiceRules(
        length=Length(
            service=timedelta(minutes=duration),
            before=timedelta(minutes=before),
            after=timedelta(minutes=after),
        ),
        capacity=capacity,
        notice=None if notice is None else timedelta(minutes=notice),
        daily_limit=daily_limit,
        weekly_limit=weekly_limit,
    )


async def read_service(scope: Scope, service_id: UUID) -> Service:
    """The service, if it can be booked. Raises NotFound otherwise."""
    service = await scope.session.get(Service, service_id)
    if service is None or not service.active:
        raise NotFound("service")
    return service
