"""What can be booked."""

from __future__ import annotations

from typing import Any, cast
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
from domain.services.operations import Channel

_DESCRIPTION = "What callers are told who ask what it is."
_DURATION = "How long the appointment takes, in minutes."
_BEFORE = "Minutes kept free before it, for preparation."
_AFTER = "Minutes kept free after it, to clear up."
_PRICE = "As it is told to callers."
_CHANNEL = "`phone`: the business calls."
_CAPACITY = "How many may book the same start with the same person; 1: the person is theirs alone."
_NEW_CONTACTS = "Only for those who have had no appointment here yet."
_DAILY = "Appointments of it a day at most; null: as many as fit."
_WEEKLY = "Appointments of it from Monday to Sunday at most; null: as many as fit."
_NOTICE = "Instead of the settings' minimum notice; null: theirs."
_ROOMS = "The resources that it needs one of; empty: it needs none."


def _counted(name: str, description: str) -> Any:
    least, most = services.BOUNDS[name]
    return Field(None, ge=least, le=most, description=description)


class Service(View):
    """A service that callers can book."""

    id: UUID
    name: str = Field(examples=["Cleaning"])
    description: str
    duration_minutes: int = Field(examples=[45])
    buffer_before_minutes: int = Field(examples=[0])
    buffer_after_minutes: int = Field(examples=[5])
    price: str = Field(description=_PRICE, examples=["120 dollars"])
    channel: Channel = Field(description=_CHANNEL)
    capacity: int = Field(description=_CAPACITY, examples=[1])
    new_contacts_only: bool = Field(description=_NEW_CONTACTS)
    daily_limit: int | None = Field(description=_DAILY, examples=[8])
    weekly_limit: int | None = Field(description=_WEEKLY, examples=[30])
    minimum_notice_minutes: int | None = Field(description=_NOTICE, examples=[1440])
    active: bool
    person_ids: list[UUID] = Field(description="Who gives it; empty: everybody.")
    room_ids: list[UUID] = Field(description=_ROOMS)
    created_at: Instant


class NewService(Body):
    """A service to offer."""

    name: str = Field(min_length=1, max_length=80, examples=["Cleaning"])
    description: str = Field("", max_length=1000, description=_DESCRIPTION)
    duration_minutes: int = Field(ge=5, le=1440, description=_DURATION, examples=[45])
    buffer_before_minutes: int = Field(0, ge=0, le=240, description=_BEFORE)
    buffer_after_minutes: int = Field(0, ge=0, le=240, description=_AFTER)
    price: str = Field("", max_length=80, description=_PRICE, examples=["120 dollars"])
    channel: Channel = Field("in_person", description=_CHANNEL)
    capacity: int = Field(1, ge=1, le=200, description=_CAPACITY)
    new_contacts_only: bool = Field(False, description=_NEW_CONTACTS)
    daily_limit: int | None = _counted("daily_limit", _DAILY)
    weekly_limit: int | None = _counted("weekly_limit", _WEEKLY)
    minimum_notice_minutes: int | None = _counted("minimum_notice_minutes", _NOTICE)
    person_ids: list[UUID] = Field(
        default_factory=list, max_length=200, description="Who gives it; empty: everybody."
    )
    room_ids: list[UUID] = Field(default_factory=list, max_length=200, description=_ROOMS)


class ServiceChange(Body):
    """What to change; what is absent stays. Null removes a limit or a notice; otherwise what is null
    stays too."""

    name: str | None = Field(None, min_length=1, max_length=80)
    description: str | None = Field(None, max_length=1000, description=_DESCRIPTION)
    duration_minutes: int | None = Field(None, ge=5, le=1440)
    buffer_before_minutes: int | None = Field(None, ge=0, le=240)
    buffer_after_minutes: int | None = Field(None, ge=0, le=240)
    price: str | None = Field(None, max_length=80)
    channel: Channel | None = None
    capacity: int | None = _counted("capacity", _CAPACITY)
    new_contacts_only: bool | None = Field(None, description=_NEW_CONTACTS)
    daily_limit: int | None = _counted("daily_limit", _DAILY)
    weekly_limit: int | None = _counted("weekly_limit", _WEEKLY)
    minimum_notice_minutes: int | None = _counted("minimum_notice_minutes", _NOTICE)
    active: bool | None = Field(None, description="False: offered no more; appointments stay.")
    person_ids: list[UUID] | None = Field(None, max_length=200)
    room_ids: list[UUID] | None = Field(None, max_length=200)


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
    service_ids = [row.id for row in rows]
    people = await services.people_of(transaction, service_ids=service_ids)
    rooms = await services.rooms_of(transaction, service_ids=service_ids)
    return page(
        rows,
        limit,
        view=lambda row: _view(row, people[row.id], rooms[row.id]),
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
    """Change a service; appointments already made keep their times, people, rooms and seats."""
    row = await services.update(transaction, service_id=service_id, **data.given())
    return await _read(transaction, row)


async def _read(transaction: Scope, row: ServiceRow) -> Service:
    people = await services.people_of(transaction, service_ids=[row.id])
    rooms = await services.rooms_of(transaction, service_ids=[row.id])
    return _view(row, people[row.id], rooms[row.id])


def _view(row: ServiceRow, person_ids: list[UUID], room_ids: list[UUID]) -> Service:
    return Service(
        id=row.id,
        name=row.name,
        description=row.description,
        duration_minutes=row.duration_minutes,
        buffer_before_minutes=row.buffer_before_minutes,
        buffer_after_minutes=row.buffer_after_minutes,
        price=row.price,
        channel=cast(Channel, row.channel),
        capacity=row.capacity,
        new_contacts_only=row.new_contacts_only,
        daily_limit=row.daily_limit,
        weekly_limit=row.weekly_limit,
        minimum_notice_minutes=row.minimum_notice_minutes,
        active=row.active,
        person_ids=person_ids,
        room_ids=room_ids,
        created_at=row.created_at,
    )


router = Router(
    path="/services",
    tags=["services"],
    route_handlers=[list_services, create_service, get_service, update_service],
)
