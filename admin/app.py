"""The admin service as an application: routes, errors, documentation, background work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress

from litestar import Litestar, Router
from litestar.di import Provide
from livekit.api import ListRoomsRequest, LiveKitAPI

from admin import documentation, health, webhooks
from admin.api import (
    api_keys,
    appointments,
    availability,
    businesses,
    calendar_sign_in,
    calendars,
    calls,
    contacts,
    dead_letters,
    feeds,
    holidays,
    hours,
    knowledge,
    messages,
    numbers,
    people,
    places,
    resources,
    series,
    services,
    waiting_list,
)
from admin.authentication import KeyAuthentication, provide_scope
from admin.closer import CallCloser, ListRooms
from admin.logs import RequestLog
from admin.metrics import Metrics
from admin.models import JsonRequest, StrictModels
from admin.problems import EXCEPTION_HANDLERS
from admin.readiness import Checks
from domain.database import Database
from domain.environment import Environment, load_environment
from domain.providers.endpoints import sandbox_vendors

LARGEST_BODY = 1 << 20
"""Bytes."""


def create_app(
    environment: Environment | None = None,
    database: Database | None = None,
    *,
    list_rooms: ListRooms | None = None,
    background: bool = True,
) -> Litestar:
    """The application. What is not given comes from the process's environment.

    `list_rooms` replaces the question to LiveKit; without `background` nothing closes calls by itself.
    """
    environment = environment or load_environment()
    owned = database is None
    database = database or Database(environment.database_url, keyring=environment.keyring)
    metrics = Metrics()
    for vendor in sandbox_vendors(environment):
        metrics.sandbox(vendor)
    closer = CallCloser(database, list_rooms=list_rooms or _rooms_of(environment), metrics=metrics)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        task = asyncio.create_task(closer.run()) if background else None
        try:
            yield
        finally:
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            if owned:
                await database.aclose()

    app = Litestar(
        route_handlers=[
            _api(),
            health.router,
            webhooks.router,
            feeds.read_feed,
            calendar_sign_in.finish_sign_in,
        ],
        middleware=[KeyAuthentication],
        exception_handlers=EXCEPTION_HANDLERS,
        plugins=[StrictModels()],
        request_class=JsonRequest,
        lifespan=[lifespan],
        request_max_body_size=LARGEST_BODY,
        openapi_config=documentation.configuration(),
        # Errors are logged by us: Litestar would log messages that hold private values.
        logging_config=None,
    )
    app.state.update(
        {
            "database": database,
            "environment": environment,
            "metrics": metrics,
            "closer": closer,
            "checks": Checks(environment, database),
            "receiver": webhooks.receiver_of(environment),
        }
    )
    app.asgi_handler = RequestLog(app.asgi_handler, metrics=metrics, seam=database.seam)
    return app


def _api() -> Router:
    return Router(
        path="/api/v1",
        dependencies={"transaction": Provide(provide_scope)},
        security=[{"api_key": []}],
        route_handlers=[
            businesses.router,
            numbers.router,
            services.router,
            people.router,
            places.router,
            resources.router,
            hours.router,
            hours.closures_router,
            holidays.router,
            availability.router,
            appointments.router,
            series.router,
            waiting_list.router,
            contacts.router,
            messages.router,
            knowledge.router,
            calendars.router,
            calendar_sign_in.router,
            feeds.router,
            calls.router,
            api_keys.router,
            dead_letters.router,
        ],
    )


def _rooms_of(environment: Environment) -> ListRooms:
    async def list_rooms() -> Collection[str]:
        async with LiveKitAPI(
            environment.livekit_address,
            environment.livekit_api_key,
            environment.livekit_api_secret.get_secret_value(),
        ) as livekit:
            found = await livekit.room.list_rooms(ListRoomsRequest())
        return {room.name for room in found.rooms}

    return list_rooms
