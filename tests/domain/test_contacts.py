"""Contacts: found by number, kept once."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from sqlalchemy import func, select, text

from domain.contacts import operations as contacts
from domain.contacts.models import Contact
from domain.database import Database
from domain.errors import Conflict, Invalid, NotFound
from tests.factories import make_business

JANE = "+12025550123"


async def test_a_saved_contact_is_found_by_number(database: Database) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        await contacts.save(scope, phone="202-555-0123", name=" Jane  Doe ")
    async with database.scope(business_id=business_id) as scope:
        found = await contacts.find_by_phone(scope, phone=JANE)
        assert found is not None
        assert (found.name, found.phone) == ("Jane Doe", JANE)
        assert await contacts.find_by_phone(scope, phone="+12025550199") is None
        assert await contacts.find_by_phone(scope, phone="anonymous") is None


async def test_contacts_of_other_businesses_are_not_found(database: Database) -> None:
    one, two = await make_business(database), await make_business(database, name="Two")
    async with database.scope(business_id=one) as scope:
        contact = await contacts.save(scope, phone=JANE, name="Jane")
    async with database.scope(business_id=two) as scope:
        assert await contacts.find_by_phone(scope, phone=JANE) is None
        with pytest.raises(NotFound):
            await contacts.get(scope, contact_id=contact.id)


async def test_saving_again_adds_to_the_same_contact(database: Database) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        first = await contacts.save(scope, phone=JANE, name="Jane", notes="likes mornings")
    async with database.scope(business_id=business_id) as scope:
        second = await contacts.save(scope, phone=JANE, email="Jane@Example.COM")
    assert second.id == first.id
    assert (second.name, second.email, second.notes) == (
        "Jane",
        "Jane@example.com",
        "likes mornings",
    )


async def test_without_a_number_the_address_decides(database: Database) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        first = await contacts.save(scope, email="jane@example.com")
        second = await contacts.save(scope, email="JANE@example.com", name="Jane")
        nobody = await contacts.save(scope, name="Jane")
    assert first.id == second.id != nobody.id


async def test_two_calls_at_once_make_one_contact(database: Database) -> None:
    business_id = await make_business(database)

    async def save(name: str) -> None:
        async with database.scope(business_id=business_id) as scope:
            await contacts.save(scope, phone=JANE, name=name)

    await asyncio.gather(*(save(f"Jane {count}") for count in range(5)))
    async with database.scope(business_id=business_id) as scope:
        assert await scope.session.scalar(select(func.count()).select_from(Contact)) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "phone"),
        ({"notes": "x"}, "phone"),
        ({"phone": "555"}, "phone"),
        ({"name": "x" * 121}, "name"),
        ({"name": "nul\x00"}, "name"),
        ({"email": "jane"}, "email"),
        ({"email": "jane@host"}, "email"),
        ({"email": "ja..ne@example.com"}, "email"),
        ({"phone": JANE, "notes": "x" * 4001}, "notes"),
        ({"phone": JANE, "date_of_birth": "1984-02-30"}, "date_of_birth"),
        ({"phone": JANE, "date_of_birth": "27.3.1984"}, "date_of_birth"),
        ({"phone": JANE, "date_of_birth": "2026-12-24"}, "date_of_birth"),
        ({"phone": JANE, "date_of_birth": "1899-12-31"}, "date_of_birth"),
    ],
)
async def test_what_cannot_be_kept_is_refused_by_field(
    database: Database, values: dict[str, str], field: str
) -> None:
    business_id = await make_business(database)
    with pytest.raises(Invalid) as refusal:
        async with database.scope(business_id=business_id) as scope:
            await contacts.save(scope, **values)
    assert refusal.value.field == field
    for value in values.values():
        assert value not in str(refusal.value) or len(value) < 4


async def test_staff_cannot_give_one_number_to_two_contacts(database: Database) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        await contacts.create(scope, phone=JANE, name="Jane")
        other = await contacts.create(scope, name="John")
        with pytest.raises(Conflict):
            await contacts.create(scope, phone=JANE, name="Joan")
        with pytest.raises(Conflict):
            await contacts.update(scope, contact_id=other.id, phone=JANE)


async def test_an_update_changes_what_is_given_and_an_empty_string_removes(
    database: Database,
) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        contact = await contacts.create(scope, phone=JANE, name="Jane", notes="x")
        await contacts.update(scope, contact_id=contact.id, phone="", name="Jane Doe")
        assert (contact.phone, contact.phone_index, contact.name, contact.notes) == (
            None,
            None,
            "Jane Doe",
            "x",
        )
        assert await contacts.find_by_phone(scope, phone=JANE) is None


async def test_contacts_come_newest_first_in_pages(database: Database) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        made = [(await contacts.save(scope, name=f"n{count}")).id for count in range(3)]
        page = await contacts.list_contacts(scope, limit=2)
        rest = await contacts.list_contacts(scope, limit=2, after=page[-1].id)
        assert [contact.id for contact in (*page, *rest)] == made[::-1]
        assert await contacts.names(scope, contact_ids={made[0]}) == {made[0]: "n0"}


async def test_a_date_of_birth_is_found_and_can_not_be_read_in_the_table(
    database: Database,
) -> None:
    one, two = await make_business(database), await make_business(database, name="Two")
    born = date(1984, 3, 27)
    async with database.scope(business_id=one) as scope:
        jane = await contacts.create(scope, name="Jane", date_of_birth=born)
        joan = await contacts.save(scope, phone=JANE, date_of_birth="1984-03-27")
        await contacts.save(scope, phone=JANE, name="Joan")
        assert joan.date_of_birth == "1984-03-27", "what is not given stays"
        found = await contacts.find_by_birth(scope, date_of_birth=born)
        assert [contact.id for contact in found] == [jane.id, joan.id]
        rows = await scope.session.scalars(text("SELECT row_to_json(c)::text FROM contacts c"))
        assert not any("1984" in row for row in rows)
        await contacts.update(scope, contact_id=jane.id, date_of_birth="")
        found = await contacts.find_by_birth(scope, date_of_birth=born)
        assert [contact.id for contact in found] == [joan.id]
    async with database.scope(business_id=two) as scope:
        await contacts.create(scope, name="Jim", date_of_birth=born)
        found = await contacts.find_by_birth(scope, date_of_birth=born)
        assert [contact.name for contact in found] == ["Jim"]
