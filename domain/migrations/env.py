"""Alembic's entry: runs migrations over the owner's connection, beside a service that goes on working."""

from __future__ import annotations

from alembic import context
from sqlalchemy import NullPool, create_engine, text

from domain.migrate import LOCK_MILLISECONDS
from domain.models import Base

_LOCK = 7203918

# Not pooled: a migration that failed must not leave a connection behind that holds the lock.
engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=NullPool)
with engine.connect() as connection:
    # Two parts that start at once must not run the same migration twice. Of the connection and not of a
    # transaction: each migration commits by itself.
    connection.execute(text(f"SELECT pg_advisory_lock({_LOCK})"))
    # A statement that waits for its lock holds up everybody who asks for the table after it: behind a
    # long report that would be every call. It gives up instead, and `domain.migrate.upgrade` tries again.
    connection.execute(text(f"SET lock_timeout = {LOCK_MILLISECONDS}"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # A lock is held to the end of its transaction: no longer than one migration takes. It also lets a
        # migration build an index CONCURRENTLY, in `op.get_context().autocommit_block()`.
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
