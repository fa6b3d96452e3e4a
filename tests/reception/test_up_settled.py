"""The quick questions that spare `reception up` the full preparation agree with the domain's own answers."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory

from domain.accounts import keys
from domain.database import Database
from domain.demo import DEMO_NUMBER as DOMAINS_DEMO_NUMBER, seed_demo
from domain.migrate import _config
from reception.settled import DEMO_NUMBER, is_migrated, is_seeded, newest_revision
from tests.postgres import DatabaseAddress


def test_the_newest_revision_is_the_one_that_alembic_finds() -> None:
    script = ScriptDirectory.from_config(_config("postgresql://nobody@/none"))
    assert newest_revision() == script.get_current_head()


def test_two_heads_are_no_answer(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('revision = "a"\ndown_revision = None\n')
    (tmp_path / "b.py").write_text('revision: str = "b"\ndown_revision: str | None = "a"\n')
    assert newest_revision(tmp_path) == "b"
    (tmp_path / "c.py").write_text("revision = 'c'\ndown_revision = 'a'\n")
    assert newest_revision(tmp_path) == ""


@pytest.mark.own_database
def test_a_database_is_migrated_until_its_revision_is_another(
    database_address: DatabaseAddress,
) -> None:
    assert is_migrated(database_address.app)
    with psycopg.connect(database_address.owner, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'older'")
        assert not is_migrated(database_address.app)
        connection.execute("DROP TABLE alembic_version")
    assert not is_migrated(database_address.app)
    assert not is_migrated("postgresql://nobody@127.0.0.1:1/none")


async def test_a_seeded_database_has_the_demo_business_and_the_key(
    database: Database, database_address: DatabaseAddress
) -> None:
    url = database_address.app
    assert DEMO_NUMBER == DOMAINS_DEMO_NUMBER
    assert not is_seeded(url, owner_key="")
    business_id = await seed_demo(database)
    assert not is_seeded(url, owner_key="rcp_unknown")
    async with database.scope(business_id=business_id) as scope:
        made, key = await keys.create(scope, name="owner", role="owner")
    assert is_seeded(url, owner_key=key)
    async with database.scope(business_id=business_id) as scope:
        await keys.revoke(scope, key_id=made.id)
    assert not is_seeded(url, owner_key=key)
