"""The two database roles and the database itself, made once by a superuser."""

from __future__ import annotations

import psycopg
from psycopg import sql

OWNER = "reception_owner"
APP = "reception_app"


def bootstrap_roles(
    superuser_url: str, *, database: str, owner_password: str, app_password: str
) -> None:
    """Create (or re-key) `reception_owner` and `reception_app` and the database; idempotent.

    The owner runs migrations. The app role serves: it owns nothing and may not bypass row-level
    security, so that a bug in a query cannot show one business's rows to another.
    """
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for role, password in ((OWNER, owner_password), (APP, app_password)):
            exists = connection.execute(
                "SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)
            ).fetchone()
            verb = sql.SQL("ALTER ROLE {}" if exists else "CREATE ROLE {}")
            connection.execute(
                sql.SQL("{} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD {}").format(
                    verb.format(sql.Identifier(role)), sql.Literal(password)
                )
            )
        exists = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", (database,)
        ).fetchone()
        if not exists:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                    sql.Identifier(database), sql.Identifier(OWNER)
                )
            )
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                sql.Identifier(database), sql.Identifier(APP)
            )
        )
