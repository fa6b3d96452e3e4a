"""The job queue's own tables: procrastinate's SQL, frozen here, in a PostgreSQL schema of its own.

A fresh database and one that has served for years must end alike, whatever version of the package
is installed when the migration runs. So a migration never reads the package: when an update brings
new files in `procrastinate/sql/migrations`, copy them here and `apply` them in a new revision.
`tests/jobs/test_schema.py` fails until that is done.

No row-level security: the rows hold names of tasks and ids, no business's data, and a process that
works for all businesses has to see them all. What one business may see of them is picked in
`domain.jobs.dead_letters`.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

SCHEMA = "jobs"
_FOLDER = Path(__file__).parent
_PATH = f"{SCHEMA}, pg_temp"


def apply(connection: Connection, file: str) -> None:
    """Run one of this folder's files in the queue's schema, within the migration's transaction."""
    connection.execute(text(f"SET LOCAL search_path TO {_PATH}"))
    # Through the driver: SQLAlchemy would take the text's `%` and `:` for placeholders.
    cursor = connection.connection.cursor()
    cursor.execute((_FOLDER / file).read_text())
    cursor.close()
    connection.execute(text("SET LOCAL search_path TO DEFAULT"))


def grant(connection: Connection) -> None:
    """Let `reception_app` use the queue and nobody else; again after every `apply`."""
    functions = connection.scalars(
        text(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = to_regnamespace(:of)"
        ),
        {"of": SCHEMA},
    ).all()
    for function in functions:
        # They name their tables without a schema: who calls one, or fires a trigger, from elsewhere
        # would have it look for them in `public`.
        connection.execute(text(f"ALTER FUNCTION {function} SET search_path TO {_PATH}"))
    for statement in (
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO reception_app",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO reception_app",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO reception_app",
        f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {SCHEMA} TO reception_app",
    ):
        connection.execute(text(statement))
