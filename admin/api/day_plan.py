"""What a calendar shows behind its appointments."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.params import FromQuery, QueryParameter
from pydantic import Field

from admin.api.appointment_models import PlaceId
from admin.authentication import Transaction
from admin.models import Instant, View
from admin.problems import READS
from domain.scheduling import day_plan


class TimeSpan(View):
    """From one instant until another."""

    starts_at: Instant
    ends_at: Instant


class WorkSpan(TimeSpan):
    """A span of work."""

    place_id: UUID | None = Field(description="Where; null: the main address.")


class ClosedSpan(TimeSpan):
    """A closure or a public holiday, day by day."""

    person_id: UUID | None = Field(description="Who is away; null: everybody.")
    reason: str = Field(examples=["Thanksgiving Day"])


class DaySpan(TimeSpan):
    """A day: 23 or 25 hours long where the clocks are changed."""

    day: date = Field(examples=["2026-11-23"])


class PersonPlan(View):
    """When somebody works, and when an outside calendar says that they are busy. What they do then is
    not known here."""

    person_id: UUID
    working: list[WorkSpan]
    busy: list[TimeSpan]


class DayPlan(View):
    """Days with what governs them."""

    time_zone: str = Field(
        description="In which the days are meant: the place's, else the business's.",
        examples=["America/New_York"],
    )
    days: list[DaySpan]
    opening: list[TimeSpan]
    closed: list[ClosedSpan]
    people: list[PersonPlan] = Field(description="Those who are active, by id.")


@get("/", responses=READS, summary="Read when people work and are busy")
async def get_day_plan(
    transaction: Transaction,
    first_day: FromQuery[date],
    last_day: Annotated[
        date | None,
        QueryParameter(
            description=f"Included, at most {day_plan.MOST_DAYS} days in all; default: the first day."
        ),
    ] = None,
    place_id: PlaceId = None,
) -> DayPlan:
    """Opening hours, people's working hours, busy times of their outside calendars, closures and public
    holidays as they hold on these days. Without a place: people's work at all places, and the opening
    hours of the main address."""
    found = await day_plan.read_day_plan(
        transaction, first_day=first_day, last_day=last_day or first_day, place_id=place_id
    )
    return DayPlan.model_validate(found)


router = Router(path="/day-plan", tags=["appointments"], route_handlers=[get_day_plan])
