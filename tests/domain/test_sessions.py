"""Sessions: how they end, and the tokens that name them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import jwt
import pytest
from sqlalchemy import func, select

from domain.accounts import sessions, users
from domain.accounts.models import Session
from domain.accounts.principal import Principal
from domain.database import Database
from domain.errors import NotFound
from domain.seam import PinnedSeam
from domain.tables import INSTALLATION
from tests.factories import make_business, make_key, make_user

SECRET = "j" * 64


async def _begin(database: Database, business_id: UUID, user_id: UUID) -> Session:
    async with database.scope(business_id=business_id) as scope:
        user = await users.get(scope, user_id=user_id)
        return await sessions.begin(scope, user=user, device="Firefox on Linux")


async def _of(database: Database, session: Session) -> Principal | None:
    token = sessions.token_of(session, secret=SECRET)
    return await sessions.authenticate(database, token=token, secret=SECRET)


async def test_a_token_is_the_user_with_their_present_role(database: Database) -> None:
    business_id = await make_business(database)
    user_id = await make_user(database, role="staff", business_id=business_id)
    session = await _begin(database, business_id, user_id)
    assert await _of(database, session) == Principal(
        business_id=business_id, role="staff", user_id=user_id, session_id=session.id
    )
    async with database.scope(business_id=business_id) as scope:
        await users.update(scope, by="owner", user_id=user_id, role="viewer")
    principal = await _of(database, session)
    assert principal is not None and principal.role == "viewer"


async def test_an_operators_session_belongs_to_no_business(database: Database) -> None:
    user_id = await make_user(database, role="operator")
    principal = await _of(database, await _begin(database, INSTALLATION, user_id))
    assert principal is not None
    assert (principal.business_id, principal.role) == (None, "operator")


async def test_a_session_that_rests_for_half_an_hour_has_ended(
    database: Database, seam: PinnedSeam
) -> None:
    business_id = await make_business(database)
    session = await _begin(
        database, business_id, await make_user(database, business_id=business_id)
    )
    for _ in range(3):
        seam.advance(timedelta(minutes=29, seconds=59))
        assert await _of(database, session) is not None
    seam.advance(timedelta(minutes=30))
    assert await _of(database, session) is None
    assert not await sessions.is_open(database, session_id=session.id)


async def test_a_session_ends_after_twelve_hours_however_much_it_is_used(
    database: Database, seam: PinnedSeam
) -> None:
    business_id = await make_business(database)
    session = await _begin(
        database, business_id, await make_user(database, business_id=business_id)
    )
    for _ in range(35):
        seam.advance(timedelta(minutes=20))
        assert await _of(database, session) is not None
    seam.advance(timedelta(minutes=19, seconds=59))
    assert await _of(database, session) is not None
    seam.advance(timedelta(seconds=1))
    assert await _of(database, session) is None


async def test_the_last_use_is_noted_at_most_once_a_minute_and_not_by_asking(
    database: Database, seam: PinnedSeam
) -> None:
    business_id = await make_business(database)
    session = await _begin(
        database, business_id, await make_user(database, business_id=business_id)
    )
    start, noted = seam.now(), []
    for step in (0, 59, 1):
        seam.advance(timedelta(seconds=step))
        await _of(database, session)
        async with database.scope(business_id=business_id) as scope:
            noted.append((await sessions.get(scope, session_id=session.id)).last_used_at)
    assert noted == [start, start, start + timedelta(seconds=60)]
    seam.advance(timedelta(minutes=5))
    assert await sessions.is_open(database, session_id=session.id)
    async with database.scope(business_id=business_id) as scope:
        assert (await sessions.get(scope, session_id=session.id)).last_used_at == noted[-1]


async def test_a_forged_or_foreign_token_opens_nothing(database: Database) -> None:
    business_id = await make_business(database)
    user_id = await make_user(database, business_id=business_id)
    other_id = await make_user(database, business_id=business_id, email="b@x.example")
    session = await _begin(database, business_id, user_id)
    good = jwt.decode(
        sessions.token_of(session, secret=SECRET),
        SECRET,
        audience="reception-session",
        algorithms=["HS256"],
        options={"verify_exp": False},
    )
    assert set(good) == {"aud", "sid", "sub", "exp"}
    forged = [
        jwt.encode(good, "k" * 32, algorithm="HS256"),
        jwt.encode(good, SECRET, algorithm="HS512"),
        jwt.encode(good, "", algorithm="none"),
        jwt.encode(good | {"sub": str(other_id)}, SECRET, algorithm="HS256"),
        jwt.encode(good | {"sid": str(database.seam.new_id())}, SECRET, algorithm="HS256"),
        jwt.encode(good | {"sid": 7}, SECRET, algorithm="HS256"),
        jwt.encode(good | {"aud": "calendar"}, SECRET, algorithm="HS256"),
        jwt.encode(good | {"exp": 10**30}, SECRET, algorithm="HS256"),
        jwt.encode({k: v for k, v in good.items() if k != "exp"}, SECRET, algorithm="HS256"),
        jwt.encode({k: v for k, v in good.items() if k != "aud"}, SECRET, algorithm="HS256"),
        "a.b.c",
        "..",
        "",
        "é.é.é",
        await make_key(database, role="owner", business_id=business_id),
    ]
    for token in forged:
        assert await sessions.authenticate(database, token=token, secret=SECRET) is None, token


@pytest.mark.parametrize("secret", ["", "short"])
async def test_a_secret_too_short_signs_and_opens_nothing(database: Database, secret: str) -> None:
    business_id = await make_business(database)
    user_id = await make_user(database, business_id=business_id)
    session = await _begin(database, business_id, user_id)
    with pytest.raises(ValueError, match="RECEPTION_JWT_SECRET"):
        sessions.token_of(session, secret=secret)
    claims = {
        "aud": "reception-session",
        "sid": str(session.id),
        "sub": str(user_id),
        "exp": session.expires_at,
    }
    header, payload, _ = jwt.encode(claims, "x" * 32, algorithm="HS256").split(".")
    for signature in ("", "AAAA"):
        token = f"{header}.{payload}.{signature}"
        assert await sessions.authenticate(database, token=token, secret=secret) is None


async def test_one_sees_and_ends_ones_own_sessions_and_those_of_whom_one_manages(
    database: Database,
) -> None:
    business_id = await make_business(database)
    made: dict[str, Session] = {}
    for role in ("owner", "manager", "staff", "viewer"):
        user_id = await make_user(database, role=role, business_id=business_id)
        made[role] = await _begin(database, business_id, user_id)
    seen = {
        "owner": {"owner", "manager", "staff", "viewer"},
        "manager": {"manager", "staff", "viewer"},
        "staff": {"staff"},
        "viewer": {"viewer"},
    }
    for role in ("viewer", "staff", "manager", "owner"):
        principal = await _of(database, made[role])
        assert principal is not None
        async with database.scope(business_id=business_id) as scope:
            listed = await sessions.list_open(scope, principal=principal)
        assert {row.id for row in listed} == {made[other].id for other in seen[role]}
        for other in sorted(set(made) - seen[role]):
            with pytest.raises(NotFound):
                async with database.scope(business_id=business_id) as scope:
                    await sessions.end(scope, session_id=made[other].id, principal=principal)
    manager = await _of(database, made["manager"])
    assert manager is not None
    async with database.scope(business_id=business_id) as scope:
        ended = await sessions.end(scope, session_id=made["staff"].id, principal=manager)
        again = await sessions.end(scope, session_id=made["staff"].id, principal=manager)
        assert ended.ended_at == again.ended_at
    assert await _of(database, made["staff"]) is None
    assert await _of(database, made["viewer"]) is not None


async def test_a_key_sees_the_sessions_of_those_its_role_manages(database: Database) -> None:
    business_id = await make_business(database)
    user_id = await make_user(database, role="staff", business_id=business_id)
    session = await _begin(database, business_id, user_id)
    for role, expected in (("manager", [session.id]), ("staff", [])):
        key = Principal(business_id=business_id, role=role, key_id=INSTALLATION)  # type: ignore[arg-type]
        async with database.scope(business_id=business_id) as scope:
            listed = await sessions.list_open(scope, principal=key)
            assert [row.id for row in listed] == expected


async def test_what_ended_long_ago_is_forgotten_at_the_next_sign_in(
    database: Database, seam: PinnedSeam
) -> None:
    business_id = await make_business(database)
    user_id = await make_user(database, business_id=business_id)
    for days, kept in ((0, 1), (29, 2), (2, 2)):
        seam.advance(timedelta(days=days))
        await _begin(database, business_id, user_id)
        async with database.scope(business_id=business_id) as scope:
            assert await scope.session.scalar(select(func.count()).select_from(Session)) == kept


def test_a_principal_is_a_key_or_a_user() -> None:
    for ids in ({}, {"key_id": INSTALLATION, "user_id": INSTALLATION}):
        with pytest.raises(ValueError):
            Principal(business_id=None, role="operator", **ids)
