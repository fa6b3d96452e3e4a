"""Finding contacts by part of a name or number."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.contacts import operations as contacts, search as search_module
from domain.contacts.search import search_contacts
from domain.database import Database
from domain.errors import Invalid
from tests.factories import make_business


@pytest.fixture
async def business_id(database: Database) -> UUID:
    made = await make_business(database)
    other = await make_business(database, name="Other")
    async with database.scope(business_id=made) as scope:
        await contacts.create(scope, name="Jane Doe", phone="+12025550123")
        await contacts.create(scope, name="José Álvarez", phone="+12025550144")
        await contacts.create(scope, name="Mary Jane Smith", phone="+12025550155")
        await contacts.create(scope, phone="+12025550166")
    async with database.scope(business_id=other) as scope:
        await contacts.create(scope, name="Jane Elsewhere", phone="+12025550177")
    return made


async def _found(
    database: Database, business_id: UUID, wanted: str, *, limit: int = 50
) -> list[str | None]:
    async with database.scope(business_id=business_id) as scope:
        rows = await search_contacts(scope, search=wanted, limit=limit)
        return [row.name or row.phone for row in rows]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("jan", ["Mary Jane Smith", "Jane Doe"]),
        ("JANE d", ["Jane Doe"]),
        ("alvarez jose", ["José Álvarez"]),
        ("ane", []),
        ("0123", ["Jane Doe"]),
        ("(202) 555-0166", ["+12025550166"]),
        ("elsewhere", []),
    ],
)
async def test_words_are_found_by_their_beginning_and_numbers_by_their_digits(
    database: Database, business_id: UUID, wanted: str, names: list[str]
) -> None:
    assert await _found(database, business_id, wanted) == names


async def test_a_page_goes_on_where_the_last_ended(
    database: Database, business_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "_AT_ONCE", 1)
    async with database.scope(business_id=business_id) as scope:
        first = await search_contacts(scope, search="jane", limit=1)
        rest = await search_contacts(scope, search="jane", limit=5, after=first[0].id)
    assert [row.name for row in (*first, *rest)] == ["Mary Jane Smith", "Jane Doe"]


@pytest.mark.parametrize("wanted", ["", "  ", "12", "!"])
async def test_too_little_to_search_for_is_refused(
    database: Database, business_id: UUID, wanted: str
) -> None:
    with pytest.raises(Invalid, match="search"):
        await _found(database, business_id, wanted)
