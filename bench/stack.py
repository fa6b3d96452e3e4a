"""The parts that both agents share in a bench run: stores, vendors' stand-ins, LiveKit, telephony.

Everything listens on free ports of the loopback address and lives in a folder that is deleted at the end.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from livekit import api
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from domain.environment import Environment, load_environment
from reception import livekit_server, parts, prepare_database
from reception.caller.webrtc import LiveKit
from reception.home import Home
from reception.livekit_config import keys_of, render_livekit, render_sip
from reception.ports import LOOPBACK
from reception.postgres import DATABASE, EmbeddedPostgres, prepare
from reception.sip_apply import apply
from reception.supervisor import Supervisor

DIALLED: Final = "+12025550100"
"""The demo business."""
CALLER: Final = "+12025550111"
_RTP_PORTS: Final = 200


class Stack:
    """Use it as an asynchronous context manager; everything it started is stopped at its end."""

    environment: Environment
    home: Home
    postgres: EmbeddedPostgres
    owner_key: str
    """API key of the demo business's owner."""

    def __init__(self, *, telephony: bool = True) -> None:
        """`telephony` false leaves livekit-sip and redis out even where they could be started."""
        sip, redis = shutil.which("livekit-sip"), shutil.which("redis-server")
        self.telephony = (Path(sip), Path(redis)) if telephony and sip and redis else None
        """The programs livekit-sip and redis-server, or None where one is not on PATH."""
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._exit.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._exit.aclose()

    @property
    def livekit(self) -> LiveKit:
        keys = keys_of(self.environment)
        return LiveKit(self.environment.livekit_address, keys.key, keys.secret)

    @property
    def sip_uri(self) -> str:
        """Where the demo business is dialled."""
        return f"sip:{DIALLED}@{LOOPBACK}:{self.environment.reception_sip_port}"

    @property
    def superuser_url(self) -> str:
        """The product's database, as the superuser: without row-level security."""
        url = make_url(self.postgres.superuser_url).set(database=DATABASE)
        return url.render_as_string(hide_password=False)

    def process_ids(self) -> dict[str, int]:
        """Process id of each shared part that lives, by name."""
        return self._shared.process_ids()

    def worker_env(self, port: int) -> dict[str, str]:
        """The contract's environment for a worker that serves its health at `port`."""
        return self._child_env() | {"RECEPTION_WORKER_PORT": str(port)}

    def admin_env(self) -> dict[str, str]:
        """The contract's environment for the admin service."""
        return self._child_env()

    def supervisor(self) -> Supervisor:
        """A new owner of processes; parts that one supervisor started are stopped together."""
        return Supervisor(say=lambda part, line: None, lock=self._lock)

    async def route_calls_to(self, agent_name: str) -> None:
        """Have the dispatch rule send the next SIP calls to the agent of this name."""
        livekit = self.livekit
        async with api.LiveKitAPI(livekit.url, livekit.api_key, livekit.api_secret) as client:
            found = await client.sip.list_dispatch_rule(api.ListSIPDispatchRuleRequest())
            for rule in found.items:
                del rule.room_config.agents[:]
                rule.room_config.agents.append(api.RoomAgentDispatch(agent_name=agent_name))
                await client.sip.update_dispatch_rule(rule.sip_dispatch_rule_id, rule)

    async def _start(self) -> None:
        # A short path: the database's Unix socket has to fit into 107 bytes.
        folder = tempfile.mkdtemp(prefix="bench-")
        self._exit.callback(shutil.rmtree, folder, ignore_errors=True)
        os.chmod(folder, 0o711)
        self.environment = _environment(Path(folder) / "home")
        self.home = Home(self.environment.home)
        self.home.make()
        self._lock = self._exit.enter_context(self.home.lock())
        self._shared = shared = self.supervisor()
        self._exit.push_async_callback(shared.stop)
        self.postgres = prepare(self.home.postgres)
        await shared.start(parts.postgres_part(self.home, self.postgres))
        await prepare_database.prepare_embedded(self.postgres, lambda part, line: None)
        url = self.postgres.app_url
        self.owner_key = await prepare_database.seed(self.environment, self.home, url)
        await shared.start(parts.sandbox_part(self.home, self.environment, self._child_env()))
        await self._start_livekit(shared)

    async def _start_livekit(self, shared: Supervisor) -> None:
        environment, home = self.environment, self.home
        if self.telephony is not None:
            await shared.start(parts.redis_part(home, environment, self.telephony[1]))
        config = home.rendered / "livekit.yaml"
        render_livekit(environment, config, redis=self.telephony is not None)
        binary = livekit_server.find_or_build()
        await shared.start(parts.livekit_part(home, environment, binary, config))
        if self.telephony is not None:
            config = home.rendered / "livekit-sip.yaml"
            render_sip(environment, config, address=LOOPBACK)
            part = parts.sip_part(home, environment, self.telephony[0], config, address=LOOPBACK)
            await shared.start(part)
            await apply(environment.livekit_address, keys_of(environment))

    def _child_env(self) -> dict[str, str]:
        keys = keys_of(self.environment)
        ours = {
            "RECEPTION_ENV": "development",
            "RECEPTION_HOME": str(self.home.folder),
            "LIVEKIT_URL": self.environment.livekit_address,
            "LIVEKIT_API_KEY": keys.key,
            "LIVEKIT_API_SECRET": keys.secret,
            "DATABASE_URL": self.postgres.app_url,
            "MIGRATION_DATABASE_URL": self.postgres.owner_url,
            "PYTHONUNBUFFERED": "1",
        }
        ours |= {
            name.upper(): str(getattr(self.environment, name))
            for name in Environment.model_fields
            if name.startswith("reception_") and name.endswith(("_port", "_ports"))
        }
        return _without_contract(os.environ) | ours


def _without_contract(variables: Mapping[str, str]) -> dict[str, str]:
    """Without the user's own settings: a bench must never reach, or pay, a real vendor."""
    ours = {name.upper() for name in Environment.model_fields}
    return {name: value for name, value in variables.items() if name.upper() not in ours}


def _environment(home: Path) -> Environment:
    first = free_ports(3)
    rtp = random.randrange(20000, 60000, _RTP_PORTS * 2)
    one_by_one = [free_ports(1) for _ in range(5)]
    values = {
        "RECEPTION_HOME": str(home),
        "RECEPTION_LIVEKIT_PORT": str(first),
        "RECEPTION_RTP_PORTS": f"{rtp}-{rtp + _RTP_PORTS}",
    }
    names = ("ADMIN", "SIP", "REDIS", "SANDBOX", "WORKER")
    values |= {
        f"RECEPTION_{name}_PORT": str(port) for name, port in zip(names, one_by_one, strict=True)
    }
    kept = dict(os.environ)
    folder = os.getcwd()
    home.mkdir(parents=True)
    try:
        # Settings come from the environment and from `.env` of the working folder: neither is the user's here.
        os.environ.clear()
        os.environ.update(_without_contract(kept) | values)
        os.chdir(home)
        environment = load_environment()
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(kept)
    assert environment.openai_api_key == SecretStr("")
    return environment


def free_ports(count: int) -> int:
    """The first of `count` neighbouring ports that are free for TCP and UDP at this moment."""
    while True:
        first = random.randrange(20000, 60000)
        try:
            for port in range(first, first + count):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    with socket.socket(socket.AF_INET, kind) as probe:
                        probe.bind((LOOPBACK, port))
        except OSError:
            continue
        return first
