"""When the business and its people work, and when they do not."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated
from uuid import UUID

from litestar import Router, delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from admin.authentication import Transaction, needs
from admin.models import Body, ClockTime, View
from admin.pages import Cursor, Limit, Page, id_cursor, page, read_id
from admin.problems import READS, WRITES
from domain.hours import operations as hours
from domain.people import operations as people

OfPerson = Annotated[
    UUID | None, QueryParameter(description="Of this person; without it, of the business.")
]


class OpenSpan(Body):
    """An open span of a weekday; a day may have several."""

    weekday: int = Field(ge=0, le=6, description="0 is Monday.", examples=[0])
    opens: ClockTime
    closes: ClockTime


class Week(Body):
    """A whole week. A day without a span is closed."""

    hours: list[OpenSpan] = Field(max_length=hours.MOST_SPANS)


class Closure(View):
    """Days, both included, on which the business or one person does not work."""

    id: UUID
    person_id: UUID | None
    first_day: date = Field(examples=["2026-11-26"])
    last_day: date = Field(examples=["2026-11-27"])
    reason: str = Field(examples=["Thanksgiving"])


class NewClosure(Body):
    """Days off."""

    first_day: date = Field(examples=["2026-11-26"])
    last_day: date | None = Field(None, description="Included; default: the first day.")
    reason: str = Field("", max_length=200, examples=["Thanksgiving"])
    person_id: UUID | None = Field(None, description="Null: the whole business.")


@get("/", responses=READS, summary="Read weekly hours")
async def get_hours(transaction: Transaction, person_id: OfPerson = None) -> Week:
    """The week of the business or of one person. A person's empty week means: whenever it is open."""
    if person_id is not None:
        await people.get(transaction, person_id=person_id)
    rows = await hours.list_hours(transaction, person_id=person_id)
    return Week(
        hours=[
            OpenSpan(weekday=row.weekday, opens=_shown(row.opens), closes=_shown(row.closes))
            for row in rows
        ]
    )


@put("/", guards=[needs("manager")], responses=WRITES, summary="Set weekly hours")
async def set_hours(
    transaction: Transaction, data: JSONBody[Week], person_id: OfPerson = None
) -> Week:
    """Replace the whole week of the business or of one person."""
    rows = await hours.replace_hours(
        transaction,
        spans=[
            hours.Span(
                weekday=span.weekday,
                opens=time.fromisoformat(span.opens),
                closes=time.fromisoformat(span.closes),
            )
            for span in data.hours
        ],
        person_id=person_id,
    )
    return Week(
        hours=[
            OpenSpan(weekday=row.weekday, opens=_shown(row.opens), closes=_shown(row.closes))
            for row in rows
        ]
    )


@get("/", responses=READS, summary="List closures")
async def list_closures(
    transaction: Transaction,
    person_id: Annotated[UUID | None, QueryParameter(description="Only of this person.")] = None,
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
        not_before=not_before,
    )
    return page(
        rows, limit, view=Closure.model_validate, cursor=lambda row: id_cursor("closures", row.id)
    )


@post("/", guards=[needs("manager")], responses=WRITES, summary="Add a closure")
async def create_closure(transaction: Transaction, data: JSONBody[NewClosure]) -> Closure:
    """Close the business, or give one person days off. Appointments on those days stay."""
    return Closure.model_validate(await hours.create_closure(transaction, **dict(data)))


@delete(
    "/{closure_id:uuid}", guards=[needs("manager")], responses=WRITES, summary="Remove a closure"
)
async def delete_closure(transaction: Transaction, closure_id: FromPath[UUID]) -> None:
    """Work on those days after all."""
    await hours.delete_closure(transaction, closure_id=closure_id)


def _shown(at: time) -> str:
    return at.strftime("%H:%M")


router = Router(path="/hours", tags=["hours"], route_handlers=[get_hours, set_hours])
closures_router = Router(
    path="/closures", tags=["hours"], route_handlers=[list_closures, create_closure, delete_closure]
)
