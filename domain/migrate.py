"""Bring the database's schema to the newest version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

_FOLDER = Path(__file__).parent / "migrations"


def _config(owner_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    # `%` would be read as interpolation by alembic's configparser.
    config.set_main_option("sqlalchemy.url", _driver(owner_url).replace("%", "%%"))
    return config


def _driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def upgrade(owner_url: str) -> None:
    """Run every migration not yet run, as `reception_owner`. Safe to repeat."""
    command.upgrade(_config(owner_url), "head")


def pending(owner_or_app_url: str) -> bool:
    """Whether the database lacks a migration that this code has."""
    script = ScriptDirectory.from_config(_config(owner_or_app_url))
    engine = create_engine(_driver(owner_or_app_url))
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return current != script.get_current_head()
