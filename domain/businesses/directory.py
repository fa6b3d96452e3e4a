"""Look-ups across businesses, through the database's SECURITY DEFINER functions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text

from domain.businesses.models import Business
from domain.database import Database


async def business_for_number(database: Database, e164: str) -> UUID | None:
    """The business that answers `e164`, if any."""
    async with database.unscoped() as session:
        found: UUID | None = await session.scalar(
            text("SELECT business_for_number(:e164)"), {"e164": e164}
        )
    return found


async def business_ids(database: Database) -> Sequence[UUID]:
    """Every business of the installation, the oldest first."""
    async with database.unscoped() as session:
        return (await session.scalars(text("SELECT business_ids()"))).all()


async def list_businesses(
    database: Database, *, limit: int, after: UUID | None = None
) -> list[Business]:
    """Businesses in the order they were made; for operators."""
    ids = [
        business_id
        for business_id in await business_ids(database)
        if after is None or business_id > after
    ]
    businesses = []
    async with database.unscoped() as session:
        for business_id in ids[:limit]:
            await session.execute(
                text("SELECT set_config('app.business_id', :business_id, true)"),
                {"business_id": str(business_id)},
            )
            business = await session.scalar(select(Business).where(Business.id == business_id))
            if business is not None:
                businesses.append(business)
    return businesses
