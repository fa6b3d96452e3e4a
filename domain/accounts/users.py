"""Users: who may sign in, with which role, and who looks after whose account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from domain.accounts import passwords, sessions
from domain.accounts.models import User
from domain.accounts.principal import MANAGED, ROLES, Role
from domain.businesses import operations as businesses
from domain.database import Scope
from domain.email import parse_email
from domain.encryption import Keyring
from domain.errors import Conflict, Invalid, NotFound, Refused
from domain.paging import check_limit
from domain.people import operations as people
from domain.tables import INSTALLATION
from domain.text import clean_line
from domain.unset import UNSET, Unset

_LONGEST_NAME = 120


def email_index(keyring: Keyring, email: str) -> bytes:
    """What a user is found by: capitals make no other address, though RFC 5321 would let them."""
    return keyring.blind_index(business_id=INSTALLATION, kind="user_email", value=email.lower())


async def create(
    scope: Scope,
    *,
    by: Role,
    name: str,
    email: str,
    role: str,
    password: str,
    person_id: UUID | None = None,
) -> User:
    """A new user of the scope's business; operators, and only they, are users of the INSTALLATION.

    `by` is the role of who makes them. Raises Invalid naming the field, Refused when `by` may not make
    users of `role`, Conflict when the installation has a user of this address, NotFound when there is
    no such business.
    """
    role = _role(scope, role)
    _check_managed(by, role)
    if scope.business_id != INSTALLATION:
        await businesses.get(scope)
    name, email = _name(name), parse_email(email)
    passwords.check(password, email=email)
    person_id = await _person(scope, person_id)
    now = scope.seam.now()
    # The other user of the address may be in a business that is hidden from here: only the index knows.
    added = await scope.session.scalar(
        insert(User)
        .values(
            id=scope.seam.new_id(),
            business_id=scope.business_id,
            name=name,
            email=email,
            email_index=email_index(scope.keyring, email),
            role=role,
            password_hash=await passwords.make_hash(password, seam=scope.seam),
            password_changed_at=now,
            person_id=person_id,
            active=True,
            failed_sign_ins=0,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["email_index"])
        .returning(User)
    )
    if added is None:
        raise _taken()
    return added


async def get(scope: Scope, *, user_id: UUID, lock: bool = False) -> User:
    """The user, with their row locked until the transaction's end if `lock`. Raises NotFound."""
    query = select(User).where(User.id == user_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    user = await scope.session.scalar(query)
    if user is None:
        raise NotFound("user")
    return user


async def list_users(
    scope: Scope, *, limit: int = 50, after: UUID | None = None, active: bool | None = None
) -> Sequence[User]:
    """Users in the order they were made; `after` is the id at which the last page ended."""
    query = select(User).order_by(User.id)
    if after is not None:
        query = query.where(User.id > after)
    if active is not None:
        query = query.where(User.active.is_(active))
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


async def update(
    scope: Scope,
    *,
    by: Role,
    user_id: UUID,
    name: str | None = None,
    email: str | None = None,
    role: str | None = None,
    person_id: UUID | Unset | None = UNSET,
    active: bool | None = None,
) -> User:
    """Change what is given. A role holds from the next request on; who is not active any more is signed
    out.

    Raises Invalid naming the field, NotFound, Refused when `by` may not manage them as they are or as
    they would be, or when no owner would be left, Conflict when the address is another user's.
    """
    owners = await _lock_owners(scope)
    user = await _managed(scope, by, user_id)
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = _name(name)
    if email is not None:
        changes["email"] = parse_email(email)
        changes["email_index"] = email_index(scope.keyring, changes["email"])
    if role is not None:
        changes["role"] = _role(scope, role)
        _check_managed(by, changes["role"])
    if person_id is not UNSET:
        changes["person_id"] = await _person(scope, person_id)
    if active is not None:
        changes["active"] = active
    if owners == [user.id] and (changes.get("role", "owner") != "owner" or active is False):
        raise _last_owner()
    for field, value in changes.items():
        setattr(user, field, value)
    try:
        await scope.session.flush()
    except IntegrityError:
        raise _taken() from None
    if active is False:
        await sessions.end_all(scope, user_id=user.id)
    return user


async def delete(scope: Scope, *, by: Role, user_id: UUID) -> None:
    """Remove a user with their sessions. Raises NotFound, Refused when `by` may not manage them, or when
    no owner would be left."""
    owners = await _lock_owners(scope)
    user = await _managed(scope, by, user_id)
    if owners == [user.id]:
        raise _last_owner()
    await scope.session.delete(user)
    await scope.session.flush()


async def set_password(scope: Scope, *, by: Role, user_id: UUID, password: str) -> User:
    """Give a user a new password, and sign them out everywhere; a lock is lifted.

    Raises Invalid on `password`, NotFound, Refused when `by` may not manage them.
    """
    user = await _managed(scope, by, user_id)
    passwords.check(password, email=user.email)
    await store_password(scope, user, password)
    await sessions.end_all(scope, user_id=user.id)
    return user


async def store_password(scope: Scope, user: User, password: str) -> None:
    """Keep a password that was checked."""
    user.password_hash = await passwords.make_hash(password, seam=scope.seam)
    user.password_changed_at = scope.seam.now()
    user.failed_sign_ins, user.locked_until = 0, None
    await scope.session.flush()


async def _managed(scope: Scope, by: Role, user_id: UUID) -> User:
    user = await get(scope, user_id=user_id, lock=True)
    _check_managed(by, cast(Role, user.role))
    return user


def _check_managed(by: Role, role: Role) -> None:
    if role not in MANAGED[by]:
        raise Refused(f"the role {by} may not manage users of the role {role}")


async def _lock_owners(scope: Scope) -> list[UUID]:
    """The active owners of the business, locked: of two who step down at once, one is the last. Taken
    before the user's own row, so that everybody locks in one order."""
    query = select(User.id).where(User.role == "owner", User.active).order_by(User.id)
    return list(await scope.session.scalars(query.with_for_update()))


async def _person(scope: Scope, person_id: UUID | None) -> UUID | None:
    if person_id is None:
        return None
    try:
        return (await people.get(scope, person_id=person_id)).id
    except NotFound:
        raise Invalid("person_id", "is nobody of this business") from None


def _role(scope: Scope, role: str) -> Role:
    if role not in ROLES:
        raise Invalid("role", f"must be one of {', '.join(ROLES)}")
    if (role == "operator") != (scope.business_id == INSTALLATION):
        raise Invalid("role", "operators belong to the installation, all others to a business")
    return role


def _name(text: str) -> str:
    return clean_line(text, field="name", longest=_LONGEST_NAME)


def _taken() -> Conflict:
    return Conflict("this e-mail address is a user's already")


def _last_owner() -> Refused:
    return Refused("this is the last active owner: make another one first")
