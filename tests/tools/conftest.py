"""Calls to use tools on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from domain.database import Database
from domain.encryption import Keyring
from domain.hours import operations as hours
from domain.knowledge import operations as knowledge
from domain.seam import PinnedSeam
from domain.services import operations as services
from tests.domain.practice import TUESDAY, Practice, make_practice
from tests.tools.fakes import Line, ring

NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"
"""Nothing listens on port 1."""


@pytest.fixture
async def practice(database: Database) -> Practice:
    practice = await make_practice(database)
    async with database.scope(business_id=practice.business_id) as scope:
        await services.update(
            scope, service_id=practice.service_id, price="120 dollars", description="With polish."
        )
        await hours.create_closure(
            scope,
            first_day=TUESDAY.replace(day=26),
            last_day=TUESDAY.replace(day=27),
            reason="Thanksgiving",
        )
        await knowledge.create(
            scope,
            question="Do you take Delta Dental insurance?",
            answer="Yes, we are in network with Delta Dental.",
        )
    return practice


@pytest.fixture
async def line(database: Database, practice: Practice) -> Line:
    return await ring(database, business_id=practice.business_id)


@pytest.fixture
async def nowhere(keyring: Keyring, seam: PinnedSeam) -> AsyncIterator[Database]:
    opened = Database(NO_DATABASE, keyring=keyring, seam=seam)
    yield opened
    await opened.aclose()


@pytest.fixture
async def cut_off(database: Database, practice: Practice, nowhere: Database) -> Line:
    """A call whose database went away after it rang."""
    return await ring(database, business_id=practice.business_id, tools_database=nowhere)
