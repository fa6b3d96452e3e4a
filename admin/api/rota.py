"""The rota: who is on call for a department, and when."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any
from uuid import UUID

from litestar import Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import Field

from admin.authentication import Transaction, needs
from admin.models import Body, ClockTime, Instant, View
from admin.pages import Cursor, Limit, Page, id_cursor, page, read_id
from admin.problems import READS, WRITES
from domain.handoffs import rota
from domain.handoffs.models import RotaShift

_ENDS = "At or before `begins` it is that time of the next day."
_EVERY_WEEKS = Field(
    None,
    ge=1,
    le=rota.LONGEST_WEEKS,
    description="Comes again every so many weeks; null: once.",
    examples=[2],
)
_UNTIL = Field(
    None,
    description="The last day on which a repeated one may begin; null: for ever.",
    examples=["2027-03-31"],
)


class Shift(View):
    """Somebody is on call for a department: rung instead of its members meanwhile."""

    id: UUID
    department_id: UUID
    person_id: UUID
    day: date = Field(description="The first day.", examples=["2026-11-23"])
    begins: str = Field(description="Wall clock of the business.", examples=["18:00"])
    ends: str = Field(description=_ENDS, examples=["08:00"])
    every_weeks: int | None = _EVERY_WEEKS
    until: date | None = _UNTIL
    created_at: Instant


class NewShift(Body):
    """A shift to add."""

    department_id: UUID
    person_id: UUID
    day: date = Field(description="The first day.", examples=["2026-11-23"])
    begins: ClockTime
    ends: ClockTime = Field(description=_ENDS)
    every_weeks: int | None = _EVERY_WEEKS
    until: date | None = _UNTIL


class ShiftChange(Body):
    """What to change; what is absent stays. Null for `every_weeks` lets it come once, for `until` for
    ever; otherwise what is null stays too."""

    department_id: UUID | None = None
    person_id: UUID | None = None
    day: date | None = Field(None, examples=["2026-11-23"])
    begins: ClockTime | None = None
    ends: ClockTime | None = Field(None, description=_ENDS)
    every_weeks: int | None = _EVERY_WEEKS
    until: date | None = _UNTIL


class ShiftOccurrence(View):
    """One time that a shift comes."""

    shift_id: UUID
    department_id: UUID
    person_id: UUID
    day: date = Field(description="The day it begins on.", examples=["2026-11-23"])
    begins_at: Instant
    ends_at: Instant
    unreachable: bool = Field(
        description="Nobody is rung for it: the person has no telephone, or is not active any more."
    )


@get("/", responses=READS, summary="List shifts")
async def list_shifts(
    transaction: Transaction,
    department_id: FromQuery[UUID | None] = None,
    person_id: FromQuery[UUID | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Shift]:
    """Shifts in the order they were added, a repeated one once."""
    rows = await rota.list_shifts(
        transaction,
        limit=limit + 1,
        after=read_id("shifts", cursor),
        department_id=department_id,
        person_id=person_id,
    )
    return page(rows, limit, view=_view, cursor=lambda row: id_cursor("shifts", row.id))


@get("/occurrences", responses=READS, summary="Read the rota of some days")
async def list_occurrences(
    transaction: Transaction,
    first_day: FromQuery[date],
    last_day: Annotated[
        date,
        QueryParameter(description=f"Included; at most {rota.MOST_DAYS} days are read at once."),
    ],
    department_id: FromQuery[UUID | None] = None,
    person_id: FromQuery[UUID | None] = None,
) -> Page[ShiftOccurrence]:
    """Every time that a shift begins on these days of the business's zone, the earliest first, all on
    one page."""
    found = await rota.list_occurrences(
        transaction,
        first_day=first_day,
        last_day=last_day,
        department_id=department_id,
        person_id=person_id,
    )
    return Page(items=[ShiftOccurrence.model_validate(one) for one in found])


@post("/", guards=[needs("manager")], responses=WRITES, summary="Add a shift")
async def create_shift(transaction: Transaction, data: JSONBody[NewShift]) -> Shift:
    """Put somebody on call, once or every so many weeks. They need not be a member of the
    department."""
    return _view(await rota.create(transaction, **_values(dict(data))))


@get("/{shift_id:uuid}", responses=READS, summary="Read a shift")
async def get_shift(transaction: Transaction, shift_id: FromPath[UUID]) -> Shift:
    """One shift."""
    return _view(await rota.get(transaction, shift_id=shift_id))


@patch("/{shift_id:uuid}", guards=[needs("manager")], responses=WRITES, summary="Change a shift")
async def update_shift(
    transaction: Transaction, shift_id: FromPath[UUID], data: JSONBody[ShiftChange]
) -> Shift:
    """Change a shift, each time that it comes."""
    return _view(await rota.update(transaction, shift_id=shift_id, **_values(data.given())))


@delete("/{shift_id:uuid}", guards=[needs("manager")], responses=WRITES, summary="Remove a shift")
async def delete_shift(transaction: Transaction, shift_id: FromPath[UUID]) -> None:
    """Take somebody off the rota, each time that the shift comes."""
    await rota.remove(transaction, shift_id=shift_id)


def _values(given: dict[str, Any]) -> dict[str, Any]:
    clocks = {
        name: time.fromisoformat(given[name])
        for name in ("begins", "ends")
        if given.get(name) is not None
    }
    return given | clocks


def _view(row: RotaShift) -> Shift:
    return Shift(
        id=row.id,
        department_id=row.department_id,
        person_id=row.person_id,
        day=row.day,
        begins=row.begins.strftime("%H:%M"),
        ends=row.ends.strftime("%H:%M"),
        every_weeks=row.every_weeks,
        until=row.until,
        created_at=row.created_at,
    )


router = Router(
    path="/rota",
    tags=["departments"],
    route_handlers=[
        list_shifts,
        list_occurrences,
        create_shift,
        get_shift,
        update_shift,
        delete_shift,
    ],
)
