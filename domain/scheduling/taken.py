"""What is taken of the time of people and rooms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, text

from domain.database import Scope
from domain.scheduling.availability import Seconds, Taken
from domain.scheduling.local_time import from_epoch
from domain.scheduling.models import AppointmentResource
from domain.scheduling.plan import Giver
from domain.services.models import LONGEST

# Read by resource and beginning, not by overlap: under row-level security PostgreSQL uses an index
# only for leakproof comparisons, and range overlap is none, so that asking the exclusion constraint's
# own index would read the whole table. Arrays of integers: a month of twenty people is five thousand
# spans, each of which would be a row of two datetimes otherwise.
_OCCUPIED = """
SELECT json_build_array(asked.id, booked.begins, booked.ends, busy.begins, busy.ends)
  FROM unnest(CAST(:resource_ids AS bigint[])) AS asked (id)
 CROSS JOIN LATERAL (
    SELECT array_agg(date_part('epoch', span.begins_at)::bigint) AS begins,
           array_agg(date_part('epoch', span.ends_at)::bigint) AS ends
      FROM ({spans}) span
 ) booked
 CROSS JOIN LATERAL (
    SELECT array_agg(floor(date_part('epoch', t.begins_at))::bigint) AS begins,
           array_agg(ceil(date_part('epoch', t.ends_at))::bigint) AS ends
      FROM busy_times t
     WHERE t.resource_id = asked.id AND t.begins_at < :until AND t.ends_at > :since
 ) busy
"""
_TAKEN_BY = """
      FROM appointment_resources r
     WHERE r.resource_id = asked.id AND r.state <> 'cancelled'
       AND r.begins_at > :since AND r.begins_at < :until
       AND (r.state = 'booked' OR r.held_until > :now)
"""
_SINGLE = text(_OCCUPIED.format(spans=f"SELECT r.begins_at, r.ends_at {_TAKEN_BY}"))
# A full day is one span instead of twenty to be told, read and stepped over.
_RUNS = text(
    _OCCUPIED.format(
        spans=f"""
    SELECT lower(run) AS begins_at, upper(run) AS ends_at
      FROM (SELECT unnest(range_agg(tstzrange(r.begins_at, r.ends_at))) AS run {_TAKEN_BY}) runs"""
    )
)

_CLASSES = text("""
SELECT a.person_id, a.place_id, date_part('epoch', a.starts_at)::bigint AS starts,
       count(DISTINCT a.id) AS attendees, (array_agg(a.room_id) FILTER (WHERE a.room_id IS NOT NULL))[1],
       min(date_part('epoch', r.begins_at))::bigint, max(date_part('epoch', r.ends_at))::bigint
  FROM appointments a
  JOIN appointment_resources r ON r.appointment_id = a.id
 WHERE a.person_id = ANY(CAST(:person_ids AS uuid[])) AND a.service_id = :service_id
   AND a.starts_at > :since AND a.starts_at < :until
   AND (r.state = 'booked' OR r.state = 'held' AND r.held_until > :now)
 GROUP BY a.person_id, a.place_id, a.starts_at
""")


class Occupied:
    """What is taken of each resource by appointments, and by its outside calendars."""

    def __init__(self) -> None:
        self._booked: dict[int, Taken] = {}
        self._busy: dict[int, list[Seconds]] = {}
        self._joined: dict[tuple[int, ...], Taken] = {}

    def add(self, row: Sequence[Any]) -> None:
        """A resource as the database tells it."""
        resource_id, begins, ends, busy_begins, busy_ends = row
        # The constraint that forbids double booking keeps these apart.
        self._booked[resource_id] = Taken.apart(begins or [], ends or [])
        if busy_begins:
            self._busy[resource_id] = list(zip(busy_begins, busy_ends, strict=True))

    def of(self, *resource_ids: int) -> Taken:
        """When any of the resources is taken."""
        found = self._joined.get(resource_ids)
        if found is None:
            if len(resource_ids) == 1 and resource_ids[0] not in self._busy:
                return self._booked[resource_ids[0]]
            found = self._joined[resource_ids] = Taken(
                span
                for resource_id in resource_ids
                for span in (*self.booked(resource_id), *self.busy(resource_id))
            )
        return found

    def booked(self, resource_id: int) -> Iterable[Seconds]:
        """The spans that appointments take of a resource, as they were read: single, or in runs."""
        booked = self._booked[resource_id]
        return zip(booked.begins, booked.ends, strict=True)

    def busy(self, resource_id: int) -> Sequence[Seconds]:
        """When an outside calendar says that the resource is busy."""
        return self._busy.get(resource_id, ())


async def read_occupied(
    scope: Scope, resource_ids: Iterable[int], *, during: Seconds, single: bool = False
) -> Occupied:
    """What is taken of the resources within `during`: bookings, holds that still hold, busy times.

    Appointments that follow one another are one span, unless every `single` one is asked for.
    """
    occupied = Occupied()
    rows = await scope.session.execute(
        _SINGLE if single else _RUNS,
        {"resource_ids": sorted(set(resource_ids)), **_bounds(scope, during)},
    )
    for row in rows.scalars():
        occupied.add(row)
    return occupied


@dataclass(frozen=True, kw_only=True)
class ClassSession:
    """A start at which a class has attendees already; what it takes includes the buffers."""

    starts: int
    attendees: int
    room_id: UUID | None
    takes: Seconds


Sessions = dict[tuple[UUID, UUID | None], list[ClassSession]]
"""By person and place."""


async def read_sessions(
    scope: Scope, givers: Sequence[Giver], *, service_id: UUID, during: Seconds
) -> Sessions:
    """The sessions of a class that the givers have within `during`."""
    rows = await scope.session.execute(
        _CLASSES,
        {
            "person_ids": sorted({giver.person_id for giver in givers}),
            "service_id": service_id,
            **_bounds(scope, during),
        },
    )
    found: Sessions = {}
    for person_id, place_id, starts, attendees, room_id, begins, ends in rows:
        found.setdefault((person_id, place_id), []).append(
            ClassSession(starts=starts, attendees=attendees, room_id=room_id, takes=(begins, ends))
        )
    return found


def holds_at(now: datetime) -> ColumnElement[bool]:
    """Whether a row of `appointment_resources` keeps others out at `now`: a hold that has passed
    does not, though the constraint keeps its row until the next booking clears it."""
    return or_(
        AppointmentResource.state == "booked",
        and_(AppointmentResource.state == "held", AppointmentResource.held_until > now),
    )


def _bounds(scope: Scope, during: Seconds) -> dict[str, datetime]:
    return {
        "since": from_epoch(during[0]) - LONGEST,
        "until": from_epoch(during[1]),
        "now": scope.seam.now(),
    }
