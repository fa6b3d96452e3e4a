"""Making requests: alone, at the same time, cut off half-way; and what may come back."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from domain.database import Database
from domain.errors import DomainError
from domain.scheduling import appointments
from tests.domain.practice import at_once
from tests.domain.scheduling_machine.callers import same_time
from tests.domain.scheduling_machine.invariants import Broken, check_whole, in_the_way
from tests.domain.scheduling_machine.planning import plan
from tests.domain.scheduling_machine.requests import Pick, Request
from tests.domain.scheduling_machine.told import Told
from tests.domain.scheduling_machine.world import Given, Practice, World
from tools.database import AWAY

Tally = Counter[tuple[str, str]]
"""How often which request had which end."""


async def open_the_book(world: World) -> None:
    """Two appointments in each practice, and somebody who waits for such a time."""
    for number, practice in enumerate(world.practices):
        requests = [plan(world, "wait", (number, 1, 0))]
        for day in (1, 8):
            requests += await same_time(world, practice, (number, 0, day), ["book"])
        for request in requests:
            end, answer = await _ask(world.workers[0], request)
            _settle(request, end, answer)


async def alone(world: World, request: Request, tally: Tally) -> None:
    """Make the request while nothing else happens: it is refused as taken when the time is taken, and
    only then."""
    wanted = request.wants
    obstacle = (
        None
        if wanted is None
        else in_the_way(world, wanted, except_for=request.about, call_id=request.actor.call_id)
    )
    now = world.seam.now()
    had = {told.id for told in world.ledger.by_id.values() if told.keeps_out(now)}
    alone = wanted is not None and _given(world, wanted).needs_a_person_alone
    end, answer = await _ask(world.workers[0], request)
    if end == "TimeTaken" and alone and not obstacle:
        raise Broken(f"{request.kind}: refused as taken, but nothing is in the way: {wanted}")
    if end == "done" and alone and obstacle and isinstance(answer, Told) and answer.id not in had:
        raise Broken(f"{request.kind}: {answer} although {obstacle} is in the way")
    _settle(request, end, answer)
    tally[request.kind, end] += 1


async def together(world: World, requests: list[Request], tally: Tally) -> None:
    """Make the requests at once, through the pools of two processes."""
    asked = [
        _ask(world.workers[number % len(world.workers)], request)
        for number, request in enumerate(requests)
    ]
    for request, (end, answer) in zip(requests, await at_once(*asked), strict=True):
        _settle(request, end, answer)
        tally[request.kind, end] += 1


async def twice(world: World, request: Request, tally: Tally) -> None:
    """Make the same request over two connections at once; nothing may be done twice."""
    ends = await at_once(*(_ask(worker, request) for worker in world.workers))
    for end, answer in ends:
        _settle(request, end, answer)
        tally[request.kind, end] += 1
    made = {answer.id for end, answer in ends if end == "done" and hasattr(answer, "id")}
    if len(made) > 1 and request.about is None:
        raise Broken(f"{request.kind}: one request, two appointments: {made}")


async def cut_off(
    world: World, request: Request, *, before: int | None, beside: list[Request], tally: Tally
) -> None:
    """Lose the connection before the `before`-th statement, or (None) while COMMIT is answered; then ask
    again, as a caller would. `beside` are made at the same time."""
    await world.warm_cuttable()
    if before is None:
        world.proxy.lose_answer()
    else:
        world.proxy.cut_before(before)
    others = asyncio.ensure_future(together(world, beside, tally))
    lost, end, answer = False, "", None
    try:
        end, answer = await _ask(world.cuttable, request)
    except AWAY:
        if not world.proxy.broke:
            raise
        lost = True
    finally:
        await asyncio.wait([others])
        world.proxy.disarm()
    others.result()
    if lost:
        check_whole(world)
        end, answer = await _ask(world.workers[0], request)
        if world.proxy.broke == "answer" and end == "TimeTaken" and not beside:
            raise Broken(f"{request.kind}: asked again, its own time is in its way: {request}")
    _settle(request, end, answer)
    how = "in the end " if lost else ""
    tally[request.kind, f"{how}{end}"] += 1
    tally["cut", world.proxy.broke or "too late"] += 1


async def forgotten(world: World, practice: Practice, pick: Pick, tally: Tally) -> None:
    """A caller holds a time and never comes back; two minutes later another wants it."""
    requests = await same_time(world, practice, pick, ["hold", "book"])
    for request in requests:
        await alone(world, request, tally)
        world.seam.advance(appointments.HOLD)


def _given(world: World, wanted: Told | None) -> Given:
    assert wanted is not None
    return world.practice_of(wanted.business_id).services[wanted.service_id]


async def _ask(database: Database, request: Request) -> tuple[str, Any]:
    try:
        async with database.scope(business_id=request.business_id, actor=request.actor) as scope:
            answer = await request.run(scope)
    except DomainError as error:
        return type(error).__name__, None
    return "done", answer


def _settle(request: Request, end: str, answer: Any) -> None:
    if end == "done":
        request.settle(answer)


async def rush(
    world: World, practice: Practice, pick: Pick, takes: list[str], tally: Tally
) -> None:
    """Several callers who were told the same time want it at once: one of them gets it, or as many as a class has seats."""
    requests = await same_time(world, practice, pick, takes)
    if not requests:
        tally["rush", "nothing free"] += 1
        return
    answers = await at_once(
        *(
            _ask(world.workers[number % len(world.workers)], request)
            for number, request in enumerate(requests)
        )
    )
    for request, (end, answer) in zip(requests, answers, strict=True):
        _settle(request, end, answer)
        tally[f"{request.kind} in a rush", end] += 1
    made = [answer for end, answer in answers if end == "done"]
    if len(made) > _given(world, requests[0].wants).capacity:
        raise Broken(f"one time, {len(made)} callers who were told that it is theirs: {made}")
