"""The admin service on a real database, with a key of each role."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar
from litestar.types import ASGIApp

from admin.app import attach, create_app, routed
from admin.service import Service
from domain.accounts import keys
from domain.accounts.principal import ROLES
from domain.database import Database
from domain.environment import Environment
from tests.factories import make_business, make_key

LIVEKIT_KEY, LIVEKIT_SECRET = "devkey", "s" * 32


@dataclass(frozen=True)
class Tenant:
    """A business and the text of a key of each of its roles."""

    business_id: UUID
    keys: dict[str, str]

    def headers(self, role: str = "owner") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}


async def make_tenant(database: Database, *, name: str = "Riverside Dental") -> Tenant:
    business_id = await make_business(database, name=name)
    texts: dict[str, str] = {}
    async with database.scope(business_id=business_id) as scope:
        for role in ROLES:
            if role != "operator":
                _, texts[role] = await keys.create(scope, name=f"{role} key", role=role)
    return Tenant(business_id=business_id, keys=texts)


@pytest.fixture
def environment() -> Environment:
    """Nothing of the machine's own: LiveKit, worker and vendors are addresses where nobody answers."""
    return Environment(
        _env_file=None,
        livekit_url="ws://127.0.0.1:9",
        livekit_api_key=LIVEKIT_KEY,
        livekit_api_secret=LIVEKIT_SECRET,
        reception_jwt_secret="j" * 32,
        reception_worker_port=9,
        reception_sandbox_port=9,
    )


@pytest.fixture
def make_app(environment: Environment, database: Database) -> Callable[..., Litestar]:
    def make(**changes: Any) -> Litestar:
        return create_app(environment, database, **({"background": False} | changes))

    return make


def _client_of(app: Litestar) -> AsyncClient:
    """On the loop of the test: Litestar's own test client runs the application on another, which hides
    clashes of requests that come at once."""
    transport = ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    return AsyncClient(transport=transport, base_url="http://test")


@asynccontextmanager
async def serving(app: Litestar) -> AsyncIterator[AsyncClient]:
    """A client of `app` with its background work. Not for fixtures: Litestar's lifespan has to end in
    the task in which it began."""
    async with app.lifespan(), _client_of(app) as client:
        yield client


@pytest.fixture(scope="session")
def _routes() -> tuple[Litestar, ASGIApp]:
    app = routed()
    return app, app.asgi_handler


@pytest.fixture
def attach_app(
    _routes: tuple[Litestar, ASGIApp], environment: Environment, database: Database
) -> Callable[..., Litestar]:
    """As `make_app`, for the one application of a test. Its routes are made once: that takes a third of a
    second."""
    application, bare = _routes

    def make(**changes: Any) -> Litestar:
        application.asgi_handler = bare
        service = Service(environment, database, **({"background": False} | changes))
        return attach(application, service)

    return make


@pytest.fixture
def app(attach_app: Callable[..., Litestar]) -> Litestar:
    """The application without its background work."""
    return attach_app()


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[AsyncClient]:
    async with _client_of(app) as opened:
        yield opened


@pytest.fixture
async def tenant(database: Database) -> Tenant:
    return await make_tenant(database)


@pytest.fixture
async def other(database: Database) -> Tenant:
    return await make_tenant(database, name="Other Practice")


@pytest.fixture
async def operator(database: Database) -> dict[str, str]:
    """The headers of an operator."""
    return {"Authorization": f"Bearer {await make_key(database, role='operator')}"}
