"""What watches the service is told the truth."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import psycopg
import pytest
from aiohttp import web
from httpx import AsyncClient
from litestar import Litestar

from admin.app import create_app
from domain.database import Database
from domain.encryption import Keyring
from domain.environment import Environment
from tests.admin.conftest import Tenant, serving
from tests.factories import make_call
from tests.postgres import DatabaseAddress


@asynccontextmanager
async def _answering(status: int) -> AsyncIterator[int]:
    """A server that answers everything with `status`; its port."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text="OK")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _states(body: dict[str, Any]) -> dict[str, str]:
    return {part["name"]: part["state"] for part in body["parts"]}


@pytest.mark.parametrize(
    ("livekit", "worker", "vendors", "status"),
    [(200, 200, 404, 200), (200, 503, 503, 200), (503, 200, 404, 503)],
)
async def test_ready_tells_each_parts_state(
    database: Database, livekit: int, worker: int, vendors: int, status: int
) -> None:
    async with AsyncExitStack() as stack:
        ports = [
            await stack.enter_async_context(_answering(code)) for code in (livekit, worker, vendors)
        ]
        environment = Environment(
            _env_file=None,
            livekit_url=f"ws://127.0.0.1:{ports[0]}",
            reception_worker_port=ports[1],
            reception_sandbox_port=ports[2],
        )
        app = create_app(environment, database, background=False)
        async with serving(app) as client:
            response = await client.get("/ready")
    assert response.status_code == status
    body = response.json()
    assert body["ready"] is (status == 200)
    vendor = "up" if vendors < 500 else "down"
    assert _states(body) == {
        "database": "up",
        "livekit": "up" if livekit == 200 else "down",
        "worker": "up" if worker == 200 else "down",
        "jobs": "down",
        "queue": "up",
        "spool": "up",
        "deepgram": vendor,
        "openai": vendor,
        "elevenlabs": vendor,
    }


@pytest.mark.own_database
async def test_an_older_schema_is_not_ready_and_a_later_releases_is(
    client: AsyncClient, database_address: DatabaseAddress
) -> None:
    async with await psycopg.AsyncConnection.connect(
        database_address.superuser, autocommit=True
    ) as connection:
        await connection.execute("UPDATE alembic_version SET version_num = '0001'")
        older = (await client.get("/ready")).json()["parts"][0]
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")
        later = (await client.get("/ready")).json()["parts"][0]
    assert (older["name"], older["state"]) == ("database", "down")
    assert "reception migrate" in older["detail"]
    assert (later["name"], later["state"]) == ("database", "up")


async def test_without_its_database_the_service_is_alive_and_not_ready(
    environment: Environment, keyring: Keyring
) -> None:
    away = Database("postgresql://app@127.0.0.1:9/none", keyring=keyring, connect_timeout=2)
    app = create_app(environment, away, background=False)
    async with serving(app) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        response = await client.get("/ready")
        assert response.status_code == 503
        assert _states(response.json())["database"] == "down"
        text = (await client.get("/metrics")).text
        assert "reception_database_up 0.0" in text
    await away.aclose()


async def test_metrics_count_what_is_going_on(
    client: AsyncClient, tenant: Tenant, database: Database, make_app: Callable[..., Litestar]
) -> None:
    await make_call(database, business_id=tenant.business_id, end=None)
    await make_call(database, business_id=tenant.business_id)
    response = await client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "reception_calls_open 1.0" in response.text
    assert "reception_database_up 1.0" in response.text
    assert 'reception_sandbox_vendor{vendor="openai"} 1.0' in response.text


async def test_health_needs_no_key(client: AsyncClient) -> None:
    for path in ("/healthz", "/metrics", "/api/docs", "/api/docs/openapi.json"):
        assert (await client.get(path)).status_code == 200, path
