"""Users: who may make, change and remove whom."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from domain.accounts import sessions, users
from domain.accounts.principal import ROLES, Role
from domain.database import Database
from domain.errors import Conflict, DomainError, Invalid, NotFound, Refused
from domain.people import operations as people
from domain.tables import INSTALLATION
from tests.factories import PASSWORD, make_business, make_user

MANAGED: dict[Role, tuple[Role, ...]] = {
    "operator": ("owner", "manager", "staff", "viewer"),
    "owner": ("owner", "manager", "staff", "viewer"),
    "manager": ("staff", "viewer"),
    "staff": (),
    "viewer": (),
}


async def _create(database: Database, business_id: UUID, **changes: Any) -> UUID:
    values = {
        "by": "owner",
        "name": "Ann Baker",
        "email": "ann@riverside.example",
        "role": "staff",
        "password": PASSWORD,
    }
    async with database.scope(business_id=business_id) as scope:
        return (await users.create(scope, **(values | changes))).id


@pytest.mark.parametrize("by", ROLES)
async def test_a_role_manages_the_users_that_it_may_and_no_others(
    database: Database, by: Role
) -> None:
    business_id = await make_business(database)
    # Two owners, so that the rule of the last one does not come in between.
    await make_user(database, role="owner", business_id=business_id, email="other@x.example")
    for role in ROLES[1:]:
        target = await make_user(database, role=role, business_id=business_id)
        deeds: list[Any] = [
            lambda scope, target=target: users.update(scope, by=by, user_id=target, name="New"),
            lambda scope, target=target: users.update(scope, by=by, user_id=target, active=False),
            lambda scope, target=target: users.update(scope, by=by, user_id=target, active=True),
            lambda scope, role=role: users.create(
                scope, by=by, name="B", email=f"b-{role}@x.example", role=role, password=PASSWORD
            ),
            lambda scope, target=target: users.set_password(
                scope, by=by, user_id=target, password="five loud herons"
            ),
            lambda scope, target=target: users.delete(scope, by=by, user_id=target),
        ]
        for deed in deeds:
            if role in MANAGED[by]:
                async with database.scope(business_id=business_id) as scope:
                    await deed(scope)
            else:
                with pytest.raises(Refused):
                    async with database.scope(business_id=business_id) as scope:
                        await deed(scope)


async def test_a_role_above_ones_own_is_given_to_nobody(database: Database) -> None:
    business_id = await make_business(database)
    user_id = await _create(database, business_id)
    for by, role in (("manager", "manager"), ("manager", "owner")):
        with pytest.raises(Refused):
            async with database.scope(business_id=business_id) as scope:
                await users.update(scope, by=by, user_id=user_id, role=role)  # type: ignore[arg-type]
    async with database.scope(business_id=business_id) as scope:
        await users.update(scope, by="manager", user_id=user_id, role="viewer")
        assert (await users.get(scope, user_id=user_id)).role == "viewer"


async def test_operators_belong_to_the_installation_and_all_others_to_a_business(
    database: Database,
) -> None:
    business_id = await make_business(database)
    for owner, role in ((business_id, "operator"), (INSTALLATION, "owner"), (business_id, "boss")):
        with pytest.raises(Invalid) as refusal:
            await _create(database, owner, by="operator", role=role)
        assert refusal.value.field == "role"
    with pytest.raises(Invalid):
        user_id = await _create(database, business_id)
        async with database.scope(business_id=business_id) as scope:
            await users.update(scope, by="operator", user_id=user_id, role="operator")
    with pytest.raises(Refused):
        await _create(database, INSTALLATION, by="owner", role="operator", email="b@x.example")
    with pytest.raises(NotFound):
        await _create(database, database.seam.new_id(), email="c@x.example")


async def test_an_address_is_one_user_on_the_installation_however_it_is_written(
    database: Database,
) -> None:
    one, two = await make_business(database), await make_business(database, name="Two")
    await _create(database, one, email="Ann@Riverside.example")
    for business_id, email in ((one, "ann@riverside.example"), (two, "ANN@riverside.EXAMPLE")):
        with pytest.raises(Conflict):
            await _create(database, business_id, email=email)
    other = await _create(database, two, email="bob@riverside.example")
    with pytest.raises(Conflict):
        async with database.scope(business_id=two) as scope:
            await users.update(scope, by="owner", user_id=other, email="ann@riverside.example")
    async with database.scope(business_id=two) as scope:
        # One's own address, written otherwise, is no conflict.
        changed = await users.update(
            scope, by="owner", user_id=other, email="Bob@riverside.example"
        )
        assert changed.email == "Bob@riverside.example"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 121),
        ("email", "ann"),
        ("role", "emperor"),
        ("password", "short"),
        ("password", "ann@riverside.example"),
        ("person_id", UUID(int=7)),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_made(
    database: Database, field: str, value: Any
) -> None:
    business_id = await make_business(database)
    with pytest.raises(Invalid) as refusal:
        await _create(database, business_id, **{field: value})
    assert refusal.value.field == field
    async with database.scope(business_id=business_id) as scope:
        assert await users.list_users(scope) == []


async def test_a_user_can_be_one_of_the_people_but_not_of_another_business(
    database: Database,
) -> None:
    business_id, other = await make_business(database), await make_business(database, name="Two")
    async with database.scope(business_id=business_id) as scope:
        person = await people.create(scope, name="Ann")
    user_id = await _create(database, business_id, person_id=person.id)
    with pytest.raises(Invalid) as refusal:
        await _create(database, other, person_id=person.id, email="b@x.example")
    assert refusal.value.field == "person_id"
    async with database.scope(business_id=business_id) as scope:
        assert (await users.get(scope, user_id=user_id)).person_id == person.id
        changed = await users.update(scope, by="owner", user_id=user_id, name="Ann B.")
        assert changed.person_id == person.id
        changed = await users.update(scope, by="owner", user_id=user_id, person_id=None)
        assert changed.person_id is None


async def test_the_last_active_owner_stays(database: Database) -> None:
    business_id = await make_business(database)
    last = await make_user(database, role="owner", business_id=business_id)
    # One who may not sign in is no owner to fall back on.
    idle = await make_user(database, role="owner", business_id=business_id, email="idle@x.example")
    async with database.scope(business_id=business_id) as scope:
        await users.update(scope, by="owner", user_id=idle, active=False)

    deeds: list[Any] = [
        lambda scope: users.update(scope, by="owner", user_id=last, role="manager"),
        lambda scope: users.update(scope, by="operator", user_id=last, active=False),
        lambda scope: users.delete(scope, by="operator", user_id=last),
    ]
    for deed in deeds:
        with pytest.raises(Refused, match="last active owner"):
            async with database.scope(business_id=business_id) as scope:
                await deed(scope)
    async with database.scope(business_id=business_id) as scope:
        await users.update(scope, by="owner", user_id=last, name="Still here", active=True)
        await users.update(scope, by="owner", user_id=idle, active=True)
        await users.update(scope, by="owner", user_id=last, role="manager")
        assert [row.role for row in await users.list_users(scope)] == ["manager", "owner"]


async def test_of_two_owners_who_step_down_at_once_one_stays(database: Database) -> None:
    business_id = await make_business(database)
    both = [
        await make_user(database, role="owner", business_id=business_id, email=f"{n}@x.example")
        for n in "ab"
    ]

    async def step_down(user_id: UUID) -> str:
        try:
            async with database.scope(business_id=business_id) as scope:
                await users.update(scope, by="owner", user_id=user_id, role="manager")
        except DomainError as error:
            return type(error).__name__
        return "done"

    for _ in range(5):
        outcomes = await asyncio.gather(*(step_down(user_id) for user_id in both))
        assert sorted(outcomes) == ["Refused", "done"]
        async with database.scope(business_id=business_id) as scope:
            for user_id in both:
                await users.update(scope, by="operator", user_id=user_id, role="owner")


async def test_who_is_put_out_is_signed_out(database: Database) -> None:
    business_id = await make_business(database)
    user_id = await _create(database, business_id)
    for out in ("active", "password", "deleted"):
        async with database.scope(business_id=business_id) as scope:
            user = await users.get(scope, user_id=user_id)
            session = await sessions.begin(scope, user=user)
        assert await sessions.is_open(database, session_id=session.id)
        async with database.scope(business_id=business_id) as scope:
            if out == "active":
                await users.update(scope, by="owner", user_id=user_id, active=False)
                await users.update(scope, by="owner", user_id=user_id, active=True)
            elif out == "password":
                await users.set_password(
                    scope, by="owner", user_id=user_id, password="five loud herons"
                )
            else:
                await users.delete(scope, by="owner", user_id=user_id)
        assert not await sessions.is_open(database, session_id=session.id), out


async def test_another_businesss_user_is_not_there(database: Database) -> None:
    one, two = await make_business(database), await make_business(database, name="Two")
    user_id = await _create(database, one)
    deeds: list[Any] = [
        lambda scope: users.get(scope, user_id=user_id),
        lambda scope: users.update(scope, by="operator", user_id=user_id, name="X"),
        lambda scope: users.delete(scope, by="operator", user_id=user_id),
        lambda scope: users.set_password(
            scope, by="operator", user_id=user_id, password="five loud herons"
        ),
    ]
    for deed in deeds:
        with pytest.raises(NotFound):
            async with database.scope(business_id=two) as scope:
                await deed(scope)


async def test_nothing_private_can_be_read_in_the_row(database: Database) -> None:
    business_id = await make_business(database)
    await _create(database, business_id)
    async with database.scope(business_id=business_id) as scope:
        row = (await scope.session.execute(text("SELECT * FROM users"))).one()
    seen = repr(row)
    # Of some length: any three letters stand in a ciphertext sooner or later.
    for private in ("Ann Baker", "ann@riverside", "riverside.example", PASSWORD):
        assert private not in seen and private.lower() not in seen.lower()


async def test_users_are_listed_in_pages_in_the_order_they_were_made(database: Database) -> None:
    business_id = await make_business(database)
    made = [await _create(database, business_id, email=f"u{n}@x.example") for n in range(3)]
    async with database.scope(business_id=business_id) as scope:
        await users.update(scope, by="owner", user_id=made[0], active=False)
        assert [row.id for row in await users.list_users(scope, limit=2)] == made[:2]
        assert [row.id for row in await users.list_users(scope, after=made[1])] == made[2:]
        assert [row.id for row in await users.list_users(scope, active=True)] == made[1:]
