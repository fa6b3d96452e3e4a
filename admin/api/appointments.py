"""Free times and appointments."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from litestar import Router, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import Field

from admin.authentication import Transaction, needs
from admin.models import Body, Instant, View
from admin.pages import Cursor, Limit, Page, page, position_cursor, read_position
from admin.problems import READS, WRITES
from domain.errors import Invalid, NotFound
from domain.scheduling import appointments, lookup, times
from domain.scheduling.times import WhyNone


class FreeTime(View):
    """A time at which a person can give a service."""

    service_id: UUID
    person_id: UUID
    person_name: str = Field(examples=["Dr. Sarah Chen"])
    starts_at: Instant
    ends_at: Instant


class Availability(View):
    """Free times; if there are none, why, and the nearest other ones."""

    times: list[FreeTime]
    why_none: WhyNone | None
    alternatives: list[FreeTime]


class Appointment(View):
    """A service given by a person to a contact."""

    id: UUID
    code: str = Field(description="By which a caller can name it.", examples=["K7F2QX"])
    state: Literal["held", "booked", "cancelled"]
    service_id: UUID
    person_id: UUID
    contact_id: UUID | None
    starts_at: Instant
    ends_at: Instant
    note: str | None
    call_id: UUID | None = Field(description="The call on which it was booked, if any.")
    created_at: Instant
    updated_at: Instant


class NewAppointment(Body):
    """An appointment that staff book."""

    service_id: UUID
    person_id: UUID
    starts_at: Instant
    contact_id: UUID | None = None
    note: str | None = Field(None, max_length=appointments.LONGEST_NOTE)
    outside_hours: bool = Field(False, description="Book although nobody works then.")


class AppointmentMove(Body):
    """Another time, and another person if one is named."""

    starts_at: Instant
    person_id: UUID | None = None
    outside_hours: bool = Field(False, description="Move although nobody works then.")


@get("/", responses=READS, summary="Find free times")
async def find_availability(
    transaction: Transaction,
    service_id: FromQuery[UUID],
    first_day: FromQuery[date],
    last_day: Annotated[
        date | None, QueryParameter(description="Included; default: the first day.")
    ] = None,
    part_of_day: FromQuery[Literal["any", "morning", "afternoon", "evening"]] = "any",
    person_id: FromQuery[UUID | None] = None,
    limit: Limit = 50,
) -> Availability:
    """Free times of a service in the business's zone, the earliest first, by the rules callers are
    offered times by."""
    found = await times.find_times(
        transaction,
        service_id=service_id,
        first_day=first_day,
        last_day=last_day or first_day,
        part_of_day=part_of_day,
        person_id=person_id,
        limit=limit,
        spread=False,
    )
    return Availability(
        times=[FreeTime.model_validate(time) for time in found.times],
        why_none=found.why_none,
        alternatives=[FreeTime.model_validate(time) for time in found.alternatives],
    )


@get("/", responses=READS, summary="List appointments")
async def list_appointments(
    transaction: Transaction,
    first_day: FromQuery[date | None] = None,
    last_day: Annotated[date | None, QueryParameter(description="Included.")] = None,
    person_id: FromQuery[UUID | None] = None,
    contact_id: FromQuery[UUID | None] = None,
    service_id: FromQuery[UUID | None] = None,
    in_state: Annotated[
        Literal["held", "booked", "cancelled"] | None, QueryParameter(name="state")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Appointment]:
    """Appointments by start, the earliest first; days are the business's own."""
    rows = await lookup.list_appointments(
        transaction,
        first_day=first_day,
        last_day=last_day,
        person_id=person_id,
        contact_id=contact_id,
        service_id=service_id,
        state=in_state,
        limit=limit + 1,
        after=read_position("appointments", cursor),
    )
    return page(
        rows,
        limit,
        view=Appointment.model_validate,
        cursor=lambda row: position_cursor("appointments", row.starts_at, row.id),
    )


@post("/", guards=[needs("staff")], responses=WRITES, summary="Book an appointment")
async def book_appointment(transaction: Transaction, data: JSONBody[NewAppointment]) -> Appointment:
    """Book for a contact. A time that is taken is a conflict."""
    async with _references_named():
        row = await appointments.book_directly(transaction, **dict(data))
    return Appointment.model_validate(row)


@get("/{appointment_id:uuid}", responses=READS, summary="Read an appointment")
async def get_appointment(transaction: Transaction, appointment_id: FromPath[UUID]) -> Appointment:
    """One appointment."""
    return Appointment.model_validate(
        await appointments.get(transaction, appointment_id=appointment_id)
    )


@patch(
    "/{appointment_id:uuid}",
    guards=[needs("staff")],
    responses=WRITES,
    summary="Move an appointment",
)
async def move_appointment(
    transaction: Transaction, appointment_id: FromPath[UUID], data: JSONBody[AppointmentMove]
) -> Appointment:
    """Give it another time; the old one is kept until the new one is taken."""
    await appointments.get(transaction, appointment_id=appointment_id)
    async with _references_named():
        change = await appointments.move(transaction, appointment_id=appointment_id, **dict(data))
    return Appointment.model_validate(change.appointment)


@post(
    "/{appointment_id:uuid}/cancel",
    guards=[needs("staff")],
    responses=WRITES,
    status_code=200,
    summary="Cancel an appointment",
)
async def cancel_appointment(
    transaction: Transaction, appointment_id: FromPath[UUID]
) -> Appointment:
    """Cancel it and give its time back. Repeated, it changes nothing."""
    change = await appointments.cancel(transaction, appointment_id=appointment_id, by_staff=True)
    return Appointment.model_validate(change.appointment)


@asynccontextmanager
async def _references_named() -> AsyncIterator[None]:
    """A thing that the body names and that is not there is a wrong value, not a wrong address."""
    try:
        yield
    except NotFound as error:
        raise Invalid(f"{error.noun}_id", f"is not a {error.noun} of this business") from error


availability_router = Router(
    path="/availability", tags=["appointments"], route_handlers=[find_availability]
)
router = Router(
    path="/appointments",
    tags=["appointments"],
    route_handlers=[
        list_appointments,
        book_appointment,
        get_appointment,
        move_appointment,
        cancel_appointment,
    ],
)
