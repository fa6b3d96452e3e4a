"""Alembic's entry: runs migrations over the owner's connection."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, text

from domain.models import Base

_LOCK = 7203918

engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        # Two parts that start at once must not run the same migration twice.
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        context.run_migrations()
engine.dispose()
