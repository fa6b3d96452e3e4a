"""Moving and cancelling through the tools, and the fee for a late change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from livekit.agents import ToolError

from domain.businesses.settings import BookingRules
from domain.calls.events import AppointmentCancelled, AppointmentMoved, LateFeeTold
from domain.database import Database
from domain.scheduling.history import events_of
from domain.scheduling.lookup import find
from tests.domain.practice import Practice, at, make_offer, make_practice
from tests.tools.fakes import Line, ring
from tests.tools.using import book, count, ids, set_rules, times
from tools import book_appointment, cancel_appointment, find_appointments, move_appointment


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


@pytest.fixture
async def line(database: Database, practice: Practice) -> Line:
    return await ring(database, business_id=practice.business_id)


async def test_an_appointment_is_moved_to_an_offered_time(
    database: Database, practice: Practice, line: Line
) -> None:
    await book(line)
    later = await ring(database, business_id=practice.business_id)
    appointment_id = ids(await later.use(find_appointments))[0]
    chosen = (await times(later, first_date="2026-11-25", part_of_day="afternoon"))[0]
    told = await later.use(move_appointment, appointment_id=appointment_id, offer_id=chosen)
    assert told.startswith("Moved. The appointment is now: Cleaning with ")
    assert "Wednesday the 25th of November at noon" in told
    again = await later.use(move_appointment, appointment_id=appointment_id, offer_id=chosen)
    assert again == told
    moved = later.journal.deeds_of(AppointmentMoved)
    assert [(event.before, event.after) for event in moved] == [(at(9), at(12) + timedelta(days=1))]
    assert await count(database, practice) == 1


async def test_a_move_that_fails_keeps_the_appointment_and_offers_others(
    database: Database, practice: Practice, line: Line
) -> None:
    booked = await book(line)
    chosen = await make_offer(database, practice, call_id=line.context.call_id, starts_at=at(11))
    other = await ring(database, business_id=practice.business_id, caller="+12025550177")
    taken = await make_offer(database, practice, call_id=other.context.call_id, starts_at=at(11))
    await other.use(book_appointment, offer_id=taken.id, caller_name="Bob Roe")
    told = await line.use(move_appointment, appointment_id=ids(booked)[0], offer_id=chosen.id)
    assert told.startswith("Not done: the time has been taken. Free instead: [")
    async with database.scope(business_id=practice.business_id) as scope:
        stored = (await find(scope, contact_id=practice.contact_id))[0]
    assert (stored.state, stored.starts_at) == ("booked", at(9))


async def test_a_cancelled_appointment_is_gone_and_told_once(
    database: Database, practice: Practice, line: Line
) -> None:
    appointment_id = ids(await book(line))[0]
    for _ in range(2):
        told = await line.use(cancel_appointment, appointment_id=appointment_id)
        assert told.startswith("Cancelled: Cleaning with Dr. Lee")
    assert len(line.journal.deeds_of(AppointmentCancelled)) == 1
    assert await count(database, practice) == 0
    assert "no coming appointment" in await line.use(find_appointments)


async def test_the_cancellation_notice_is_told_to_the_caller(
    database: Database, practice: Practice, line: Line
) -> None:
    appointment_id = ids(await book(line))[0]
    await set_rules(database, practice, BookingRules(cancellation_notice_hours=48))
    with pytest.raises(ToolError, match=r"48 hours ahead \| .*offer to take a message"):
        await line.use(cancel_appointment, appointment_id=appointment_id)
    assert await count(database, practice) == 1


@pytest.mark.parametrize("appointment_id", ["", "the one at nine", "0" * 32])
async def test_a_made_up_appointment_is_not_cancelled(line: Line, appointment_id: str) -> None:
    with pytest.raises(ToolError, match="Call find_appointments first"):
        await line.use(cancel_appointment, appointment_id=appointment_id)


@pytest.fixture
async def fee(database: Database, practice: Practice, line: Line) -> str:
    """An appointment tomorrow, to cancel or move which costs 50 dollars by now; its id."""
    appointment_id = ids(await book(line))[0]
    rules = BookingRules(cancellation_notice_hours=48, late_cancellation_fee="50 dollars")
    await set_rules(database, practice, rules)
    return appointment_id


async def test_a_late_cancellation_costs_what_the_caller_was_told_and_accepted(
    database: Database, practice: Practice, line: Line, fee: str
) -> None:
    told = await line.use(cancel_appointment, appointment_id=fee)
    assert told.startswith("Not cancelled yet: ")
    assert "a fee of 50 dollars" in told
    assert "ask whether they accept" in told
    assert await count(database, practice) == 1
    done = await line.use(
        cancel_appointment, appointment_id=fee, fee_accepted=True, reason="has to travel"
    )
    assert done.startswith("Cancelled: ")
    assert "the fee of 50 dollars" in done
    assert await count(database, practice) == 0
    assert [fact for fact in line.journal.facts if isinstance(fact, LateFeeTold)] != []
    async with database.scope(business_id=practice.business_id) as scope:
        appointment_id = line.journal.deeds_of(AppointmentCancelled)[0].appointment_id
        last = (await events_of(scope, appointment_id=appointment_id))[-1]
    assert (last.kind, last.reason) == ("cancelled", "has to travel")
    assert last.after["late_fee_accepted"] is True


async def test_a_model_that_claims_acceptance_before_the_fee_was_told_cancels_nothing(
    database: Database, practice: Practice, line: Line, fee: str
) -> None:
    claimed = await line.use(cancel_appointment, appointment_id=fee, fee_accepted=True)
    assert claimed.startswith("Not cancelled yet: ")
    assert await count(database, practice) == 1


async def test_a_fee_cannot_be_accepted_in_the_turn_in_which_it_was_told(
    database: Database, practice: Practice, line: Line, fee: str
) -> None:
    turn = line.in_turn(7)
    for accepted in (False, True, True):
        told = str(await cancel_appointment(turn, appointment_id=fee, fee_accepted=accepted))
        assert told.startswith("Not cancelled yet: ")
    assert await count(database, practice) == 1
    later = await cancel_appointment(line.in_turn(8), appointment_id=fee, fee_accepted=True)
    assert str(later).startswith("Cancelled: ")


async def test_a_fee_told_for_one_appointment_or_call_is_not_accepted_for_another(
    database: Database, practice: Practice, line: Line, fee: str
) -> None:
    second = ids(await book(line, offer_id=(await times(line))[4]))[0]
    await line.use(cancel_appointment, appointment_id=fee)
    other = await line.use(cancel_appointment, appointment_id=second, fee_accepted=True)
    assert other.startswith("Not cancelled yet: ")
    again = await ring(database, business_id=practice.business_id)
    await again.use(find_appointments)
    on_next = await again.use(cancel_appointment, appointment_id=fee, fee_accepted=True)
    assert on_next.startswith("Not cancelled yet: ")
    assert await count(database, practice) == 2


async def test_a_fee_that_changed_since_it_was_told_is_told_anew(
    database: Database, practice: Practice, line: Line, fee: str
) -> None:
    await line.use(cancel_appointment, appointment_id=fee)
    dearer = BookingRules(cancellation_notice_hours=48, late_cancellation_fee="80 dollars")
    await set_rules(database, practice, dearer)
    told = await line.use(cancel_appointment, appointment_id=fee, fee_accepted=True)
    assert "a fee of 80 dollars" in told
    assert await count(database, practice) == 1
    await line.use(cancel_appointment, appointment_id=fee, fee_accepted=True)
    assert await count(database, practice) == 0


async def test_a_late_move_needs_the_fee_too_and_keeps_the_time_until_then(
    database: Database, practice: Practice, line: Line, fee: str
) -> None:
    chosen = (await times(line, first_date="2026-11-30"))[0]
    told = await line.use(move_appointment, appointment_id=fee, offer_id=chosen)
    assert told.startswith("Not moved yet: ")
    assert "a fee of 50 dollars" in told
    assert line.journal.deeds_of(AppointmentMoved) == []
    done = await line.use(move_appointment, appointment_id=fee, offer_id=chosen, fee_accepted=True)
    assert done.startswith("Moved. The appointment is now: ")
    assert "Monday the 30th of November" in done
    assert [event.before for event in line.journal.deeds_of(AppointmentMoved)] == [at(9)]
