"""The worker: one process that takes calls from livekit-server and gives each to a job process."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final

from livekit.agents import AgentServer
from pydantic import ValidationError

from agent import logs
from agent.capacity import Capacity, cores
from agent.drain import DRAIN_SECONDS, deliver_rest
from agent.health import WorkerState
from agent.job import finish, serve, set_up
from agent.journal.leftovers import keep_delivering
from agent.speech_keeper import SpeechKeeper
from agent.watching.worker_watch import WorkerWatch
from domain.calls.control import AGENT
from domain.database import Database
from domain.environment import Environment, load_environment
from domain.errors import Refused
from domain.providers.endpoints import refuse_sandbox_in_production

SESSION_END_SECONDS: Final = 30.0
_MOST_IDLE: Final = 4
_EVER: Final = 1_000_000_000
"""Tries: a worker never gives up on livekit-server."""

log = logging.getLogger("reception.agent.worker")


def main() -> int:
    """Serve calls until SIGTERM or SIGINT; the calls in progress are finished first, a second signal
    ends at once. Returns the exit code: 0, or 1 with a line in the log that says what is wrong."""
    logs.install()
    try:
        environment = load_environment()
        _refuse(environment)
    except ValidationError as error:
        for problem in error.errors():
            log.error("%s: %s", str(problem["loc"][0]).upper(), problem["msg"])
        return 1
    except (ValueError, OSError, Refused) as error:
        log.error("%s", error)
        return 1
    return asyncio.run(_run(environment))


def _refuse(environment: Environment) -> None:
    refuse_sandbox_in_production(environment)
    for name in ("database_url", "livekit_api_key"):
        if not getattr(environment, name):
            raise ValueError(f"{name.upper()}: must be set")


async def _run(environment: Environment) -> int:
    worker = Worker(environment)
    try:
        await worker.serve()
    except OSError as error:
        log.error(
            "RECEPTION_WORKER_PORT: cannot listen",
            extra={"port": environment.reception_worker_port, "error": str(error)},
        )
        return 1
    except Exception:
        log.exception("the worker failed")
        return 1
    return 0


class Worker:
    """The AgentServer and what runs beside it in the main process."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._registered = False
        self._signals = 0
        self._stop = asyncio.Event()
        self._server = self._make_server()
        self._capacity = Capacity(
            maximum=environment.reception_max_calls,
            active=lambda: [info.job.id for info in self._server.active_jobs],
        )
        self._server.load_fnc = lambda: self._capacity.load
        self._server.rtc_session(
            serve,
            agent_name=AGENT,
            on_request=self._capacity.answer,
            on_session_end=finish,
        )
        self._server.on("worker_registered", self._on_registered)

    async def serve(self) -> None:
        """Run until told to stop. Raises OSError when the health port is taken."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        environment = self._environment
        database = Database(environment.database_url, keyring=environment.keyring, pool_size=1)
        watch = WorkerWatch(environment, self.state, seam=database.seam)
        await watch.start()
        beside = [
            self._beside(keep_delivering(database, home=environment.home)),
            self._beside(SpeechKeeper(environment, database, home=environment.home).run()),
            self._beside(watch.give_signs(database)),
        ]
        running = asyncio.create_task(self._server.run())
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await self._drain()
            await running
        finally:
            for task in (*beside, stopping):
                task.cancel()
            await asyncio.gather(*beside, stopping, return_exceptions=True)
            if self._stop.is_set():
                await deliver_rest(database, home=environment.home)
            await database.aclose()
            await watch.stop()

    def state(self) -> WorkerState:
        """What `/ready` tells."""
        return WorkerState(
            registered=self._registered,
            # The library has no public word for it.
            reconnecting=self._registered and bool(getattr(self._server, "_connecting", False)),
            draining=self._stop.is_set(),
            active_calls=self._capacity.calls if self._registered else 0,
            capacity=self._capacity.maximum,
        )

    def _make_server(self) -> AgentServer:
        environment = self._environment
        return AgentServer(
            ws_url=environment.livekit_address,
            api_key=environment.livekit_api_key,
            api_secret=environment.livekit_api_secret.get_secret_value(),
            host="127.0.0.1",
            port=0,
            setup_fnc=set_up,
            # What a job is allowed is decided in `Capacity`, exactly; the library only estimates.
            load_threshold=float("inf"),
            num_idle_processes=min(_MOST_IDLE, max(2, math.ceil(cores()))),
            drain_timeout=DRAIN_SECONDS,
            session_end_timeout=SESSION_END_SECONDS,
            initialize_process_timeout=60.0,
            max_retry=_EVER,
            # Imported once in the fork server, shared by all job processes.
            preload_modules=["agent.job", "agent.warm"],
        )

    def _on_registered(self, *_: object) -> None:
        self._registered = True

    def _on_signal(self) -> None:
        self._signals += 1
        if self._signals > 1:
            log.warning("stopping at once")
            os._exit(1)
        self._stop.set()

    async def _drain(self) -> None:
        log.info("draining", extra={"active_calls": self._capacity.calls})
        with suppress(TimeoutError):
            await self._server.drain()
        await self._server.aclose()

    def _beside(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(_report)
        return task


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a task of the worker failed", exc_info=error)
