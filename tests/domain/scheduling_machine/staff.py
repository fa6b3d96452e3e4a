"""What staff and the clock-work of the office do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.database import Scope
from domain.hours import operations as hours
from domain.idempotency import requests
from domain.scheduling import appointments, waiting_list
from domain.scheduling.expiry import clear_all_expired_holds
from tests.domain.scheduling_machine.requests import (
    STAFF,
    Pick,
    Planner,
    Request,
    as_told,
    assistant,
    some_service,
    some_time,
    today,
    wanted,
)
from tests.domain.scheduling_machine.told import Told
from tests.domain.scheduling_machine.world import Practice, World, set_week


def _book_directly(world: World, practice: Practice, pick: Pick) -> Request:
    """Under an idempotency key, as the API does it: asked again, it is the same booking."""
    service_id, person_id = some_service(practice, pick[1]), practice.people[pick[1] // 2 % 2]
    starts_at = some_time(world, practice, pick)
    key = world.seam.token(8)
    fingerprint = requests.fingerprint_of(str(service_id), str(person_id), str(starts_at))

    async def run(scope: Scope) -> Told:
        before = await requests.answer_of(scope, key=key, fingerprint=fingerprint)
        if before is not None:
            made = await appointments.get(scope, appointment_id=UUID(before.body))
            return await as_told(scope, made, practice)
        made = await appointments.book_directly(
            scope,
            service_id=service_id,
            person_id=person_id,
            starts_at=starts_at,
            contact_id=practice.contacts[0],
            outside_hours=_outside_hours(practice, service_id, pick[1]),
        )
        await requests.keep_answer(
            scope,
            key=key,
            fingerprint=fingerprint,
            answer=requests.Answer(status=201, body=str(made.id)),
        )
        return await as_told(scope, made, practice)

    return Request(
        kind="book directly",
        business_id=practice.business_id,
        actor=STAFF,
        run=run,
        settle=world.ledger.settle,
        wants=wanted(practice, service_id, person_id, starts_at),
    )


def _move(world: World, practice: Practice, pick: Pick) -> Request | None:
    """To a time that the call was offered, or to one that staff name."""
    booked = world.ledger.of(practice.business_id, "booked")
    if not booked:
        return None
    chosen = booked[-1 - pick[1] % len(booked)]
    suitable = [one for one in practice.offers if one.service_id == chosen.service_id]
    offered = suitable[pick[2] % len(suitable)] if suitable and pick[2] % 2 else None
    starts_at = offered.starts_at if offered else some_time(world, practice, pick)
    person_id = offered.person_id if offered else practice.people[pick[2] // 2 % 2]

    async def run(scope: Scope) -> Told:
        change = await appointments.move(
            scope,
            appointment_id=chosen.id,
            call_id=offered.call_id if offered else None,
            offer_id=offered.offer_id if offered else None,
            starts_at=None if offered else starts_at,
            person_id=None if offered else person_id,
            outside_hours=_outside_hours(practice, chosen.service_id, pick[2]),
        )
        return await as_told(scope, change.appointment, practice)

    def settle(told: Told) -> None:
        world.ledger.settle(told)
        if offered:
            # The time that a call holds may be the one that it moves to.
            world.ledger.give_back_holds(offered.call_id, except_for=told.id)

    return Request(
        kind="move",
        business_id=practice.business_id,
        actor=assistant(offered.call_id) if offered else STAFF,
        run=run,
        settle=settle,
        wants=wanted(practice, chosen.service_id, person_id, starts_at),
        about=chosen.id,
    )


def _cancel(world: World, practice: Practice, pick: Pick) -> Request | None:
    there = world.ledger.of(practice.business_id, "booked", "held")
    if not there:
        return None
    chosen = there[pick[1] % len(there)]

    async def run(scope: Scope) -> Told:
        change = await appointments.cancel(
            scope, appointment_id=chosen.id, by_staff=pick[2] % 2 == 0
        )
        return await as_told(scope, change.appointment, practice)

    return Request(
        kind="cancel",
        business_id=practice.business_id,
        actor=STAFF,
        run=run,
        settle=world.ledger.settle,
        about=chosen.id,
    )


def _change_hours(world: World, practice: Practice, pick: Pick) -> Request:
    person_id = [None, *practice.people][pick[2] % 3]

    async def run(scope: Scope) -> None:
        await set_week(scope, pick[1], person_id=person_id)

    return _office(practice, "change hours", run)


def _close(world: World, practice: Practice, pick: Pick) -> Request:
    first_day = today(world, practice) + timedelta(days=pick[1] % 20)
    person_id = [None, *practice.people][pick[2] % 3]

    async def run(scope: Scope) -> UUID:
        closure = await hours.create_closure(
            scope,
            first_day=first_day,
            last_day=first_day + timedelta(days=pick[1] // 20 % 3),
            person_id=person_id,
        )
        return closure.id

    return _office(practice, "close", run, settle=practice.closures.append)


def _reopen(world: World, practice: Practice, pick: Pick) -> Request | None:
    if not practice.closures:
        return None
    closure_id = practice.closures[pick[1] % len(practice.closures)]

    async def run(scope: Scope) -> None:
        await hours.delete_closure(scope, closure_id=closure_id)

    def settle(_: None) -> None:
        practice.closures[:] = [one for one in practice.closures if one != closure_id]

    return _office(practice, "reopen", run, settle=settle)


def _attend(world: World, practice: Practice, pick: Pick) -> Request | None:
    """Somebody says that they will come."""
    booked = world.ledger.of(practice.business_id, "booked")
    if not booked:
        return None
    chosen = booked[pick[1] % len(booked)]

    async def run(scope: Scope) -> Told:
        change = await appointments.confirm_attendance(scope, appointment_id=chosen.id)
        return await as_told(scope, change.appointment, practice)

    return Request(
        kind="say to come",
        business_id=practice.business_id,
        actor=STAFF,
        run=run,
        settle=world.ledger.settle,
        about=chosen.id,
    )


def _sweep(world: World, practice: Practice, pick: Pick) -> Request:
    """What the background does every minute: holds that have passed, offers of the waiting list."""

    async def run(scope: Scope) -> None:
        if pick[1] % 2:
            await clear_all_expired_holds(scope)
        else:
            await waiting_list.pass_on(scope)

    return _office(practice, "sweep", run)


STAFF_REQUESTS: dict[str, Planner] = {
    "book directly": _book_directly,
    "move": _move,
    "cancel": _cancel,
    "change hours": _change_hours,
    "close": _close,
    "reopen": _reopen,
    "say to come": _attend,
    "sweep": _sweep,
}


def _outside_hours(practice: Practice, service_id: UUID, number: int) -> bool:
    """Sometimes; but what lifts the hours lifts the limits too, and those shall be seen to hold."""
    return number % 3 == 0 and practice.services[service_id].daily_limit is None


def _office(
    practice: Practice,
    kind: str,
    run: Callable[[Scope], Awaitable[Any]],
    *,
    settle: Callable[[Any], None] = lambda _: None,
) -> Request:
    return Request(kind=kind, business_id=practice.business_id, actor=STAFF, run=run, settle=settle)
