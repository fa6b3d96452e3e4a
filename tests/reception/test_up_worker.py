"""`reception worker` starts the fork server ahead of the worker, which must make no other difference."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from livekit.agents import Plugin

from agent.worker import Worker
from domain.environment import Environment
from reception.serve_calls import PRELOAD


def test_what_is_preloaded_early_is_what_the_worker_would_preload() -> None:
    environment = Environment(
        _env_file=None,  # type: ignore[call-arg]
        livekit_api_key="key",
        livekit_api_secret="s" * 32,  # type: ignore[arg-type]
    )
    wanted = Worker(environment)._server._preload_modules
    assert [name for name in PRELOAD if name.startswith("agent.")] == [*wanted, "agent.worker"]
    plugins = {plugin.package for plugin in Plugin.registered_plugins}
    assert {name for name in PRELOAD if name.startswith("livekit.plugins.")} == plugins
    assert PRELOAD[-2:] == ["livekit.agents.ipc._preload", "livekit.agents.ipc._preload_freeze"]


def test_every_preloaded_module_is_there() -> None:
    # The fork server passes over one that can't be imported, and every call would pay for it.
    for name in PRELOAD[:-1]:
        importlib.import_module(name)


STOPPED = """
import signal
from multiprocessing import forkserver, get_context
from pathlib import Path

from reception.fork_server import start_fork_server

def ignored(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    mask = next(line.split()[1] for line in lines if line.startswith("SigIgn"))
    return bool(int(mask, 16) >> (signal.SIGTERM - 1) & 1)

if __name__ == "__main__":
    start_fork_server(["json", "colorsys"])
    job = get_context("forkserver").Process(target=signal.pause, daemon=True)
    job.start()
    server = forkserver._forkserver._forkserver_pid
    print(ignored(server), ignored(job.pid), signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)
    job.kill()
    job.join()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="there is a fork server on Linux alone")
def test_a_signal_to_the_whole_group_reaches_the_worker_and_not_its_jobs(tmp_path: Path) -> None:
    script = tmp_path / "stopped.py"
    script.write_text(STOPPED)
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout == "True True True\n", done.stderr
