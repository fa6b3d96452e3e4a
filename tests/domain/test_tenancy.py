"""Businesses are sealed from one another by the database itself."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from domain.businesses.models import Business
from domain.contacts.models import Contact
from domain.database import Database
from domain.models import Base


async def _two_businesses(database: Database) -> tuple[UUID, UUID]:
    made = []
    for name in ("one", "two"):
        business_id = database.seam.new_id()
        async with database.scope(business_id=business_id) as scope:
            now = scope.seam.now()
            scope.session.add(
                Business(
                    id=business_id,
                    name=name,
                    time_zone="America/New_York",
                    country="US",
                    created_at=now,
                )
            )
            await scope.session.flush()
            scope.session.add(
                Contact(
                    id=scope.seam.new_id(),
                    business_id=business_id,
                    name=f"caller of {name}",
                    created_at=now,
                    updated_at=now,
                )
            )
        made.append(business_id)
    return made[0], made[1]


async def test_a_scope_sees_only_its_own_business(database: Database) -> None:
    first, second = await _two_businesses(database)
    for business_id, name in ((first, "one"), (second, "two")):
        async with database.scope(business_id=business_id) as scope:
            contacts = (await scope.session.scalars(select(Contact))).all()
            assert [contact.name for contact in contacts] == [f"caller of {name}"]


async def test_without_a_scope_nothing_is_seen(database: Database) -> None:
    await _two_businesses(database)
    async with database.unscoped() as session:
        assert (await session.scalars(select(Contact))).all() == []
        assert (await session.scalars(select(Business))).all() == []


async def test_a_row_cannot_be_written_into_another_business(database: Database) -> None:
    first, second = await _two_businesses(database)
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.scope(business_id=first) as scope:
            now = scope.seam.now()
            scope.session.add(
                Contact(id=scope.seam.new_id(), business_id=second, created_at=now, updated_at=now)
            )


async def test_every_table_forces_row_level_security(database: Database) -> None:
    async with database.unscoped() as session:
        rows = await session.execute(
            text(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                " AND relrowsecurity AND relforcerowsecurity"
            )
        )
        assert set(rows.scalars()) == set(Base.metadata.tables)


async def test_events_cannot_be_changed_or_removed_by_the_serving_role(database: Database) -> None:
    first, _ = await _two_businesses(database)
    for statement in ("UPDATE call_events SET type = 'x'", "DELETE FROM call_events"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.scope(business_id=first) as scope:
                await scope.session.execute(text(statement))


async def test_private_columns_are_not_readable_in_the_table(database: Database) -> None:
    first, _ = await _two_businesses(database)
    async with database.scope(business_id=first) as scope:
        raw = (await scope.session.execute(text("SELECT name FROM contacts"))).scalar_one()
    assert b"caller" not in bytes(raw)
