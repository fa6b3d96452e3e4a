"""Offers: free times that were told to one caller, and the only ones that caller can book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from domain.database import Scope
from domain.errors import NotFound
from domain.scheduling.models import Offer
from domain.scheduling.times import FreeTime

_ID_BYTES = 6


async def offer(scope: Scope, *, call_id: UUID, times: Sequence[FreeTime]) -> list[Offer]:
    """An offer for each time, in their order; no time may stand in `times` twice. A time offered
    before on this call keeps its id."""
    if not times:
        return []
    made = {
        (row.service_id, row.person_id, row.starts_at): row
        for row in await _keep(
            scope,
            call_id,
            [
                {
                    "service_id": time.service_id,
                    "person_id": time.person_id,
                    "place_id": time.place_id,
                    "starts_at": time.starts_at,
                    "ends_at": time.ends_at,
                }
                for time in times
            ],
        )
    }
    return [made[time.service_id, time.person_id, time.starts_at] for time in times]


async def offer_at(scope: Scope, like: Offer, *, starts_at: datetime) -> Offer:
    """An offer of the same service with the same person at the same place, at another time."""
    (made,) = await _keep(
        scope,
        like.call_id,
        [
            {
                "service_id": like.service_id,
                "person_id": like.person_id,
                "place_id": like.place_id,
                "starts_at": starts_at,
                "ends_at": starts_at + (like.ends_at - like.starts_at),
            }
        ],
    )
    return made


async def _keep(scope: Scope, call_id: UUID, offered: list[dict[str, Any]]) -> Sequence[Offer]:
    common = {
        "business_id": scope.business_id,
        "call_id": call_id,
        "created_at": scope.seam.now(),
    }
    statement = insert(Offer).values(
        [{"id": scope.seam.token(_ID_BYTES), **common, **one} for one in offered]
    )
    rows = await scope.session.scalars(
        statement.on_conflict_do_update(
            index_elements=["call_id", "service_id", "person_id", "starts_at"],
            set_={
                "place_id": statement.excluded.place_id,
                "ends_at": statement.excluded.ends_at,
                "created_at": statement.excluded.created_at,
            },
        ).returning(Offer),
        execution_options={"populate_existing": True},
    )
    return rows.all()


async def get_offer(scope: Scope, *, call_id: UUID, offer_id: str) -> Offer:
    """The offer, if it was made on this call. Raises NotFound otherwise: an id that the model made
    up, or that another call was given, must book nothing."""
    found = await scope.session.scalar(
        select(Offer).where(Offer.id == offer_id, Offer.call_id == call_id)
    )
    if found is None:
        raise NotFound("offer")
    return found
