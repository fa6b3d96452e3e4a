"""The people who give appointments."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field

from admin.authentication import Transaction, needs
from admin.models import Body, Instant, Phone, View
from admin.outside_hours import WithOutsideHours, left_outside
from admin.pages import Cursor, Limit, Page, id_cursor, page, read_id
from admin.problems import READS, WRITES
from domain.people import operations as people

_LIMIT = Field(
    None, ge=1, le=people.MOST_APPOINTMENTS, description="Null: as many as fit.", examples=[12]
)


class Person(View):
    """Somebody of the business."""

    id: UUID
    name: str = Field(examples=["Dr. Sarah Chen"])
    title: str = Field(description="As callers know them.", examples=["dentist"])
    phone: str | None = Field(examples=["+12025550111"])
    email: str | None = Field(examples=["chen@example.com"])
    place_id: UUID | None = Field(
        description="Where they work while they have no hours of their own; null: the main address."
    )
    daily_limit: int | None = Field(description="Appointments a day at most.", examples=[12])
    weekly_limit: int | None = Field(description="Monday to Sunday.", examples=[50])
    active: bool
    created_at: Instant


class ChangedPerson(Person, WithOutsideHours):
    """A person after their change."""


class NewPerson(Body):
    """Somebody to add."""

    name: str = Field(min_length=1, max_length=120, examples=["Dr. Sarah Chen"])
    title: str = Field("", max_length=80, description="As callers know them.", examples=["dentist"])
    phone: Phone | None = Field(None, description="Rung when a caller is handed to them.")
    email: str | None = Field(None, max_length=254, examples=["chen@example.com"])
    place_id: UUID | None = Field(None, description="Null: the main address.")
    daily_limit: int | None = _LIMIT
    weekly_limit: int | None = _LIMIT


class PersonChange(Body):
    """What to change; what is absent stays. An empty string removes a text, null a limit; a null place
    is the main address. Otherwise what is null stays too."""

    name: str | None = Field(None, min_length=1, max_length=120)
    title: str | None = Field(None, max_length=80)
    phone: str | None = Field(None, max_length=40, examples=["+12025550111"])
    email: str | None = Field(None, max_length=254, examples=["chen@example.com"])
    place_id: UUID | None = Field(None, description="Null: the main address.")
    daily_limit: int | None = _LIMIT
    weekly_limit: int | None = _LIMIT
    active: bool | None = Field(None, description="False: books no more; appointments stay.")


@get("/", responses=READS, summary="List people")
async def list_people(
    transaction: Transaction,
    active: FromQuery[bool | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Person]:
    """People in the order they were added."""
    rows = await people.list_people(
        transaction, limit=limit + 1, after=read_id("people", cursor), active=active
    )
    return page(
        rows, limit, view=Person.model_validate, cursor=lambda row: id_cursor("people", row.id)
    )


@post("/", guards=[needs("manager")], responses=WRITES, summary="Add a person")
async def create_person(transaction: Transaction, data: JSONBody[NewPerson]) -> Person:
    """Add somebody who gives appointments. They work whenever the business is open, until they get
    hours of their own."""
    return Person.model_validate(await people.create(transaction, **dict(data)))


@get("/{person_id:uuid}", responses=READS, summary="Read a person")
async def get_person(transaction: Transaction, person_id: FromPath[UUID]) -> Person:
    """One person."""
    return Person.model_validate(await people.get(transaction, person_id=person_id))


@patch("/{person_id:uuid}", guards=[needs("manager")], responses=WRITES, summary="Change a person")
async def update_person(
    transaction: Transaction, person_id: FromPath[UUID], data: JSONBody[PersonChange]
) -> ChangedPerson:
    """Change a person; their appointments stay as they are."""
    row = await people.update(transaction, person_id=person_id, **data.given())
    outside = await left_outside(transaction, person_id=person_id)
    return ChangedPerson(**dict(Person.model_validate(row)), outside_hours=outside)


router = Router(
    path="/people",
    tags=["people"],
    route_handlers=[list_people, create_person, get_person, update_person],
)
