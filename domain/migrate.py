"""Bring the database's schema to the newest version, while older processes go on working.

The rule that migrations keep so that this holds is in docs/deploy.md.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

LOCK_MILLISECONDS: Final = 2000
"""How long a migration waits for a lock, and so the longest that it holds up anybody by waiting."""
TRIES: Final = 60
LONGEST_PAUSE: Final = 5.0
"""Seconds between two tries: those who queued behind the first get their turn."""

_FOLDER = Path(__file__).parent / "migrations"

log = logging.getLogger("reception.migrate")


def _config(owner_url: str, folder: Path = _FOLDER) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    # `%` would be read as interpolation by alembic's configparser.
    config.set_main_option("sqlalchemy.url", _driver(owner_url).replace("%", "%%"))
    return config


def _driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def upgrade(
    owner_url: str,
    *,
    revision: str = "head",
    folder: Path = _FOLDER,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Run every migration not yet run, as `reception_owner`, up to `revision`. Safe to repeat.

    Each migration is one transaction. One that does not get its locks gives way to whoever holds them and
    is tried again, for some six minutes; then sqlalchemy.exc.OperationalError, with the schema as the last
    migration left it.
    """
    for attempt in range(1, TRIES + 1):
        try:
            command.upgrade(_config(owner_url, folder), revision)
            return
        except OperationalError as error:
            if not _blocked(error) or attempt == TRIES:
                raise
            log.warning("migration waits for a lock, trying again", extra={"attempt": attempt})
        wait(min(LONGEST_PAUSE, 0.5 * attempt))


def _blocked(error: OperationalError) -> bool:
    return isinstance(error.orig, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected)


def pending(owner_or_app_url: str) -> bool:
    """Whether the database lacks a migration that this code has."""
    engine = create_engine(_driver(owner_or_app_url))
    try:
        with engine.connect() as connection:
            return lacks_migration(MigrationContext.configure(connection).get_current_revision())
    finally:
        engine.dispose()


def lacks_migration(revision: str | None) -> bool:
    """Whether a database at `revision` lacks a migration that this code has.

    One that this code does not know is of a later release, which is about to take over: it has all that
    this one needs, and this one goes on.
    """
    head, known = _revisions()
    return revision is None or (revision in known and revision != head)


@cache
def _revisions() -> tuple[str | None, frozenset[str]]:
    """The newest migration of this code, and all of them."""
    script = ScriptDirectory(str(_FOLDER))
    return script.get_current_head(), frozenset(one.revision for one in script.walk_revisions())
