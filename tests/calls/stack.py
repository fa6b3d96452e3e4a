"""The parts of a whole call as processes on free ports: LiveKit, the sandbox vendors, the worker."""

from __future__ import annotations

import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.fernet import Fernet

from reception.caller.webrtc import LiveKit

KEY, SECRET = "devkey", "a-secret-for-tests-of-at-least-32-characters"
START_SECONDS = 90.0
_PORTS: Final = range(10_000, 32_000)
"""Below those that Linux gives to outgoing connections (32768 to 60999), one of which could be somebody's before
it is listened on."""


def find_livekit_server() -> str | None:
    """The binary that the environment or PATH names."""
    return os.environ.get("RECEPTION_LIVEKIT_SERVER") or shutil.which("livekit-server")


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port of the loopback address that is free at this moment."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@dataclass
class Part:
    """A running process, with its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self, *, timeout: float = 30.0) -> int:
        """SIGTERM, then SIGKILL; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait(10)

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]


@dataclass
class Stack:
    """Everything a call needs; `folder` holds the home and the logs."""

    folder: Path
    database_url: str
    telephony: bool = False
    """With redis and livekit-sip."""
    rtp_ports: int = 100
    """Telephone calls at once, at most: livekit-sip answers 500 to others."""
    parts: list[Part] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.livekit_port = free_port()
        self.sandbox_port = free_port()
        self.worker_port = free_port()
        self.redis_port = free_port()
        self.sip_port = free_port(socket.SOCK_DGRAM)
        sandbox = f"http://127.0.0.1:{self.sandbox_port}/v1"
        # As a production installation, with the sandbox as its vendors' address: an unknown number is
        # unknown there, and no secret is made up.
        self.environment = {
            "RECEPTION_ENV": "production",
            "DEEPGRAM_BASE_URL": sandbox,
            "OPENAI_BASE_URL": sandbox,
            "ELEVENLABS_BASE_URL": sandbox,
            "RECEPTION_HOME": str(self.home),
            "DATABASE_URL": self.database_url,
            "LIVEKIT_URL": f"ws://127.0.0.1:{self.livekit_port}",
            "LIVEKIT_API_KEY": KEY,
            "LIVEKIT_API_SECRET": SECRET,
            "RECEPTION_SANDBOX_PORT": str(self.sandbox_port),
            "RECEPTION_WORKER_PORT": str(self.worker_port),
            "RECEPTION_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "RECEPTION_INDEX_KEY": "index" * 8,
            "RECEPTION_JWT_SECRET": "j" * 40,
        }

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def livekit(self) -> LiveKit:
        url = self.environment["LIVEKIT_URL"]
        return LiveKit(url=url, api_key=KEY, api_secret=SECRET)

    def start(self, livekit_server: str) -> None:
        """Start every part and wait until each is ready. Raises RuntimeError with the log's end."""
        if self.telephony:
            arguments = ["--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", ""]
            self._start("redis", ["redis-server", *arguments])
            self.wait(lambda: _listens(self.redis_port))
        self.start_livekit(livekit_server)
        self.start_part("sandbox", ["-m", "sandbox", "--port", str(self.sandbox_port)])
        self.wait(lambda: _listens(self.sandbox_port))
        if self.telephony:
            self._start_sip()
        self.start_worker()

    def start_worker(self, **changes: str) -> Part:
        """A worker, ready to take calls; `changes` to its environment."""
        part = self.start_part("worker", ["-m", "reception", "worker"], **changes)
        port = changes.get("RECEPTION_WORKER_PORT", str(self.worker_port))
        self.wait(lambda: worker_state(int(port)).get("accepting") is True)
        return part

    def start_part(self, name: str, arguments: list[str], **changes: str) -> Part:
        return self._start(name, [sys.executable, *arguments], **changes)

    def stop(self) -> None:
        for part in reversed(self.parts):
            part.stop()

    def sandbox(self, method: str, path: str, body: Any = None) -> None:
        """A request to the sandbox's control endpoint."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.sandbox_port}/control/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10):
            pass

    def wait(self, ready: Callable[[], bool], *, timeout: float = START_SECONDS) -> None:
        """Wait until `ready`; a part that died meanwhile is an error."""
        give_up = time.monotonic() + timeout
        while not ready():
            for part in self.parts:
                if part.process.poll() not in (None, 0):
                    raise RuntimeError(f"{part.name} ended: {part.tail()}")
            if time.monotonic() > give_up:
                logs = "\n".join(f"--- {part.name}\n{part.tail()}" for part in self.parts)
                raise RuntimeError(f"not ready after {timeout:g} s\n{logs}")
            time.sleep(0.05)

    def start_livekit(self, binary: str) -> None:
        """Start it, or another in its place, and wait until it answers."""
        config = self.folder / "livekit.yaml"
        config.write_text(
            f"port: {self.livekit_port}\n"
            'bind_addresses: ["127.0.0.1"]\n'
            f"rtc: {{tcp_port: {free_port()}, udp_port: {free_port(socket.SOCK_DGRAM)}, "
            "use_external_ip: false, node_ip: 127.0.0.1}\n"
            f"keys: {{{KEY}: {SECRET}}}\n"
            "room: {empty_timeout: 60, departure_timeout: 20}\n"
            "logging: {level: warn}\n"
            + (f'redis: {{address: "127.0.0.1:{self.redis_port}"}}\n' if self.telephony else "")
        )
        self._start("livekit", [binary, "--config", str(config)])
        self.wait(lambda: _listens(self.livekit_port))

    def _start_sip(self) -> None:
        config = self.folder / "livekit-sip.yaml"
        first = random.randrange(31_000, 32_000)
        config.write_text(
            f"api_key: {KEY}\napi_secret: {SECRET}\nws_url: ws://127.0.0.1:{self.livekit_port}\n"
            f'redis: {{address: "127.0.0.1:{self.redis_port}"}}\n'
            f"sip_port: {self.sip_port}\nrtp_port: {first}-{first + self.rtp_ports}\n"
            "nat_1_to_1_ip: 127.0.0.1\nlisten_ip: 127.0.0.1\nlogging: {level: warn}\n"
            # A machine that runs tests is busy, and no call is to be refused for it.
            "max_cpu_utilization: 1\n"
        )
        self._start("sip", ["livekit-sip", "--config", str(config)])
        self.wait(lambda: _listens(self.sip_port))

    def _start(self, name: str, command: list[str], **changes: str) -> Part:
        log = self.folder / f"{name}-{len(self.parts)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, stdout=out, stderr=out, env={**os.environ, **self.environment, **changes}
            )
        part = Part(name, process, log)
        self.parts.append(part)
        return part


def worker_state(port: int) -> dict[str, Any]:
    """What the worker's `/ready` says; empty while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=2) as reply:
            state: dict[str, Any] = json.load(reply)
            return state
    except urllib.error.HTTPError as error:
        found: dict[str, Any] = json.load(error)
        return found
    except OSError:
        return {}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
