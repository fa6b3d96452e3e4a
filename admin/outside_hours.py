"""What a change of hours, places or people leaves outside: told in its answer, never dropped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from litestar.params import QueryParameter
from pydantic import BaseModel, Field

from admin.api.appointment_models import Appointment, shown
from domain.database import Scope
from domain.scheduling.outside import outside_hours

MOST = 200
_MOST_LOOKED_THROUGH = 10_000

TryOnly = Annotated[
    bool,
    QueryParameter(
        description="Change nothing: only answer what the change would leave outside.",
    ),
]


@asynccontextmanager
async def tried(transaction: Scope, *, only: bool) -> AsyncIterator[None]:
    """Takes back what is done in the block when it is `only` tried; rows read in it must not be looked
    at afterwards."""
    savepoint = await transaction.session.begin_nested()
    yield
    if only:
        await savepoint.rollback()
    else:
        await savepoint.commit()


class WithOutsideHours(BaseModel):
    """The answer to a change that can leave appointments outside."""

    outside_hours: list[Appointment] = Field(
        description="Booked appointments that lie outside working hours now, or with somebody, in a "
        f"room or at a place that is not active: the next {MOST} at most. They stay booked until "
        "somebody moves or cancels them."
    )


async def left_outside(
    scope: Scope,
    *,
    person_id: UUID | None = None,
    place_id: UUID | None = None,
    room_id: UUID | None = None,
) -> list[Appointment]:
    """The appointments of the business, of a person, of a place or in a room that lie outside now."""
    await scope.session.flush()
    most = MOST if room_id is None else _MOST_LOOKED_THROUGH
    rows = await outside_hours(scope, person_id=person_id, place_id=place_id, limit=most)
    wanted = [row for row in rows if room_id in (None, row.room_id)]
    return await shown(scope, wanted[:MOST])
