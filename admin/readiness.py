"""Whether each part that calls depend on can be reached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import aiohttp
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from admin.telephony_part import telephony_part
from admin.watched_parts import PartState, State, extra_part, parts_of, worker_part
from domain.businesses.settings import Provider
from domain.database import Database
from domain.environment import Environment
from domain.migrate import lacks_migration
from domain.providers.endpoints import VENDORS, Endpoint, endpoint
from domain.watching.figures import InstallationFigures, read_figures

_TIMEOUT = aiohttp.ClientTimeout(total=3)
_KEEP_SECONDS = 15.0
"""How long an answer about a vendor stands: probes come every few seconds from several sides."""

_VENDOR_ADDRESSES = {
    "deepgram": "https://api.deepgram.com/v1/listen",
    "openai": "https://api.openai.com/v1/models",
    "elevenlabs": "https://api.elevenlabs.io/v1/models",
}


class Readiness(BaseModel):
    """`ready` is false when a part that is needed is down."""

    ready: bool
    parts: list[PartState]


class Checks:
    """Asks the parts, all at once, and keeps what vendors said for a while."""

    def __init__(self, environment: Environment, database: Database) -> None:
        self._environment = environment
        self._database = database
        self._kept: dict[str, tuple[float, PartState]] = {}

    async def readiness(self) -> Readiness:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as http:
            database, livekit, telephony, figures, local, vendors = await asyncio.gather(
                self._database_part(),
                self._livekit_part(http),
                self._telephony_part(),
                self._figures(),
                self._local_worker(http),
                asyncio.gather(*(self._vendor_part(http, one) for one in self._endpoints())),
            )
        parts = [database, livekit, worker_part(figures, local=local), *vendors]
        if telephony is not None:
            parts.append(telephony)
        if figures is not None:
            parts += parts_of(figures)
        ready = all(part.state == "up" for part in parts if part.needed)
        return Readiness(ready=ready, parts=parts)

    async def _database_part(self) -> PartState:
        try:
            async with asyncio.timeout(_TIMEOUT.total), self._database.unscoped() as session:
                revision = await session.scalar(text("SELECT version_num FROM alembic_version"))
        except (SQLAlchemyError, OSError, TimeoutError):
            return PartState(name="database", state="down", needed=True, detail="cannot be reached")
        # A later release's schema is no reason to stop: this process is about to be replaced.
        if await asyncio.to_thread(lacks_migration, revision):
            return PartState(
                name="database",
                state="down",
                needed=True,
                detail="its schema is older than this version: run `reception migrate`",
            )
        return PartState(name="database", state="up", needed=True)

    async def _livekit_part(self, http: aiohttp.ClientSession) -> PartState:
        address = self._environment.livekit_address
        url = address.replace("ws://", "http://", 1).replace("wss://", "https://", 1)
        up = await _answers(http, url, accept=lambda status: status == 200)
        return PartState(name="livekit", state=up, needed=True)

    async def _local_worker(self, http: aiohttp.ClientSession) -> State:
        url = f"http://127.0.0.1:{self._environment.reception_worker_port}/ready"
        return await _answers(http, url, accept=lambda status: status == 200)

    async def _figures(self) -> InstallationFigures | None:
        try:
            async with asyncio.timeout(_TIMEOUT.total):
                return await read_figures(self._database)
        except (SQLAlchemyError, OSError, TimeoutError):
            # The database's own part says so.
            return None

    async def _telephony_part(self) -> PartState | None:
        """The trunks, which livekit-server keeps in redis; None where there is no telephony."""
        if (kept := self._kept_part("telephony")) is not None:
            return kept
        part = await telephony_part(self._environment)
        return self._keep(part) if part is not None else None

    def _endpoints(self) -> list[Endpoint]:
        return [
            endpoint(self._environment, Provider.model_validate({"vendor": vendor}))
            for vendor in VENDORS
        ]

    async def _vendor_part(self, http: aiohttp.ClientSession, one: Endpoint) -> PartState:
        if (kept := self._kept_part(one.vendor)) is not None:
            return kept
        url = one.base_url or _VENDOR_ADDRESSES[one.vendor]
        # Without a key and without the vendor's own request any answer but a 5xx is a sign of life.
        state = await _answers(http, url, accept=lambda status: status < 500)
        detail = "sandbox stand-in" if one.sandbox else ""
        return self._keep(extra_part(one.vendor, up=state == "up", detail=detail))

    def _kept_part(self, name: str) -> PartState | None:
        """What was found a moment ago; None when it has to be asked."""
        at, part = self._kept.get(name, (0.0, None))
        return part if time.monotonic() - at < _KEEP_SECONDS else None

    def _keep(self, part: PartState) -> PartState:
        self._kept[part.name] = (time.monotonic(), part)
        return part


async def _answers(
    http: aiohttp.ClientSession, url: str, *, accept: Callable[[int], bool]
) -> State:
    try:
        async with http.get(url, allow_redirects=False) as reply:
            return "up" if accept(reply.status) else "down"
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return "down"
