"""Public holidays, and on which of them the business is closed."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, put
from litestar.params import JSONBody, PathParameter, QueryParameter
from pydantic import Field

from admin.authentication import Transaction, needs
from admin.etag import IfMatch, etag_of, failing_precondition, version_in
from admin.models import Body, View
from admin.outside_hours import TryOnly, WithOutsideHours, left_outside, tried
from admin.pages import Page
from admin.problems import READS, VERSIONED_WRITES
from domain.holidays import operations as holidays
from domain.holidays.calendar import FIRST_YEAR, LAST_YEAR


class Holiday(View):
    """A public holiday of a country or of a part of it."""

    id: str = Field(description="Its name, as an address.", examples=["thanksgiving-day"])
    name: str = Field(description="In English.", examples=["Thanksgiving Day"])
    day: date = Field(examples=["2026-11-26"])
    closed: bool = Field(
        description="Whether the business is closed on it; hours of that date open it all the same."
    )


class HolidaySwitch(Body):
    """Whether to close on a public holiday."""

    closed: bool


class SwitchedHoliday(View, WithOutsideHours):
    """A public holiday as it was switched."""

    holiday: str = Field(description="The name or id that was given.", examples=["labor-day"])
    closed: bool


@get("/", responses=READS, summary="List public holidays")
async def list_holidays(
    transaction: Transaction,
    year: Annotated[
        int | None,
        QueryParameter(ge=FIRST_YEAR, le=LAST_YEAR, description="Without it, the current one."),
    ] = None,
    place_id: Annotated[
        UUID | None, QueryParameter(description="At this place; without it, at the main address.")
    ] = None,
) -> Response[Page[Holiday]]:
    """The public holidays of a year, all on one page. They are those of the country, and of its part
    that the settings (`public_holidays.subdivision`) or the place name. The `ETag` is the version of
    the settings."""
    found = await holidays.list_holidays(transaction, year=year, place_id=place_id)
    items = [Holiday.model_validate(one) for one in found.days]
    return Response(Page[Holiday](items=items), headers=etag_of(found.settings_version))


@put(
    "/{holiday:str}",
    guards=[needs("manager")],
    responses=VERSIONED_WRITES,
    summary="Switch a public holiday",
)
async def switch_holiday(
    transaction: Transaction,
    holiday: Annotated[str, PathParameter(max_length=200, description="Its id or its name.")],
    data: JSONBody[HolidaySwitch],
    if_match: IfMatch = None,
    try_only: TryOnly = False,
) -> Response[SwitchedHoliday]:
    """Close on a public holiday, or open on it, every year and at every place: a new version of the
    settings. Where public holidays are off, closing on one turns them on and leaves the others open;
    all of them are turned on or off by `public_holidays.closed` of the settings."""
    async with tried(transaction, only=try_only):
        with failing_precondition():
            version = await holidays.switch_holiday(
                transaction,
                holiday=holiday,
                closed=data.closed,
                expected_version=version_in(if_match),
            )
        answer = SwitchedHoliday(
            holiday=holiday, closed=data.closed, outside_hours=await left_outside(transaction)
        )
        return Response(answer, headers=etag_of(version))


router = Router(path="/holidays", tags=["hours"], route_handlers=[list_holidays, switch_holiday])
