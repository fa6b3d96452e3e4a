"""Signing in with e-mail and password, and what stands in the way of guessing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from domain.accounts import passwords, sessions, users
from domain.accounts.models import Session, User
from domain.accounts.principal import Principal
from domain.database import Database, Scope
from domain.email import parse_email
from domain.errors import Invalid, NotFound, Refused
from domain.tables import INSTALLATION

MOST_FAILURES = 5
"""In a row; then the account is locked."""

LOCKED_FOR = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A user and the session that was begun for them."""

    user: User
    session: Session


async def find(database: Database, *, email: str) -> tuple[UUID, UUID] | None:
    """The ids of the business and the user of this address; None when it is nobody's, or none."""
    try:
        address = parse_email(email)
    except Invalid:
        address = ""
    async with database.unscoped() as session:
        found = (
            await session.execute(
                text("SELECT * FROM user_by_email(:email_index)"),
                {"email_index": users.email_index(database.keyring, address)},
            )
        ).one_or_none()
    return None if found is None else (found.business_id, found.user_id)


async def sign_in(
    database: Database, *, email: str, password: str, device: str = ""
) -> SignedIn | None:
    """Begin a session. None when the address or the password is wrong, the user is not active, or the
    account is locked after too many failures: which of these it is nobody learns, by words or by time.
    """
    # The same is done for nobody as for a user.
    nobody = (INSTALLATION, database.seam.new_id())
    business_id, user_id = await find(database, email=email) or nobody
    # No connection is held while the hash is worked out: that takes much longer than any query.
    known_hash = await _hash_of(database, business_id, user_id)
    proved = await passwords.matches(password, known_hash)
    async with database.scope(business_id=business_id) as scope:
        user = await _locked_row(scope, user_id)
        if user is None or not user.active or not _may_try(scope, user):
            return None
        # The password may have been changed while this one was looked at.
        if not proved or user.password_hash != known_hash:
            _count_failure(scope, user)
            return None
        user.failed_sign_ins, user.locked_until = 0, None
        user.last_sign_in_at = scope.seam.now()
        if passwords.is_outdated(user.password_hash):
            user.password_hash = await passwords.make_hash(password, seam=scope.seam)
        session = await sessions.begin(scope, user=user, device=device)
        return SignedIn(user=user, session=session)


async def change_own_password(
    database: Database, *, principal: Principal, current: str, new: str
) -> None:
    """Change the password of the user who asks; every session of theirs but this one ends.

    Wrong guesses count as failures to sign in do, for whoever found a browser left open. Raises Invalid
    on `current_password` or `password`, Refused while the account is locked, NotFound.
    """
    assert principal.user_id is not None
    business_id = principal.business_id or INSTALLATION
    async with database.scope(business_id=business_id) as scope:
        user = await users.get(scope, user_id=principal.user_id)
        passwords.check(new, email=user.email)
        known_hash = user.password_hash
    proved = await passwords.matches(current, known_hash)
    async with database.scope(business_id=business_id) as scope:
        user = await users.get(scope, user_id=principal.user_id, lock=True)
        open_to_tries = _may_try(scope, user)
        proved = proved and user.password_hash == known_hash
        if open_to_tries and proved:
            await users.store_password(scope, user, new)
            await sessions.end_all(scope, user_id=user.id, but=principal.session_id)
        elif open_to_tries:
            _count_failure(scope, user)
    # Raised outside, or the count would be rolled back with the transaction.
    if not open_to_tries:
        raise Refused("there were too many wrong passwords; try again in a quarter of an hour")
    if not proved:
        raise Invalid("current_password", "is not your password")


async def _hash_of(database: Database, business_id: UUID, user_id: UUID) -> str | None:
    async with database.scope(business_id=business_id) as scope:
        try:
            return (await users.get(scope, user_id=user_id)).password_hash
        except NotFound:
            return None


async def _locked_row(scope: Scope, user_id: UUID) -> User | None:
    try:
        return await users.get(scope, user_id=user_id, lock=True)
    except NotFound:
        return None


def _may_try(scope: Scope, user: User) -> bool:
    return user.locked_until is None or user.locked_until <= scope.seam.now()


def _count_failure(scope: Scope, user: User) -> None:
    user.failed_sign_ins += 1
    if user.failed_sign_ins >= MOST_FAILURES:
        user.failed_sign_ins = 0
        user.locked_until = scope.seam.now() + LOCKED_FOR
