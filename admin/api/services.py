"""What can be booked."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field

from admin.authentication import Transaction, needs
from admin.models import Body, Instant, View
from admin.pages import Cursor, Limit, Page, id_cursor, page, read_id
from admin.problems import READS, WRITES
from domain.database import Scope
from domain.services import operations as services
from domain.services.models import Service as ServiceRow


class Service(View):
    """A service that callers can book."""

    id: UUID
    name: str = Field(examples=["Cleaning"])
    description: str
    duration_minutes: int = Field(examples=[45])
    buffer_before_minutes: int = Field(examples=[0])
    buffer_after_minutes: int = Field(examples=[5])
    price: str = Field(description="As it is told to callers.", examples=["120 dollars"])
    active: bool
    person_ids: list[UUID] = Field(description="Who gives it; empty: everybody.")
    created_at: Instant


class NewService(Body):
    """A service to offer."""

    name: str = Field(min_length=1, max_length=80, examples=["Cleaning"])
    description: str = Field("", max_length=1000)
    duration_minutes: int = Field(ge=5, le=1440, examples=[45])
    buffer_before_minutes: int = Field(0, ge=0, le=240)
    buffer_after_minutes: int = Field(0, ge=0, le=240)
    price: str = Field("", max_length=80, examples=["120 dollars"])
    person_ids: list[UUID] = Field(
        default_factory=list, max_length=200, description="Who gives it; empty: everybody."
    )


class ServiceChange(Body):
    """What to change; what is absent or null stays."""

    name: str | None = Field(None, min_length=1, max_length=80)
    description: str | None = Field(None, max_length=1000)
    duration_minutes: int | None = Field(None, ge=5, le=1440)
    buffer_before_minutes: int | None = Field(None, ge=0, le=240)
    buffer_after_minutes: int | None = Field(None, ge=0, le=240)
    price: str | None = Field(None, max_length=80)
    active: bool | None = Field(None, description="False: offered no more; appointments stay.")
    person_ids: list[UUID] | None = Field(None, max_length=200)


@get("/", responses=READS, summary="List services")
async def list_services(
    transaction: Transaction,
    active: FromQuery[bool | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Service]:
    """Services in the order they were made."""
    rows = await services.list_services(
        transaction, limit=limit + 1, after=read_id("services", cursor), active=active
    )
    people = await services.people_of(transaction, service_ids=[row.id for row in rows])
    return page(
        rows,
        limit,
        view=lambda row: _view(row, people[row.id]),
        cursor=lambda row: id_cursor("services", row.id),
    )


@post("/", guards=[needs("manager")], responses=WRITES, summary="Add a service")
async def create_service(transaction: Transaction, data: JSONBody[NewService]) -> Service:
    """Offer a service from the next call on."""
    row = await services.create(transaction, **dict(data))
    return await _read(transaction, row)


@get("/{service_id:uuid}", responses=READS, summary="Read a service")
async def get_service(transaction: Transaction, service_id: FromPath[UUID]) -> Service:
    """One service."""
    return await _read(transaction, await services.get(transaction, service_id=service_id))


@patch(
    "/{service_id:uuid}", guards=[needs("manager")], responses=WRITES, summary="Change a service"
)
async def update_service(
    transaction: Transaction, service_id: FromPath[UUID], data: JSONBody[ServiceChange]
) -> Service:
    """Change a service; appointments already made keep their times."""
    row = await services.update(transaction, service_id=service_id, **dict(data))
    return await _read(transaction, row)


async def _read(transaction: Scope, row: ServiceRow) -> Service:
    people = await services.people_of(transaction, service_ids=[row.id])
    return _view(row, people[row.id])


def _view(row: ServiceRow, person_ids: list[UUID]) -> Service:
    return Service(
        id=row.id,
        name=row.name,
        description=row.description,
        duration_minutes=row.duration_minutes,
        buffer_before_minutes=row.buffer_before_minutes,
        buffer_after_minutes=row.buffer_after_minutes,
        price=row.price,
        active=row.active,
        person_ids=person_ids,
        created_at=row.created_at,
    )


router = Router(
    path="/services",
    tags=["services"],
    route_handlers=[list_services, create_service, get_service, update_service],
)
