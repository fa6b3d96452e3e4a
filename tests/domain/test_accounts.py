"""API keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.accounts import keys
from domain.accounts.models import ApiKey
from domain.accounts.principal import ROLES, Principal, Role
from domain.database import Database
from domain.errors import Invalid, NotFound
from domain.seam import PinnedSeam, SystemSeam
from domain.tables import INSTALLATION
from tests.factories import make_business, make_key


async def test_a_key_opens_its_business_with_its_role(database: Database) -> None:
    business_id = await make_business(database)
    key = await make_key(database, role="manager", business_id=business_id)
    principal = await keys.authenticate(database, key=key)
    assert principal is not None
    assert (principal.business_id, principal.role) == (business_id, "manager")


async def test_an_operators_key_belongs_to_no_business(database: Database) -> None:
    principal = await keys.authenticate(database, key=await make_key(database, role="operator"))
    assert principal is not None
    assert (principal.business_id, principal.role) == (None, "operator")


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("operator", ["operator", "owner", "manager", "staff", "viewer"]),
        ("owner", ["owner", "manager", "staff", "viewer"]),
        ("manager", ["manager", "staff", "viewer"]),
        ("staff", ["staff", "viewer"]),
        ("viewer", ["viewer"]),
    ],
)
def test_a_role_may_do_what_lesser_roles_may(role: Role, allowed: list[str]) -> None:
    principal = Principal(key_id=INSTALLATION, business_id=None, role=role)
    assert [other for other in ROLES if principal.may(other)] == allowed


async def test_a_revoked_key_opens_nothing(database: Database) -> None:
    business_id = await make_business(database)
    async with database.scope(business_id=business_id) as scope:
        made, key = await keys.create(scope, name="desk", role="staff")
    async with database.scope(business_id=business_id) as scope:
        first = (await keys.revoke(scope, key_id=made.id)).revoked_at
        assert (await keys.revoke(scope, key_id=made.id)).revoked_at == first
    assert await keys.authenticate(database, key=key) is None


async def test_an_unknown_or_mistyped_key_opens_nothing(database: Database) -> None:
    key = await make_key(database, role="operator")
    swapped = key[:10] + ("1" if key[10] == "0" else "0") + key[11:]
    assert not keys.well_formed(swapped)
    for wrong in ("", "rcp_", swapped, key.upper(), key + " ", "rcp_" + "é" * 48 + "_00000000"):
        assert await keys.authenticate(database, key=wrong) is None


async def test_the_keys_text_is_nowhere_in_its_row(database: Database) -> None:
    async with database.scope(business_id=INSTALLATION) as scope:
        row, key = await keys.create(scope, name="root", role="operator")
        stored = await scope.session.scalar(select(ApiKey.hash).where(ApiKey.id == row.id))
    secret = key.split("_")[1]
    assert stored is not None
    assert secret not in repr((stored, row.name)) and len(row.hint) < 12


async def test_the_last_use_is_noted_at_most_once_a_minute(
    database: Database, seam: PinnedSeam
) -> None:
    business_id = await make_business(database)
    key = await make_key(database, role="viewer", business_id=business_id)
    start = seam.now()
    noted = []
    for step in (0, 59, 1):
        seam.advance(timedelta(seconds=step))
        await keys.authenticate(database, key=key)
        async with database.scope(business_id=business_id) as scope:
            noted.append((await keys.list_keys(scope))[0].last_used_at)
    assert noted == [start, start, start + timedelta(seconds=60)]


async def test_keys_are_made_only_where_they_belong(database: Database) -> None:
    business_id = await make_business(database)
    for owner, role in (
        (business_id, "operator"),
        (INSTALLATION, "owner"),
        (business_id, "emperor"),
    ):
        with pytest.raises(Invalid) as refusal:
            async with database.scope(business_id=owner) as scope:
                await keys.create(scope, name="x", role=role)
        assert refusal.value.field == "role"
    with pytest.raises(NotFound):
        async with database.scope(business_id=database.seam.new_id()) as scope:
            await keys.create(scope, name="x", role="owner")


async def test_another_businesss_key_cannot_be_revoked(database: Database) -> None:
    one, two = await make_business(database), await make_business(database, name="Two")
    async with database.scope(business_id=one) as scope:
        made, _ = await keys.create(scope, name="x", role="owner")
    with pytest.raises(NotFound):
        async with database.scope(business_id=two) as scope:
            await keys.revoke(scope, key_id=made.id)


def test_real_keys_differ_and_are_well_formed() -> None:
    made = {keys._make(SystemSeam()) for _ in range(50)}
    assert len(made) == 50
    assert all(keys.well_formed(key) for key in made)
