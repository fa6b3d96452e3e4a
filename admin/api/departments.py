"""Departments: who takes the calls of callers who want a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any
from uuid import UUID

from litestar import Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field

from admin.api.hours import OpenSpan
from admin.authentication import Transaction, needs
from admin.models import Body, Instant, Phone, View
from admin.pages import Page
from admin.problems import READS, WRITES
from domain.handoffs import departments
from domain.handoffs.departments import DepartmentDetails, Ring, When
from domain.hours.operations import MOST_SPANS, Span

_RING = "One telephone after the other, or those of all its people at the same time."
_RING_SECONDS = "How long each telephone rings, or all of them together."
_TRIES = "How often the whole of it is gone through."
_WHEN = "While the main address is open, always, or in `own_hours`."
_OWN_HOURS = "A week of its own, in the business's zone; needed where `hours` is `own`."
_PHONE = "A telephone of its own, rung before its people."
_MEMBERS = "Its people, in the order in which they are rung."
_POSITION = "Its place among the departments; 0 is the one that callers get who name none."
_LEAST_RING, _MOST_RING = departments.RING_SECONDS
_FEWEST_TRIES, _MOST_TRIES = departments.TRIES
_MOST_POSITION = 1000


class DepartmentMember(View):
    """Somebody who takes a department's calls."""

    person_id: UUID
    name: str = Field(examples=["Maria Lopez"])
    unreachable: bool = Field(
        description="They are not rung: they have no telephone, or are not active any more."
    )


class Department(View):
    """People who take calls together. While somebody is on call by the rota, they are rung instead of
    its members."""

    id: UUID
    name: str = Field(description="As callers name it.", examples=["Front desk"])
    description: str = Field(
        description="What callers want who are sent there; the assistant reads it.",
        examples=["Bills, insurance and everything about a visit"],
    )
    position: int = Field(description=_POSITION, examples=[0])
    phone: str | None = Field(description=_PHONE, examples=["+12025550140"])
    ring: Ring = Field(description=_RING)
    ring_seconds: int = Field(description=_RING_SECONDS, examples=[20])
    tries: int = Field(description=_TRIES, examples=[1])
    hours: When = Field(description=_WHEN)
    own_hours: list[OpenSpan] = Field(description=_OWN_HOURS)
    members: list[DepartmentMember]
    active: bool
    created_at: Instant


class NewDepartment(Body):
    """A department to add."""

    name: str = Field(min_length=1, max_length=80, examples=["Front desk"])
    description: str = Field("", max_length=500)
    position: int | None = Field(
        None, ge=0, le=_MOST_POSITION, description=f"{_POSITION} Null: the last."
    )
    phone: Phone | None = Field(None, description=_PHONE)
    ring: Ring = Field("in_order", description=_RING)
    ring_seconds: int = Field(20, ge=_LEAST_RING, le=_MOST_RING, description=_RING_SECONDS)
    tries: int = Field(1, ge=_FEWEST_TRIES, le=_MOST_TRIES, description=_TRIES)
    hours: When = Field("opening", description=_WHEN)
    own_hours: list[OpenSpan] = Field(
        default_factory=list, max_length=MOST_SPANS, description=_OWN_HOURS
    )
    member_ids: list[UUID] = Field(
        default_factory=list, max_length=departments.MOST_MEMBERS, description=_MEMBERS
    )


class DepartmentChange(Body):
    """What to change; what is absent or null stays. An empty string removes the telephone."""

    name: str | None = Field(None, min_length=1, max_length=80)
    description: str | None = Field(None, max_length=500)
    position: int | None = Field(None, ge=0, le=_MOST_POSITION, description=_POSITION)
    phone: str | None = Field(None, max_length=40, description=_PHONE, examples=["+12025550140"])
    ring: Ring | None = Field(None, description=_RING)
    ring_seconds: int | None = Field(None, ge=_LEAST_RING, le=_MOST_RING, description=_RING_SECONDS)
    tries: int | None = Field(None, ge=_FEWEST_TRIES, le=_MOST_TRIES, description=_TRIES)
    hours: When | None = Field(None, description=_WHEN)
    own_hours: list[OpenSpan] | None = Field(None, max_length=MOST_SPANS, description=_OWN_HOURS)
    member_ids: list[UUID] | None = Field(
        None, max_length=departments.MOST_MEMBERS, description=_MEMBERS
    )
    active: bool | None = Field(None, description="False: nobody of it is rung.")


@get("/", responses=READS, summary="List departments")
async def list_departments(
    transaction: Transaction, active: FromQuery[bool | None] = None
) -> Page[Department]:
    """The departments in their order, all on one page."""
    found = await departments.list_departments(transaction, active=active)
    return Page(items=[_view(one) for one in found])


@post("/", guards=[needs("manager")], responses=WRITES, summary="Add a department")
async def create_department(transaction: Transaction, data: JSONBody[NewDepartment]) -> Department:
    """Add people who take calls together. Who has no telephone may be one of them, and is told as
    `unreachable`."""
    return _view(await departments.create(transaction, **_values(dict(data))))


@get("/{department_id:uuid}", responses=READS, summary="Read a department")
async def get_department(transaction: Transaction, department_id: FromPath[UUID]) -> Department:
    """One department."""
    return _view(await departments.get(transaction, department_id=department_id))


@patch(
    "/{department_id:uuid}",
    guards=[needs("manager")],
    responses=WRITES,
    summary="Change a department",
)
async def update_department(
    transaction: Transaction, department_id: FromPath[UUID], data: JSONBody[DepartmentChange]
) -> Department:
    """Change a department, for calls that come from now on."""
    return _view(
        await departments.update(transaction, department_id=department_id, **_values(data.given()))
    )


@delete(
    "/{department_id:uuid}",
    guards=[needs("manager")],
    responses=WRITES,
    summary="Remove a department",
)
async def delete_department(transaction: Transaction, department_id: FromPath[UUID]) -> None:
    """Remove a department with its shifts of the rota; its people stay."""
    await departments.remove(transaction, department_id=department_id)


def _values(given: dict[str, Any]) -> dict[str, Any]:
    spans: Sequence[OpenSpan] | None = given.get("own_hours")
    if spans is None:
        return given
    return given | {
        "own_hours": [
            Span(
                weekday=span.weekday,
                opens=time.fromisoformat(span.opens),
                closes=time.fromisoformat(span.closes),
            )
            for span in spans
        ]
    }


def _view(details: DepartmentDetails) -> Department:
    row = details.department
    return Department.model_validate(
        {
            "id": row.id,
            "name": row.name,
            "description": row.description,
            "position": row.position,
            "phone": row.phone,
            "ring": row.ring,
            "ring_seconds": row.ring_seconds,
            "tries": row.tries,
            "hours": row.hours,
            "own_hours": [
                OpenSpan(
                    weekday=span.weekday,
                    opens=span.opens.strftime("%H:%M"),
                    closes=span.closes.strftime("%H:%M"),
                )
                for span in details.own_hours
            ],
            "members": [DepartmentMember.model_validate(one) for one in details.members],
            "active": row.active,
            "created_at": row.created_at,
        }
    )


router = Router(
    path="/departments",
    tags=["departments"],
    route_handlers=[
        list_departments,
        create_department,
        get_department,
        update_department,
        delete_department,
    ],
)
