"""The database: reachable, migrated, and its rows kept apart by row-level security."""

from __future__ import annotations

import psycopg

from domain.bootstrap import APP
from domain.environment import Environment
from domain.migrate import pending
from reception.doctor.check import Check, ok, problem, skipped

NAMES = ("database", "database schema", "database role", "row-level security")

# Every table that has a business is to hide its rows from the other businesses, from its owner too.
UNGUARDED = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND a.attname = 'business_id' AND NOT a.attisdropped
  AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
ORDER BY 1
"""


def check_database(environment: Environment) -> list[Check]:
    """Four checks, or one problem and the rest skipped."""
    if not environment.database_url:
        found = problem(
            "database",
            f"no DATABASE_URL, and no `reception up` runs in {environment.home}",
            "start `make run`, or set DATABASE_URL",
        )
        return [found, *_skipped(NAMES[1:])]
    try:
        connection = psycopg.connect(environment.database_url, connect_timeout=5)
    except psycopg.Error as error:
        # The first line only, and never the URL: it holds the password.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        found = problem("database", f"can't connect: {reason}", "start it, or correct DATABASE_URL")
        return [found, *_skipped(NAMES[1:])]
    with connection:
        version = connection.info.server_version
        checks = [ok("database", f"PostgreSQL {version // 10000}.{version % 10000}")]
        schema = _check_schema(environment)
        checks.append(schema)
        if schema.status != "ok":
            return checks + _skipped(NAMES[2:])
        return [*checks, _check_role(connection), _check_row_level_security(connection)]


def _skipped(names: tuple[str, ...]) -> list[Check]:
    return [skipped(name, "needs the checks before it") for name in names]


def _check_schema(environment: Environment) -> Check:
    if pending(environment.database_url):
        return problem("database schema", "migrations are missing", "run `reception migrate`")
    return ok("database schema", "newest version")


def _check_role(connection: psycopg.Connection) -> Check:
    row = connection.execute(
        "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    assert row
    name, may_bypass = row
    if may_bypass:
        return problem(
            "database role",
            f"{name} may bypass row-level security: one business could see another's data",
            f"let DATABASE_URL name the role {APP}",
        )
    return ok("database role", f"{name}, bound by row-level security")


def _check_row_level_security(connection: psycopg.Connection) -> Check:
    unguarded = [str(row[0]) for row in connection.execute(UNGUARDED)]
    if unguarded:
        return problem(
            "row-level security",
            f"not forced on {', '.join(unguarded)}",
            "run `reception migrate`; if it stays, report it: this is a fault of ours",
        )
    # Policies may be wrong though they are on: without a business no row may be seen.
    row = connection.execute("SELECT count(*) FROM businesses").fetchone()
    if row and row[0]:
        return problem(
            "row-level security",
            f"{row[0]} businesses are visible without naming one",
            "run `reception migrate`; if it stays, report it: this is a fault of ours",
        )
    return ok("row-level security", "forced on every table of a business; nothing seen without one")
