"""How appointments look in requests and answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar.params import QueryParameter
from pydantic import Field

from admin.alternatives import alternatives_named
from admin.models import Body, Instant, View
from domain.contacts import operations as contacts
from domain.database import Scope
from domain.errors import Invalid, NotFound
from domain.scheduling import appointments, lookup
from domain.scheduling.models import Appointment as Row

PlaceId = Annotated[
    UUID | None,
    QueryParameter(description="Only there; the business's own id means its main address."),
]

Reason = Field("", max_length=appointments.LONGEST_REASON, description="Why, for the history.")


class Appointment(View):
    """A service given by a person to a contact."""

    id: UUID
    code: str = Field(description="By which a caller can name it.", examples=["K7F2QX"])
    state: Literal["held", "booked", "cancelled"]
    service_id: UUID
    person_id: UUID
    place_id: UUID | None = Field(description="Null: the business's main address.")
    room_id: UUID | None = Field(description="The room, chair or machine it has, if it needs one.")
    contact_id: UUID | None
    contact_name: str | None = Field(None, description="The contact's.", examples=["Jane Doe"])
    attendee: str | None = Field(
        description="Who it is for, where that is somebody else than the contact.",
        examples=["Tom Doe"],
    )
    series_id: UUID | None = Field(description="The series it was booked with, if any.")
    starts_at: Instant
    ends_at: Instant
    held_until: Instant | None = Field(None, description="When a hold passes.")
    confirmed_at: Instant | None = Field(description="When the contact said that they will come.")
    note: str | None
    call_id: UUID | None = Field(description="The call on which it was booked, if any.")
    version: int = Field(description="Counted up at every change.")
    created_at: Instant
    updated_at: Instant


class AppointmentEvent(View):
    """One change of an appointment."""

    number: int = Field(description="1, 2, 3 … for each appointment.")
    kind: Literal["held", "booked", "moved", "cancelled", "expired", "confirmed", "changed"]
    at: Instant
    actor_kind: str = Field(description="caller, assistant, staff, operator or system.")
    actor_id: str = Field(description="The id of an API key or a call, where there is one.")
    call_id: UUID | None
    reason: str | None
    before: dict[str, Any] = Field(description="What differed before: states, ids and instants.")
    after: dict[str, Any] = Field(description="What differs since.")


class NewAppointment(Body):
    """An appointment that staff book."""

    service_id: UUID
    person_id: UUID
    starts_at: Instant
    contact_id: UUID | None = None
    place_id: UUID | None = Field(
        None,
        description="Where, if not where the person works at that time; the business's own id means "
        "its main address.",
    )
    attendee: str | None = Field(None, max_length=appointments.LONGEST_ATTENDEE)
    note: str | None = Field(None, max_length=appointments.LONGEST_NOTE)
    outside_hours: bool = Field(False, description="Book although nobody works then.")
    over_busy: bool = Field(
        False, description="Book although an outside calendar says that the person is busy."
    )


class AppointmentChange(Body):
    """What to change; what is absent stays. Another time, person or place is a move."""

    starts_at: Instant | None = None
    person_id: UUID | None = None
    place_id: UUID | None = None
    outside_hours: bool = Field(False, description="Move although nobody works then.")
    over_busy: bool = Field(
        False, description="Move although an outside calendar says that the person is busy."
    )
    contact_id: UUID | None = None
    attendee: str | None = Field(
        None, max_length=appointments.LONGEST_ATTENDEE, description="An empty string removes it."
    )
    note: str | None = Field(
        None, max_length=appointments.LONGEST_NOTE, description="An empty string removes it."
    )
    reason: str = Reason

    @property
    def moves(self) -> bool:
        return not (self.starts_at is None and self.person_id is None and self.place_id is None)


class OutsideHours(View):
    """Appointments that staff have to see to."""

    appointments: list[Appointment]


class Cancellation(Body):
    """What to cancel, and why."""

    scope: Literal["this", "this_and_following"] = Field(
        "this", description="Of a series: this one alone, or also those that come after it."
    )
    reason: str = Reason


class CancelledAppointment(Appointment):
    """An appointment after its cancellation."""

    late_fee: str | None = Field(
        description="The business's fee for cancelling so late, where one is due.",
        examples=["50 dollars"],
    )
    following_ids: list[UUID] = Field(
        default_factory=list, description="Those of its series that were cancelled with it."
    )


class NewSeries(NewAppointment):
    """The same time every so many weeks; `starts_at` is the first."""

    every_weeks: int = Field(ge=1, le=52, examples=[2])
    count: int = Field(ge=2, le=52, description="Appointments in all.", examples=[6])


class MissedTime(View):
    """A time of a series that could not be booked."""

    starts_at: Instant
    reason: str


class Series(View):
    """What of a series was booked, and what could not be."""

    id: UUID
    every_weeks: int
    count: int
    appointments: list[Appointment]
    missed: list[MissedTime]


async def shown(scope: Scope, rows: Sequence[Row]) -> list[Appointment]:
    """The appointments as the API shows them."""
    until = await lookup.held_until(scope, appointments=rows)
    names = await contacts.names(
        scope, contact_ids={row.contact_id for row in rows if row.contact_id is not None}
    )
    return [
        Appointment.model_validate(row).model_copy(
            update={
                "held_until": until.get(row.id),
                "contact_name": names.get(row.contact_id) if row.contact_id else None,
            }
        )
        for row in rows
    ]


async def shown_one(scope: Scope, row: Row) -> Appointment:
    # The database counts versions: what an operation left in memory may be one behind.
    await scope.session.refresh(row)
    return (await shown(scope, [row]))[0]


@asynccontextmanager
async def naming_what_is_free(transaction: Scope, data: NewAppointment) -> AsyncIterator[None]:
    """Names the next free times where the new appointment's can't be had."""
    async with (
        alternatives_named(
            transaction,
            service_id=data.service_id,
            starts_at=data.starts_at,
            person_id=data.person_id,
            place_id=data.place_id,
        ),
        references_named(),
    ):
        yield


@asynccontextmanager
async def references_named() -> AsyncIterator[None]:
    """A thing that the body names and that is not there is a wrong value, not a wrong address."""
    try:
        yield
    except NotFound as error:
        raise Invalid(f"{error.noun}_id", f"is not a {error.noun} of this business") from error
