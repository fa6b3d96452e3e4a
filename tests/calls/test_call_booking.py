"""Booking, moving and cancelling by voice, with all that callers do to it; each call at a practice of
its own."""

from __future__ import annotations

import pytest

from domain.businesses.settings import BookingRules
from domain.calls.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentHeld,
    AppointmentMoved,
    LateFeeTold,
    TimesOffered,
    ToolCalled,
)
from domain.contacts import operations as contacts
from tests.calls.conftest import Line
from tests.calls.events import of_type
from tests.calls.practice import CALLER, STRANGER, Practice, Talk, at, day, open_practice, starts

pytestmark = [pytest.mark.call, pytest.mark.timeout(240)]

WISH = "i would like to book a cleaning for tomorrow at two"
YES, NAME, NUMBER = "yes please", "my name is david hill", "yes it is"


@pytest.fixture
async def practice(line: Line) -> Practice:
    return await open_practice(line)


async def _give_name(talk: Talk) -> str:
    await talk.say("number")
    return await talk.say("booked", "david hill")


async def test_a_time_is_held_at_the_yes_and_booked_with_the_name(practice: Practice) -> None:
    async with practice.call(WISH, YES, NAME, NUMBER) as talk:
        await talk.say("shall i book it")
        assert await practice.appointments("held", "booked") == []
        await talk.say("holding", "name")
        assert starts(await practice.appointments("held")) == [at(14)]
        told = await _give_name(talk)
    assert "2 p.m." in told
    call, events = await practice.record(talk)
    assert call.outcome == "booked"
    assert [one.starts_at for one in of_type(events, AppointmentHeld)] == [at(14)]
    booked = await practice.appointments("held", "booked")
    assert [(one.state, one.starts_at) for one in booked] == [("booked", at(14))]
    assert booked[0].call_id == call.id
    assert booked[0].contact_id == call.contact_id


@pytest.mark.long
async def test_a_time_taken_meanwhile_is_replaced_in_the_same_answer(practice: Practice) -> None:
    async with practice.call(WISH, YES, "the last one please", YES, NAME, NUMBER) as talk:
        await talk.say("shall i book it")
        theirs = await practice.book(at(14), phone=STRANGER)
        told = await talk.say("taken", "which would you like")
        assert "1 p.m." in told
        assert "3 p.m." in told
        await talk.say("3 p.m.", "shall i book it")
        await talk.say("holding", "name")
        await _give_name(talk)
    _, events = await practice.record(talk)
    booked = await practice.appointments("held", "booked")
    assert [one.starts_at for one in booked if one.id != theirs] == [at(15)]
    assert len(booked) == 2
    assert len(of_type(events, AppointmentBooked)) == 1


@pytest.mark.long
async def test_an_appointment_is_moved(practice: Practice) -> None:
    mine = await practice.book(at(10))
    async with practice.call(
        "i need to reschedule my appointment",
        "the day after tomorrow at three",
        "yes that's correct",
    ) as talk:
        await talk.say("what day and time")
        await talk.say("is that right")
        assert starts(await practice.appointments("booked")) == [at(10)]
        told = await talk.say("moved")
    assert "3 p.m." in told
    call, events = await practice.record(talk)
    assert call.outcome == "moved"
    stored = await practice.appointments("held", "booked", "cancelled")
    assert [(one.id, one.state, one.starts_at) for one in stored] == [
        (mine, "booked", at(15, ahead=2))
    ]
    assert [(one.before, one.after) for one in of_type(events, AppointmentMoved)] == [
        (at(10), at(15, ahead=2))
    ]


@pytest.mark.long
async def test_a_late_cancellation_waits_for_the_fee_to_be_accepted(line: Line) -> None:
    rules = BookingRules(cancellation_notice_hours=72, late_cancellation_fee="50 dollars")
    practice = await open_practice(line, rules)
    mine = await practice.book(at(10))
    async with practice.call(
        "i need to cancel my appointment", YES, "yes i accept the fee"
    ) as talk:
        await talk.say("shall i cancel it")
        await talk.say("50 dollars", "accept")
        assert starts(await practice.appointments("booked")) == [at(10)]
        await talk.say("cancelled")
    call, events = await practice.record(talk)
    assert call.outcome == "cancelled"
    assert [one.id for one in await practice.appointments("cancelled")] == [mine]
    told_first = [one for one in events if isinstance(one, LateFeeTold | AppointmentCancelled)]
    assert [type(one) for one in told_first] == [LateFeeTold, AppointmentCancelled]


@pytest.mark.long
async def test_a_wrong_identity_hears_nothing(practice: Practice) -> None:
    await practice.book(at(10))
    async with practice.call(
        "i need to cancel my appointment",
        NAME,
        "the fifth of march nineteen eighty",
        caller=STRANGER,
    ) as talk:
        await talk.say("full name")
        await talk.say("date of birth")
        await talk.say("full name")
    call, events = await practice.record(talk)
    for told in talk.heard:
        for secret in ("lee", "cleaning", "10 a.m.", "tomorrow"):
            assert secret not in told.lower(), talk.heard
    tried = of_type(events, ToolCalled)[-1]
    assert tried.arguments["date_of_birth"] == "1980-03-05"
    assert tried.outcome == "refused"
    assert call.outcome is None
    assert starts(await practice.appointments("booked")) == [at(10)]


@pytest.mark.long
async def test_the_right_identity_is_served_from_another_telephone(practice: Practice) -> None:
    await practice.book(at(10))
    async with practice.call(
        "i need to cancel my appointment",
        NAME,
        "the fourth of july nineteen seventy five",
        YES,
        caller=STRANGER,
    ) as talk:
        await talk.say("full name")
        await talk.say("date of birth")
        await talk.say("10 a.m.", "shall i cancel it")
        await talk.say("cancelled")
    call, _ = await practice.record(talk)
    assert call.outcome == "cancelled"
    assert await practice.appointments("held", "booked") == []


@pytest.mark.long
async def test_a_change_of_mind_while_a_time_is_held_books_the_other_alone(
    practice: Practice,
) -> None:
    weekday = f"{day(3):%A}".lower()
    async with practice.call(
        WISH, YES, f"actually {weekday} instead", "the first one please", YES, NAME, NUMBER
    ) as talk:
        await talk.say("shall i book it")
        await talk.say("holding", "name")
        assert starts(await practice.appointments("held")) == [at(14)]
        await talk.say("which would you like")
        await talk.say("shall i book it")
        await talk.say("holding", "name")
        await _give_name(talk)
    _, events = await practice.record(talk)
    booked = await practice.appointments("held", "booked")
    assert [(one.state, one.starts_at) for one in booked] == [("booked", at(8, ahead=3))]
    assert len(of_type(events, AppointmentHeld)) == 2


@pytest.mark.long
async def test_hanging_up_before_the_yes_leaves_nothing(practice: Practice) -> None:
    async with practice.call(WISH) as talk:
        await talk.say("shall i book it")
    call, events = await practice.record(talk)
    assert call.end_reason == "caller_hung_up"
    assert call.outcome is None
    assert of_type(events, TimesOffered)
    assert await practice.appointments("held", "booked", "cancelled") == []


@pytest.mark.long
async def test_yes_said_twice_is_one_booking(practice: Practice) -> None:
    """The second yes comes into the answer to the first, from somebody whose name is known."""
    async with practice.line.database.scope(business_id=practice.business_id) as scope:
        await contacts.save(scope, phone=CALLER, name="David Hill")
    async with practice.call(WISH, YES, YES, YES) as talk:
        await talk.say("shall i book it")
        talk.prompt(YES)
        await talk.caller.speak(next(talk.lines))
        await talk.interrupt()
        await talk.hear()
        await talk.say()
    call, events = await practice.record(talk)
    assert call.outcome == "booked"
    assert len(of_type(events, AppointmentBooked)) == 1
    assert starts(await practice.appointments("held", "booked")) == [at(14)]
