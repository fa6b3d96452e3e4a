"""Finding the caller's own appointments, once it is plain who they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from livekit.agents import RunContext

from domain.calls.events import AttendanceConfirmed
from domain.contacts import operations as contacts
from domain.database import Scope
from domain.scheduling import appointments as scheduling, waiting_list
from domain.scheduling.access import find_for_caller
from domain.scheduling.codes import spoken_code
from domain.scheduling.models import Appointment
from tools.answer import Answer, refusal
from tools.appointments import own_appointment, said_appointment
from tools.context import CallContext
from tools.database import deed, reading
from tools.running import tool
from tools.understood import given_name, read_birth, read_phone, said_time

MOST_WRONG_TRIES: Final = 3
"""Then a caller who guesses booking codes, names or dates of birth is told to stop."""

_HOW_ELSE: Final = (
    "Ask for the caller's full name and date of birth, or for the booking code; without them offer to "
    "take a message for the staff. Say nothing about whether there is an appointment."
)


@tool
async def find_appointments(
    context: RunContext[CallContext],
    caller_phone: str | None = None,
    code: str | None = None,
    caller_name: str | None = None,
    date_of_birth: str | None = None,
    confirm_id: str | None = None,
) -> Answer:
    """Find the caller's own coming appointments, before talking about, confirming, moving or cancelling
    one. Without anything it looks under the number they call from.

    Args:
        caller_phone: The number it was booked under, if the caller says another than the one they call from; otherwise null.
        code: The booking code, if the caller gives one; otherwise null.
        caller_name: First and last name, when the number does not match and there is no code; otherwise null.
        date_of_birth: Date of birth, YYYY-MM-DD, given together with the name; otherwise null.
        confirm_id: The id in brackets of an appointment that the caller now says they will come to; otherwise null.
    """
    call = context.userdata
    if (confirm_id or "").strip():
        return await _confirm(context, confirm_id or "")
    code = (code or "").strip() or None
    name, born = given_name(caller_name), (date_of_birth or "").strip() or None
    if code is None and (name is None or born is None):
        if born is not None:
            raise refusal("A date of birth needs the full name with it", "Ask for the full name.")
        _require_own_number(call, caller_phone)
        return await _by_number(context)
    if call.memory.wrong_tries >= MOST_WRONG_TRIES:
        raise refusal(
            "Too many wrong codes, names or dates of birth were given on this call",
            "Take no further one. Offer to take a message for the staff instead.",
        )
    return await _by_claim(
        context, code=code, name=name, born=read_birth(call, born) if born else None
    )


async def _by_number(context: RunContext[CallContext]) -> Answer:
    call = context.userdata
    async with reading(context) as scope:
        found = await find_for_caller(scope, caller_phone=call.caller_phone)
        told, kept = await _told(scope, call, found), await _kept(scope, call)
    if not told and not kept:
        return Answer(
            fact="There is no coming appointment under the number that calls",
            then="Tell the caller, and ask whether they have a booking code, could be found by full "
            "name and date of birth, or would like to book one.",
        )
    return _answer(call, found, [*told, *kept])


async def _by_claim(
    context: RunContext[CallContext], *, code: str | None, name: str | None, born: date | None
) -> Answer:
    call = context.userdata
    async with reading(context) as scope:
        # Not the calling number beside it: whoever guesses would not be told from who is right.
        found = await find_for_caller(
            scope, caller_phone="", code=code, name=name, date_of_birth=born
        )
        told = await _told(scope, call, found)
    if told:
        return _answer(call, found, told)
    call.memory.wrong_tries += 1
    if code:
        return Answer(
            fact="There is no coming appointment with this booking code",
            then="Ask the caller to say the code again, letter by letter.",
            outcome="refused",
        )
    return Answer(
        fact="Nothing can be said for this name with this date of birth",
        then="Say only that you could not find them. Ask them to say the full name and the date of birth "
        "again, or for the booking code. Do not say which of the two was wrong.",
        outcome="refused",
    )


async def _told(scope: Scope, call: CallContext, found: Sequence[Appointment]) -> list[str]:
    return [
        f"[{one.id}] {await said_appointment(scope, call, one)}, booking code {spoken_code(one.code)}"
        for one in found
    ]


async def _kept(scope: Scope, call: CallContext) -> list[str]:
    """Times that are kept from the waiting list for whoever has the calling number."""
    contact = None
    if call.caller_phone:
        contact = await contacts.find_by_phone(scope, phone=call.caller_phone)
    if contact is None:
        return []
    told = []
    for one in await waiting_list.offered_to(scope, contact.id):
        call.memory.kept_times.add(one.entry.id)
        until = (
            f" until {said_time(call, one.entry.offered_until)}" if one.entry.offered_until else ""
        )
        said = await said_appointment(scope, call, one.appointment)
        told.append(
            f"[{one.entry.id}] {said}: not booked, but kept for them from the waiting list{until}; to "
            "take it call book_appointment with this id"
        )
    return told


def _answer(call: CallContext, found: Sequence[Appointment], told: Sequence[str]) -> Answer:
    call.memory.shown.update(one.id for one in found)
    return Answer(
        fact=f"Coming appointments: {'; '.join(told)}",
        then="Tell the caller the service, day and time. If they say that they will come, call "
        "find_appointments with confirm_id. To move one, call find_times and then move_appointment; to "
        "cancel one, make sure the caller wants that, then cancel_appointment. Never say the ids in "
        "brackets.",
    )


async def _confirm(context: RunContext[CallContext], confirm_id: str) -> Answer:
    call = context.userdata
    async with deed(context) as opened:
        appointment = await own_appointment(opened.scope, call, confirm_id)
        change = await scheduling.confirm_attendance(opened.scope, appointment_id=appointment.id)
        if change.changed:
            await opened.record(AttendanceConfirmed(appointment_id=appointment.id))
        said = await said_appointment(opened.scope, call, change.appointment)
    return Answer(
        fact=f"Confirmed, the caller will come: {said}",
        then="Thank the caller, say the day and time once more, and ask whether there is anything else.",
    )


def _require_own_number(call: CallContext, said: str | None) -> None:
    if not call.caller_phone:
        raise refusal(
            "The caller's number is withheld, so it does not show who they are", _HOW_ELSE
        )
    if said and said.strip() and read_phone(call, said) != call.caller_phone:
        raise refusal(
            "Another number than the one that calls does not show who they are", _HOW_ELSE
        )
