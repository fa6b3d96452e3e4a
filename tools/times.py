"""Finding free times, and offering them."""

from __future__ import annotations

from typing import Final, Literal

from livekit.agents import RunContext

from domain.people import operations as people
from domain.scheduling import times as scheduling
from domain.scheduling.speech import spoken_length
from domain.services import operations as services
from domain.services.models import Service
from tools.answer import Answer
from tools.context import CallContext
from tools.database import deed
from tools.offering import offer_times
from tools.running import tool
from tools.understood import read_days

ONE_DAY: Final = 20
"""Times told of a single day: enough for the caller to name any full or half hour."""
SEVERAL_DAYS: Final = 8

_HOW_TO_OFFER: Final = (
    "Offer the caller the two or three that fit best, by day and time only. When they choose one, "
    "call book_appointment (or move_appointment) with its id, the text in brackets. Never say an id, "
    "and offer no other times."
)
_WHY: Final[dict[scheduling.WhyNone, str]] = {
    "closed": "Nobody works then",
    "full": "Everything is taken then",
    "too_soon": "That has passed or is too soon to be booked",
    "too_far": "That is further ahead than can be booked",
    "nobody_gives_it": "Nobody asked for gives this service at present",
}


@tool
async def find_times(
    context: RunContext[CallContext],
    service: str,
    first_date: str | None = None,
    last_date: str | None = None,
    part_of_day: Literal["any", "morning", "afternoon", "evening"] = "any",
    person: str | None = None,
) -> Answer:
    """Find free appointment times. Always use this before offering or booking a time. For a certain
    hour, ask for that day alone.

    Args:
        service: The service the caller wants, by its name.
        first_date: First day wanted, YYYY-MM-DD; null for the next two weeks.
        last_date: Last day wanted, YYYY-MM-DD; null for first_date alone.
        part_of_day: The part of the day the caller wants.
        person: Name of the person the caller wants; null for anybody.
    """
    call = context.userdata
    first_day, last_day = read_days(
        call, first_date, last_date, longest=scheduling.LONGEST_SEARCH_DAYS
    )
    async with deed(context) as opened:
        wanted = await services.named(opened.scope, name=service)
        giver = await people.named(opened.scope, name=person) if person else None
        found = await scheduling.find_times(
            opened.scope,
            service_id=wanted.id,
            first_day=first_day,
            last_day=last_day,
            part_of_day=part_of_day,
            person_id=giver.id if giver else None,
            limit=ONE_DAY if first_day == last_day else SEVERAL_DAYS,
        )
        told = await offer_times(call, opened, found.times or found.alternatives)
    return _answer(wanted, found, told)


def _answer(service: Service, found: scheduling.FoundTimes, told: str) -> Answer:
    what = f"{service.name} ({spoken_length(service.duration_minutes)})"
    if found.times:
        return Answer(fact=f"Free for {what}: {told}", then=_HOW_TO_OFFER)
    why = _WHY[found.why_none or "full"]
    if not told:
        return Answer(
            fact=f"No time for {what}: {why}, and no other time is free",
            then="Tell the caller, and offer to take a message.",
            outcome="refused",
        )
    return Answer(
        fact=f"No time for {what} as asked: {why}. The nearest that are free: {told}",
        then=f"Tell the caller why. {_HOW_TO_OFFER}",
        outcome="refused",
    )
