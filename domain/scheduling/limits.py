"""How many appointments a person gives, and a service is given, a day and a week at most.

A week is Monday to Sunday, and days are those of the place at which the person would give it. A class
counts once for the person who gives it, however many attend, and once an attendee for the service.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from domain.database import Scope
from domain.scheduling.local_time import day_of, from_epoch, midnight
from domain.scheduling.plan import Giver, ServiceRules

_STARTS = text("""
SELECT a.person_id, a.service_id = :service_id, date_part('epoch', a.starts_at)::bigint
  FROM appointments a
 WHERE a.starts_at >= :since AND a.starts_at < :until
   AND (a.person_id = ANY(CAST(:person_ids AS uuid[]))
        OR CAST(:whole_service AS boolean) AND a.service_id = :service_id)
   AND (a.state = 'booked'
        OR a.state = 'held' AND EXISTS (
            SELECT FROM appointment_resources r
             WHERE r.appointment_id = a.id AND r.held_until > :now))
   AND a.id IS DISTINCT FROM CAST(:except_for AS uuid)
""")
_ONE_DAY = timedelta(days=1)


class Limits:
    """What the limits of a service and of its people still allow."""

    def __init__(self, service: ServiceRules, rows: Iterable[tuple[UUID, bool, int]] = ()) -> None:
        self._service = service
        self._of_service: list[int] = []
        self._of_person: dict[UUID, set[int]] = {}
        self._counts: dict[tuple[UUID | None, ZoneInfo], tuple[Counter[date], Counter[date]]] = {}
        for person_id, same_service, starts in rows:
            self._of_person.setdefault(person_id, set()).add(starts)
            if same_service:
                self._of_service.append(starts)

    def person_allows(self, giver: Giver, day: date) -> bool:
        """Whether the person may begin one more on the local `day`."""
        return self._below(
            giver.person_id, giver, day, daily=giver.daily_limit, weekly=giver.weekly_limit
        )

    def service_allows(self, giver: Giver, day: date) -> bool:
        """Whether the service may be given once more on the local `day` of the giver's place."""
        service = self._service
        return self._below(None, giver, day, daily=service.daily_limit, weekly=service.weekly_limit)

    def _below(
        self, whose: UUID | None, giver: Giver, day: date, *, daily: int | None, weekly: int | None
    ) -> bool:
        if daily is None and weekly is None:
            return True
        days, weeks = self._count(whose, giver.timetable.zone)
        if daily is not None and days[day] >= daily:
            return False
        return weekly is None or weeks[_monday(day)] < weekly

    def _count(self, whose: UUID | None, zone: ZoneInfo) -> tuple[Counter[date], Counter[date]]:
        found = self._counts.get((whose, zone))
        if found is None:
            starts: Iterable[int] = (
                self._of_service if whose is None else self._of_person.get(whose, ())
            )
            local = [day_of(zone, at) for at in starts]
            found = Counter(local), Counter(map(_monday, local))
            self._counts[whose, zone] = found
        return found


async def read_limits(
    scope: Scope,
    *,
    service: ServiceRules,
    service_id: UUID,
    givers: Sequence[Giver],
    first_day: date,
    last_day: date,
    except_for: UUID | None = None,
) -> Limits:
    """The limits as they stand for these local days, both included; asks the database only where
    there are any. `except_for` is an appointment that is being moved."""
    whole_service = service.daily_limit is not None or service.weekly_limit is not None
    limited = sorted(
        {
            giver.person_id
            for giver in givers
            if giver.daily_limit is not None or giver.weekly_limit is not None
        }
    )
    if not limited and not whole_service:
        return Limits(service)
    zones = {giver.timetable.zone for giver in givers}
    last = _monday(last_day) + 7 * _ONE_DAY
    rows = await scope.session.execute(
        _STARTS,
        {
            "service_id": service_id,
            "person_ids": limited,
            "whole_service": whole_service,
            "since": from_epoch(min(midnight(zone, _monday(first_day)) for zone in zones)),
            "until": from_epoch(max(midnight(zone, last) for zone in zones)),
            "now": scope.seam.now(),
            "except_for": except_for,
        },
    )
    return Limits(service, ((row[0], row[1], row[2]) for row in rows))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
