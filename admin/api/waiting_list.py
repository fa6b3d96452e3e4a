"""Those who would take a time that comes free."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, Router, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import Field

from admin.api.appointment_models import Appointment, shown_one
from admin.authentication import Transaction, needs
from admin.idempotency import PROVIDE, Once
from admin.models import Body, Instant, View
from admin.pages import Cursor, Limit, Page, page, position_cursor, read_position
from admin.problems import READS, WRITES
from domain.errors import Invalid, NotFound
from domain.scheduling import appointments, waiting_list
from domain.scheduling.waiting_list import State


class WaitingListEntry(View):
    """Somebody who waits for a time."""

    id: UUID
    contact_id: UUID
    service_id: UUID
    person_id: UUID | None = Field(description="Null: anybody who gives the service.")
    place_id: UUID | None = Field(description="Null: any place.")
    first_day: date
    last_day: date
    part_of_day: Literal["any", "morning", "afternoon", "evening"]
    state: State
    appointment_id: UUID | None = Field(
        description="The appointment that is held for them, or that they took."
    )
    offered_until: Instant | None = Field(description="Until when it is held for them.")
    call_id: UUID | None = Field(description="The call on which they were added, if any.")
    created_at: Instant
    updated_at: Instant


class NewWaitingListEntry(Body):
    """Somebody to put on the list. Days are those of the place's zone, both included."""

    contact_id: UUID
    service_id: UUID
    first_day: date
    last_day: date
    part_of_day: Literal["any", "morning", "afternoon", "evening"] = "any"
    person_id: UUID | None = None
    place_id: UUID | None = None


class Acceptance(Body):
    """What to book with the time that is held."""

    attendee: str | None = Field(None, max_length=appointments.LONGEST_ATTENDEE)
    note: str | None = Field(None, max_length=appointments.LONGEST_NOTE)


@get("/", responses=READS, summary="List the waiting list")
async def list_waiting_list(
    transaction: Transaction,
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    service_id: FromQuery[UUID | None] = None,
    contact_id: FromQuery[UUID | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[WaitingListEntry]:
    """Entries, who has waited longest first."""
    rows = await waiting_list.list_entries(
        transaction,
        state=in_state,
        service_id=service_id,
        contact_id=contact_id,
        limit=limit + 1,
        after=read_position("waiting_list", cursor),
    )
    return page(
        rows,
        limit,
        view=WaitingListEntry.model_validate,
        cursor=lambda row: position_cursor("waiting_list", row.created_at, row.id),
    )


@post("/", guards=[needs("staff")], responses=WRITES, summary="Add to the waiting list")
async def add_to_waiting_list(
    transaction: Transaction, once: Once, data: JSONBody[NewWaitingListEntry]
) -> Response[WaitingListEntry]:
    """Put a contact on the list. The same wish twice is one entry."""

    async def add() -> WaitingListEntry:
        try:
            row = await waiting_list.add(transaction, **dict(data))
        except NotFound as error:
            raise Invalid(f"{error.noun}_id", f"is not a {error.noun} of this business") from error
        return WaitingListEntry.model_validate(row)

    return await once(add, status=201)


@get("/{waiting_id:uuid}", responses=READS, summary="Read a waiting-list entry")
async def get_waiting_list_entry(
    transaction: Transaction, waiting_id: FromPath[UUID]
) -> WaitingListEntry:
    """One entry."""
    return WaitingListEntry.model_validate(await waiting_list.get(transaction, entry_id=waiting_id))


@delete(
    "/{waiting_id:uuid}",
    guards=[needs("staff")],
    responses=WRITES,
    summary="Remove from the waiting list",
)
async def remove_from_waiting_list(transaction: Transaction, waiting_id: FromPath[UUID]) -> None:
    """Take an entry off the list. A time that was held for it goes to the next in line."""
    await waiting_list.remove(transaction, entry_id=waiting_id)


@post(
    "/{waiting_id:uuid}/accept",
    guards=[needs("staff")],
    responses=WRITES,
    status_code=200,
    summary="Book the time that is held",
)
async def accept_waiting_list_offer(
    transaction: Transaction,
    once: Once,
    waiting_id: FromPath[UUID],
    data: JSONBody[Acceptance | None] = None,
) -> Response[Appointment]:
    """Book the time that is held for the entry. When none is held any more it is a conflict."""
    wanted = data or Acceptance()

    async def accept() -> Appointment:
        row = await waiting_list.accept(
            transaction, entry_id=waiting_id, attendee=wanted.attendee, note=wanted.note
        )
        return await shown_one(transaction, row)

    return await once(accept)


router = Router(
    path="/waiting-list",
    tags=["waiting list"],
    dependencies=PROVIDE,
    route_handlers=[
        list_waiting_list,
        add_to_waiting_list,
        get_waiting_list_entry,
        remove_from_waiting_list,
        accept_waiting_list_offer,
    ],
)
