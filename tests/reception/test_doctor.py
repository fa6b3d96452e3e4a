"""The doctor's checks, each over something real that is in order or is not."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from typer.testing import CliRunner

from domain.environment import Environment
from reception.cli import app
from reception.doctor import examine, machine
from reception.doctor.check import Check
from reception.doctor.database import check_database
from reception.doctor.jobs import check_jobs
from reception.doctor.livekit import check_livekit, check_processes
from reception.doctor.vendors import check_vendors
from reception.home import Home
from tests.calls.stack import free_port
from tests.postgres import DatabaseAddress


def environment(**values: Any) -> Environment:
    return Environment(_env_file=None, **values)


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_a_database_in_order_is_all_ok(database_address: DatabaseAddress) -> None:
    checks = check_database(environment(database_url=database_address.app))
    assert [check.status for check in checks] == ["ok"] * 4, checks


def test_a_role_that_may_bypass_is_a_problem(database_address: DatabaseAddress) -> None:
    found = by_name(check_database(environment(database_url=database_address.superuser)))
    assert found["database role"].status == "problem"
    assert "reception_app" in found["database role"].mend


@pytest.mark.own_database
def test_a_table_without_forced_row_level_security_is_named(
    database_address: DatabaseAddress,
) -> None:
    with psycopg.connect(database_address.owner, autocommit=True) as connection:
        connection.execute("ALTER TABLE messages NO FORCE ROW LEVEL SECURITY")
    found = by_name(check_database(environment(database_url=database_address.app)))
    assert found["row-level security"].status == "problem"
    assert "messages" in found["row-level security"].detail


@pytest.mark.own_database
def test_a_missing_migration_is_a_problem_with_its_remedy(
    database_address: DatabaseAddress,
) -> None:
    with psycopg.connect(database_address.owner, autocommit=True) as connection:
        connection.execute("DELETE FROM alembic_version")
    found = by_name(check_database(environment(database_url=database_address.app)))
    assert found["database schema"].status == "problem"
    assert "reception migrate" in found["database schema"].mend
    assert found["row-level security"].status == "skipped"


def test_an_unreachable_database_does_not_tell_the_password(tmp_path: Path) -> None:
    url = f"postgresql://reception_app:hunter2@/reception?host={tmp_path}"
    checks = check_database(environment(database_url=url))
    assert checks[0].status == "problem"
    assert "hunter2" not in str(checks)
    assert [check.status for check in checks[1:]] == ["skipped"] * 3


def test_no_database_says_what_to_start(tmp_path: Path) -> None:
    checks = check_database(environment(reception_home=tmp_path))
    assert checks[0].status == "problem"
    assert "make run" in checks[0].mend


def test_jobs_are_in_order_while_a_process_gives_signs_of_life(
    database_address: DatabaseAddress,
) -> None:
    found = by_name(check_jobs(environment(database_url=database_address.app)))
    assert found["jobs"].status == "problem"
    assert "reception jobs" in found["jobs"].mend
    with psycopg.connect(database_address.app, autocommit=True) as connection:
        for age, status in (("60 s", "problem"), ("5 s", "ok")):
            connection.execute("DELETE FROM jobs.procrastinate_workers")
            connection.execute(
                "INSERT INTO jobs.procrastinate_workers (last_heartbeat)"
                " VALUES (now() - %s::interval)",
                (age,),
            )
            found = by_name(check_jobs(environment(database_url=database_address.app)))
            assert found["jobs"].status == status, found["jobs"]


def test_dead_letters_are_a_warning(database_address: DatabaseAddress) -> None:
    found = by_name(check_jobs(environment(database_url=database_address.app)))
    assert found["dead letters"].status == "ok"
    with psycopg.connect(database_address.app, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, status)"
            " VALUES ('default', 'sync_calendar', 'failed')"
        )
    found = by_name(check_jobs(environment(database_url=database_address.app)))
    assert found["dead letters"].status == "warning"
    assert "1 job failed" in found["dead letters"].detail


def test_jobs_can_not_be_checked_without_the_database(tmp_path: Path) -> None:
    url = f"postgresql://reception_app:hunter2@/reception?host={tmp_path}"
    checks = check_jobs(environment(database_url=url))
    assert [check.status for check in checks] == ["skipped"] * 2


def test_little_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    total = shutil.disk_usage(tmp_path).total
    for free, status in ((2_000_000_000, "ok"), (500_000_000, "warning"), (1_000_000, "problem")):
        usage = (total, total - free, free)
        monkeypatch.setattr(
            shutil, "disk_usage", lambda _, usage=usage: type("Usage", (), {"free": usage[2]})()
        )
        assert machine.check_disk(Home(tmp_path / "not made yet")).status == status


def test_a_broken_encryption_key_is_a_problem() -> None:
    check = machine.check_secrets(
        environment(reception_encryption_keys="not a key", reception_index_key="i" * 32)
    )
    assert check.status == "problem"
    assert "not a key" not in check.detail


def test_a_taken_port_is_a_problem_before_a_start() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        check = machine.check_ports(environment(reception_admin_port=port), running=False)
    assert check.status == "problem"
    assert "RECEPTION_ADMIN_PORT" in check.detail


Vendor = Callable[..., Environment]


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    """A vendor that accepts the key `right` and has nothing under /bare."""

    async def answer(request: web.Request) -> web.Response:
        given = request.headers.get("Authorization") or request.headers.get("xi-api-key") or ""
        return web.json_response([], status=200 if given.endswith("right") else 401)

    application = web.Application()
    for path in ("/v1/projects", "/v1/models"):
        application.router.add_get(path, answer)
    async with TestServer(application) as server:
        base = f"http://127.0.0.1:{server.port}"

        def made(key: str, path: str = "/v1") -> Environment:
            return environment(
                deepgram_api_key=key,
                deepgram_base_url=f"{base}{path}/listen",
                openai_api_key=key,
                openai_base_url=f"{base}{path}",
                eleven_api_key=key,
                elevenlabs_base_url=f"{base}{path}",
            )

        yield made


@pytest.mark.parametrize(("key", "status"), [("right", "ok"), ("wrong", "problem")])
async def test_each_vendors_key_is_tried(vendor: Vendor, key: str, status: str) -> None:
    checks = await check_vendors(vendor(key))
    assert [check.name for check in checks] == ["deepgram", "openai", "elevenlabs"]
    assert [check.status for check in checks] == [status] * 3
    assert "wrong" not in str(checks)


async def test_a_vendor_that_lists_nothing_is_left_to_the_call(vendor: Vendor) -> None:
    checks = await check_vendors(vendor("right", path="/bare"))
    assert [check.status for check in checks] == ["warning"] * 3


async def test_an_unreachable_vendor_is_a_problem() -> None:
    base = f"http://127.0.0.1:{free_port()}/v1"
    found = by_name(await check_vendors(environment(openai_base_url=base)))
    assert found["openai"].status == "problem"
    assert "OPENAI_BASE_URL" in found["openai"].mend


async def test_a_sandbox_is_a_warning_when_it_answers_and_a_problem_in_production() -> None:
    async with TestServer(web.Application()) as server:
        running = environment(reception_sandbox_port=server.port)
        assert [one.status for one in await check_vendors(running)] == ["warning"] * 3
        production = environment(reception_sandbox_port=server.port, reception_env="production")
        assert [one.status for one in await check_vendors(production)] == ["problem"] * 3
    assert [one.status for one in await check_vendors(running)] == ["problem"] * 3


async def test_no_livekit_and_no_processes_say_what_to_start() -> None:
    nothing = environment(
        livekit_url=f"ws://127.0.0.1:{free_port()}",
        livekit_api_key="key",
        livekit_api_secret="s" * 32,
        reception_admin_port=free_port(),
        reception_worker_port=free_port(),
    )
    (livekit,) = await check_livekit(nothing)
    assert livekit.status == "problem"
    assert "LIVEKIT_URL" in livekit.mend
    assert [one.status for one in await check_processes(nothing)] == ["problem"] * 2


async def test_a_call_is_not_tried_without_what_it_needs(tmp_path: Path) -> None:
    checks = by_name(
        await examine(
            environment(
                reception_home=tmp_path,
                reception_livekit_port=free_port(),
                reception_worker_port=free_port(),
                reception_admin_port=free_port(),
            )
        )
    )
    assert checks["synthetic call"].status == "skipped"
    assert "livekit" in checks["synthetic call"].detail


def test_the_command_prints_json_and_fails_on_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECEPTION_HOME", str(tmp_path / "home"))
    for name in ("LIVEKIT", "ADMIN", "WORKER", "JOBS", "SANDBOX"):
        monkeypatch.setenv(f"RECEPTION_{name}_PORT", str(free_port()))
    done = CliRunner().invoke(app, ["doctor", "--json"])
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert answer["ok"] is False
    names = [check["name"] for check in answer["checks"]]
    assert {
        "python",
        "database",
        "jobs",
        "dead letters",
        "livekit",
        "worker",
        "openai",
        "synthetic call",
    } <= set(names)
    for check in answer["checks"]:
        assert bool(check["mend"]) == (check["status"] in ("problem", "warning"))
