"""Where and with what a run was made."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psutil

from bench.stack import Stack
from reception import livekit_server

_PACKAGES: Final = (
    "livekit-agents",
    "livekit",
    "livekit-plugins-deepgram",
    "livekit-plugins-openai",
    "livekit-plugins-elevenlabs",
)


def machine() -> str:
    """Cores, processor, memory and system, in a line."""
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores, {_processor()}, {memory:.0f} GB memory,"
        f" {platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def busy_cores(seconds: float = 2.0) -> float:
    """How many cores the machine uses now, before the bench uses any. Blocks for `seconds`."""
    return psutil.cpu_percent(interval=seconds) / 100 * (os.cpu_count() or 1)


def versions(stack: Stack) -> dict[str, str]:
    """Versions of what took part."""
    found = {name: importlib.metadata.version(name) for name in _PACKAGES}
    server = livekit_server.find()
    found["livekit-server"] = _version_of([str(server), "--version"]) if server else "?"
    if stack.telephony is not None:
        sip, redis = stack.telephony
        found["livekit-sip"] = _version_of([str(sip), "--version"])
        found["redis"] = _version_of([str(redis), "--version"])
    return found


def _version_of(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    version = re.search(r"\d+\.\d+\.\d+[\w.-]*", done.stdout)
    return version[0] if version else "?"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or "unknown processor"
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return model[1].strip() if model else platform.machine()
