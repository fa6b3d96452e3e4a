"""A practice of twenty people with a full book, and as many other appointments around it as wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import UUID

import psycopg

from domain.businesses import operations as businesses
from domain.businesses.settings import BookingRules, BusinessSettings
from domain.contacts import operations as contacts
from domain.database import Database
from domain.hours import operations as hours
from domain.people import operations as people
from domain.services import operations as services

MONDAY: Final = datetime(2026, 11, 23, 14, tzinfo=UTC)
"""The clock of the measurements: a Monday, nine in New York."""
PEOPLE: Final = 20
MOST_BUSY: Final = 90
"""How many of a hundred half hours of the next weeks are booked."""
AHEAD_DAYS: Final = 34
OTHERS: Final = 10
OTHERS_PEOPLE: Final = 5
_SLOTS: Final = 16
"""Half hours from nine to five."""

# Person after person, half hour after half hour from `first` on; `busy` of a hundred are taken.
_APPOINTMENTS: Final = """
INSERT INTO appointments (id, business_id, service_id, person_id, starts_at, ends_at, state, code,
                          created_at, updated_at)
SELECT uuidv7(), person.business_id, person.service_id, person.id, begins.at,
       begins.at + interval '30 minutes', 'booked', 'N' || person.resource_id || '-' || number || %(mark)s,
       begins.at, begins.at
  FROM generate_series(0, %(each)s - 1) AS number
 CROSS JOIN (
        SELECT p.id, p.resource_id, p.business_id, s.id AS service_id
          FROM people p JOIN services s ON s.business_id = p.business_id
         WHERE p.business_id = ANY(%(businesses)s)
       ) AS person
 CROSS JOIN LATERAL (
        SELECT %(first)s::timestamptz + make_interval(
                 days => (number / %(slots)s)::int, mins => (30 * (number %% %(slots)s))::int) AS at
       ) AS begins
 WHERE (number * 37 + person.resource_id * 11) %% 100 < %(busy)s
"""
_RESOURCES: Final = """
INSERT INTO appointment_resources (appointment_id, resource_id, business_id, during, state)
SELECT a.id, p.resource_id, a.business_id, tstzrange(a.starts_at, a.ends_at), 'booked'
  FROM appointments a JOIN people p ON p.id = a.person_id
  LEFT JOIN appointment_resources t ON t.appointment_id = a.id
 WHERE t.appointment_id IS NULL
"""


@dataclass(frozen=True, kw_only=True)
class Practice:
    """The measured business."""

    business_id: UUID
    service_id: UUID
    contact_id: UUID
    person_ids: tuple[UUID, ...]


async def make_practice(
    database: Database, *, number: int = 0, people_count: int = PEOPLE
) -> Practice:
    """Open Monday to Friday from nine to five in New York; everybody gives the one service."""
    business_id = database.seam.new_id()
    async with database.scope(business_id=business_id) as scope:
        await businesses.create(
            scope,
            name=f"Practice {number}",
            time_zone="America/New_York",
            country="US",
            settings=BusinessSettings(
                greeting="Hello.", booking=BookingRules(slot_step_minutes=30)
            ),
        )
        await hours.replace_hours(
            scope,
            spans=[hours.Span(weekday=day, opens=time(9), closes=time(17)) for day in range(5)],
        )
        given = [await people.create(scope, name=f"Person {one}") for one in range(people_count)]
        service = await services.create(scope, name="Check-up", duration_minutes=30)
        contact = await contacts.save(scope, phone="+12025550123", name="Jane Doe")
    return Practice(
        business_id=business_id,
        service_id=service.id,
        contact_id=contact.id,
        person_ids=tuple(person.id for person in given),
    )


class Rows:
    """Fills the tables past the domain's own code, as in a database that has been used for years.

    Half of what is added is the practice's own past; the rest is the past of other businesses.
    """

    def __init__(self, url: str, practice: Practice, others: Sequence[Practice]) -> None:
        """`url` reaches the database as superuser: rows of several businesses are written at once."""
        self._url = url
        self._own = [practice.business_id]
        self._others = [one.business_id for one in others]
        self._begins = {"own": MONDAY, "others": MONDAY}
        self.count = 0

    def fill_ahead(self) -> None:
        """The practice's next weeks, nearly full."""
        self._add(self._own, MONDAY, days=AHEAD_DAYS, busy=MOST_BUSY)

    def grow_to(self, count: int) -> None:
        """At least `count` appointments, and what autovacuum would know of them after a minute."""
        wanted = count - self.count
        self._add_past("own", self._own, wanted // 2, people_count=PEOPLE)
        self._add_past(
            "others", self._others, count - self.count, people_count=OTHERS * OTHERS_PEOPLE
        )
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE) appointments, appointment_resources")

    def _add_past(self, whose: str, ids: list[UUID], count: int, *, people_count: int) -> None:
        if count <= 0:
            return
        days = -(-count // (people_count * _SLOTS))
        self._begins[whose] -= timedelta(days=days)
        self._add(ids, self._begins[whose], days=days, busy=100)

    def _add(self, ids: list[UUID], first: datetime, *, days: int, busy: int) -> None:
        values = {
            "businesses": ids,
            "first": first,
            "slots": _SLOTS,
            "each": days * _SLOTS,
            "busy": busy,
            "mark": f"-{first:%Y%m%d}",
        }
        with psycopg.connect(self._url) as connection:
            self.count += connection.execute(_APPOINTMENTS, values).rowcount
            connection.execute(_RESOURCES)
