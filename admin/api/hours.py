"""When the business, its places and its people work, and when they do not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from admin.authentication import Transaction, needs
from admin.models import Body, ClockTime, View
from admin.outside_hours import TryOnly, WithOutsideHours, left_outside, tried
from admin.pages import (
    Cursor,
    Limit,
    Page,
    id_cursor,
    numbers_cursor,
    page,
    read_date,
    read_id,
)
from admin.problems import READS, WRITES
from domain.hours import dates, operations as hours
from domain.hours.models import Closure as ClosureRow, DateHours, WeeklyHours
from domain.hours.spans import DateSpan, Span

OfPerson = Annotated[
    UUID | None, QueryParameter(description="Of this person; without it, opening hours.")
]
AtPlace = Annotated[
    UUID | None, QueryParameter(description="At this place; without it, at the main address.")
]

_OVER_MIDNIGHT = "At or before `opens` it is that time of the next day; 00:00 is midnight."


class OpenSpan(Body):
    """An open span of a weekday; a day may have several."""

    weekday: int = Field(ge=0, le=6, description="0 is Monday.", examples=[0])
    opens: ClockTime
    closes: ClockTime = Field(description=_OVER_MIDNIGHT)


class Week(Body):
    """A whole week. A day without a span is closed."""

    hours: list[OpenSpan] = Field(max_length=hours.MOST_SPANS)


class ChangedWeek(Week, WithOutsideHours):
    """A whole week after its change."""


class OpenSpanOfDate(Body):
    """An open span of a date; it may have several."""

    opens: ClockTime
    closes: ClockTime = Field(description=_OVER_MIDNIGHT)


class NewDate(Body):
    """The hours of a date instead of its weekday's."""

    hours: list[OpenSpanOfDate] = Field(min_length=1, max_length=hours.MOST_SPANS)


class DateWithHours(View):
    """A date with hours of its own, which hold on a public holiday too."""

    day: date = Field(examples=["2026-12-24"])
    hours: list[OpenSpanOfDate]


class ChangedDate(DateWithHours, WithOutsideHours):
    """A date after its change."""


class RemovedDate(View, WithOutsideHours):
    """A date that has its weekday's hours again."""

    day: date


class Closure(View):
    """Days, both included, on which the business, a place or a person does not work; with times, only
    between these on each of the days."""

    id: UUID
    person_id: UUID | None = Field(description="Null: everybody.")
    place_id: UUID | None = Field(description="Null: all places.")
    first_day: date = Field(examples=["2026-11-26"])
    last_day: date = Field(examples=["2026-11-27"])
    from_time: str | None = Field(description="Null: from the day's beginning.", examples=["12:00"])
    until_time: str | None = Field(description="Null: until its end.", examples=["14:00"])
    reason: str = Field(examples=["Thanksgiving"])


class AddedClosure(Closure, WithOutsideHours):
    """A closure that was added."""


class NewClosure(Body):
    """Days off."""

    first_day: date = Field(examples=["2026-11-26"])
    last_day: date | None = Field(None, description="Included; default: the first day.")
    from_time: ClockTime | None = Field(
        None, description="With `until_time`: closed only between the two.", examples=["12:00"]
    )
    until_time: ClockTime | None = Field(None, examples=["14:00"])
    reason: str = Field("", max_length=200, examples=["Thanksgiving"])
    person_id: UUID | None = Field(None, description="Null: everybody.")
    place_id: UUID | None = Field(None, description="Null: all places.")


@get("/", responses=READS, summary="Read weekly hours")
async def get_hours(
    transaction: Transaction, person_id: OfPerson = None, place_id: AtPlace = None
) -> Week:
    """The week as it was set. One that is empty means, for a place: as the main address; for a person
    who has none at any place: whenever their place is open."""
    rows = await hours.list_hours(transaction, person_id=person_id, place_id=place_id)
    return Week(hours=_spans(rows))


@put("/", guards=[needs("manager")], responses=WRITES, summary="Set weekly hours")
async def set_hours(
    transaction: Transaction,
    data: JSONBody[Week],
    person_id: OfPerson = None,
    place_id: AtPlace = None,
    try_only: TryOnly = False,
) -> ChangedWeek:
    """Replace the whole week of the main address, of a place, or of a person at one of them."""
    async with tried(transaction, only=try_only):
        rows = await hours.replace_hours(
            transaction,
            spans=[
                Span(weekday=span.weekday, opens=_time(span.opens), closes=_time(span.closes))
                for span in data.hours
            ],
            person_id=person_id,
            place_id=place_id,
        )
        # Opening hours reach further than their place: others may have none of their own.
        outside = await left_outside(transaction, person_id=person_id)
        return ChangedWeek(hours=_spans(rows), outside_hours=outside)


@get("/dates", responses=READS, summary="List dates with hours of their own")
async def list_dates(
    transaction: Transaction,
    person_id: OfPerson = None,
    place_id: AtPlace = None,
    not_before: Annotated[
        date | None, QueryParameter(description="Leave out those before this day.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DateWithHours]:
    """The dates with other hours than their weekday's, the earliest first."""
    rows = await dates.list_dates(
        transaction,
        person_id=person_id,
        place_id=place_id,
        not_before=not_before,
        after=read_date("dates", cursor),
        limit=limit + 1,
    )
    return page(
        rows,
        limit,
        view=lambda row: DateWithHours(day=row.day, hours=_spans_of_date(row.spans)),
        cursor=lambda row: numbers_cursor("dates", row.day.toordinal()),
    )


@put("/dates/{day:date}", guards=[needs("manager")], responses=WRITES, summary="Set a date's hours")
async def set_date(
    transaction: Transaction,
    day: FromPath[date],
    data: JSONBody[NewDate],
    person_id: OfPerson = None,
    place_id: AtPlace = None,
    try_only: TryOnly = False,
) -> ChangedDate:
    """Open on a date at these times instead of its weekday's, on a public holiday too. A date is
    closed by a closure."""
    spans = [DateSpan(opens=_time(span.opens), closes=_time(span.closes)) for span in data.hours]
    async with tried(transaction, only=try_only):
        set_to = await dates.set_date(
            transaction, day=day, spans=spans, person_id=person_id, place_id=place_id
        )
        return ChangedDate(
            day=day,
            hours=_spans_of_date(set_to.spans),
            outside_hours=await left_outside(transaction, person_id=person_id),
        )


@delete(
    "/dates/{day:date}",
    guards=[needs("manager")],
    responses=WRITES,
    status_code=200,
    summary="Remove a date's hours",
)
async def delete_date(
    transaction: Transaction,
    day: FromPath[date],
    person_id: OfPerson = None,
    place_id: AtPlace = None,
    try_only: TryOnly = False,
) -> RemovedDate:
    """Go back to the hours of the date's weekday."""
    async with tried(transaction, only=try_only):
        await dates.delete_date(transaction, day=day, person_id=person_id, place_id=place_id)
        outside = await left_outside(transaction, person_id=person_id)
        return RemovedDate(day=day, outside_hours=outside)


@get("/", responses=READS, summary="List closures")
async def list_closures(
    transaction: Transaction,
    person_id: Annotated[UUID | None, QueryParameter(description="Only of this person.")] = None,
    place_id: Annotated[UUID | None, QueryParameter(description="Only of this place.")] = None,
    not_before: Annotated[
        date | None, QueryParameter(description="Leave out those that are over by this day.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Closure]:
    """Closures in the order they were entered."""
    rows = await hours.list_closures(
        transaction,
        limit=limit + 1,
        after=read_id("closures", cursor),
        person_id=person_id,
        place_id=place_id,
        not_before=not_before,
    )
    return page(rows, limit, view=_closure, cursor=lambda row: id_cursor("closures", row.id))


@post("/", guards=[needs("manager")], responses=WRITES, summary="Add a closure")
async def create_closure(
    transaction: Transaction, data: JSONBody[NewClosure], try_only: TryOnly = False
) -> AddedClosure:
    """Close the business or a place, or give a person days off. Appointments on those days stay, and
    are named in the answer."""
    values = dict(data)
    values["from_time"] = None if data.from_time is None else _time(data.from_time)
    values["until_time"] = None if data.until_time is None else _time(data.until_time)
    async with tried(transaction, only=try_only):
        row = await hours.create_closure(transaction, **values)
        outside = await left_outside(transaction, person_id=row.person_id, place_id=row.place_id)
        return AddedClosure(**dict(_closure(row)), outside_hours=outside)


@delete(
    "/{closure_id:uuid}", guards=[needs("manager")], responses=WRITES, summary="Remove a closure"
)
async def delete_closure(transaction: Transaction, closure_id: FromPath[UUID]) -> None:
    """Work on those days after all."""
    await hours.delete_closure(transaction, closure_id=closure_id)


def _spans(rows: Sequence[WeeklyHours]) -> list[OpenSpan]:
    return [
        OpenSpan(weekday=row.weekday, opens=_shown(row.opens), closes=_shown(row.closes))
        for row in rows
    ]


def _spans_of_date(rows: Sequence[DateHours]) -> list[OpenSpanOfDate]:
    return [OpenSpanOfDate(opens=_shown(row.opens), closes=_shown(row.closes)) for row in rows]


def _closure(row: ClosureRow) -> Closure:
    return Closure(
        id=row.id,
        person_id=row.person_id,
        place_id=row.place_id,
        first_day=row.first_day,
        last_day=row.last_day,
        from_time=None if row.from_time is None else _shown(row.from_time),
        until_time=None if row.until_time is None else _shown(row.until_time),
        reason=row.reason,
    )


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _shown(at: time) -> str:
    return at.strftime("%H:%M")


router = Router(
    path="/hours",
    tags=["hours"],
    route_handlers=[get_hours, set_hours, list_dates, set_date, delete_date],
)
closures_router = Router(
    path="/closures", tags=["hours"], route_handlers=[list_closures, create_closure, delete_closure]
)
