"""Booking, finding, moving and cancelling appointments for the caller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from livekit.agents import RunContext

from domain.calls.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
    ContactSaved,
)
from domain.database import Scope
from domain.errors import Conflict, NotFound
from domain.people import operations as people
from domain.scheduling import appointments as scheduling
from domain.scheduling.access import find_for_caller, require_access
from domain.scheduling.booker import booker_for
from domain.scheduling.codes import spoken_code
from domain.scheduling.lookup import booked_on_call
from domain.scheduling.models import Appointment, Offer
from domain.scheduling.offers import get_offer
from domain.services import operations as services
from tools.answer import Answer, refusal
from tools.context import CallContext, Deed
from tools.database import deed, reading
from tools.offering import offer_instead
from tools.running import tool
from tools.understood import read_appointment_id, read_name, read_phone, said_phone, said_time

MOST_WRONG_CODES: Final = 3
"""Then a caller who guesses booking codes is told to stop."""


@tool
async def book_appointment(
    context: RunContext[CallContext],
    offer_id: str,
    caller_name: str,
    caller_phone: str | None = None,
    note: str | None = None,
) -> Answer:
    """Book a time that find_times gave on this call, after the caller has agreed to it and told their
    name.

    Args:
        offer_id: The id in brackets of the time the caller chose.
        caller_name: First and last name of the person the appointment is for.
        caller_phone: Number to reach them at, as the caller said it; null for the number they call from.
        note: What the staff should know about this visit; null for nothing.
    """
    call = context.userdata
    name, phone = read_name(caller_name), read_phone(call, caller_phone)
    async with deed(context) as opened:
        scope = opened.scope
        chosen = await _offer(scope, call, offer_id)
        before = await booked_on_call(scope, call_id=call.call_id)
        booker = await booker_for(scope, phone=phone, name=name)
        try:
            appointment = await scheduling.book(
                scope,
                call_id=call.call_id,
                offer_id=chosen.id,
                contact_id=booker.contact.id,
                note=booker.noted(note),
            )
        except Conflict as conflict:
            return await _lost(call, opened, chosen, conflict)
        if appointment.id not in {one.id for one in before}:
            await opened.record(ContactSaved(contact_id=booker.contact.id))
            await opened.record(_booked(appointment))
        said = await _said(scope, call, appointment)
        others = [
            f"[{one.id}] {await _said(scope, call, one)}"
            for one in before
            if one.id != appointment.id
        ]
    if phone == call.caller_phone:
        call.contact_id = booker.contact.id
    call.memory.shown.add(appointment.id)
    return Answer(
        fact=f"Booked [{appointment.id}]: {said}, for {name}, {said_phone(call, phone)}, booking code "
        f"{spoken_code(appointment.code)}{_also(others)}",
        then="Read back the day, the time and the name, give the booking code once, and ask whether "
        "there is anything else. Never say the id in brackets.",
    )


@tool
async def find_appointments(
    context: RunContext[CallContext],
    caller_phone: str | None = None,
    code: str | None = None,
) -> Answer:
    """Find the caller's own coming appointments, before talking about, moving or cancelling one.

    Args:
        caller_phone: The number it was booked under, if the caller says another than the one they call from; otherwise null.
        code: The booking code, if the caller gives one; otherwise null.
    """
    call = context.userdata
    code = (code or "").strip() or None
    if code is None:
        _require_own_number(call, caller_phone)
    elif call.memory.wrong_codes >= MOST_WRONG_CODES:
        raise refusal(
            "Too many wrong booking codes were given on this call",
            "Take no further code. Offer to take a message for the staff instead.",
        )
    async with reading(context) as scope:
        found = await find_for_caller(scope, caller_phone=call.caller_phone, code=code)
        told = [
            f"[{one.id}] {await _said(scope, call, one)}, booking code {spoken_code(one.code)}"
            for one in found
        ]
    if not found:
        return _nothing_found(call, code)
    call.memory.shown.update(one.id for one in found)
    return Answer(
        fact=f"Coming appointments: {'; '.join(told)}",
        then="Tell the caller the service, day and time. To move one, call find_times and then "
        "move_appointment; to cancel one, make sure the caller wants that, then cancel_appointment. "
        "Never say the ids in brackets.",
    )


@tool
async def move_appointment(
    context: RunContext[CallContext], appointment_id: str, offer_id: str
) -> Answer:
    """Move an appointment to a time that find_times gave on this call, after the caller has agreed to it.

    Args:
        appointment_id: The id in brackets that find_appointments or book_appointment gave.
        offer_id: The id in brackets of the new time.
    """
    call = context.userdata
    async with deed(context) as opened:
        scope = opened.scope
        appointment = await _appointment(scope, call, appointment_id)
        chosen = await _offer(scope, call, offer_id)
        try:
            change = await scheduling.move(
                scope,
                appointment_id=appointment.id,
                call_id=call.call_id,
                offer_id=chosen.id,
            )
        except Conflict as conflict:
            return await _lost(call, opened, chosen, conflict)
        if change.changed:
            await opened.record(
                AppointmentMoved(
                    appointment_id=appointment.id,
                    before=change.before,
                    after=change.appointment.starts_at,
                )
            )
        said = await _said(scope, call, change.appointment)
        code = change.appointment.code
    return Answer(
        fact=f"Moved. The appointment is now: {said}; the booking code stays {spoken_code(code)}",
        then="Read back the new day and time, and ask whether there is anything else.",
    )


@tool
async def cancel_appointment(context: RunContext[CallContext], appointment_id: str) -> Answer:
    """Cancel an appointment, after the caller has said which one and that they want it cancelled.

    Args:
        appointment_id: The id in brackets that find_appointments or book_appointment gave.
    """
    call = context.userdata
    async with deed(context) as opened:
        appointment = await _appointment(opened.scope, call, appointment_id)
        change = await scheduling.cancel(opened.scope, appointment_id=appointment.id)
        if change.changed:
            await opened.record(AppointmentCancelled(appointment_id=appointment.id))
        said = await _said(opened.scope, call, change.appointment)
    return Answer(
        fact=f"Cancelled: {said}",
        then="Tell the caller that it is cancelled, and ask whether they would like another time or "
        "anything else.",
    )


async def _offer(scope: Scope, call: CallContext, offer_id: str) -> Offer:
    try:
        return await get_offer(
            scope, call_id=call.call_id, offer_id=offer_id.strip().strip("[]").lower()
        )
    except NotFound:
        raise refusal(
            "No time with this id was offered on this call",
            "Call find_times and use the id in brackets of the time the caller chose.",
        ) from None


async def _appointment(scope: Scope, call: CallContext, text: str) -> Appointment:
    try:
        return await require_access(
            scope,
            appointment_id=read_appointment_id(text),
            call_id=call.call_id,
            shown=call.memory.shown,
        )
    except NotFound:
        raise refusal(
            "No appointment with this id was found on this call",
            "Call find_appointments first and use the id in brackets that it gives.",
        ) from None


async def _lost(call: CallContext, opened: Deed, chosen: Offer, conflict: Conflict) -> Answer:
    """Nothing was booked or moved; what could be instead is offered in the same breath."""
    told = await offer_instead(call, opened, chosen)
    instead = f". Free instead: {told}" if told else ". No other time is free"
    return Answer(
        fact=f"Not done: {conflict.reason}{instead}",
        then="Tell the caller that this time can't be had any more, and offer the others by day and "
        "time; then use the id in brackets. If none suits, offer to take a message.",
        outcome="refused",
    )


def _require_own_number(call: CallContext, said: str | None) -> None:
    if not call.caller_phone:
        raise refusal(
            "The caller's number is withheld, so appointments are found by booking code only",
            "Ask for the booking code; without it offer to take a message for the staff.",
        )
    if said and said.strip() and read_phone(call, said) != call.caller_phone:
        raise refusal(
            "Appointments under another number than the one that calls are found by booking code only",
            "Ask for the booking code; without it offer to take a message for the staff.",
        )


def _nothing_found(call: CallContext, code: str | None) -> Answer:
    if code:
        call.memory.wrong_codes += 1
        return Answer(
            fact="There is no coming appointment with this booking code",
            then="Ask the caller to say the code again, letter by letter.",
            outcome="refused",
        )
    return Answer(
        fact="There is no coming appointment under the number that calls",
        then="Tell the caller, and ask whether they have a booking code or would like to book one.",
    )


def _booked(appointment: Appointment) -> AppointmentBooked:
    return AppointmentBooked(
        appointment_id=appointment.id,
        service_id=appointment.service_id,
        person_id=appointment.person_id,
        starts_at=appointment.starts_at,
    )


async def _said(scope: Scope, call: CallContext, appointment: Appointment) -> str:
    """`Cleaning with Dr. Lee on Tuesday the 24th of November at 2 p.m.`"""
    service = await services.get(scope, service_id=appointment.service_id)
    person = await people.get(scope, person_id=appointment.person_id)
    return f"{service.name} with {person.name}, {said_time(call, appointment.starts_at)}"


def _also(others: Sequence[str]) -> str:
    if not others:
        return ""
    return (
        f". Also booked on this call: {'; '.join(others)}. If the caller changed their mind rather "
        "than wanting both, cancel that one"
    )
