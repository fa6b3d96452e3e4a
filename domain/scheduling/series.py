"""Appointments booked together: the same wall-clock time every so many weeks.

The clock that counts is that of the place: two o'clock stays two o'clock when the clocks change.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from domain.database import Scope
from domain.errors import Conflict, Invalid, NotFound, Refused
from domain.people.models import Person
from domain.scheduling import appointment_rows, booking, changes, history, occupation
from domain.scheduling.availability import instant
from domain.scheduling.changes import Change
from domain.scheduling.lookup import zone_at
from domain.scheduling.models import Appointment, AppointmentSeries
from domain.scheduling.offers import get_offer, offer_at
from domain.scheduling.rules import read_rules

MOST_WEEKS = 52
MOST_APPOINTMENTS = 52

_BookAt = Callable[[datetime], Awaitable[Appointment]]


@dataclass(frozen=True, kw_only=True)
class Missed:
    """A time of a series that could not be had, and why."""

    starts_at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class SeriesBooking:
    """What of a series was booked, the earliest first, and what could not be."""

    series: AppointmentSeries
    appointments: tuple[Appointment, ...]
    missed: tuple[Missed, ...]


async def book_series(
    scope: Scope,
    *,
    call_id: UUID,
    offer_id: str,
    contact_id: UUID,
    every_weeks: int,
    count: int,
    attendee: str | None = None,
    note: str | None = None,
) -> SeriesBooking:
    """Book a time that was offered on this call and the same time every `every_weeks` weeks, `count`
    appointments in all, with the same person. Repeated, it returns the same series.

    Later times obey the rules that callers' bookings do; those that can't be had are `missed`, and
    nothing else is lost by it. Raises Invalid on `every_weeks` or `count`, Conflict if the first
    belongs to another series, and for the first as `booking.book` does.
    """
    _check(every_weeks, count)
    first = await booking.book(
        scope,
        call_id=call_id,
        offer_id=offer_id,
        contact_id=contact_id,
        attendee=attendee,
        note=note,
    )
    offered = await get_offer(scope, call_id=call_id, offer_id=offer_id)
    rules = await read_rules(scope)

    async def book_at(starts_at: datetime) -> Appointment:
        if starts_at.astimezone(rules.zone).date() > rules.last_day:
            raise Refused("it is further ahead than may be booked")
        # Everything that a caller books was an offer: the same checks, and the same again.
        made = await offer_at(scope, offered, starts_at=starts_at)
        return await booking.book(
            scope,
            call_id=call_id,
            offer_id=made.id,
            contact_id=contact_id,
            attendee=attendee,
            note=note,
        )

    return await _book_rest(scope, first, book_at, every_weeks=every_weeks, count=count)


async def book_directly(
    scope: Scope,
    *,
    service_id: UUID,
    person_id: UUID,
    starts_at: datetime,
    contact_id: UUID | None,
    every_weeks: int,
    count: int,
    place_id: UUID | None = None,
    attendee: str | None = None,
    note: str | None = None,
    outside_hours: bool = False,
    over_busy: bool = False,
) -> SeriesBooking:
    """Book a series for staff. The first time has to be had: raises as `booking.book_directly` does;
    later ones that can't be are `missed`."""
    _check(every_weeks, count)

    async def book_at(at: datetime) -> Appointment:
        return await booking.book_directly(
            scope,
            service_id=service_id,
            person_id=person_id,
            starts_at=at,
            contact_id=contact_id,
            place_id=place_id,
            attendee=attendee,
            note=note,
            outside_hours=outside_hours,
            over_busy=over_busy,
        )

    first = await book_at(starts_at)
    return await _book_rest(scope, first, book_at, every_weeks=every_weeks, count=count)


async def cancel_series(
    scope: Scope,
    *,
    appointment_id: UUID,
    by_staff: bool = True,
    fee_accepted: bool = False,
    reason: str = "",
) -> Sequence[Change]:
    """Cancel an appointment and all of its series that come after it, the earliest first; one without
    a series alone. Repeated, it changes nothing. Raises as `changes.cancel` does, and then none is
    cancelled."""
    appointment = await appointment_rows.get(scope, appointment_id=appointment_id)
    ids = [appointment.id]
    if appointment.series_id is not None:
        later = (
            select(Appointment.id)
            .where(
                Appointment.series_id == appointment.series_id,
                Appointment.starts_at > appointment.starts_at,
                Appointment.state != "cancelled",
            )
            .order_by(Appointment.starts_at, Appointment.id)
        )
        ids.extend((await scope.session.scalars(later)).all())
    async with scope.session.begin_nested():
        return [
            await changes.cancel(
                scope,
                appointment_id=one,
                by_staff=by_staff,
                fee_accepted=fee_accepted,
                reason=reason,
            )
            for one in ids
        ]


async def get_series(scope: Scope, *, series_id: UUID) -> AppointmentSeries:
    """Raises NotFound."""
    series = await scope.session.get(AppointmentSeries, series_id)
    if series is None:
        raise NotFound("series")
    return series


def times_of(first: datetime, *, zone: ZoneInfo, every_weeks: int, count: int) -> list[datetime]:
    """The instants (UTC) of a series: `first`, then the same wall-clock time of `zone`; where that does
    not exist or exists twice, by the rule of `availability`."""
    local = first.astimezone(zone).replace(tzinfo=None)
    return [
        first,
        *(instant(local + timedelta(weeks=every_weeks * turn), zone) for turn in range(1, count)),
    ]


async def _book_rest(
    scope: Scope, first: Appointment, book_at: _BookAt, *, every_weeks: int, count: int
) -> SeriesBooking:
    series = await _series_of(scope, first, every_weeks=every_weeks, count=count)
    booked = {
        one.starts_at: one
        for one in await scope.session.scalars(
            select(Appointment).where(
                Appointment.series_id == series.id, Appointment.state == "booked"
            )
        )
    }
    zone = await zone_at(scope, first.place_id)
    missed: list[Missed] = []
    for at in times_of(first.starts_at, zone=zone, every_weeks=every_weeks, count=count)[1:]:
        if at in booked:
            continue
        try:
            one = await book_at(at)
        except (Conflict, Refused) as refusal:
            missed.append(Missed(starts_at=at, reason=refusal.reason))
            continue
        except Invalid as refusal:
            if refusal.field != "starts_at":
                raise
            missed.append(Missed(starts_at=at, reason=f"the time {refusal.reason}"))
            continue
        await _join(scope, one, series)
        booked[at] = one
    return SeriesBooking(
        series=series,
        appointments=tuple(booked[at] for at in sorted(booked)),
        missed=tuple(missed),
    )


async def _series_of(
    scope: Scope, first: Appointment, *, every_weeks: int, count: int
) -> AppointmentSeries:
    # Two requests for the same series at once: the second waits here and then finds the first's.
    person = await scope.session.get_one(Person, first.person_id)
    await occupation.lock(scope, [person.resource_id])
    first = await appointment_rows.lock_appointment(scope, first.id)
    if first.series_id is not None:
        series = await get_series(scope, series_id=first.series_id)
        if (series.every_weeks, series.count) != (every_weeks, count):
            raise Conflict("the appointment belongs to another series already")
        return series
    series = AppointmentSeries(
        id=scope.seam.new_id(),
        business_id=scope.business_id,
        every_weeks=every_weeks,
        count=count,
        created_at=scope.seam.now(),
    )
    scope.session.add(series)
    await scope.session.flush()
    await _join(scope, first, series)
    return series


async def _join(scope: Scope, appointment: Appointment, series: AppointmentSeries) -> None:
    before = history.values_of(appointment)
    appointment.series_id = series.id
    await scope.session.flush()
    await history.record(scope, appointment, "changed", before=before)


def _check(every_weeks: int, count: int) -> None:
    if not 1 <= every_weeks <= MOST_WEEKS:
        raise Invalid("every_weeks", f"must be from 1 to {MOST_WEEKS}")
    if not 2 <= count <= MOST_APPOINTMENTS:
        raise Invalid("count", f"must be from 2 to {MOST_APPOINTMENTS}")
