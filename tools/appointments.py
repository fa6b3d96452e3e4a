"""What the tools about appointments share: ids that were given on this call, an appointment in words, a
time that was lost."""

from __future__ import annotations

from domain.calls.events import AppointmentBooked
from domain.database import Scope
from domain.errors import Conflict, NotFound
from domain.people import operations as people
from domain.scheduling.access import require_access
from domain.scheduling.lookup import zone_at
from domain.scheduling.models import Appointment, Offer
from domain.scheduling.offers import get_offer
from domain.services import operations as services
from tools.answer import Answer, refusal
from tools.context import CallContext, Deed
from tools.offering import offer_instead
from tools.places import place_names
from tools.understood import read_appointment_id, said_time


def bare_id(text: str) -> str:
    """An id as a tool gave it, from what the model makes of it."""
    return text.strip().strip("[]").lower()


async def chosen_offer(scope: Scope, call: CallContext, offer_id: str) -> Offer:
    """The offer of this call. Raises ToolError for any other id."""
    try:
        return await get_offer(scope, call_id=call.call_id, offer_id=bare_id(offer_id))
    except NotFound:
        raise refusal(
            "No time with this id was offered on this call",
            "Call find_times and use the id in brackets of the time the caller chose.",
        ) from None


async def own_appointment(scope: Scope, call: CallContext, text: str) -> Appointment:
    """The appointment, if this caller may know of it. Raises ToolError for any other id."""
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


async def said_appointment(scope: Scope, call: CallContext, appointment: Appointment) -> str:
    """`Cleaning with Dr. Lee, Tuesday the 24th of November at 2 p.m., for Tom Doe`"""
    service = await services.get(scope, service_id=appointment.service_id)
    person = await people.get(scope, person_id=appointment.person_id)
    zone = await zone_at(scope, appointment.place_id)
    said = f"{service.name} with {person.name}, {said_time(call, appointment.starts_at, zone)}"
    place = (await place_names(scope)).get(appointment.place_id)
    said = f"{said}, place: {place}" if place else said
    return f"{said}, for {appointment.attendee}" if appointment.attendee else said


async def lost_time(call: CallContext, opened: Deed, chosen: Offer, conflict: Conflict) -> Answer:
    """Nothing was held, booked or moved; what could be instead is offered in the same breath."""
    told = await offer_instead(call, opened, chosen)
    instead = f". Free instead: {told}" if told else ". No other time is free"
    return Answer(
        fact=f"Not done: {conflict.reason}{instead}",
        then="Tell the caller that this time can't be had any more, and offer the others by day and "
        "time; then use the id in brackets. If none suits, offer the waiting list or a message.",
        outcome="refused",
    )


def booked_event(appointment: Appointment) -> AppointmentBooked:
    return AppointmentBooked(
        appointment_id=appointment.id,
        service_id=appointment.service_id,
        person_id=appointment.person_id,
        starts_at=appointment.starts_at,
    )
