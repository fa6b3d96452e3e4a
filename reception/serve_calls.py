"""Starts the worker quickly: its fork server imports at the same time as the worker itself."""

from __future__ import annotations

import os
import sys
from multiprocessing import forkserver

from domain.environment import Environment

PRELOAD = [
    "livekit.plugins.deepgram",
    "livekit.plugins.elevenlabs",
    "livekit.plugins.openai",
    "livekit.plugins.silero",
    "agent.job",
    "agent.warm",
    "livekit.agents.ipc._preload",
    # Must remain last; it freezes what the others imported.
    "livekit.agents.ipc._preload_freeze",
]
"""What livekit-agents 1.8.9 preloads for our worker (worker.py, `set_forkserver_preload`), to which a
running fork server makes no difference: it would only start it later."""


def main(environment: Environment) -> int:
    """Run `agent.worker`; returns its exit code.

    livekit-agents starts its fork server when the worker's own imports are done, and that imports the
    same again: 5 s each on two cores, one after the other.
    """
    if sys.platform == "linux":
        # Job processes inherit the environment of the fork server, as it is now.
        os.environ["LIVEKIT_URL"] = environment.livekit_address
        os.environ["LIVEKIT_API_KEY"] = environment.livekit_api_key
        os.environ["LIVEKIT_API_SECRET"] = environment.livekit_api_secret.get_secret_value()
        forkserver.set_forkserver_preload(PRELOAD)
        forkserver.ensure_running()
    from agent.worker import main as run_worker

    return run_worker()
