"""The service as a process: it starts, logs without private data, and ends cleanly."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import DatabaseAddress


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def _environment(folder: Path, **values: str) -> dict[str, str]:
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])}
    return kept | {"RECEPTION_HOME": str(folder), "LIVEKIT_URL": "ws://127.0.0.1:9"} | values


@pytest.fixture
def running(
    database_address: DatabaseAddress, tmp_path: Path
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "admin.main"],
        env=_environment(
            tmp_path, DATABASE_URL=database_address.app, RECEPTION_ADMIN_PORT=str(port)
        ),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2).close()
            break
        except OSError:
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.1)
    yield process, address
    process.kill()
    process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_and_its_log_holds_nothing_private(
    running: tuple[subprocess.Popen[str], str], number: int
) -> None:
    process, address = running
    for path in ("/api/v1/calls?caller_phone=%2B12025550123", "/+12025550123"):
        request = urllib.request.Request(address + path, headers={"X-Request-ID": "trace-1"})
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(request, timeout=5)
    process.send_signal(number)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, output
    lines = [json.loads(line) for line in output.splitlines()]
    assert {"trace-1"} <= {line.get("request_id") for line in lines}
    assert {line["status"] for line in lines if line["event"] == "request"} == {401, 404}
    assert "2025550123" not in output


def test_wrong_settings_are_one_clear_line(tmp_path: Path) -> None:
    for values, named in (({}, "DATABASE_URL"), ({"RECEPTION_ADMIN_PORT": "0"}, "admin_port")):
        done = subprocess.run(
            [sys.executable, "-m", "admin.main"],
            env=_environment(tmp_path, **values),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 1
        assert named in done.stderr and "Traceback" not in done.stderr


def test_a_port_in_use_ends_it(tmp_path: Path, database_address: DatabaseAddress) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "admin.main"],
            env=_environment(
                tmp_path, DATABASE_URL=database_address.app, RECEPTION_ADMIN_PORT=str(port)
            ),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert "address already in use" in done.stdout
