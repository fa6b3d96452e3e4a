"""What must be true of the database after every step, read past the domain's own code."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from tests.domain.scheduling_machine.told import Told
from tests.domain.scheduling_machine.world import World

_APPOINTMENTS = """
    SELECT a.id, a.business_id, a.service_id, a.person_id, a.starts_at, a.ends_at, a.state,
           a.call_id, a.offer_id, a.version, a.room_id,
           (p.business_id, s.business_id, coalesce(c.business_id, a.business_id))
             = (a.business_id, a.business_id, a.business_id) AS of_one_business
      FROM appointments a
      JOIN people p ON p.id = a.person_id
      JOIN services s ON s.id = a.service_id
      LEFT JOIN contacts c ON c.id = a.contact_id
"""
_TAKEN = """
    SELECT t.appointment_id, t.business_id, t.resource_id, t.begins_at, t.ends_at, t.state,
           t.held_until, p.id AS person_id, m.id AS room_id, r.business_id = t.business_id AS of_one_business
      FROM appointment_resources t
      JOIN resources r ON r.id = t.resource_id
      LEFT JOIN people p ON p.resource_id = coalesce(r.parent_id, r.id)
      LEFT JOIN rooms m ON m.resource_id = coalesce(r.parent_id, r.id)
     WHERE t.state <> 'cancelled'
"""
_KEPT = "SELECT appointment_id FROM waiting_list WHERE state = 'offered'"
_HISTORY = """
    SELECT appointment_id, number, kind, after FROM appointment_events ORDER BY appointment_id, number
"""
_IN_THE_WAY = """
    SELECT 'appointment ' || t.appointment_id
      FROM appointment_resources t
      JOIN resources r ON r.id = t.resource_id
      JOIN people p ON p.resource_id = coalesce(r.parent_id, r.id)
     WHERE p.id = %(person_id)s AND t.appointment_id IS DISTINCT FROM %(except_for)s
       AND t.during && tstzrange(%(begins)s, %(ends)s)
       AND (t.state = 'booked' OR t.state = 'held' AND t.held_until > %(now)s AND NOT EXISTS (
               SELECT FROM appointments a
                WHERE a.id = t.appointment_id AND a.call_id = %(call_id)s))
    UNION ALL
    SELECT 'event ' || b.event_id
      FROM busy_times b
      JOIN people p ON p.resource_id = b.resource_id
     WHERE p.id = %(person_id)s AND b.begins_at < %(ends)s AND b.ends_at > %(begins)s
"""
_SEALED = """
    SELECT (SELECT count(*) FROM appointments WHERE business_id <> %(id)s)
         + (SELECT count(*) FROM appointment_resources WHERE business_id <> %(id)s)
         + (SELECT count(*) FROM offers WHERE business_id <> %(id)s)
"""


class Broken(AssertionError):
    """The database says something else than it must."""


@dataclass(frozen=True, kw_only=True)
class _Row:
    id: UUID
    business_id: UUID
    service_id: UUID
    person_id: UUID
    starts_at: datetime
    ends_at: datetime
    state: str
    call_id: UUID | None
    offer_id: str | None
    version: int
    room_id: UUID | None
    of_one_business: bool


@dataclass(frozen=True, kw_only=True)
class _Taken:
    appointment_id: UUID
    business_id: UUID
    resource_id: int
    begins_at: datetime
    ends_at: datetime
    state: str
    held_until: datetime | None
    person_id: UUID | None
    room_id: UUID | None
    of_one_business: bool


@dataclass(frozen=True, kw_only=True)
class _Event:
    appointment_id: UUID
    number: int
    kind: str
    after: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """The database at one moment."""

    rows: list[_Row]
    taken: dict[UUID, list[_Taken]]
    kept: set[UUID]
    """Held for somebody of the waiting list."""
    events: dict[UUID, list[_Event]]


def check_whole(world: World) -> None:
    """What holds even while nobody knows how far a broken request came: nothing taken twice, nothing
    half-written."""
    _check_whole(world, _read(world))


def check_all(world: World) -> None:
    """And that the database says what was told, no more and no less."""
    seen = _read(world)
    _check_whole(world, seen)
    now = world.seam.now()
    by_id = {row.id: row for row in seen.rows}
    for told in world.ledger.by_id.values():
        row = by_id.get(told.id)
        _require(row is not None, "an appointment that was told is lost", told)
        assert row is not None
        _check_told(told, row, seen.taken[row.id], now)
    for row in seen.rows:
        known = row.id in world.ledger.by_id or row.state == "cancelled"
        kept = row.state == "held" and row.id in seen.kept
        _require(known or kept, "an appointment that nobody was told of", row)
    _check_sealed(world)


def in_the_way(
    world: World, wanted: Told, *, except_for: UUID | None, call_id: UUID | None
) -> list[str]:
    """What keeps the wanted time's person busy: others' appointments, holds that still hold (but for
    the call's own, which it gives back for another), and what their calendar elsewhere is known to say."""
    begins, ends = wanted.span
    values = {
        "person_id": wanted.person_id,
        "except_for": except_for,
        "call_id": call_id,
        "begins": begins,
        "ends": ends,
        "now": world.seam.now(),
    }
    return [row[0] for row in world.all_seeing.execute(_IN_THE_WAY, values).fetchall()]


def _read(world: World) -> _Seen:
    connection = world.all_seeing
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with connection.cursor(row_factory=class_row(_Row)) as cursor:
            rows = cursor.execute(_APPOINTMENTS).fetchall()
        with connection.cursor(row_factory=class_row(_Taken)) as cursor:
            taken = cursor.execute(_TAKEN).fetchall()
        with connection.cursor(row_factory=class_row(_Event)) as cursor:
            events = cursor.execute(_HISTORY).fetchall()
        kept = {row[0] for row in connection.execute(_KEPT).fetchall()}
    seen = _Seen(rows=rows, taken=defaultdict(list), kept=kept, events=defaultdict(list))
    for one in taken:
        seen.taken[one.appointment_id].append(one)
    for event in events:
        seen.events[event.appointment_id].append(event)
    return seen


def _check_whole(world: World, seen: _Seen) -> None:
    rows, taken = seen.rows, seen.taken
    _check_overlaps(world, [one for several in taken.values() for one in several])
    for row in rows:
        _require(row.of_one_business, "an appointment that reaches into another business", row)
        _check_history(row, seen.events[row.id])
        states = {one.state for one in taken[row.id]}
        expected = set() if row.state == "cancelled" else {row.state}
        _require(states == expected, f"a {row.state} appointment takes {states}", row)
        for one in taken[row.id]:
            sealed = one.of_one_business and one.business_id == row.business_id
            _require(sealed, "a resource of another business is taken", one)
            held = (one.held_until is not None) == (one.state == "held")
            _require(held, "only a hold ends by itself", one)
        if row.state != "cancelled":
            _check_takes(world, row, taken[row.id])
    _check_classes(world, seen)
    _check_limits(world, seen)
    offers = Counter(
        (row.call_id, row.offer_id)
        for row in rows
        if row.offer_id is not None and row.state != "cancelled"
    )
    for offer, count in offers.items():
        _require(count == 1, f"{count} appointments of one offer", offer)


def _check_takes(world: World, row: _Row, taken: list[_Taken]) -> None:
    """Its person's time, and the room where the service needs one; nobody else's."""
    given = world.practice_of(row.business_id).services[row.service_id]
    people = {one.person_id for one in taken if one.person_id is not None}
    _require(people == {row.person_id}, f"it takes the time of {people}", row)
    rooms = {one.room_id for one in taken if one.room_id is not None}
    _require(rooms == {row.room_id} - {None}, f"it takes rooms {rooms}", row)
    _require(bool(rooms) == given.roomed, "a room where none is needed, or none", row)


def _check_classes(world: World, seen: _Seen) -> None:
    """A person gives one thing at a time, and a class no more seats than it has."""
    by_person: dict[UUID, list[_Row]] = defaultdict(list)
    for row in _standing(world, seen):
        by_person[row.person_id].append(row)
    for rows in by_person.values():
        together = Counter((row.service_id, row.starts_at) for row in rows)
        for row in rows:
            given = world.practice_of(row.business_id).services[row.service_id]
            count = together[row.service_id, row.starts_at]
            _require(count <= given.capacity, f"{count} at once in {given.name}", row)
        rows.sort(key=lambda row: (row.starts_at, row.service_id))
        for earlier, later in pairwise(rows):
            same = (earlier.service_id, earlier.starts_at) == (later.service_id, later.starts_at)
            apart = earlier.ends_at <= later.starts_at
            _require(same or apart, "one person, two things at once", (earlier, later))


def _check_limits(world: World, seen: _Seen) -> None:
    days: Counter[tuple[UUID, date]] = Counter()
    for row in _standing(world, seen):
        practice = world.practice_of(row.business_id)
        limit = practice.services[row.service_id].daily_limit
        day = row.service_id, row.starts_at.astimezone(practice.zone).date()
        days[day] += 1
        _require(limit is None or days[day] <= limit, f"{days[day]} a day", row)


def _standing(world: World, seen: _Seen) -> list[_Row]:
    """Appointments that keep others out now."""
    now = world.seam.now()
    return [
        row
        for row in seen.rows
        if any(one.held_until is None or one.held_until > now for one in seen.taken[row.id])
    ]


def _check_overlaps(world: World, taken: list[_Taken]) -> None:
    """Independent of the exclusion constraint, and of the way in which free times are found."""
    now = world.seam.now()
    by_resource: dict[int, list[_Taken]] = defaultdict(list)
    for one in taken:
        if one.held_until is None or one.held_until > now:
            by_resource[one.resource_id].append(one)
    for several in by_resource.values():
        several.sort(key=lambda one: one.begins_at)
        for earlier, later in pairwise(several):
            _require(earlier.ends_at <= later.begins_at, "taken twice", (earlier, later))


def _check_history(row: _Row, events: list[_Event]) -> None:
    """Its events, one after the other, lead to what it is now: no change is without one."""
    numbers = [event.number for event in events]
    _require(numbers == list(range(1, len(events) + 1)), f"events {numbers}", row)
    _require(bool(events) and events[0].kind in ("held", "booked"), "it began as nothing", row)
    last: dict[str, Any] = {}
    for event in events:
        last |= event.after
    told = (last["state"], last["person_id"], last["service_id"])
    same = told == (row.state, str(row.person_id), str(row.service_id))
    times = [datetime.fromisoformat(last[name]) for name in ("starts_at", "ends_at")]
    _require(same and times == [row.starts_at, row.ends_at], f"its history ends in {last}", row)


def _check_told(told: Told, row: _Row, taken: list[_Taken], now: datetime) -> None:
    _require(row.state in told.expects(now), f"told {told.state}, but it is {row.state}", told)
    if row.state == "cancelled":
        return
    same = (row.person_id, row.starts_at, row.ends_at, row.service_id, row.business_id) == (
        told.person_id,
        told.starts_at,
        told.ends_at,
        told.service_id,
        told.business_id,
    )
    _require(same, "it is not what was told", (told, row))
    spans = {(one.begins_at, one.ends_at) for one in taken}
    _require(spans == {told.span}, f"it takes {spans} instead of its span with buffers", told)
    if row.state == "held" and not told.may_be_gone:
        until = {one.held_until for one in taken}
        _require(until == {told.held_until}, f"held until {until}", told)


def _check_sealed(world: World) -> None:
    for practice in world.practices:
        with world.sealed.transaction():
            world.sealed.execute(
                "SELECT set_config('app.business_id', %s, true)", [str(practice.business_id)]
            )
            found = world.sealed.execute(_SEALED, {"id": practice.business_id}).fetchone()
        _require(found == (0,), "another business's rows can be seen", practice.business_id)


def _require(true: bool, what: str, about: Any) -> None:
    if not true:
        raise Broken(f"{what}: {about}")
