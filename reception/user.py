"""`reception user …`: users and passwords from the command line, where nobody is signed in."""

from __future__ import annotations

from uuid import UUID

from domain.accounts import passwords, sign_in, users
from domain.database import Actor, Database
from domain.environment import Environment
from domain.errors import NotFound
from reception.apikey import business_of

COMMAND = Actor(kind="operator", id="reception user")


async def create(
    environment: Environment,
    database_url: str,
    *,
    email: str,
    name: str,
    role: str,
    business_id: UUID | None = None,
    password: str = "",
) -> str:
    """Make a user and return their password, which is made up unless one is given.

    Without `business_id` the one business there is is meant; an operator belongs to none. Raises
    domain.errors.DomainError.
    """
    database = Database(database_url, keyring=environment.keyring, pool_size=1)
    try:
        business_id = await business_of(database, role=role, business_id=business_id)
        password = password or passwords.generate(database.seam)
        async with database.scope(business_id=business_id, actor=COMMAND) as scope:
            await users.create(
                scope, by="operator", name=name, email=email, role=role, password=password
            )
        return password
    finally:
        await database.aclose()


async def set_password(
    environment: Environment, database_url: str, *, email: str, password: str = ""
) -> str:
    """Give the user of this address a new password and return it; made up unless one is given. They are
    signed out everywhere, and a lock is lifted. Raises domain.errors.DomainError."""
    database = Database(database_url, keyring=environment.keyring, pool_size=1)
    try:
        found = await sign_in.find(database, email=email)
        if found is None:
            raise NotFound("user")
        business_id, user_id = found
        password = password or passwords.generate(database.seam)
        async with database.scope(business_id=business_id, actor=COMMAND) as scope:
            await users.set_password(scope, by="operator", user_id=user_id, password=password)
        return password
    finally:
        await database.aclose()
