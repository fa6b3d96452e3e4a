"""The embedded PostgreSQL, over a real server."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from domain.migrate import pending
from reception import parts, postgres
from reception.home import Home
from reception.postgres import EmbeddedPostgres, PostgresFailed, prepare
from reception.prepare_database import prepare_embedded
from reception.supervisor import Supervisor


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Not pytest's: its folders are closed to the user that the server runs as, and too long."""
    with tempfile.TemporaryDirectory(prefix="rcp") as folder:
        yield Path(folder)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    home = Home(folder)
    home.make()
    with home.lock() as lock:
        supervisor = Supervisor(say=lambda part, line: None, lock=lock)
        try:
            made = await asyncio.to_thread(prepare, home.postgres)
            await supervisor.start(parts.postgres_part(home, made))
            yield made
        finally:
            await supervisor.stop()


async def test_what_is_stored_is_there_after_a_restart(short_folder: Path) -> None:
    async with running(short_folder) as server, await connect(server.superuser_url) as connection:
        await connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
        await connection.commit()
    async with running(short_folder) as server, await connect(server.superuser_url) as connection:
        row = await (await connection.execute("SELECT number FROM kept")).fetchone()
        assert row == (42,)


async def test_both_roles_get_in_with_their_passwords_and_nobody_without(
    short_folder: Path,
) -> None:
    async with running(short_folder) as server:
        await prepare_embedded(server, lambda part, line: None)
        assert not pending(server.app_url)
        for url in (server.owner_url, server.app_url):
            async with await connect(url) as connection:
                row = await (
                    await connection.execute(
                        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
                    )
                ).fetchone()
                assert row == (False,)
        wrong = server.app_url.replace(server.app_password, "guess")
        with pytest.raises(psycopg.OperationalError):
            await connect(wrong)
        # A second preparation finds everything done.
        said: list[str] = []
        await prepare_embedded(server, lambda part, line: said.append(line))
        assert said == []


async def test_a_home_with_a_long_path_has_its_socket_elsewhere(short_folder: Path) -> None:
    folder = short_folder / ("long" * 30)
    async with running(folder) as server:
        assert not server.socket_folder.is_relative_to(folder)
        assert await server.ready()
    server.socket_folder.rmdir()


async def test_the_server_is_not_ready_when_it_does_not_run(short_folder: Path) -> None:
    home = Home(short_folder)
    home.make()
    made = await asyncio.to_thread(prepare, home.postgres)
    assert not await made.ready()


def test_a_cut_off_preparation_is_begun_anew(short_folder: Path) -> None:
    left_over = short_folder / f"data-{postgres.MAJOR_VERSION}.new"
    left_over.mkdir()
    (left_over / "PG_VERSION").write_text("18\n")
    made = prepare(short_folder)
    assert (made.data / "global" / "pg_control").exists()
    assert not left_over.exists()


def test_a_socket_folder_that_somebody_put_in_our_way_is_refused(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(short_folder))
    home = short_folder / ("long" * 30)
    home.mkdir()
    away = postgres._socket_folder(home, None)
    assert away.parent == short_folder
    away.rmdir()
    away.symlink_to(home)
    with pytest.raises(PostgresFailed, match="somebody else"):
        postgres._socket_folder(home, None)


async def connect(url: str) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(url)
