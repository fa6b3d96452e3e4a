"""Finding free times, offering them, and waiting for one that comes free."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from livekit.agents import RunContext

from domain.calls.events import ContactSaved, WaitingListJoined
from domain.contacts import operations as contacts
from domain.database import Scope
from domain.people import operations as people
from domain.people.models import Person
from domain.scheduling import times as scheduling, waiting_list
from domain.scheduling.booker import booker_for
from domain.scheduling.speech import spoken_length
from domain.services import operations as services
from domain.services.models import Service
from tools.answer import Answer, refusal
from tools.context import CallContext, Deed
from tools.database import deed
from tools.offering import offer_times
from tools.places import MeantPlace, place_named
from tools.running import tool
from tools.understood import given_name, read_days, read_phone, said_day, said_phone

ONE_DAY: Final = 20
"""Times told of a single day: enough for the caller to name any full or half hour."""
SEVERAL_DAYS: Final = 8

_HOW_TO_OFFER: Final = (
    "Offer the caller the two or three that fit best, by day and time only. When they choose one, "
    "call book_appointment (or move_appointment) with its id, the text in brackets. Never say an id, "
    "and offer no other times."
)
_OR_WAIT: Final = (
    "If none suits, offer the waiting list: find_times with the same days and wait true, and the caller's "
    "name."
)
_WHY: Final[dict[scheduling.WhyNone, str]] = {
    "closed": "Nobody works then",
    "full": "Everything is taken then",
    "too_soon": "That has passed or is too soon to be booked",
    "too_far": "That is further ahead than can be booked",
    "nobody_gives_it": "Nobody asked for gives this service at present",
}

PartOfDay = Literal["any", "morning", "afternoon", "evening"]


@tool
async def find_times(
    context: RunContext[CallContext],
    service: str,
    first_date: str | None = None,
    last_date: str | None = None,
    part_of_day: Literal["any", "morning", "afternoon", "evening"] = "any",
    person: str | None = None,
    place: str | None = None,
    wait: bool = False,
    caller_name: str | None = None,
    caller_phone: str | None = None,
) -> Answer:
    """Find free appointment times. Always use this before offering or booking a time. For a certain
    hour, ask for that day alone.

    Args:
        service: The service the caller wants, by its name.
        first_date: First day wanted, YYYY-MM-DD; null for the next two weeks.
        last_date: Last day wanted, YYYY-MM-DD; null for first_date alone.
        part_of_day: The part of the day the caller wants.
        person: Name of the person the caller wants; null for anybody.
        place: The place the caller wants, by its name, where there are several; null for any.
        wait: true only to put the caller on the waiting list for these days, after no time suited them and they asked for it.
        caller_name: With wait, the caller's name; otherwise null.
        caller_phone: With wait, the number to tell when a time comes free; null for the number they call from.
    """
    call = context.userdata
    first_day, last_day = read_days(
        call, first_date, last_date, longest=scheduling.LONGEST_SEARCH_DAYS
    )
    async with deed(context) as opened:
        scope = opened.scope
        wanted = await services.named(scope, name=service)
        giver = await people.named(scope, name=person) if person and person.strip() else None
        there = await place_named(scope, call, place) if place and place.strip() else None
        if wait:
            who = await _who(scope, call, caller_name, caller_phone)
            return await _wait(
                call, opened, wanted, (first_day, last_day), part_of_day, giver, there, who
            )
        found = await scheduling.find_times(
            scope,
            service_id=wanted.id,
            first_day=first_day,
            last_day=last_day,
            part_of_day=part_of_day,
            person_id=giver.id if giver else None,
            place_id=there.id if there else None,
            limit=ONE_DAY if first_day == last_day else SEVERAL_DAYS,
        )
        told = await offer_times(call, opened, found.times or found.alternatives)
    return _answer(call, wanted, found, told)


def _answer(call: CallContext, service: Service, found: scheduling.FoundTimes, told: str) -> Answer:
    length = spoken_length(service.duration_minutes, language=call.profile.settings.language)
    what = f"{service.name} ({length})"
    if found.times:
        return Answer(fact=f"Free for {what}: {told}", then=_HOW_TO_OFFER)
    why = _WHY[found.why_none or "full"]
    if not told:
        return Answer(
            fact=f"No time for {what}: {why}, and no other time is free",
            then="Tell the caller, and offer the waiting list (find_times with wait true, and their "
            "name) or to take a message.",
            outcome="refused",
        )
    return Answer(
        fact=f"No time for {what} as asked: {why}. The nearest that are free: {told}",
        then=f"Tell the caller why. {_HOW_TO_OFFER} {_OR_WAIT}",
        outcome="refused",
    )


async def _who(
    scope: Scope, call: CallContext, caller_name: str | None, caller_phone: str | None
) -> tuple[str, str]:
    """Name and number to be told on. Raises ToolError for what is missing."""
    phone = read_phone(call, caller_phone)
    name = given_name(caller_name)
    if name is None and phone == call.caller_phone:
        contact = await contacts.find_by_phone(scope, phone=phone)
        name = contact.name if contact is not None else None
    if name is None:
        raise refusal(
            "The waiting list needs the caller's name",
            "Ask for the caller's full name, then call find_times again with wait true.",
        )
    return name, phone


async def _wait(
    call: CallContext,
    opened: Deed,
    service: Service,
    days: tuple[date, date],
    part_of_day: PartOfDay,
    giver: Person | None,
    place: MeantPlace | None,
    who: tuple[str, str],
) -> Answer:
    name, phone = who
    booker = await booker_for(opened.scope, phone=phone, name=name)
    entry = await waiting_list.add(
        opened.scope,
        contact_id=booker.contact.id,
        service_id=service.id,
        first_day=days[0],
        last_day=days[1],
        part_of_day=part_of_day,
        person_id=giver.id if giver else None,
        # The list knows no entry for the main address alone: such a one waits for any place.
        place_id=place.id if place and place.id != call.business_id else None,
        call_id=call.call_id,
    )
    await opened.record(ContactSaved(contact_id=booker.contact.id))
    await opened.record(WaitingListJoined(entry_id=entry.id, service_id=service.id))
    span = said_day(call, days[0])
    if days[1] != days[0]:
        span = f"{span} to {said_day(call, days[1])}"
    part = "any time of day" if part_of_day == "any" else f"{part_of_day}s only"
    whom = f" with {giver.name}" if giver else ""
    where = f" at {place.name}" if place else ""
    return Answer(
        fact=f"On the waiting list for {service.name}{whom}{where}: {span}, {part}; {name}, "
        f"{said_phone(call, phone)}",
        then="Tell the caller that nothing is booked, that they are told when such a time comes free and "
        "it is kept for them for a while, and ask whether there is anything else.",
    )
