"""Using the appointment tools as a model does: with the ids that their answers gave."""

from __future__ import annotations

import re

from sqlalchemy import func, select

from domain.businesses.settings import BookingRules, BusinessSettings
from domain.businesses.versions import change_settings
from domain.database import Database
from domain.scheduling.models import Appointment
from tests.domain.practice import Practice
from tests.tools.fakes import Line
from tools import book_appointment, find_times


def ids(told: str) -> list[str]:
    """The ids in brackets of an answer, in order."""
    return re.findall(r"\[([0-9a-f-]+)\]", told)


async def times(line: Line, **wanted: object) -> list[str]:
    """Offers of cleanings, by default on the practice's Tuesday."""
    arguments = {"service": "cleaning", "first_date": "2026-11-24", **wanted}
    return ids(await line.use(find_times, **arguments))


async def book(line: Line, *, offer_id: str | None = None, **also: object) -> str:
    """Book the offer, by default the first of Tuesday, as Jane Doe unless `also` says otherwise."""
    chosen = offer_id or (await times(line))[0]
    return await line.use(book_appointment, offer_id=chosen, **{"caller_name": "Jane Doe", **also})


async def count(database: Database, practice: Practice, state: str = "booked") -> int:
    """How many appointments are in that state."""
    async with database.scope(business_id=practice.business_id) as scope:
        query = select(func.count()).select_from(Appointment).where(Appointment.state == state)
        return await scope.session.scalar(query) or 0


async def set_rules(database: Database, practice: Practice, rules: BookingRules) -> None:
    async with database.scope(business_id=practice.business_id) as scope:
        document = BusinessSettings(greeting="Hello.", booking=rules).model_dump(mode="json")
        await change_settings(scope, document=document)
