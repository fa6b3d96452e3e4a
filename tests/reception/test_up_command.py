"""`reception up` as a user runs it: one process that starts all the others."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from reception import livekit_server

RECEPTION = Path(sys.executable).with_name("reception")
START_PATIENCE = 180.0
"""Seconds; a loaded machine takes a minute."""
STOP_PATIENCE = 90.0
NO_VENDORS = dict.fromkeys(
    (
        *("DEEPGRAM_API_KEY", "DEEPGRAM_BASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
        *("ELEVEN_API_KEY", "ELEVENLABS_BASE_URL", "DATABASE_URL", "LIVEKIT_URL"),
    ),
    "",
)


def port_block() -> int:
    """The first of nine neighbouring ports that nobody has at this moment, outside the range from
    which the system gives ports to others."""
    while True:
        first = random.randrange(10_000, 30_000)
        try:
            for number in range(first, first + 9):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    with socket.socket(type=kind) as probe:
                        probe.bind(("127.0.0.1", number))
        except OSError:
            continue
        return first


class Installation:
    """A folder with a home of its own, its ports, and the commands run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        first = port_block()
        names = ("ADMIN", "LIVEKIT", "", "", "SIP", "REDIS", "SANDBOX", "WORKER", "JOBS")
        self.ports = {name: first + index for index, name in enumerate(names) if name}
        rtp = random.randrange(31_000, 32_000)
        self.env = (
            os.environ
            | NO_VENDORS
            | {f"RECEPTION_{name}_PORT": str(number) for name, number in self.ports.items()}
            | {
                "RECEPTION_RTP_PORTS": f"{rtp}-{rtp + 100}",
                "RECEPTION_HOME": str(folder / "home"),
                "RECEPTION_ENV": "development",
            }
        )
        self.up: subprocess.Popen[str] | None = None
        self.lines: list[str] = []
        self._ready = threading.Event()

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [RECEPTION, *arguments],
            env=self.env | env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=START_PATIENCE,
            check=False,
        )

    def start(self) -> None:
        self.up = subprocess.Popen(
            [RECEPTION, "up"],
            env=self.env,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        if not self._ready.wait(START_PATIENCE) or not self.is_ready:
            self.up.kill()
            raise AssertionError("not ready:\n" + "\n".join(self.lines))

    def _read(self) -> None:
        assert self.up and self.up.stdout
        for line in self.up.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("ready"):
                self._ready.set()
        self._ready.set()

    @property
    def is_ready(self) -> bool:
        return any(line.startswith("ready") for line in self.lines)

    def family(self) -> list[psutil.Process]:
        assert self.up
        return psutil.Process(self.up.pid).children(recursive=True)

    def parents_of(self, command: list[str]) -> dict[int, int]:
        """Of the processes whose command line ends so: each one's parent, by process id."""
        found = {}
        for one in self.family():
            # They come and go: one that has gone meanwhile is left out.
            with suppress(psutil.NoSuchProcess), one.oneshot():
                if one.cmdline()[-len(command) :] == command:
                    found[one.pid] = one.ppid()
        return found

    def get(self, path: str, *, key: str = "") -> int:
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports['ADMIN']}{path}")
        if key:
            request.add_header("Authorization", f"Bearer {key}")
        with urllib.request.urlopen(request, timeout=30) as reply:
            return int(reply.status)


def lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all end within STOP_PATIENCE."""
    deadline = time.monotonic() + STOP_PATIENCE
    left = processes
    while left and time.monotonic() < deadline:
        left = [one for one in left if lives(one)]
        time.sleep(0.05)
    return not left


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Short, and passable for the user that PostgreSQL runs as.
    with tempfile.TemporaryDirectory(prefix="rcp") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Installation]:
    """An installation that has been started; skips where there is no livekit-server."""
    if livekit_server.find() is None and "RECEPTION_LIVEKIT_SERVER" not in os.environ:
        pytest.skip("livekit-server is not built: `make livekit-server`")
    made = Installation(folder)
    made.start()
    assert made.up
    try:
        yield made
    finally:
        if made.up.poll() is None:
            made.up.terminate()
            made.up.wait(STOP_PATIENCE)


def test_a_port_in_use_is_one_line_and_nothing_is_started(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with socket.socket() as held:
        held.bind(("127.0.0.1", installation.ports["ADMIN"]))
        held.listen()
        done = installation.run("up")
    assert done.returncode == 1
    text = done.stdout + done.stderr
    assert f"port {installation.ports['ADMIN']}" in text
    assert "RECEPTION_ADMIN_PORT" in text
    assert "Traceback" not in text
    assert not (tmp_path / "home" / "postgres").exists()


def test_production_refuses_the_sandbox(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    secrets = dict(
        line.split("=", 1) for line in installation.run("secrets").stdout.splitlines() if line
    )
    done = installation.run(
        "up",
        **secrets,
        RECEPTION_ENV="production",
        DATABASE_URL="postgresql://127.0.0.1:1/none",
        LIVEKIT_URL="ws://127.0.0.1:1",
        LIVEKIT_API_KEY="key",
    )
    assert done.returncode == 1
    assert "OPENAI_API_KEY" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_wrong_variable_in_the_env_file_is_told_by_name(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    del installation.env["RECEPTION_ADMIN_PORT"]
    (tmp_path / ".env").write_text("RECEPTION_ADMIN_PORT=eighty\n")
    done = installation.run("up")
    assert done.returncode == 1
    assert "RECEPTION_ADMIN_PORT" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.call
def test_each_part_is_told_with_its_address_and_the_sandbox_loudly(running: Installation) -> None:
    told = "\n".join(running.lines)
    for part, address in (
        ("postgres", "unix socket"),
        ("livekit", f"ws://127.0.0.1:{running.ports['LIVEKIT']}"),
        ("sandbox", f"http://127.0.0.1:{running.ports['SANDBOX']}"),
        ("worker", f"http://127.0.0.1:{running.ports['WORKER']}"),
        ("jobs", f"http://127.0.0.1:{running.ports['JOBS']}"),
        ("admin", f"http://127.0.0.1:{running.ports['ADMIN']}"),
    ):
        assert re.search(rf"^{part} .*{re.escape(address)}", told, re.MULTILINE), told
    assert "SANDBOX" in told
    assert "reception call" in told
    telephony = shutil.which("livekit-sip") and shutil.which("redis-server")
    assert ("No telephone" in told) != bool(telephony)


@pytest.mark.call
def test_the_worker_has_one_fork_server_that_makes_its_jobs(running: Installation) -> None:
    # All have the worker's own command line: they are forked from it.
    parents = running.parents_of(["reception", "worker"])
    [worker] = [one for one, parent in parents.items() if parent not in parents]
    servers = {parent for one, parent in parents.items() if one != worker} - {worker}
    assert len(servers) == 1
    assert parents[servers.pop()] == worker


@pytest.mark.call
def test_the_owners_key_that_is_printed_opens_the_api(running: Installation) -> None:
    key = re.search(r"rcp_\w+", "\n".join(running.lines))
    assert key
    assert running.get("/api/v1/calls", key=key[0]) == 200


@pytest.mark.call
def test_a_second_up_on_the_same_home_is_one_line(running: Installation) -> None:
    done = running.run("up")
    assert done.returncode == 1
    text = (done.stdout + done.stderr).strip()
    assert len(text.splitlines()) == 1
    assert "already runs" in text
    assert running.up and running.up.poll() is None


@pytest.mark.call
def test_the_doctor_finds_all_well_with_a_synthetic_call(running: Installation) -> None:
    done = running.run("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    problems = [check for check in checks.values() if check["status"] == "problem"]
    assert not problems
    assert done.returncode == 0
    # A warning on a loaded machine: greeted, but slowly.
    assert checks["synthetic call"]["status"] in ("ok", "warning")


@pytest.mark.call
def test_a_new_api_key_is_the_last_line_and_works(running: Installation) -> None:
    done = running.run("apikey", "create", "--name", "a test", "--role", "viewer")
    assert done.returncode == 0, done.stderr
    assert running.get("/api/v1/calls", key=done.stdout.splitlines()[-1]) == 200


@pytest.mark.call
def test_a_wrong_role_is_refused_by_name(running: Installation) -> None:
    done = running.run("apikey", "create", "--name", "a test", "--role", "king")
    assert done.returncode == 1
    assert "role" in done.stderr
    assert "Traceback" not in done.stderr


def assert_booked(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    assert "assistant" in done.stdout
    assert re.search(r"^call [0-9a-f-]{36}: booked$", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^appointment \w+: Cleaning with .*, booked$", done.stdout, re.MULTILINE)
    assert re.search(r"total +median [0-9.]+ s", done.stdout)


@pytest.mark.call
def test_reception_call_books_a_cleaning_by_voice(running: Installation) -> None:
    assert_booked(running.run("call"))


@pytest.mark.sip
def test_reception_call_books_a_cleaning_over_a_telephone(running: Installation) -> None:
    if not (shutil.which("livekit-sip") and shutil.which("redis-server")):
        pytest.skip("livekit-sip and redis-server are not both on PATH")
    assert_booked(running.run("call", "--sip"))


@pytest.mark.call
def test_a_dead_part_is_told_and_comes_back(running: Installation) -> None:
    admin = psutil.Process(next(iter(running.parents_of(["admin"]))))
    before = len(running.lines)
    admin.kill()
    deadline = time.monotonic() + START_PATIENCE
    while not any("is back at" in line for line in running.lines[before:]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    told = "\n".join(running.lines[before:])
    assert re.search(r"^admin +was ended by SIGKILL; log: .*admin\.log", told, re.MULTILINE)
    assert running.get("/healthz") == 200


@pytest.mark.call
def test_ctrl_c_stops_everything_and_a_second_start_is_a_start_again(
    running: Installation,
) -> None:
    assert running.up
    family = running.family()
    assert len(family) >= 5
    running.up.send_signal(signal.SIGINT)
    assert running.up.wait(STOP_PATIENCE) == 0
    assert gone(family)
    assert not (running.folder / "home" / "running.env").exists()
    key = re.search(r"rcp_\w+", "\n".join(running.lines))
    running.lines.clear()
    running._ready.clear()
    running.start()
    assert key
    assert key[0] in "\n".join(running.lines)


@pytest.mark.call
def test_kill_9_leaves_nothing(running: Installation) -> None:
    assert running.up
    family = running.family()
    running.up.kill()
    running.up.wait()
    assert gone(family)
