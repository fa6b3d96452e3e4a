"""Fifty callers, ten times: ten of them get one, through the tools that a call uses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import time, timedelta

import pytest
from sqlalchemy import select

import tools.database
from domain.businesses.settings import BookingRules, BusinessSettings
from domain.businesses.versions import change_settings
from domain.database import Database
from domain.encryption import Keyring
from domain.hours import operations as hours
from domain.people import operations as people
from domain.scheduling import appointments
from domain.scheduling.models import Appointment
from domain.seam import PinnedSeam
from tests.domain.practice import NEW_YORK, TUESDAY, Practice, at, at_once, make_practice
from tests.postgres import DatabaseAddress
from tests.tools.fakes import Line, ring
from tools import book_appointment, find_times

CALLERS = 50
TIMES = [at(hour, minute) for hour in range(9, 14) for minute in (0, 30)]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty calls share one process here, and perhaps a busy machine: who wins is what is asked, not how
    long a caller would have waited."""
    monkeypatch.setattr(tools.database, "REACH_SECONDS", 120.0)


@pytest.fixture
async def practice(database: Database) -> Practice:
    """Dr. Lee alone, on one Tuesday alone, from nine to two: ten cleanings and no more."""
    practice = await make_practice(database)
    async with database.scope(business_id=practice.business_id) as scope:
        await people.deactivate(scope, person_id=practice.gomez_id)
        await hours.replace_hours(
            scope, spans=[hours.Span(weekday=TUESDAY.weekday(), opens=time(9), closes=time(14))]
        )
        rules = BookingRules(slot_step_minutes=30, horizon_days=5)
        await change_settings(
            scope, document=BusinessSettings(greeting="Hello.", booking=rules).model_dump()
        )
    return practice


@pytest.fixture
async def workers(
    database: Database, database_address: DatabaseAddress, keyring: Keyring, seam: PinnedSeam
) -> AsyncIterator[Sequence[Database]]:
    """The pools of two processes."""
    other = Database(database_address.app, keyring=keyring, seam=seam)
    yield [database, other]
    await other.aclose()


@pytest.mark.long
async def test_fifty_callers_of_one_worker_share_ten_times(
    database: Database, practice: Practice
) -> None:
    lines = await _ring_all([database], practice)
    ends = Counter(await at_once(*(_settle_for_any(line, wanted=0) for line in lines)))
    assert ends == {"booked": 10, "no": 40}
    await _require_all_times_booked_once(database, practice)


async def test_fifty_callers_of_two_workers_share_ten_times(
    workers: Sequence[Database], practice: Practice
) -> None:
    lines = await _ring_all(workers, practice)
    ends = Counter(
        await at_once(
            *(_settle_for_any(line, wanted=number % 10) for number, line in enumerate(lines))
        )
    )
    assert ends == {"booked": 10, "no": 40}
    await _require_all_times_booked_once(workers[0], practice)


async def test_whoever_loses_the_race_hears_of_what_is_left_in_the_same_answer(
    workers: Sequence[Database], practice: Practice
) -> None:
    """All want one of the first six times: six are booked, and every loser is offered some of the
    others, which nobody asked for."""
    lines = await _ring_all(workers, practice)
    told = await at_once(*(_find(line) for line in lines))
    answers = await at_once(
        *(
            _book(line, _offers(text)[number % 6])
            for number, (line, text) in enumerate(zip(lines, told, strict=True))
        )
    )
    lost = [
        (line, answer)
        for line, answer in zip(lines, answers, strict=True)
        if not answer.startswith("Booked")
    ]
    assert len(lost) == CALLERS - 6
    for _, answer in lost:
        assert answer.startswith("Not done: ") and "Free instead: [" in answer
    line, answer = lost[-1]
    assert (await _book(line, _offers(answer)[0])).startswith("Booked")


async def test_held_times_are_out_of_reach_until_they_have_passed(
    workers: Sequence[Database], practice: Practice, seam: PinnedSeam
) -> None:
    """Half the callers say yes at once and hold; the other half books. Whoever holds and never gives a
    name loses the time after two minutes, and not before."""
    lines = await _ring_all(workers, practice)
    told = await at_once(*(_find(line) for line in lines))
    wanted = [_offers(text)[number % 10] for number, text in enumerate(told)]
    holders, others = lines[:25], lines[25:]
    held = await at_once(
        *(_hold(line, offer) for line, offer in zip(holders, wanted[:25], strict=True))
    )
    assert sum(held) == 10
    answers = await at_once(
        *(_book(line, offer) for line, offer in zip(others, wanted[25:], strict=True))
    )
    assert all("No other time is free" in answer for answer in answers)

    keepers = [
        (line, offer) for line, offer, mine in zip(holders, wanted[:25], held, strict=True) if mine
    ]
    kept = await at_once(*(_book(line, offer) for line, offer in keepers[:5]))
    assert all(answer.startswith("Booked") for answer in kept)
    seam.advance(appointments.HOLD + timedelta(seconds=1))
    ends = Counter(await at_once(*(_settle_for_any(line, wanted=0) for line in others)))
    assert ends == {"booked": 5, "no": 20}
    await _require_all_times_booked_once(workers[0], practice)


async def _ring_all(workers: Sequence[Database], practice: Practice) -> list[Line]:
    return [
        await ring(
            workers[number % len(workers)],
            business_id=practice.business_id,
            caller=f"+120255502{number:02d}",
        )
        for number in range(CALLERS)
    ]


async def _settle_for_any(line: Line, *, wanted: int) -> str:
    """A caller who takes whatever is left: asks, says yes, and says yes again to what is offered
    instead."""
    told = await _find(line)
    while offers := _offers(told):
        told = await _book(line, offers[min(wanted, len(offers) - 1)])
        if told.startswith("Booked"):
            return "booked"
        assert told.startswith("Not done: "), told
    assert "no other time is free" in told.lower(), told
    return "no"


async def _find(line: Line) -> str:
    return await line.use(find_times, service="Cleaning", first_date=TUESDAY.isoformat())


async def _book(line: Line, offer_id: str) -> str:
    return await line.use(book_appointment, offer_id=offer_id, caller_name="Jane Doe")


async def _hold(line: Line, offer_id: str) -> bool:
    """The caller says yes before telling a name. Whether the time is held for them."""
    told = await line.use(book_appointment, offer_id=offer_id)
    assert told.startswith(("Held until ", "Not done: ")), told
    return told.startswith("Held")


def _offers(told: str) -> list[str]:
    if told.startswith("Booked"):
        return []
    return re.findall(r"\[([0-9a-f]+)\]", told)


async def _require_all_times_booked_once(database: Database, practice: Practice) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        query = select(Appointment.starts_at).where(Appointment.state == "booked")
        starts = (await scope.session.scalars(query.order_by(Appointment.starts_at))).all()
    assert [start.astimezone(NEW_YORK) for start in starts] == [
        start.astimezone(NEW_YORK) for start in TIMES
    ]
