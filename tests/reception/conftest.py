"""Real servers for the callers' tests."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reception.caller.webrtc import LiveKit
from tests.calls.stack import find_livekit_server, free_port

KEY, SECRET = "devkey", "a-secret-for-tests-of-at-least-32-characters"


@pytest.fixture(scope="session")
def livekit_server() -> Iterator[LiveKit]:
    """A livekit-server of its own on free ports; skips where there is none."""
    binary = find_livekit_server()
    if binary is None:
        pytest.skip("livekit-server is not on PATH and RECEPTION_LIVEKIT_SERVER is not set")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "livekit.yaml"
        config.write_text(
            f"port: {port}\n"
            'bind_addresses: ["127.0.0.1"]\n'
            f"rtc: {{tcp_port: {free_port()}, udp_port: {free_port(socket.SOCK_DGRAM)}, "
            "use_external_ip: false, node_ip: 127.0.0.1}\n"
            f"keys: {{{KEY}: {SECRET}}}\n"
            "logging: {level: warn}\n"
        )
        log = Path(folder) / "log"
        with log.open("wb") as out:
            process = subprocess.Popen([binary, "--config", str(config)], stdout=out, stderr=out)
        try:
            _wait_for_port(port, process, log)
            yield LiveKit(url=f"ws://127.0.0.1:{port}", api_key=KEY, api_secret=SECRET)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"livekit-server did not start: {log.read_text()[-2000:]}")
