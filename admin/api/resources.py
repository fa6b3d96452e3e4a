"""Rooms, chairs and machines that appointments need."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from litestar import Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import Field

from admin.authentication import Transaction, needs
from admin.models import Body, Instant, View
from admin.outside_hours import WithOutsideHours, left_outside
from admin.pages import Cursor, Limit, Page, id_cursor, page, read_id
from admin.problems import READS, WRITES
from domain.database import Scope
from domain.rooms import operations as rooms
from domain.rooms.models import Room as RoomRow

_SEATS = "Appointments that can be in it at once, each on a seat of its own."


class Resource(View):
    """A room, chair or machine. (People are resources too, and have endpoints of their own.)"""

    id: UUID
    kind: Literal["room"] = "room"
    name: str = Field(examples=["Treatment chair"])
    place_id: UUID | None = Field(description="Null: at the main address.")
    seats: int = Field(description=_SEATS, examples=[1])
    active: bool
    created_at: Instant


class ChangedResource(Resource, WithOutsideHours):
    """A room after its change."""


class NewResource(Body):
    """A room to add."""

    kind: Literal["room"] = "room"
    name: str = Field(min_length=1, max_length=80, examples=["Treatment chair"])
    place_id: UUID | None = Field(None, description="Null: at the main address.")
    seats: int = Field(1, ge=1, le=rooms.MOST_SEATS, description=_SEATS)


class ResourceChange(Body):
    """What to change; what is absent stays, as does what is null but for `place_id`."""

    name: str | None = Field(None, min_length=1, max_length=80)
    place_id: UUID | None = Field(None, description="Null: to the main address.")
    seats: int | None = Field(None, ge=1, le=rooms.MOST_SEATS, description=_SEATS)
    active: bool | None = Field(None, description="False: booked no more; appointments stay.")


@get("/", responses=READS, summary="List rooms")
async def list_resources(
    transaction: Transaction,
    active: FromQuery[bool | None] = None,
    place_id: Annotated[
        UUID | None,
        QueryParameter(description="Only there; the business's id: at the main address."),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Resource]:
    """Rooms in the order they were added."""
    rows = await rooms.list_rooms(
        transaction,
        limit=limit + 1,
        after=read_id("resources", cursor),
        active=active,
        place_id=place_id,
    )
    return page(
        rows, limit, view=Resource.model_validate, cursor=lambda row: id_cursor("resources", row.id)
    )


@post("/", guards=[needs("manager")], responses=WRITES, summary="Add a room")
async def create_resource(transaction: Transaction, data: JSONBody[NewResource]) -> Resource:
    """Add a room. A service says with `room_ids` which rooms it needs one of."""
    row = await rooms.create(transaction, name=data.name, place_id=data.place_id, seats=data.seats)
    return Resource.model_validate(row)


@get("/{resource_id:uuid}", responses=READS, summary="Read a room")
async def get_resource(transaction: Transaction, resource_id: FromPath[UUID]) -> Resource:
    """One room."""
    return Resource.model_validate(await rooms.get(transaction, room_id=resource_id))


@patch("/{resource_id:uuid}", guards=[needs("manager")], responses=WRITES, summary="Change a room")
async def update_resource(
    transaction: Transaction, resource_id: FromPath[UUID], data: JSONBody[ResourceChange]
) -> ChangedResource:
    """Change a room. A seat that a coming appointment takes can't be removed, and a room can't be
    moved to another place while it is booked: that is a conflict."""
    row = await rooms.update(transaction, room_id=resource_id, **data.given())
    return await _changed(transaction, row)


@delete(
    "/{resource_id:uuid}",
    guards=[needs("manager")],
    responses=WRITES,
    status_code=200,
    summary="Take a room out of use",
)
async def deactivate_resource(
    transaction: Transaction, resource_id: FromPath[UUID]
) -> ChangedResource:
    """Book it no more, as `active: false` does. It stays in the history, and its appointments stay
    until they are moved."""
    return await _changed(transaction, await rooms.deactivate(transaction, room_id=resource_id))


async def _changed(transaction: Scope, row: RoomRow) -> ChangedResource:
    outside = await left_outside(transaction, room_id=row.id)
    return ChangedResource(**dict(Resource.model_validate(row)), outside_hours=outside)


router = Router(
    path="/resources",
    tags=["places"],
    route_handlers=[
        list_resources,
        create_resource,
        get_resource,
        update_resource,
        deactivate_resource,
    ],
)
