"""Migrations run while the older release talks: what each may do, and that what that release writes is taken."""

from __future__ import annotations

import os
import shutil
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from domain import migrations
from domain.bootstrap import bootstrap_roles
from domain.migrate import lacks_migration, pending, upgrade
from tests.domain.migration_rules import breaches
from tests.postgres import DatabaseAddress, address, drop

FOLDER = Path(migrations.__path__[0])
SCRIPTS = {one.revision: one for one in ScriptDirectory(str(FOLDER)).walk_revisions()}
NEWEST = max(SCRIPTS)
PREVIOUS = str(SCRIPTS[NEWEST].down_revision)
FIRST_BESIDE_CALLS = "0006"
"""The first that could meet an installation in use."""

EXPAND = '''
"""The kinds of change that the rule allows."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{newest}"


def upgrade() -> None:
    op.add_column("calls", sa.Column("later", sa.Text(), nullable=True))
    op.create_table("laters", sa.Column("id", sa.Uuid(), primary_key=True))
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY ix_calls_later ON calls (later)")


def downgrade() -> None:
    op.drop_table("laters")
    op.drop_column("calls", "later")
'''


def with_migration_to_come(folder: Path) -> Path:
    """A copy of the migrations at `folder`, with one more that a later release could bring."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_later.py").write_text(EXPAND.format(newest=NEWEST))
    return folder


@pytest.fixture
def new_database() -> Iterator[DatabaseAddress]:
    """A database with its roles and no schema."""
    superuser_url = os.environ["RECEPTION_TEST_POSTGRES"]
    name = f"test_{uuid.uuid4().hex[:12]}"
    bootstrap_roles(superuser_url, database=name, owner_password="test", app_password="test")
    target = address(superuser_url, name)
    yield target
    drop(superuser_url, target)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Migrations give way after a shorter wait than they do in use."""
    monkeypatch.setattr("domain.migrate.LOCK_MILLISECONDS", 300)


def _statements(owner_url: str) -> dict[str, list[str]]:
    """What each migration really runs, from nothing to the newest."""
    found: dict[str, list[str]] = {}
    running: list[str] = []

    def note(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        running.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        for revision in sorted(SCRIPTS):
            running.clear()
            upgrade(owner_url, revision=revision)
            found[revision] = list(running)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return found


def test_no_migration_breaks_the_release_before_it_or_holds_up_its_calls(
    new_database: DatabaseAddress,
) -> None:
    broken = []
    for revision, statements in _statements(new_database.owner).items():
        assert any("alembic_version" in one for one in statements), "nothing was seen"
        if revision >= FIRST_BESIDE_CALLS:
            # {table: why what it does to it harms nobody}
            argued: dict[str, str] = getattr(SCRIPTS[revision].module, "ARGUED", {})
            assert all(argued.values())
            broken += [f"{revision} {one}" for one in breaches(statements, argued=argued)]
    assert broken == []


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE calls ADD COLUMN a INTEGER NOT NULL",
        "ALTER TABLE calls ADD COLUMN a UUID DEFAULT gen_random_uuid() NOT NULL",
        "ALTER TABLE calls DROP COLUMN state",
        "ALTER TABLE calls RENAME COLUMN state TO status",
        "ALTER TABLE calls RENAME TO phone_calls",
        "ALTER TABLE calls ALTER COLUMN epoch TYPE BIGINT",
        "ALTER TABLE calls ALTER COLUMN dialled SET NOT NULL",
        "ALTER TABLE calls ALTER COLUMN flags DROP DEFAULT",
        "ALTER TABLE calls ADD CONSTRAINT ck_a CHECK (epoch > 0)",
        "ALTER TABLE calls ADD CONSTRAINT fk_a FOREIGN KEY(contact_id) REFERENCES contacts (id)",
        "ALTER TABLE calls ADD CONSTRAINT uq_a UNIQUE (room)",
        "CREATE INDEX ix_a ON calls (state)",
        "CREATE UNIQUE INDEX ix_a ON calls (state)",
        "UPDATE calls SET state = 'ended'",
        "DELETE FROM calls",
        "DROP TABLE calls",
    ],
)
def test_the_rule_catches(statement: str) -> None:
    assert [one.table for one in breaches([statement])] == ["calls"]
    assert breaches(["CREATE TABLE calls (id uuid)", statement]) == []
    assert breaches([statement], argued={"calls"}) == []


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE calls ADD COLUMN a TEXT",
        "ALTER TABLE calls ADD COLUMN a JSONB DEFAULT '[]'::jsonb NOT NULL",
        "ALTER TABLE calls ADD COLUMN a INTEGER DEFAULT 0 NOT NULL",
        "ALTER TABLE calls ADD COLUMN a TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL",
        "ALTER TABLE calls ADD CONSTRAINT ck_a CHECK (epoch > 0) NOT VALID",
        "ALTER TABLE calls VALIDATE CONSTRAINT ck_a",
        "ALTER TABLE calls ADD CONSTRAINT uq_a UNIQUE USING INDEX ix_a",
        "CREATE INDEX CONCURRENTLY ix_a ON calls (state)",
    ],
)
def test_the_rule_allows(statement: str) -> None:
    assert breaches([statement]) == []


_COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable = 'YES', column_default IS NOT NULL
      FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
"""
_BUSINESS, _CALL, _MESSAGE = (uuid.UUID(int=number) for number in range(1, 4))

# As the release before writes them: frozen, every column by name as its models sent them.
WRITTEN_BEFORE = {
    "0006": (
        "INSERT INTO calls (id, business_id, room, channel, dialled, caller_phone, caller_index,"
        " contact_id, state, epoch, started_at, answered_at, ended_at, end_reason, outcome, sandbox)"
        f" VALUES ('{_CALL}', '{_BUSINESS}', 'call-1', 'sip', '+12025550100', NULL, NULL, NULL,"
        " 'answering', 1, now(), NULL, NULL, NULL, NULL, '[]')",
        "INSERT INTO call_events (call_id, epoch, seq, type, at, body, business_id)"
        rf" VALUES ('{_CALL}', 1, 1, 'call_started', now(), '\x00', '{_BUSINESS}')"
        " ON CONFLICT DO NOTHING",
        "INSERT INTO messages (id, business_id, call_id, caller_name, caller_phone, text,"
        f" call_back_time, urgency, state, created_at) VALUES ('{_MESSAGE}', '{_BUSINESS}',"
        rf" '{_CALL}', NULL, NULL, '\x00', NULL, 'normal', 'new', now())"
        " ON CONFLICT (id) DO NOTHING",
        f"UPDATE calls SET state = 'assistant', answered_at = now() WHERE id = '{_CALL}'"
        " AND epoch <= 1 AND ended_at IS NULL",
        f"UPDATE calls SET state = 'ended', ended_at = now(), end_reason = 'caller_hung_up'"
        f" WHERE id = '{_CALL}'",
    ),
}


def test_what_the_release_before_writes_is_taken_after_the_newest_migration(
    new_database: DatabaseAddress,
) -> None:
    assert NEWEST in WRITTEN_BEFORE, "freeze here what the release before writes during a call"
    upgrade(new_database.owner, revision=PREVIOUS)
    with psycopg.connect(new_database.superuser) as connection:
        before = {tuple(row[:2]): row[2:] for row in connection.execute(_COLUMNS)}
        connection.execute(
            "INSERT INTO businesses (id, name, time_zone, country, settings_version, created_at)"
            " VALUES (%s, 'B', 'America/New_York', 'US', 1, now())",
            [_BUSINESS],
        )
    upgrade(new_database.owner)
    with psycopg.connect(new_database.superuser) as connection:
        after = {tuple(row[:2]): row[2:] for row in connection.execute(_COLUMNS)}
    known = {table for table, _ in before}
    for column, (kind, nullable, _) in before.items():
        assert column in after, f"{column} is gone, and the release before reads it"
        assert after[column][0] == kind
        assert after[column][1] or not nullable, f"{column} refuses the NULL that is still written"
    for column, (_, nullable, has_default) in after.items():
        if column not in before and column[0] in known:
            assert nullable or has_default, f"{column} is left out by the release before"
    with psycopg.connect(new_database.app) as connection:
        connection.execute(sql.SQL("SET app.business_id = {}").format(sql.Literal(str(_BUSINESS))))
        for statement in WRITTEN_BEFORE[NEWEST]:
            assert connection.execute(statement.encode()).rowcount == 1, statement
        row = connection.execute("SELECT state, end_reason FROM calls").fetchone()
    assert row == ("ended", "caller_hung_up")


@pytest.mark.usefixtures("impatient")
def test_a_migration_gives_way_to_a_long_reader_and_is_tried_again(
    new_database: DatabaseAddress, tmp_path: Path
) -> None:
    upgrade(new_database.owner)
    folder = with_migration_to_come(tmp_path / "migrations")
    waits: list[float] = []
    with psycopg.connect(new_database.superuser) as report:
        report.execute("SELECT count(*) FROM calls")

        def give_way(seconds: float) -> None:
            """What others do in the pause: the calls' table is free for them, whatever the report does."""
            with psycopg.connect(new_database.superuser) as other:
                other.execute("SET lock_timeout = '50ms'")
                other.execute("UPDATE calls SET epoch = epoch")
            waits.append(seconds)
            if len(waits) == 2:
                report.rollback()

        upgrade(new_database.owner, folder=folder, wait=give_way)
    assert len(waits) == 2
    assert waits[0] < waits[1]
    with psycopg.connect(new_database.superuser) as connection:
        valid = connection.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_calls_later'::regclass"
        ).fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert (valid, row) == ((True,), ("9999",))
    # This release goes on beside the later one's schema, also where it is started again.
    assert not pending(new_database.owner)


@pytest.mark.usefixtures("impatient")
def test_a_migration_that_never_gets_its_lock_fails_and_leaves_the_schema_as_it_was(
    new_database: DatabaseAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(new_database.owner)
    folder = with_migration_to_come(tmp_path / "migrations")
    monkeypatch.setattr("domain.migrate.TRIES", 2)
    with psycopg.connect(new_database.superuser) as report:
        report.execute("SELECT count(*) FROM calls")
        with pytest.raises(OperationalError, match="lock timeout"):
            upgrade(new_database.owner, folder=folder, wait=lambda seconds: None)
    assert not pending(new_database.owner)
    # Nothing of it is left to hold up the next try.
    upgrade(new_database.owner, folder=folder, wait=lambda seconds: None)


@pytest.mark.parametrize(
    ("revision", "lacks"), [(None, True), ("0001", True), (NEWEST, False), ("9999", False)]
)
def test_what_lacks_a_migration(revision: str | None, lacks: bool) -> None:
    assert lacks_migration(revision) is lacks


@pytest.mark.usefixtures("impatient")
def test_of_two_that_migrate_at_once_one_waits_for_the_other(
    new_database: DatabaseAddress,
) -> None:
    failures: list[BaseException] = []

    def migrate() -> None:
        try:
            upgrade(new_database.owner)
        except BaseException as error:
            failures.append(error)

    one = threading.Thread(target=migrate)
    with psycopg.connect(new_database.superuser, autocommit=True) as other:
        # As another process holds it that migrates; the wait for it has no limit.
        other.execute("SELECT pg_advisory_lock(7203918)")
        one.start()
        one.join(3 * 0.3)
        assert one.is_alive(), "it ran beside another"
    one.join(60)
    assert not one.is_alive()
    assert failures == []
    assert not pending(new_database.owner)
