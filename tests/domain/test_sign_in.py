"""Signing in, and what stands in the way of guessing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from domain.accounts import passwords, sessions, users
from domain.accounts.principal import Principal
from domain.accounts.sign_in import LOCKED_FOR, MOST_FAILURES, change_own_password, sign_in
from domain.database import Database
from domain.errors import Invalid, Refused
from domain.seam import PinnedSeam
from tests.factories import PASSWORD, make_business, make_user

EMAIL, NEW = "staff@riverside.example", "five loud herons"


@pytest.fixture
async def business_id(database: Database) -> UUID:
    return await make_business(database)


@pytest.fixture
async def user_id(database: Database, business_id: UUID) -> UUID:
    return await make_user(database, role="staff", business_id=business_id)


async def _succeeds(database: Database, *, email: str = EMAIL, password: str = PASSWORD) -> bool:
    return await sign_in(database, email=email, password=password) is not None


async def test_the_right_password_begins_a_session(
    database: Database, business_id: UUID, user_id: UUID, seam: PinnedSeam
) -> None:
    begun = await sign_in(
        database, email=" Staff@Riverside.example ", password=PASSWORD, device="Firefox on Linux"
    )
    assert begun is not None
    assert begun.user.id == begun.session.user_id == user_id
    assert begun.session.business_id == business_id
    assert begun.session.expires_at == seam.now() + sessions.LONGEST
    async with database.scope(business_id=business_id) as scope:
        assert (await users.get(scope, user_id=user_id)).last_sign_in_at == seam.now()
        assert (await sessions.get(scope, session_id=begun.session.id)).device == "Firefox on Linux"


async def test_nobody_else_gets_in(database: Database, business_id: UUID, user_id: UUID) -> None:
    for email, password in (
        (EMAIL, PASSWORD.upper()),
        (EMAIL, ""),
        ("nobody@riverside.example", PASSWORD),
        ("not an address", PASSWORD),
        ("", ""),
    ):
        assert not await _succeeds(database, email=email, password=password)
    async with database.scope(business_id=business_id) as scope:
        await users.update(scope, by="owner", user_id=user_id, active=False)
    assert not await _succeeds(database)


async def test_a_hash_is_worked_out_whether_or_not_there_is_such_a_user(
    database: Database, user_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[bool] = []
    verify = passwords._verify

    def counting(password: str, password_hash: str | None) -> bool:
        worked.append(password_hash is not None)
        return verify(password, password_hash)

    monkeypatch.setattr(passwords, "_verify", counting)
    for email in (EMAIL, "nobody@riverside.example", "not an address"):
        assert not await _succeeds(database, email=email, password="wrong password")
    assert worked == [True, False, False]


async def test_five_failures_in_a_row_lock_the_account_for_a_quarter_of_an_hour(
    database: Database, business_id: UUID, user_id: UUID, seam: PinnedSeam
) -> None:
    for _ in range(MOST_FAILURES - 1):
        assert not await _succeeds(database, password="wrong password")
    assert await _succeeds(database)
    for _ in range(MOST_FAILURES):
        assert not await _succeeds(database, password="wrong password")
    async with database.scope(business_id=business_id) as scope:
        user = await users.get(scope, user_id=user_id)
        assert user.locked_until == seam.now() + LOCKED_FOR
    assert not await _succeeds(database)
    seam.advance(LOCKED_FOR - timedelta(seconds=1))
    # A failure while it is locked does not lock it for longer: a stranger could keep it shut.
    assert not await _succeeds(database, password="wrong password")
    seam.advance(timedelta(seconds=1))
    assert await _succeeds(database)


async def test_failures_that_come_at_once_are_all_counted(
    database: Database, business_id: UUID, user_id: UUID
) -> None:
    guesses = [_succeeds(database, password=f"wrong {n}") for n in range(MOST_FAILURES)]
    assert not any(await asyncio.gather(*guesses))
    assert not await _succeeds(database)


async def test_sessions_that_are_open_outlast_a_lock(
    database: Database, business_id: UUID, user_id: UUID
) -> None:
    begun = await sign_in(database, email=EMAIL, password=PASSWORD)
    assert begun is not None
    for _ in range(MOST_FAILURES):
        await _succeeds(database, password="wrong password")
    assert await sessions.is_open(database, session_id=begun.session.id)


async def test_a_new_password_lifts_the_lock(
    database: Database, business_id: UUID, user_id: UUID
) -> None:
    for _ in range(MOST_FAILURES):
        await _succeeds(database, password="wrong password")
    async with database.scope(business_id=business_id) as scope:
        await users.set_password(scope, by="owner", user_id=user_id, password=NEW)
    assert not await _succeeds(database)
    assert await _succeeds(database, password=NEW)


async def _signed_in(database: Database) -> Principal:
    begun = await sign_in(database, email=EMAIL, password=PASSWORD)
    assert begun is not None
    return Principal(
        business_id=begun.user.business_id,
        role="staff",
        user_id=begun.user.id,
        session_id=begun.session.id,
    )


async def test_changing_ones_own_password_ends_ones_other_sessions(
    database: Database, user_id: UUID
) -> None:
    other, own = await _signed_in(database), await _signed_in(database)
    await change_own_password(database, principal=own, current=PASSWORD, new=NEW)
    assert own.session_id and other.session_id
    assert await sessions.is_open(database, session_id=own.session_id)
    assert not await sessions.is_open(database, session_id=other.session_id)
    assert not await _succeeds(database)
    assert await _succeeds(database, password=NEW)


async def test_a_new_password_of_ones_own_has_to_be_a_good_one(
    database: Database, user_id: UUID
) -> None:
    own = await _signed_in(database)
    for bad in ("short", EMAIL, "password1234"):
        with pytest.raises(Invalid) as refusal:
            await change_own_password(database, principal=own, current=PASSWORD, new=bad)
        assert refusal.value.field == "password"
    assert await _succeeds(database)


async def test_guesses_at_ones_own_password_lock_the_account_too(
    database: Database, business_id: UUID, user_id: UUID
) -> None:
    own = await _signed_in(database)
    for _ in range(MOST_FAILURES):
        with pytest.raises(Invalid) as refusal:
            await change_own_password(database, principal=own, current="wrong password", new=NEW)
        assert refusal.value.field == "current_password"
    with pytest.raises(Refused):
        await change_own_password(database, principal=own, current=PASSWORD, new=NEW)
    assert not await _succeeds(database)


async def test_a_hash_of_other_costs_is_made_anew(
    database: Database, business_id: UUID, user_id: UUID
) -> None:
    from pwdlib.hashers.argon2 import Argon2Hasher

    weak = Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    async with database.scope(business_id=business_id) as scope:
        (await users.get(scope, user_id=user_id)).password_hash = weak
    assert await _succeeds(database)
    async with database.scope(business_id=business_id) as scope:
        assert not passwords.is_outdated((await users.get(scope, user_id=user_id)).password_hash)
    assert await _succeeds(database)
