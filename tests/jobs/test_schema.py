"""The queue's tables are those of the procrastinate that is installed, and only ours may use them."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import psycopg
import pytest

from tests.postgres import DatabaseAddress

OURS = {"failures", "pk_failures", "ix_dead_letters_business", "ix_dead_letters_work"}

COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = %s ORDER BY 1, 2
"""
FUNCTIONS = """
    SELECT proname, pg_get_function_arguments(oid), prosrc FROM pg_proc
    WHERE pronamespace = to_regnamespace(%s) ORDER BY 1, 2
"""
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = %s ORDER BY 1"
TRIGGERS = """
    SELECT tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
    WHERE NOT tgisinternal AND c.relnamespace = to_regnamespace(%s) ORDER BY 1
"""
VALUES = """
    SELECT typname, enumlabel FROM pg_enum JOIN pg_type t ON t.oid = enumtypid
    WHERE typnamespace = to_regnamespace(%s) ORDER BY 1, enumsortorder
"""


def _described(connection: psycopg.Connection[Any], schema: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for query in (COLUMNS, FUNCTIONS, INDEXES, TRIGGERS, VALUES):
        for row in connection.execute(query.encode(), (schema,)).fetchall():
            if row[0] not in OURS:
                # procrastinate itself calls a table `jobs` in its queries: both names go from both.
                plain = (re.sub(r"\b(jobs|wanted)\.", "", str(value)) for value in row)
                rows.append(tuple(plain))
    return rows


@pytest.mark.own_database
def test_the_migrations_make_what_the_installed_procrastinate_needs(
    database_address: DatabaseAddress,
) -> None:
    wanted = (resources.files("procrastinate.sql") / "schema.sql").read_text()
    with psycopg.connect(database_address.owner) as connection:
        connection.execute("CREATE SCHEMA wanted")
        connection.execute("SET search_path TO wanted")
        connection.execute(wanted.encode())
        connection.execute("SET search_path TO public")
        found = _described(connection, "jobs")
        assert len(found) > 60
        # Else: copy the new files of procrastinate/sql/migrations, see domain/migrations/job_queue.
        assert found == _described(connection, "wanted")


def test_nobody_but_the_serving_role_may_use_the_queue(database_address: DatabaseAddress) -> None:
    with psycopg.connect(database_address.owner) as connection:
        row = connection.execute(
            "SELECT has_schema_privilege('public', 'jobs', 'usage'),"
            " has_schema_privilege('reception_app', 'jobs', 'usage'),"
            " has_schema_privilege('reception_app', 'jobs', 'create')"
        ).fetchone()
        functions = connection.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'jobs'::regnamespace"
            " AND (has_function_privilege('public', oid, 'execute') OR proconfig IS NULL)"
        ).fetchall()
    assert row == (False, True, False)
    assert functions == []
