"""Holding a time on the caller's yes, and booking it for a name and a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from livekit.agents import RunContext, ToolError

from domain.calls.events import AppointmentHeld, ContactSaved
from domain.contacts import operations as contacts
from domain.database import Scope
from domain.errors import Conflict
from domain.scheduling import appointments as scheduling, waiting_list
from domain.scheduling.booker import booker_for, name_parts
from domain.scheduling.codes import spoken_code
from domain.scheduling.lookup import booked_on_call, held_until
from domain.scheduling.models import Appointment, Offer
from domain.scheduling.series import Missed, book_series
from tools.answer import Answer, refusal
from tools.appointments import (
    bare_id,
    booked_event,
    chosen_offer,
    lost_time,
    said_appointment,
)
from tools.context import CallContext, Deed
from tools.database import deed
from tools.running import tool
from tools.understood import given_name, read_phone, said_clock, said_phone, said_time


@dataclass(frozen=True, kw_only=True)
class _Request:
    """Who books, for whom, and how often."""

    name: str
    phone: str
    for_name: str | None
    note: str | None
    every_weeks: int | None
    times: int


@dataclass(frozen=True, kw_only=True)
class _Booked:
    appointments: Sequence[Appointment]
    missed: Sequence[Missed] = ()


@tool
async def book_appointment(
    context: RunContext[CallContext],
    offer_id: str,
    caller_name: str | None = None,
    caller_phone: str | None = None,
    for_name: str | None = None,
    note: str | None = None,
    repeat_every_weeks: int | None = None,
    repeat_times: int | None = None,
) -> Answer:
    """Book a time that find_times gave on this call. Call it as soon as the caller says yes to a time,
    even before you know their name: the time is then held for two minutes while you ask. For several
    people call it once for each, with a time of its own.

    Args:
        offer_id: The id in brackets of the time the caller chose.
        caller_name: The caller's first and last name; null while you don't know it.
        caller_phone: Number to reach them at, as the caller said it; null for the number they call from.
        for_name: Who the appointment is for, if that is somebody else than the caller (a child); otherwise null.
        note: What the staff should know about this visit; null for nothing.
        repeat_every_weeks: For a series at the same time: every how many weeks; otherwise null.
        repeat_times: For a series: how many appointments in all, this one included; otherwise null.
    """
    call = context.userdata
    every_weeks, times = _series(repeat_every_weeks, repeat_times)
    async with deed(context) as opened:
        kept = _kept(call, offer_id)
        if kept is not None:
            return await _take_kept(call, opened, kept, note=note)
        chosen = await chosen_offer(opened.scope, call, offer_id)
        name, phone, missing = await _who(opened.scope, call, caller_name, caller_phone)
        try:
            if missing or name is None or phone is None:
                return await _hold(call, opened, chosen, missing)
            request = _Request(
                name=name,
                phone=phone,
                for_name=given_name(for_name),
                note=note,
                every_weeks=every_weeks,
                times=times,
            )
            return await _book(call, opened, chosen, request)
        except Conflict as conflict:
            return await lost_time(call, opened, chosen, conflict)


def _series(every_weeks: int | None, times: int | None) -> tuple[int | None, int]:
    """Raises ToolError when half of it is missing."""
    if not every_weeks and (times or 0) <= 1:
        return None, 1
    if not every_weeks or not times:
        raise refusal(
            "A series needs both repeat_every_weeks and repeat_times",
            "Ask the caller every how many weeks, and how many appointments in all.",
        )
    return (every_weeks, times) if times > 1 else (None, 1)


async def _who(
    scope: Scope, call: CallContext, name: str | None, phone: str | None
) -> tuple[str | None, str | None, list[str]]:
    """The caller's name and number as far as they are known, and what to ask for."""
    missing = []
    known = given_name(name)
    if known is None and call.caller_phone and not (phone or "").strip():
        contact = await contacts.find_by_phone(scope, phone=call.caller_phone)
        known = contact.name if contact is not None else None
    if known is None:
        missing.append("the caller's full name")
    try:
        number = read_phone(call, phone)
    except ToolError:
        number = None
        missing.append("a telephone number, digit by digit, with the area code")
    if known is None and number is not None and number == call.caller_phone:
        missing.append("whether the number they call from is the right one")
    return known, number, missing


async def _hold(call: CallContext, opened: Deed, chosen: Offer, missing: Sequence[str]) -> Answer:
    held = await scheduling.hold(opened.scope, call_id=call.call_id, offer_id=chosen.id)
    said = await said_appointment(opened.scope, call, held)
    if held.state == "booked":
        return Answer(
            fact=f"Booked on this call already: {said}",
            then="Tell the caller that it stands, and ask whether there is anything else.",
        )
    until = (await held_until(opened.scope, appointments=[held]))[held.id]
    await opened.record(
        AppointmentHeld(
            appointment_id=held.id,
            service_id=held.service_id,
            person_id=held.person_id,
            starts_at=held.starts_at,
            held_until=until,
        )
    )
    return Answer(
        fact=f"Held until {said_clock(call, until)}, not booked yet: {said}",
        then=f"Ask for {' and '.join(missing)}; then call book_appointment again with the same "
        f"offer id, {chosen.id}. Do not say that it is booked.",
    )


async def _book(call: CallContext, opened: Deed, chosen: Offer, request: _Request) -> Answer:
    scope = opened.scope
    before = await booked_on_call(scope, call_id=call.call_id)
    booker = await booker_for(scope, phone=request.phone, name=request.name)
    attendee = request.for_name or booker.attendee
    if attendee is not None and name_parts(attendee) <= name_parts(booker.contact.name or ""):
        attendee = None
    booked = await _take(scope, call, chosen, request, booker.contact.id, attendee)
    first, earlier = booked.appointments[0], {one.id for one in before}
    if first.id in earlier and name_parts(first.attendee or "") != name_parts(attendee or ""):
        raise refusal(
            f"This time is booked on this call already, for {first.attendee or booker.contact.name}",
            "For another person offer another time. If only the name was wrong, correct it with "
            "save_caller.",
        )
    new = [one for one in booked.appointments if one.id not in earlier]
    if new:
        await opened.record(ContactSaved(contact_id=booker.contact.id))
    for one in new:
        await opened.record(booked_event(one))
    if request.phone == call.caller_phone:
        call.contact_id = booker.contact.id
        call.contact_name = booker.contact.name or ""
    call.memory.shown.update(one.id for one in booked.appointments)
    series = {one.id for one in booked.appointments}
    others = [
        f"[{one.id}] {await said_appointment(scope, call, one)}"
        for one in before
        if one.id not in series
    ]
    told = await said_appointment(scope, call, first)
    whose = "" if first.attendee else f", for {request.name}"
    return Answer(
        fact=f"Booked [{first.id}]: {told}{whose}, {said_phone(call, request.phone)}, booking code "
        f"{spoken_code(first.code)}{_also_in_series(call, booked)}{_also(others)}",
        then="Read back the day, the time and the name, give the booking code once, and ask whether "
        "there is anything else. Never say the id in brackets.",
    )


async def _take(
    scope: Scope,
    call: CallContext,
    chosen: Offer,
    request: _Request,
    contact_id: UUID,
    attendee: str | None,
) -> _Booked:
    if request.every_weeks is None:
        one = await scheduling.book(
            scope,
            call_id=call.call_id,
            offer_id=chosen.id,
            contact_id=contact_id,
            attendee=attendee,
            note=request.note,
        )
        return _Booked(appointments=[one])
    series = await book_series(
        scope,
        call_id=call.call_id,
        offer_id=chosen.id,
        contact_id=contact_id,
        every_weeks=request.every_weeks,
        count=request.times,
        attendee=attendee,
        note=request.note,
    )
    return _Booked(appointments=series.appointments, missed=series.missed)


def _kept(call: CallContext, offer_id: str) -> UUID | None:
    """The waiting list's entry that this id names, if its kept time was told on this call."""
    try:
        entry_id = UUID(bare_id(offer_id))
    except ValueError:
        return None
    return entry_id if entry_id in call.memory.kept_times else None


async def _take_kept(
    call: CallContext, opened: Deed, entry_id: UUID, *, note: str | None
) -> Answer:
    known = {one.id for one in await booked_on_call(opened.scope, call_id=call.call_id)}
    one = await waiting_list.accept(
        opened.scope, entry_id=entry_id, call_id=call.call_id, note=note
    )
    if one.id not in known:
        await opened.record(booked_event(one))
    call.memory.shown.add(one.id)
    return Answer(
        fact=f"Booked [{one.id}]: {await said_appointment(opened.scope, call, one)}, booking code "
        f"{spoken_code(one.code)}",
        then="Read back the day and the time, give the booking code once, and ask whether there is "
        "anything else. Never say the id in brackets.",
    )


def _also_in_series(call: CallContext, booked: _Booked) -> str:
    told = ""
    if len(booked.appointments) > 1:
        later = "; ".join(said_time(call, one.starts_at) for one in booked.appointments[1:])
        told = f". The same also booked: {later}"
    if booked.missed:
        missed = "; ".join(
            f"{said_time(call, one.starts_at)} ({one.reason})" for one in booked.missed
        )
        told += f". Not to be had, and not booked: {missed}"
    return told


def _also(others: Sequence[str]) -> str:
    if not others:
        return ""
    return (
        f". Also booked on this call: {'; '.join(others)}. If the caller changed their mind rather "
        "than wanting both, cancel that one"
    )
