"""Calendars elsewhere and ours: what happens in them, how they are synchronised, what must come of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from connectors.sync import sync_calendar
from domain.database import Database
from tests.domain.scheduling_machine.invariants import Broken
from tests.domain.scheduling_machine.outside import OutsideStore, unchanged
from tests.domain.scheduling_machine.requests import Pick, Request, some_time
from tests.domain.scheduling_machine.told import Told
from tests.domain.scheduling_machine.walker import Tally, together
from tests.domain.scheduling_machine.world import Practice, World
from tools.database import AWAY

_ENTRIES = """
    SELECT appointment_id, conflict FROM calendar_entries WHERE calendar_id = %(id)s
"""
_BUSY = "SELECT event_id, begins_at, ends_at FROM busy_times WHERE calendar_id = %(id)s"
_PATIENCE = timedelta(minutes=61)
"""Longer than any change waits for its next try."""


def happen_outside(world: World, pick: Pick, tally: Tally) -> None:
    """Somebody writes into their calendar, or into our entries in it; or its server forgets old cursors."""
    practice, _, store = _chosen(world, pick)
    begins = some_time(world, practice, (pick[0], pick[2], pick[1]))
    ends = begins + timedelta(minutes=15 * (1 + pick[1] % 8))
    entered, ours = list(store.foreign), list(store.ours)
    match pick[2] % 8:
        case 0 if entered:
            store.leave(entered[pick[1] % len(entered)])
            what = "event removed"
        case 1 if entered:
            store.enter(entered[pick[1] % len(entered)], begins, ends)
            what = "event moved"
        case 2 if ours:
            store.tamper(ours[pick[1] % len(ours)], move_to=begins)
            what = "our entry moved"
        case 3 if ours:
            store.tamper(ours[pick[1] % len(ours)], move_to=None)
            what = "our entry removed"
        case 4:
            store.oldest = len(store.log)
            what = "cursor gone"
        case _:
            store.enter(f"event-{world.seam.token(4)}", begins, ends)
            what = "event entered"
    tally["outside", what] += 1


async def sync_shakily(world: World, pick: Pick, *, beside: list[Request], tally: Tally) -> None:
    """Synchronise one calendar while others book, and something fails on the way: the other side, an
    answer from it, or our own database."""
    practice, calendar_id, store = _chosen(world, pick)
    trouble = ("none", "away", "answers lost", "database cut", "database cut")[pick[2] % 5]
    database = world.workers[1]
    if trouble == "away":
        store.away = True
    elif trouble == "answers lost":
        store.lose_answers = 1 + pick[1] % 2
    elif trouble == "database cut":
        await world.warm_cuttable()
        database = world.cuttable
        if pick[1] % 4:
            world.proxy.cut_before(pick[1] // 4 % 12 + 1, skip=pick[1] // 48 % 6)
        else:
            world.proxy.lose_answer(skip=pick[1] // 4 % 6)
    others = asyncio.ensure_future(together(world, beside, tally))
    try:
        await _sync(world, database, practice, calendar_id)
        tally["sync", f"{trouble}: done"] += 1
    except AWAY:
        if not world.proxy.broke:
            raise
        tally["sync", f"{trouble}: broken off"] += 1
    finally:
        await asyncio.wait([others])
        world.proxy.disarm()
        store.away, store.lose_answers = False, 0
    others.result()


async def sync_to_the_end(world: World, pick: Pick, tally: Tally) -> None:
    """With everything healthy, and time for what failed before to be tried again, both sides agree."""
    practice, _, _ = _chosen(world, pick)
    for _ in range(2):
        world.seam.advance(_PATIENCE)
        for calendar_id in practice.calendars:
            await _sync(world, world.workers[0], practice, calendar_id)
    for calendar_id, address in practice.calendars.items():
        _check_agreement(world, practice, calendar_id, world.outside.stores[address])
        tally["entry of ours", "agreed"] += len(world.outside.stores[address].ours)
    tally["sync", "to the end"] += 1


async def _sync(world: World, database: Database, practice: Practice, calendar_id: UUID) -> None:
    await sync_calendar(
        database,
        business_id=practice.business_id,
        calendar_id=calendar_id,
        connect=world.outside.connect,
    )


def _check_agreement(
    world: World, practice: Practice, calendar_id: UUID, store: OutsideStore
) -> None:
    now = world.seam.now()
    person_id = practice.people[list(practice.calendars).index(calendar_id)]
    connection = world.all_seeing
    conflicts = dict(connection.execute(_ENTRIES, {"id": calendar_id}).fetchall())
    booked = {
        told.id: told
        for told in world.ledger.of(practice.business_id, "booked")
        if told.person_id == person_id
    }
    if not unchanged(store):
        raise Broken(f"events that people entered were touched: {store.foreign}")
    for appointment_id, told in booked.items():
        if told.ends_at > now:
            _check_entry(told, store, conflict=conflicts.get(appointment_id))
    for ghost in store.ours.keys() - booked.keys():
        raise Broken(f"a ghost in the calendar: {store.ours[ghost]}")
    said = {
        (event_id, begins, ends)
        for event_id, begins, ends in connection.execute(_BUSY, {"id": calendar_id})
        if ends > now
    }
    reads = practice.people.index(person_id) == 0
    if said != (set(_blocking(store, now)) if reads else set()):
        raise Broken(f"busy times {said} instead of {store.foreign}")


def _check_entry(told: Told, store: OutsideStore, *, conflict: str | None) -> None:
    item = store.ours.get(told.id)
    if told.id in store.tampered:
        expected = "removed" if item is None else "moved"
        if conflict != expected and not (item and item.begins_at == told.starts_at):
            raise Broken(f"an entry was {expected} outside and staff are told {conflict!r}: {told}")
        return
    if item is None:
        raise Broken(f"a booked appointment is missing in the calendar: {told}")
    if (item.begins_at, item.ends_at) != (told.starts_at, told.ends_at):
        raise Broken(f"the calendar shows another time: {item} for {told}")


def _blocking(store: OutsideStore, now: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    for event_id, (begins, ends) in store.foreign.items():
        if ends > now:
            yield event_id, begins, ends


def _chosen(world: World, pick: Pick) -> tuple[Practice, UUID, OutsideStore]:
    """A calendar of a practice that has something coming, if any has."""
    now = world.seam.now()
    coming = {
        told.business_id
        for told in world.ledger.by_id.values()
        if told.state == "booked" and told.ends_at > now
    }
    practices = [one for one in world.practices if one.business_id in coming] or world.practices
    practice = practices[pick[0] % len(practices)]
    calendar_ids = list(practice.calendars)
    calendar_id = calendar_ids[pick[1] % len(calendar_ids)]
    return practice, calendar_id, world.outside.stores[practice.calendars[calendar_id]]
