"""Brings the database that `reception up` uses to where the parts can serve from it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from domain.bootstrap import bootstrap_roles
from domain.database import Actor, Database
from domain.environment import Environment
from domain.migrate import pending, upgrade
from reception.errors import ReceptionError
from reception.home import Home, write_private, write_variables
from reception.postgres import DATABASE, EmbeddedPostgres
from reception.supervisor import Say

UP = Actor(kind="system", id="reception up")
OWNER_EMAIL = "owner@riverside.example"


class DatabaseUnusable(ReceptionError):
    """The database is missing, or can't be migrated; the message says what to set."""


async def prepare_embedded(postgres: EmbeddedPostgres, say: Say) -> None:
    """Roles, database and newest schema in the embedded server. Quick when nothing is to be done."""

    def prepare() -> None:
        if not _exists(postgres):
            say("postgres", "making the roles and the database (once)")
            bootstrap_roles(
                postgres.superuser_url,
                database=DATABASE,
                owner_password=postgres.owner_password,
                app_password=postgres.app_password,
            )
        if pending(postgres.owner_url):
            say("postgres", "migrating the database")
            upgrade(postgres.owner_url)

    await asyncio.to_thread(prepare)


async def prepare_given(environment: Environment, say: Say) -> None:
    """Newest schema in the database of DATABASE_URL. Raises DatabaseUnusable."""

    def prepare() -> None:
        if _pending(environment):
            say("postgres", "migrating the database of DATABASE_URL")
            migrate(environment)

    await asyncio.to_thread(prepare)


def migrate(environment: Environment) -> str:
    """Bring the schema to the newest version; returns what was done, in words.

    Raises DatabaseUnusable.
    """
    if not _pending(environment):
        return "nothing to do: the schema has the newest version"
    if not environment.migration_database_url:
        raise DatabaseUnusable(
            "MIGRATION_DATABASE_URL: must be set, the database of DATABASE_URL needs migrations"
        )
    with _told_safely("MIGRATION_DATABASE_URL"):
        upgrade(environment.migration_database_url)
    return "migrated to the newest version"


def _pending(environment: Environment) -> bool:
    variable = "MIGRATION_DATABASE_URL" if environment.migration_database_url else "DATABASE_URL"
    url = environment.migration_database_url or environment.database_url
    if not url:
        raise DatabaseUnusable("MIGRATION_DATABASE_URL: must be set")
    with _told_safely(variable):
        return pending(url)


@contextmanager
def _told_safely(variable: str) -> Iterator[None]:
    """Tell the server's first line alone: a whole error may repeat the URL with its password."""
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        lines = str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()
        raise DatabaseUnusable(f"{variable}: {lines[0]}") from None


def _exists(postgres: EmbeddedPostgres) -> bool:
    try:
        psycopg.connect(postgres.app_url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


async def seed(environment: Environment, home: Home, database_url: str) -> str:
    """The demo business, its owner's API key and their way into the console, made once; returns the key.

    Key and password are kept in the home, because the database holds only their hashes.
    """
    from domain.accounts import keys
    from domain.demo import seed_demo

    database = Database(database_url, keyring=environment.keyring, pool_size=1)
    try:
        business_id: UUID = await seed_demo(database)
        await _seed_owner(database, home, business_id)
        kept = home.read_owner_key()
        owner = await keys.authenticate(database, key=kept)
        if owner and owner.business_id == business_id:
            return kept
        async with database.scope(business_id=business_id, actor=UP) as scope:
            _, key = await keys.create(scope, name="owner, made by reception up", role="owner")
        write_private(home.owner_key, f"{key}\n")
        return key
    finally:
        await database.aclose()


async def _seed_owner(database: Database, home: Home, business_id: UUID) -> None:
    """A first user, unless the demo business has users: whom its owner removed stays away."""
    from domain.accounts import passwords, users

    async with database.scope(business_id=business_id, actor=UP) as scope:
        if await users.list_users(scope, limit=1):
            return
        password = passwords.generate(scope.seam)
        owner = await users.create(
            scope,
            by="operator",
            name="Riverside Owner",
            email=OWNER_EMAIL,
            role="owner",
            password=password,
        )
        # Before the commit: a user whose password nobody knows would be no use.
        write_variables(
            home.owner_sign_in,
            {
                "EMAIL": owner.email,
                "PASSWORD": password,
                "USER_ID": str(owner.id),
                "SET_AT": owner.password_changed_at.isoformat(),
            },
        )
