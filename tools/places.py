"""The business's places: which one a caller means, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from domain.database import Scope
from domain.errors import Invalid
from domain.places.models import Place
from domain.scheduling.matching import match
from tools.context import CallContext

MAIN_ADDRESS: Final = "main address"


@dataclass(frozen=True)
class MeantPlace:
    """`id` is the business's own for its main address."""

    id: UUID
    name: str


async def place_named(scope: Scope, call: CallContext, name: str) -> MeantPlace:
    """The active place that a caller means, by name or else by address. Raises Invalid on `place`,
    listing those there are, if none or several fit."""
    further = await _places(scope)
    main = MeantPlace(call.business_id, MAIN_ADDRESS)
    by_name = [(one.name, MeantPlace(one.id, one.name)) for one in further]
    by_address = [(one.address, MeantPlace(one.id, one.name)) for one in further if one.address]
    if call.profile.settings.address:
        by_address.append((call.profile.settings.address, main))
    found = match(name, [*by_name, (MAIN_ADDRESS, main)]) or match(name, by_address)
    if found is None:
        known = ", ".join([MAIN_ADDRESS, *(one.name for one in further)])
        raise Invalid("place", f"is not one place of the business; there are: {known}")
    return found


async def place_names(scope: Scope) -> dict[UUID | None, str]:
    """What is told of where a time is given, by place id (None: the main address); empty where there is
    only one place, which needs no telling."""
    further = await _places(scope, also_closed=True)
    if not further:
        return {}
    return {None: MAIN_ADDRESS, **{one.id: one.name for one in further}}


async def _places(scope: Scope, *, also_closed: bool = False) -> list[Place]:
    query = select(Place).order_by(Place.name)
    if not also_closed:
        query = query.where(Place.active)
    return list((await scope.session.scalars(query)).all())
