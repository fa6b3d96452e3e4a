"""The parts of a one-machine installation as processes: command, log, address, readiness.

Stages: 0 stores and vendors, 1 LiveKit, 2 telephony, 3 what talks to callers and staff. A stage stops before
the one below it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from domain.environment import Environment
from reception.home import Home
from reception.livekit_config import listen_address
from reception.ports import LOOPBACK
from reception.postgres import STOP_SIGNAL, EmbeddedPostgres
from reception.probes import http_ok, redis_answers, tcp_open
from reception.supervisor import Part

# `-P` keeps the working folder off the import path: a stray `agent.py` there must not shadow ours.
PYTHON = [sys.executable, "-P", "-m"]


def postgres_part(home: Home, postgres: EmbeddedPostgres) -> Part:
    return Part(
        name="postgres",
        command=postgres.command,
        log=home.logs / "postgres.log",
        address=f"unix socket in {postgres.socket_folder}",
        ready=postgres.ready,
        stage=0,
        user=postgres.user,
        folder=postgres.data,
        stop_signal=STOP_SIGNAL,
        # A database that was killed replays its log before it answers.
        ready_within=300,
        grace=30,
    )


def redis_part(home: Home, environment: Environment, binary: Path) -> Part:
    port = environment.reception_redis_port
    return Part(
        name="redis",
        command=[
            str(binary),
            *("--port", str(port), "--bind", LOOPBACK, "--dir", str(home.folder)),
            # LiveKit keeps what is going on now there: a file of it would bring back rooms that are gone.
            *("--save", "", "--appendonly", "no"),
        ],
        log=home.logs / "redis.log",
        address=f"redis://{LOOPBACK}:{port}",
        ready=redis_answers(LOOPBACK, port),
        stage=0,
    )


def sandbox_part(home: Home, environment: Environment, env: Mapping[str, str]) -> Part:
    port = environment.reception_sandbox_port
    return Part(
        name="sandbox",
        command=[*PYTHON, "sandbox", "--port", str(port)],
        log=home.logs / "sandbox.log",
        address=environment.sandbox_address,
        ready=tcp_open(LOOPBACK, port),
        stage=0,
        env=env,
    )


def livekit_part(home: Home, environment: Environment, binary: Path, config: Path) -> Part:
    port = environment.reception_livekit_port
    return Part(
        name="livekit",
        command=[str(binary), "--config", str(config)],
        log=home.logs / "livekit.log",
        address=f"ws://{LOOPBACK}:{port}",
        ready=http_ok(f"http://{LOOPBACK}:{port}/"),
        stage=1,
        # It waits for participants to leave; by then nobody is left to serve them.
        grace=5,
    )


def sip_part(
    home: Home, environment: Environment, binary: Path, config: Path, *, address: str
) -> Part:
    port = environment.reception_sip_port
    probed = LOOPBACK if listen_address(address) != address else address
    return Part(
        name="sip",
        command=[str(binary), "--config", str(config)],
        log=home.logs / "sip.log",
        address=f"sip:+12025550100@{address}:{port} (UDP and TCP)",
        ready=tcp_open(probed, port),
        stage=2,
        # It waits for calls to end, and the parts that could end them are stopped by now.
        grace=5,
    )


def worker_part(home: Home, environment: Environment, env: Mapping[str, str]) -> Part:
    port = environment.reception_worker_port
    return Part(
        name="worker",
        command=[*PYTHON, "reception", "worker"],
        log=home.logs / "worker.log",
        address=f"http://{LOOPBACK}:{port}/ready",
        ready=http_ok(f"http://{LOOPBACK}:{port}/ready"),
        stage=3,
        env=env,
        ready_within=180,
    )


def jobs_part(home: Home, environment: Environment, env: Mapping[str, str]) -> Part:
    port = environment.reception_jobs_port
    return Part(
        name="jobs",
        command=[*PYTHON, "reception", "jobs"],
        log=home.logs / "jobs.log",
        address=f"http://{LOOPBACK}:{port}/ready",
        ready=http_ok(f"http://{LOOPBACK}:{port}/ready"),
        stage=3,
        env=env,
    )


def admin_part(home: Home, environment: Environment, env: Mapping[str, str]) -> Part:
    port = environment.reception_admin_port
    return Part(
        name="admin",
        command=[*PYTHON, "reception", "admin"],
        log=home.logs / "admin.log",
        address=f"http://{LOOPBACK}:{port}/api/v1 (documentation: http://{LOOPBACK}:{port}/api/docs)",
        ready=http_ok(f"http://{LOOPBACK}:{port}/healthz"),
        stage=3,
        env=env,
    )
