"""Free times."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from litestar import Router, get
from litestar.params import FromQuery, QueryParameter
from pydantic import Field

from admin.alternatives import FreeTime
from admin.api.appointment_models import PlaceId
from admin.authentication import Transaction
from admin.models import View
from admin.pages import Limit
from admin.problems import READS
from domain.scheduling import times
from domain.scheduling.lookup import zone_at
from domain.scheduling.times import WhyNone


class Availability(View):
    """Free times; if there are none, why, and the nearest other ones."""

    times: list[FreeTime]
    why_none: WhyNone | None
    alternatives: list[FreeTime]
    time_zone: str = Field(
        description="In which the days are meant: the place's, else the business's.",
        examples=["America/New_York"],
    )


@get("/", responses=READS, summary="Find free times")
async def find_availability(
    transaction: Transaction,
    service_id: FromQuery[UUID],
    first_day: FromQuery[date],
    last_day: Annotated[
        date | None, QueryParameter(description="Included; default: the first day.")
    ] = None,
    part_of_day: FromQuery[Literal["any", "morning", "afternoon", "evening"]] = "any",
    person_id: FromQuery[UUID | None] = None,
    place_id: PlaceId = None,
    limit: Limit = 50,
) -> Availability:
    """Free times of a service in the zone of the place or the business, the earliest first, by the rules callers are
    offered times by."""
    found = await times.find_times(
        transaction,
        service_id=service_id,
        first_day=first_day,
        last_day=last_day or first_day,
        part_of_day=part_of_day,
        person_id=person_id,
        place_id=place_id,
        limit=limit,
        spread=False,
    )
    return Availability(
        times=[FreeTime.model_validate(time) for time in found.times],
        why_none=found.why_none,
        alternatives=[FreeTime.model_validate(time) for time in found.alternatives],
        time_zone=(await zone_at(transaction, place_id)).key,
    )


router = Router(path="/availability", tags=["appointments"], route_handlers=[find_availability])
