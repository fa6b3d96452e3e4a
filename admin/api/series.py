"""Appointments booked together."""

from __future__ import annotations

from litestar import Response, Router, post
from litestar.params import JSONBody

from admin.alternatives import EXCEPTION_HANDLERS, TIME_WRITES
from admin.api.appointment_models import (
    MissedTime,
    NewSeries,
    Series,
    naming_what_is_free,
    shown_one,
)
from admin.authentication import Transaction, needs
from admin.idempotency import PROVIDE, Once
from domain.database import Scope
from domain.scheduling import series
from domain.scheduling.series import SeriesBooking


@post("/", guards=[needs("staff")], responses=TIME_WRITES, summary="Book a series")
async def book_series(
    transaction: Transaction, once: Once, data: JSONBody[NewSeries]
) -> Response[Series]:
    """Book the same time of day every so many weeks. If the first time is taken nothing is booked;
    later times that can't be had are named, and the others are booked."""

    async def book() -> Series:
        async with naming_what_is_free(transaction, data):
            booked = await series.book_directly(transaction, **dict(data))
        return await _view(transaction, booked)

    return await once(book, status=201)


async def _view(transaction: Scope, booked: SeriesBooking) -> Series:
    return Series(
        id=booked.series.id,
        every_weeks=booked.series.every_weeks,
        count=booked.series.count,
        appointments=[await shown_one(transaction, row) for row in booked.appointments],
        missed=[MissedTime.model_validate(one) for one in booked.missed],
    )


router = Router(
    path="/appointments/series",
    tags=["appointments"],
    dependencies=PROVIDE,
    exception_handlers=EXCEPTION_HANDLERS,
    route_handlers=[book_series],
)
