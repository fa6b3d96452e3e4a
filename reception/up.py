"""`reception up`: everything on one machine, started in parallel, watched, stopped in order."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import psutil

from domain.environment import Environment
from reception import livekit_server, parts, ports, settled
from reception.errors import ReceptionError
from reception.home import Home, read_variables, write_variables
from reception.livekit_config import keys_of, render_livekit, render_sip
from reception.postgres import EmbeddedPostgres, prepare
from reception.supervisor import Part, Supervisor
from reception.vendors import sandboxed

SIP_HELP = "docs/running.md#telephony"


def say(part: str, line: str) -> None:
    """Print one line about one part."""
    with suppress(BrokenPipeError):
        print(f"{part:<9} {line}", flush=True)


class Up:
    """One run of the installation. `sip_address` is the IP address that phones reach."""

    def __init__(self, environment: Environment, *, sip_address: str = ports.LOOPBACK) -> None:
        self.environment = environment
        self.home = Home(environment.home)
        self.sip_address = sip_address
        self.own_livekit = not environment.livekit_url
        self.sip_binary, self.redis_binary = self._telephony()
        self.sandboxed = sandboxed(environment)
        self.owner_key = ""
        self.owner_sign_in: Mapping[str, str] = {}
        self._supervisor: Supervisor | None = None

    async def run(self) -> None:
        """Start everything, say `ready`, serve until SIGINT or SIGTERM, stop everything.

        Raises ReceptionError or ValueError when a part doesn't start; nothing is left running then either.
        """
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._asked_to_stop, stop)
        self._refuse_sandbox_in_production()
        self.home.make()
        with self.home.lock() as lock:
            ports.check_free(self._ports())
            self._supervisor = Supervisor(say=say, lock=lock, restarted=self._after_restart)
            try:
                await self._start_unless(stop)
                if not stop.is_set():
                    self._print_ready()
                    await stop.wait()
            finally:
                say("stopping", "everything (again Ctrl-C: at once)")
                await self._supervisor.stop()
                self.home.running.unlink(missing_ok=True)
                say("stopped", "nothing is left running")

    def _asked_to_stop(self, stop: asyncio.Event) -> None:
        if stop.is_set() and self._supervisor:
            self._supervisor.hurry()
        stop.set()

    async def _start_unless(self, stop: asyncio.Event) -> None:
        starting = asyncio.create_task(self._start())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
        stopped.cancel()
        try:
            await starting
        except asyncio.CancelledError:
            pass
        except ExceptionGroup as group:
            raise _first(group) from None

    async def _start(self) -> None:
        async with asyncio.TaskGroup() as group:
            # First what takes a while by itself; our own imports follow while it works.
            sandbox = group.create_task(self._start_sandbox())
            binary = group.create_task(self._find_or_build_livekit())
            livekit = group.create_task(self._start_livekit(binary))
            postgres = await self._start_database()
            # The worker waits for livekit-server by itself, but not as long as a build takes.
            await binary
            env = self._child_env(postgres)
            self._write_running(postgres)
            group.create_task(self._supervise(parts.worker_part(self.home, self.environment, env)))
            group.create_task(self._supervise(parts.admin_part(self.home, self.environment, env)))
            group.create_task(self._supervise(parts.jobs_part(self.home, self.environment, env)))
            group.create_task(self._seed(postgres))
            await livekit
            if self.own_livekit:
                group.create_task(self._start_sip())
            await sandbox

    async def _supervise(self, part: Part) -> None:
        assert self._supervisor
        await self._supervisor.start(part)

    async def _start_database(self) -> EmbeddedPostgres | None:
        """The embedded server, or None where DATABASE_URL names another; migrated."""
        if self.environment.database_url:
            preparing = await asyncio.to_thread(_import_prepare_database)
            await preparing.prepare_given(self.environment, say)
            say("postgres", "the one of DATABASE_URL")
            return None
        if not self.home.postgres.exists():
            say("postgres", f"making a new database in {self.home.postgres}")
        postgres = await asyncio.to_thread(prepare, self.home.postgres)
        await self._supervise(parts.postgres_part(self.home, postgres))
        if not await asyncio.to_thread(settled.is_migrated, postgres.app_url):
            preparing = await asyncio.to_thread(_import_prepare_database)
            await preparing.prepare_embedded(postgres, say)
        return postgres

    async def _seed(self, postgres: EmbeddedPostgres | None) -> None:
        if self.environment.production:
            return
        url = postgres.app_url if postgres else self.environment.database_url
        self.owner_key = self.home.read_owner_key()
        if not await asyncio.to_thread(self._is_seeded, url):
            preparing = await asyncio.to_thread(_import_prepare_database)
            self.owner_key = await preparing.seed(self.environment, self.home, url)
        sign_in = read_variables(self.home.owner_sign_in)
        kept = await asyncio.to_thread(settled.is_password_kept, url, sign_in)
        self.owner_sign_in = sign_in if kept else {}

    def _is_seeded(self, url: str) -> bool:
        return settled.is_seeded(url, owner_key=self.owner_key) and settled.has_users(url)

    async def _start_livekit(self, finding: asyncio.Task[Path | None]) -> None:
        binary = await finding
        if not binary:
            say("livekit", f"{self.environment.livekit_url} (LIVEKIT_URL)")
            return
        if self.redis_binary:
            redis = parts.redis_part(self.home, self.environment, self.redis_binary)
            await self._supervise(redis)
        config = self.home.rendered / "livekit.yaml"
        render_livekit(self.environment, config, redis=bool(self.redis_binary))
        await self._supervise(parts.livekit_part(self.home, self.environment, binary, config))

    async def _find_or_build_livekit(self) -> Path | None:
        """livekit-server's program, or None where LIVEKIT_URL names a server that runs."""
        if not self.own_livekit:
            return None
        cancelled = threading.Event()
        try:
            return await asyncio.to_thread(
                livekit_server.find_or_build, lambda line: say("livekit", line), cancelled
            )
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def _start_sip(self) -> None:
        if not (self.sip_binary and self.redis_binary):
            return
        config = self.home.rendered / "livekit-sip.yaml"
        render_sip(self.environment, config, address=self.sip_address)
        part = parts.sip_part(
            self.home, self.environment, self.sip_binary, config, address=self.sip_address
        )
        await asyncio.gather(self._apply_sip_config(), self._supervise(part))

    async def _apply_sip_config(self) -> None:
        applying = await asyncio.to_thread(_import_sip_apply)
        await applying.apply(self.environment.livekit_address, keys_of(self.environment))

    async def _start_sandbox(self) -> None:
        if self.sandboxed:
            part = parts.sandbox_part(self.home, self.environment, self._child_env(None))
            await self._supervise(part)

    async def _after_restart(self, name: str) -> None:
        """Redis lost the trunk and the rule with its memory: put them back."""
        if name != "redis" or not self.sip_binary:
            return
        try:
            await self._apply_sip_config()
            say("sip", "trunk and dispatch rule put back into redis")
        except ReceptionError as error:
            say("sip", f"{error}; run `reception sip apply` when that is mended")

    def _telephony(self) -> tuple[Path | None, Path | None]:
        """livekit-sip and redis-server where both are on PATH and the livekit-server is ours."""
        if not self.own_livekit:
            return None, None
        found = {name: shutil.which(name) for name in ("livekit-sip", "redis-server")}
        missing = [name for name, path in found.items() if not path]
        if missing:
            self.sip_missing = " and ".join(missing)
            return None, None
        self.sip_missing = ""
        return Path(str(found["livekit-sip"])), Path(str(found["redis-server"]))

    def _ports(self) -> list[ports.Port]:
        environment = self.environment
        needed = [
            ports.Port(
                part="admin",
                number=environment.reception_admin_port,
                variable="RECEPTION_ADMIN_PORT",
            ),
            ports.Port(
                part="worker",
                number=environment.reception_worker_port,
                variable="RECEPTION_WORKER_PORT",
            ),
            ports.Port(
                part="jobs",
                number=environment.reception_jobs_port,
                variable="RECEPTION_JOBS_PORT",
            ),
        ]
        if self.own_livekit:
            needed += ports.livekit_ports(environment)
        if self.sandboxed:
            needed.append(
                ports.Port(
                    part="sandbox",
                    number=environment.reception_sandbox_port,
                    variable="RECEPTION_SANDBOX_PORT",
                )
            )
        if self.sip_binary:
            needed += ports.sip_ports(environment, self.sip_address)
        return needed

    def _refuse_sandbox_in_production(self) -> None:
        if self.environment.production and self.sandboxed:
            variables = ", ".join(vendor.key_variable for vendor in self.sandboxed)
            raise ValueError(f"{variables}: must be set; the sandbox does not serve production")

    def _running_variables(self, postgres: EmbeddedPostgres | None) -> dict[str, str]:
        environment = self.environment
        keys = keys_of(environment)
        variables = {
            "RECEPTION_HOME": str(self.home.folder),
            "LIVEKIT_URL": environment.livekit_address,
            "LIVEKIT_API_KEY": keys.key,
            "LIVEKIT_API_SECRET": keys.secret,
        }
        variables |= {
            name.upper(): str(getattr(environment, name))
            for name in type(environment).model_fields
            if name.startswith("reception_") and name.endswith(("_port", "_ports"))
        }
        if postgres:
            variables["DATABASE_URL"] = postgres.app_url
            variables["MIGRATION_DATABASE_URL"] = postgres.owner_url
        return variables

    def _child_env(self, postgres: EmbeddedPostgres | None) -> Mapping[str, str]:
        # Unbuffered: the last lines before a crash must be in the log.
        return os.environ | self._running_variables(postgres) | {"PYTHONUNBUFFERED": "1"}

    def _write_running(self, postgres: EmbeddedPostgres | None) -> None:
        write_variables(self.home.running, self._running_variables(postgres))

    def _print_ready(self) -> None:
        lines = [""]
        if self.sip_missing:
            lines.append(
                f"No telephone: {self.sip_missing} not on PATH. What to install: {SIP_HELP}"
            )
        if self.sandboxed:
            names = ", ".join(vendor.name for vendor in self.sandboxed)
            variables = ", ".join(vendor.key_variable for vendor in self.sandboxed)
            lines += [
                "!" * 78,
                f"!! SANDBOX in use for {names}: it understands a small closed English",
                "!! domain and is for trying out and tests. Do not put it before real callers.",
                f"!! Real vendors: set {variables} in .env",
                "!" * 78,
            ]
        if self.owner_key:
            lines.append(f"Owner's API key (demo business): {self.owner_key}")
        lines.append(f"Console: http://127.0.0.1:{self.environment.reception_admin_port}/console/")
        if self.owner_sign_in:
            # Not once it was changed: what is shown has to work.
            email, password = self.owner_sign_in["EMAIL"], self.owner_sign_in["PASSWORD"]
            lines.append(f"Sign in (demo business): {email} with {password}")
        lines.append(f"Logs: {self.home.logs}")
        lines.append("Place a call: .venv/bin/reception call")
        lines.append(f"ready in {_process_age():.1f} s; Ctrl-C stops everything")
        with suppress(BrokenPipeError):
            print("\n".join(lines), flush=True)


def _process_age() -> float:
    """Seconds since this process was started: what Python takes to load is waited for too."""
    try:
        # The 22nd field is the start in clock ticks since boot (proc_pid_stat(5)).
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError):
        return time.time() - psutil.Process().create_time()


def _import_prepare_database() -> ModuleType:
    # Loads SQLAlchemy, Alembic and the domain: only when there is something to do.
    from reception import prepare_database

    return prepare_database


def _import_sip_apply() -> ModuleType:
    from reception import sip_apply

    return sip_apply


def _first(group: ExceptionGroup[Exception]) -> Exception:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first


def main(environment: Environment, *, sip_address: str) -> int:
    """Run `reception up`; returns its exit code."""
    try:
        asyncio.run(Up(environment, sip_address=sip_address).run())
    except (ReceptionError, ValueError) as error:
        print(f"reception up: {error}", flush=True)
        return 1
    return 0
