"""The machine: programs, packages, disk, secrets, ports."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from pathlib import Path

from domain.environment import Environment
from reception import livekit_server, ports
from reception.doctor.check import Check, ok, problem, skipped, warning
from reception.home import Home
from reception.livekit_config import keys_of

ENOUGH_DISK = 1_000_000_000
LITTLE_DISK = 200_000_000
PACKAGES = ("livekit-agents", "livekit-api", "sqlalchemy", "psycopg", "litestar")


def check_python() -> Check:
    return ok("python", f"{platform.python_version()} at {sys.executable}")


def check_packages() -> Check:
    """Our main packages, in the versions installed."""
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return problem("packages", f"missing: {', '.join(missing)}", "run `make`")
    return ok("packages", ", ".join(found))


def check_disk(home: Home) -> Check:
    """Room for the database, spools and logs where the home is."""
    folder = home.folder
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    detail = f"{free / 1e9:.1f} GB free for {home.folder}"
    mend = "free disk space, or set RECEPTION_HOME to a bigger disk"
    if not os.access(folder, os.W_OK):
        return problem(
            "disk", f"{folder} is not writable", "set RECEPTION_HOME to a folder of yours"
        )
    if free < LITTLE_DISK:
        return problem("disk", detail, mend)
    return warning("disk", detail, mend) if free < ENOUGH_DISK else ok("disk", detail)


def check_livekit_server(environment: Environment) -> Check:
    """livekit-server's program, where the server is ours to start."""
    if environment.livekit_url and not Home(environment.home).is_running():
        return skipped("livekit-server", "not ours to start: LIVEKIT_URL is set")
    found = livekit_server.find()
    if found:
        return ok("livekit-server", f"{livekit_server.version_of(found)} at {found}")
    other = shutil.which("livekit-server")
    detail = f"version {livekit_server.VERSION} is not built yet"
    if other:
        detail += f" ({other} is version {livekit_server.version_of(Path(other))})"
    return warning("livekit-server", detail, "run `make livekit-server` (about 90 s, once)")


def check_telephony() -> Check:
    """livekit-sip and redis-server on PATH; without them there are no telephone calls."""
    missing = [name for name in ("livekit-sip", "redis-server") if not shutil.which(name)]
    if missing:
        return warning(
            "telephony programs",
            f"{' and '.join(missing)} not on PATH: calls over WebRTC only",
            "see docs/running.md#telephony",
        )
    return ok("telephony programs", "livekit-sip and redis-server are on PATH")


def check_secrets(environment: Environment) -> Check:
    """Encryption keys, index key and LiveKit's keys are there and usable."""
    try:
        # Making the keyring reads every key.
        environment.keyring  # noqa: B018
        keys_of(environment)
    except ValueError as error:
        return problem("secrets", str(error), "see docs/configuration.md#secrets")
    return ok("secrets", "encryption, index, sign-in and LiveKit keys are set")


def check_ports(environment: Environment, *, running: bool) -> Check:
    """Before a start: nobody else has our ports."""
    if running:
        return ok("ports", "held by the `reception up` that runs")
    wanted = ports.livekit_ports(environment)
    wanted += [
        ports.Port(
            part="admin", number=environment.reception_admin_port, variable="RECEPTION_ADMIN_PORT"
        ),
        ports.Port(
            part="worker",
            number=environment.reception_worker_port,
            variable="RECEPTION_WORKER_PORT",
        ),
        ports.Port(
            part="jobs", number=environment.reception_jobs_port, variable="RECEPTION_JOBS_PORT"
        ),
        ports.Port(
            part="sandbox",
            number=environment.reception_sandbox_port,
            variable="RECEPTION_SANDBOX_PORT",
        ),
    ]
    try:
        if shutil.which("livekit-sip"):
            wanted += ports.sip_ports(environment, ports.LOOPBACK)
        ports.check_free(wanted)
    except (ports.PortInUse, ValueError) as error:
        return problem("ports", str(error).replace("\n", "; "), "set the variables named")
    return ok("ports", "all free")
