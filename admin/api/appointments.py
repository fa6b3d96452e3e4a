"""Appointments."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, Router, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from admin.alternatives import EXCEPTION_HANDLERS, TIME_WRITES, alternatives_named
from admin.api.appointment_models import (
    Appointment,
    AppointmentChange,
    AppointmentEvent,
    Cancellation,
    CancelledAppointment,
    NewAppointment,
    OutsideHours,
    PlaceId,
    naming_what_is_free,
    references_named,
    shown,
    shown_one,
)
from admin.authentication import Transaction, needs
from admin.etag import IfVersion, version_in
from admin.idempotency import PROVIDE, Once
from admin.pages import (
    Cursor,
    Limit,
    Page,
    numbers_cursor,
    page,
    position_cursor,
    read_numbers,
    read_position,
)
from admin.problems import READS, VERSIONED_WRITES, WRITES, PreconditionFailed
from domain.database import Scope
from domain.scheduling import appointments, history, lookup, series
from domain.scheduling.outside import outside_hours


@get("/", responses=READS, summary="List appointments")
async def list_appointments(
    transaction: Transaction,
    first_day: FromQuery[date | None] = None,
    last_day: Annotated[date | None, QueryParameter(description="Included.")] = None,
    person_id: FromQuery[UUID | None] = None,
    contact_id: FromQuery[UUID | None] = None,
    service_id: FromQuery[UUID | None] = None,
    place_id: PlaceId = None,
    series_id: FromQuery[UUID | None] = None,
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
        place_id=place_id,
        series_id=series_id,
        state=in_state,
        limit=limit + 1,
        after=read_position("appointments", cursor),
    )
    return page(
        await shown(transaction, rows),
        limit,
        view=lambda row: row,
        cursor=lambda row: position_cursor("appointments", row.starts_at, row.id),
    )


@get("/outside-hours", responses=READS, summary="List appointments outside the hours")
async def list_outside_hours(
    transaction: Transaction,
    person_id: FromQuery[UUID | None] = None,
    place_id: PlaceId = None,
    limit: Limit = 200,
) -> OutsideHours:
    """Coming appointments that the hours, closures, people or places of today do not allow any more,
    the earliest first. Changing hours cancels none of them: staff decide."""
    rows = await outside_hours(transaction, person_id=person_id, place_id=place_id, limit=limit)
    return OutsideHours(appointments=await shown(transaction, rows))


@post("/", guards=[needs("staff")], responses=TIME_WRITES, summary="Book an appointment")
async def book_appointment(
    transaction: Transaction, once: Once, data: JSONBody[NewAppointment]
) -> Response[Appointment]:
    """Book for a contact. A time that is taken is a conflict, answered with the next free ones."""

    async def book() -> Appointment:
        async with naming_what_is_free(transaction, data):
            row = await appointments.book_directly(transaction, **dict(data))
        return await shown_one(transaction, row)

    return await once(book, status=201)


@get("/{appointment_id:uuid}", responses=READS, summary="Read an appointment")
async def get_appointment(transaction: Transaction, appointment_id: FromPath[UUID]) -> Appointment:
    """One appointment."""
    row = await appointments.get(transaction, appointment_id=appointment_id)
    return await shown_one(transaction, row)


@get("/{appointment_id:uuid}/events", responses=READS, summary="Read an appointment's history")
async def list_appointment_events(
    transaction: Transaction,
    appointment_id: FromPath[UUID],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AppointmentEvent]:
    """Every change with who made it and why, the first one first."""
    after = read_numbers("appointment_events", cursor, count=1)
    rows = await history.events_of(
        transaction,
        appointment_id=appointment_id,
        limit=limit + 1,
        after=0 if after is None else after[0],
    )
    return page(
        rows,
        limit,
        view=AppointmentEvent.model_validate,
        cursor=lambda row: numbers_cursor("appointment_events", row.number),
    )


@patch(
    "/{appointment_id:uuid}",
    guards=[needs("staff")],
    responses=VERSIONED_WRITES | TIME_WRITES,
    summary="Move or change an appointment",
)
async def change_appointment(
    transaction: Transaction,
    once: Once,
    appointment_id: FromPath[UUID],
    data: JSONBody[AppointmentChange],
    if_match: IfVersion = None,
) -> Response[Appointment]:
    """Give it another time, person or place, or correct what is noted. The old time is kept until the
    new one is taken; a new one that is taken is a conflict, answered with the next free ones."""

    async def change() -> Appointment:
        row = await appointments.get(transaction, appointment_id=appointment_id)
        if version_in(if_match) not in (None, row.version):
            raise PreconditionFailed("the appointment has been changed since it was read")
        if data.moves:
            await _move(transaction, appointment_id, data)
        async with references_named():
            await appointments.correct(
                transaction,
                appointment_id=appointment_id,
                contact_id=data.contact_id,
                attendee=data.attendee,
                note=data.note,
                reason=data.reason,
            )
        return await shown_one(transaction, row)

    return await once(change)


@post(
    "/{appointment_id:uuid}/confirm",
    guards=[needs("staff")],
    responses=WRITES,
    status_code=200,
    summary="Note that somebody will come",
)
async def confirm_appointment(
    transaction: Transaction, once: Once, appointment_id: FromPath[UUID]
) -> Response[Appointment]:
    """Note that the contact said that they will come. Repeated, it changes nothing."""

    async def confirm() -> Appointment:
        change = await appointments.confirm_attendance(transaction, appointment_id=appointment_id)
        return await shown_one(transaction, change.appointment)

    return await once(confirm)


@post(
    "/{appointment_id:uuid}/cancel",
    guards=[needs("staff")],
    responses=WRITES,
    status_code=200,
    summary="Cancel an appointment",
)
async def cancel_appointment(
    transaction: Transaction,
    once: Once,
    appointment_id: FromPath[UUID],
    data: JSONBody[Cancellation | None] = None,
) -> Response[CancelledAppointment]:
    """Cancel it, or it and those of its series that follow, and give the time back: to the next on
    the waiting list, where somebody waits for it. Repeated, it changes nothing."""
    wanted = data or Cancellation()

    async def cancel() -> CancelledAppointment:
        if wanted.scope == "this":
            changes = [
                await appointments.cancel(
                    transaction,
                    appointment_id=appointment_id,
                    by_staff=True,
                    reason=wanted.reason,
                )
            ]
        else:
            changes = list(
                await series.cancel_series(
                    transaction, appointment_id=appointment_id, reason=wanted.reason
                )
            )
        first, *following = changes
        view = await shown_one(transaction, first.appointment)
        return CancelledAppointment(
            **view.model_dump(),
            late_fee=first.fee or None,
            following_ids=[change.appointment.id for change in following],
        )

    return await once(cancel)


async def _move(transaction: Scope, appointment_id: UUID, data: AppointmentChange) -> None:
    row = await appointments.get(transaction, appointment_id=appointment_id)
    starts_at = data.starts_at or row.starts_at
    if row.state != "booked":
        # Another time would be no better: let the domain say what is wrong.
        await _moved(transaction, appointment_id, data)
        return
    async with alternatives_named(
        transaction,
        service_id=row.service_id,
        starts_at=starts_at,
        person_id=data.person_id or row.person_id,
        place_id=data.place_id or row.place_id,
    ):
        await _moved(transaction, appointment_id, data)


async def _moved(transaction: Scope, appointment_id: UUID, data: AppointmentChange) -> None:
    row = await appointments.get(transaction, appointment_id=appointment_id)
    async with references_named():
        await appointments.move(
            transaction,
            appointment_id=appointment_id,
            starts_at=data.starts_at or row.starts_at,
            person_id=data.person_id,
            place_id=data.place_id,
            outside_hours=data.outside_hours,
            over_busy=data.over_busy,
            reason=data.reason,
        )


router = Router(
    path="/appointments",
    tags=["appointments"],
    dependencies=PROVIDE,
    exception_handlers=EXCEPTION_HANDLERS,
    route_handlers=[
        list_appointments,
        list_outside_hours,
        book_appointment,
        get_appointment,
        list_appointment_events,
        change_appointment,
        confirm_appointment,
        cancel_appointment,
    ],
)
