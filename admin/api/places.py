"""The further addresses of the business."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field

from admin.authentication import Transaction, needs
from admin.models import Body, Instant, View
from admin.outside_hours import WithOutsideHours, left_outside
from admin.pages import Cursor, Limit, Page, id_cursor, page, read_id
from admin.problems import READS, WRITES
from domain.database import Scope
from domain.places import operations as places
from domain.places.models import Place as PlaceRow


class Place(View):
    """A further address at which appointments are given. The main address is the business's own: where
    a place is asked for, it is null or the business's id."""

    id: UUID
    name: str = Field(examples=["Uptown"])
    address: str = Field(examples=["12 Hill Road"])
    time_zone: str = Field(description="IANA name.", examples=["America/New_York"])
    country: str = Field(description="ISO 3166-1 alpha-2.", examples=["US"])
    subdivision: str = Field(
        description="ISO 3166-2 without the country, for public holidays; empty: the country's.",
        examples=["NY"],
    )
    active: bool
    created_at: Instant


class ChangedPlace(Place, WithOutsideHours):
    """A place after its change."""


class NewPlace(Body):
    """A place to add."""

    name: str = Field(min_length=1, max_length=80, examples=["Uptown"])
    address: str = Field(
        "", max_length=300, description="As callers are told it.", examples=["12 Hill Road"]
    )
    time_zone: str | None = Field(
        None, max_length=60, description="Null: the business's.", examples=["America/New_York"]
    )
    country: str | None = Field(
        None, pattern="^[A-Z]{2}$", description="Null: the business's.", examples=["US"]
    )
    subdivision: str = Field(
        "",
        max_length=6,
        description="ISO 3166-2 without the country, for public holidays; empty: the country's.",
        examples=["NY"],
    )


class PlaceChange(Body):
    """What to change; what is absent or null stays."""

    name: str | None = Field(None, min_length=1, max_length=80)
    address: str | None = Field(None, max_length=300)
    time_zone: str | None = Field(None, max_length=60, examples=["America/Chicago"])
    country: str | None = Field(None, pattern="^[A-Z]{2}$", examples=["US"])
    subdivision: str | None = Field(None, max_length=6, description="An empty string removes it.")
    active: bool | None = Field(None, description="False: booked no more; appointments stay.")


@get("/", responses=READS, summary="List places")
async def list_places(
    transaction: Transaction,
    active: FromQuery[bool | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Place]:
    """Places in the order they were added, without the main address."""
    rows = await places.list_places(
        transaction, limit=limit + 1, after=read_id("places", cursor), active=active
    )
    return page(
        rows, limit, view=Place.model_validate, cursor=lambda row: id_cursor("places", row.id)
    )


@post("/", guards=[needs("manager")], responses=WRITES, summary="Add a place")
async def create_place(transaction: Transaction, data: JSONBody[NewPlace]) -> Place:
    """Add an address. It is open when the main address is, until it gets hours of its own; people give
    appointments there who have it as theirs or have hours there."""
    return Place.model_validate(await places.create(transaction, **dict(data)))


@get("/{place_id:uuid}", responses=READS, summary="Read a place")
async def get_place(transaction: Transaction, place_id: FromPath[UUID]) -> Place:
    """One place."""
    return Place.model_validate(await places.get(transaction, place_id=place_id))


@patch("/{place_id:uuid}", guards=[needs("manager")], responses=WRITES, summary="Change a place")
async def update_place(
    transaction: Transaction, place_id: FromPath[UUID], data: JSONBody[PlaceChange]
) -> ChangedPlace:
    """Change a place. Appointments there keep their instants, in another zone too."""
    row = await places.update(transaction, place_id=place_id, **data.given())
    return await _changed(transaction, row)


@delete(
    "/{place_id:uuid}",
    guards=[needs("manager")],
    responses=WRITES,
    status_code=200,
    summary="Close a place for good",
)
async def deactivate_place(transaction: Transaction, place_id: FromPath[UUID]) -> ChangedPlace:
    """Book it no more, as `active: false` does. It stays in the history, and its appointments stay
    until they are moved."""
    return await _changed(transaction, await places.deactivate(transaction, place_id=place_id))


async def _changed(transaction: Scope, row: PlaceRow) -> ChangedPlace:
    outside = await left_outside(transaction, place_id=row.id)
    return ChangedPlace(**dict(Place.model_validate(row)), outside_hours=outside)


router = Router(
    path="/places",
    tags=["places"],
    route_handlers=[list_places, create_place, get_place, update_place, deactivate_place],
)
