"""Whether each part that calls depend on can be reached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Literal

import aiohttp
from alembic.script import ScriptDirectory
from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from domain import migrations
from domain.businesses.settings import Provider
from domain.database import Database
from domain.environment import Environment
from domain.providers.endpoints import VENDORS, Endpoint, endpoint

_TIMEOUT = aiohttp.ClientTimeout(total=3)
_KEEP_SECONDS = 15.0
"""How long an answer about a vendor stands: probes come every few seconds from several sides."""

_VENDOR_ADDRESSES = {
    "deepgram": "https://api.deepgram.com/v1/listen",
    "openai": "https://api.openai.com/v1/models",
    "elevenlabs": "https://api.elevenlabs.io/v1/models",
}

State = Literal["up", "down"]


class PartState(BaseModel):
    """One part."""

    name: str = Field(examples=["database"])
    state: State
    needed: bool = Field(description="Whether no call can be served without it.")
    detail: str = Field("", examples=["sandbox stand-in"])


class Readiness(BaseModel):
    """`ready` is false when a part that is needed is down."""

    ready: bool
    parts: list[PartState]


class Checks:
    """Asks the parts, all at once, and keeps what vendors said for a while."""

    def __init__(self, environment: Environment, database: Database) -> None:
        self._environment = environment
        self._database = database
        self._revision = ScriptDirectory(migrations.__path__[0]).get_current_head()
        self._kept: dict[str, tuple[float, PartState]] = {}

    async def readiness(self) -> Readiness:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as http:
            parts = await asyncio.gather(
                self._database_part(),
                self._livekit_part(http),
                self._worker_part(http),
                *(self._vendor_part(http, one) for one in self._endpoints()),
            )
        ready = all(part.state == "up" for part in parts if part.needed)
        return Readiness(ready=ready, parts=list(parts))

    async def _database_part(self) -> PartState:
        try:
            async with asyncio.timeout(_TIMEOUT.total), self._database.unscoped() as session:
                revision = await session.scalar(text("SELECT version_num FROM alembic_version"))
        except (SQLAlchemyError, OSError, TimeoutError):
            return PartState(name="database", state="down", needed=True, detail="cannot be reached")
        if revision != self._revision:
            return PartState(
                name="database",
                state="down",
                needed=True,
                detail="its schema is not this version's: run `reception migrate`",
            )
        return PartState(name="database", state="up", needed=True)

    async def _livekit_part(self, http: aiohttp.ClientSession) -> PartState:
        address = self._environment.livekit_address
        url = address.replace("ws://", "http://", 1).replace("wss://", "https://", 1)
        up = await _answers(http, url, accept=lambda status: status == 200)
        return PartState(name="livekit", state=up, needed=True)

    async def _worker_part(self, http: aiohttp.ClientSession) -> PartState:
        url = f"http://127.0.0.1:{self._environment.reception_worker_port}/ready"
        up = await _answers(http, url, accept=lambda status: status == 200)
        return PartState(
            name="worker",
            state=up,
            needed=False,
            detail="" if up == "up" else "not there, draining or reconnecting on this machine",
        )

    def _endpoints(self) -> list[Endpoint]:
        return [
            endpoint(self._environment, Provider.model_validate({"vendor": vendor}))
            for vendor in VENDORS
        ]

    async def _vendor_part(self, http: aiohttp.ClientSession, one: Endpoint) -> PartState:
        kept = self._kept.get(one.vendor)
        if kept is not None and time.monotonic() - kept[0] < _KEEP_SECONDS:
            return kept[1]
        url = one.base_url or _VENDOR_ADDRESSES[one.vendor]
        # Without a key and without the vendor's own request any answer but a 5xx is a sign of life.
        up = await _answers(http, url, accept=lambda status: status < 500)
        part = PartState(
            name=one.vendor,
            state=up,
            needed=False,
            detail="sandbox stand-in" if one.sandbox else "",
        )
        self._kept[one.vendor] = (time.monotonic(), part)
        return part


async def _answers(
    http: aiohttp.ClientSession, url: str, *, accept: Callable[[int], bool]
) -> State:
    try:
        async with http.get(url, allow_redirects=False) as reply:
            return "up" if accept(reply.status) else "down"
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return "down"
