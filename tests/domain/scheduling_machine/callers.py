"""What callers ask for, through the operations that the tools use."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from domain.database import Scope
from domain.scheduling import appointments, waiting_list
from domain.scheduling.offers import offer
from domain.scheduling.times import FreeTime, find_times
from tests.domain.scheduling_machine.requests import (
    STAFF,
    Pick,
    Planner,
    Request,
    as_told,
    assistant,
    offered_to,
    some_service,
    today,
    wanted,
)
from tests.domain.scheduling_machine.told import Told
from tests.domain.scheduling_machine.world import Offered, Practice, World


def find(world: World, practice: Practice, pick: Pick) -> Request:
    call_id = practice.calls[pick[1] % len(practice.calls)]
    service_id = some_service(practice, pick[2])
    person_id = [None, *practice.people][pick[2] // 2 % 3]
    first_day = today(world, practice) + timedelta(days=pick[1] // 6 % 5)
    last_day = first_day + timedelta(days=pick[2] // 6 % 4)

    async def run(scope: Scope) -> list[Offered]:
        found = await find_times(
            scope,
            service_id=service_id,
            first_day=first_day,
            last_day=last_day,
            person_id=person_id,
            limit=4,
            spread=pick[2] % 5 > 1,
        )
        times = found.times or found.alternatives
        return offered_to(call_id, await offer(scope, call_id=call_id, times=times))

    return Request(
        kind="find",
        business_id=practice.business_id,
        actor=assistant(call_id),
        run=run,
        settle=practice.remember,
    )


def _offer_again(world: World, practice: Practice, pick: Pick) -> Request | None:
    """A time that was offered to one call, offered to another: two callers who want the same."""
    if not practice.offers:
        return None
    known = practice.offers[pick[1] % len(practice.offers)]
    call_id = practice.calls[pick[2] % len(practice.calls)]
    shift = timedelta(minutes=(-30, 0, 0, 0, 15)[pick[2] // 6 % 5])
    starts_at = known.starts_at + shift
    length = practice.services[known.service_id].length

    async def run(scope: Scope) -> list[Offered]:
        time_ = FreeTime(
            service_id=known.service_id,
            person_id=known.person_id,
            person_name="",
            starts_at=starts_at,
            ends_at=starts_at + length.service,
        )
        return offered_to(call_id, await offer(scope, call_id=call_id, times=[time_]))

    return Request(
        kind="offer again",
        business_id=practice.business_id,
        actor=assistant(call_id),
        run=run,
        settle=practice.remember,
    )


def _hold(world: World, practice: Practice, pick: Pick) -> Request | None:
    return _take_offer(world, practice, pick, kind="hold")


def _book(world: World, practice: Practice, pick: Pick) -> Request | None:
    return _take_offer(world, practice, pick, kind="book")


def _take_offer(world: World, practice: Practice, pick: Pick, *, kind: str) -> Request | None:
    if not practice.offers:
        return None
    offered = practice.offers[-1 - pick[1] % len(practice.offers)]
    return _taking(world, practice, offered, kind=kind)


def _taking(world: World, practice: Practice, offered: Offered, *, kind: str) -> Request:
    async def run(scope: Scope) -> Told:
        if kind == "hold":
            made = await appointments.hold(
                scope, call_id=offered.call_id, offer_id=offered.offer_id
            )
        else:
            made = await appointments.book(
                scope,
                call_id=offered.call_id,
                offer_id=offered.offer_id,
                contact_id=practice.contacts[0],
            )
        return await as_told(scope, made, practice)

    def settle(told: Told) -> None:
        world.ledger.settle(told)
        world.ledger.give_back_holds(offered.call_id, except_for=told.id)

    return Request(
        kind=kind,
        business_id=practice.business_id,
        actor=assistant(offered.call_id),
        run=run,
        settle=settle,
        wants=wanted(practice, offered.service_id, offered.person_id, offered.starts_at),
    )


async def same_time(
    world: World, practice: Practice, pick: Pick, takes: list[str]
) -> list[Request]:
    """New calls, all offered one free time, each about to `hold` or `book` it; none if there is none."""
    service_id = some_service(practice, pick[1])
    first_day = today(world, practice) + timedelta(days=pick[2] % 6)
    requests = []
    async with world.workers[0].scope(business_id=practice.business_id) as scope:
        found = await find_times(
            scope,
            service_id=service_id,
            first_day=first_day,
            last_day=first_day + timedelta(days=3),
            limit=5,
        )
        free = found.times or found.alternatives
        for kind in takes if free else []:
            call_id, time = world.seam.new_id(), free[pick[2] // 6 % len(free)]
            (offered,) = offered_to(call_id, await offer(scope, call_id=call_id, times=[time]))
            requests.append(_taking(world, practice, offered, kind=kind))
    return requests


def _confirm(world: World, practice: Practice, pick: Pick) -> Request | None:
    """A call's hold becomes a booking, perhaps after it has passed."""
    held = [told for told in world.ledger.of(practice.business_id, "held") if not told.may_be_gone]
    if not held:
        return None
    chosen = held[pick[1] % len(held)]
    assert chosen.call_id is not None
    call_id = chosen.call_id

    async def run(scope: Scope) -> Told:
        made = await appointments.confirm(
            scope, call_id=call_id, appointment_id=chosen.id, contact_id=practice.contacts[0]
        )
        return await as_told(scope, made, practice)

    def settle(told: Told) -> None:
        world.ledger.settle(told)
        world.ledger.give_back_holds(call_id, except_for=told.id)

    return Request(
        kind="confirm",
        business_id=practice.business_id,
        actor=assistant(call_id),
        run=run,
        settle=settle,
        wants=chosen,
        about=chosen.id,
    )


def _wait(world: World, practice: Practice, pick: Pick) -> Request:
    """Somebody wants a time that is not free now: the waiting list."""
    contact_id = practice.contacts[pick[1] % len(practice.contacts)]
    service_id = some_service(practice, pick[2])
    person_id = [None, *practice.people][pick[2] // 2 % 3]
    first_day = today(world, practice) + timedelta(days=pick[1] // 3 % 8)

    async def run(scope: Scope) -> UUID:
        entry = await waiting_list.add(
            scope,
            contact_id=contact_id,
            service_id=service_id,
            person_id=person_id,
            first_day=first_day,
            last_day=first_day + timedelta(days=10),
        )
        return entry.id

    return Request(
        kind="wait",
        business_id=practice.business_id,
        actor=STAFF,
        run=run,
        settle=practice.waiting.append,
    )


def _accept(world: World, practice: Practice, pick: Pick) -> Request | None:
    """Somebody from the waiting list takes the time that is kept for them, if one is."""
    if not practice.waiting:
        return None
    entry_id = practice.waiting[pick[1] % len(practice.waiting)]

    async def run(scope: Scope) -> Told:
        return await as_told(scope, await waiting_list.accept(scope, entry_id=entry_id), practice)

    return Request(
        kind="accept",
        business_id=practice.business_id,
        actor=STAFF,
        run=run,
        settle=world.ledger.settle,
    )


CALLERS: dict[str, Planner] = {
    "find": find,
    "offer again": _offer_again,
    "hold": _hold,
    "book": _book,
    "confirm": _confirm,
    "wait": _wait,
    "accept": _accept,
}
