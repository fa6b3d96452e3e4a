"""`reception worker` starts the fork server ahead of the worker, which must make no other difference."""

from __future__ import annotations

import importlib

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
    assert [name for name in PRELOAD if name.startswith("agent.")] == wanted
    plugins = {plugin.package for plugin in Plugin.registered_plugins}
    assert {name for name in PRELOAD if name.startswith("livekit.plugins.")} == plugins
    assert PRELOAD[-2:] == ["livekit.agents.ipc._preload", "livekit.agents.ipc._preload_freeze"]


def test_every_preloaded_module_is_there() -> None:
    # The fork server passes over one that can't be imported, and every call would pay for it.
    for name in PRELOAD[:-1]:
        importlib.import_module(name)
