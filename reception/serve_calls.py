"""Starts the worker, with the fork server that makes its job processes."""

from __future__ import annotations

import os
import sys

from agent.watching.address import choose_address
from domain.environment import Environment
from reception.fork_server import start_fork_server

PRELOAD = [
    "livekit.plugins.deepgram",
    "livekit.plugins.elevenlabs",
    "livekit.plugins.openai",
    "livekit.plugins.silero",
    "agent.job",
    "agent.warm",
    # Of use to the worker alone, which shares it with nobody; but what it shares must not be written to later.
    "agent.worker",
    "livekit.agents.ipc._preload",
    # Must remain last; it freezes what the others imported.
    "livekit.agents.ipc._preload_freeze",
]
"""What livekit-agents 1.8.9 preloads for our worker (worker.py, `set_forkserver_preload`), and the worker. To a
running fork server its own list makes no difference."""


def main(environment: Environment) -> int:
    """Run `agent.worker`; returns its exit code.

    livekit-agents would start its fork server as a program of its own, which imports the same once more: 5 s of a
    core, and memory for two.
    """
    if sys.platform == "linux":
        # Job processes inherit the environment of the fork server, as it is now.
        os.environ["LIVEKIT_URL"] = environment.livekit_address
        os.environ["LIVEKIT_API_KEY"] = environment.livekit_api_key
        os.environ["LIVEKIT_API_SECRET"] = environment.livekit_api_secret.get_secret_value()
        choose_address()
        start_fork_server(PRELOAD)
    from agent.worker import main as run_worker

    return run_worker()
