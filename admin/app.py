"""The admin service as an application: routes, errors, documentation, background work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from litestar import Litestar, Router
from litestar.di import Provide

from admin import console_site, documentation, health, webhooks
from admin.api import (
    api_keys,
    appointments,
    availability,
    businesses,
    calendar_sign_in,
    calendars,
    call_control,
    calls,
    contacts,
    day_plan,
    dead_letters,
    departments,
    feeds,
    holidays,
    hours,
    knowledge,
    live,
    messages,
    numbers,
    people,
    places,
    resources,
    rota,
    series,
    services,
    sessions,
    sign_in,
    speech,
    switches,
    test_calls,
    users,
    waiting_list,
)
from admin.authentication import Authentication, provide_scope
from admin.closer import CallCloser, ListRooms
from admin.live import Live
from admin.livekit import Door, LiveKitRooms, Rooms
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
    rooms: Rooms | None = None,
    background: bool = True,
) -> Litestar:
    """The application. What is not given comes from the process's environment.

    `rooms` takes LiveKit's place, `list_rooms` that question to it alone; without `background` nothing closes
    calls by itself, and the live feed is told nothing.
    """
    environment = environment or load_environment()
    owned = database is None
    database = database or Database(environment.database_url, keyring=environment.keyring)
    metrics = Metrics()
    for vendor in sandbox_vendors(environment):
        metrics.sandbox(vendor)
    rooms = rooms or LiveKitRooms(environment)
    closer = CallCloser(
        database, list_rooms=list_rooms or rooms.names, end_room=rooms.delete, metrics=metrics
    )
    live_feed = Live(database.url)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        runs = (closer.run(), live_feed.run()) if background else ()
        tasks = [asyncio.create_task(run) for run in runs]
        try:
            yield
        finally:
            live_feed.close()
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task
            await rooms.aclose()
            if owned:
                await database.aclose()

    app = Litestar(
        route_handlers=[
            _api(),
            health.router,
            webhooks.router,
            feeds.read_feed,
            calendar_sign_in.finish_sign_in,
            sign_in.sign_in,
            *console_site.routers(),
        ],
        middleware=[Authentication],
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
            "rooms": rooms,
            "door": Door(environment, seam=database.seam),
            "live": live_feed,
            "checks": Checks(environment, database),
            "receiver": webhooks.receiver_of(environment),
            "sign_in_limit": sign_in.limit_of(database.seam),
        }
    )
    app.asgi_handler = RequestLog(app.asgi_handler, metrics=metrics, seam=database.seam)
    return app


def _api() -> Router:
    return Router(
        path="/api/v1",
        dependencies={"transaction": Provide(provide_scope)},
        security=[{"api_key": []}, {"session": []}],
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
            day_plan.router,
            series.router,
            waiting_list.router,
            contacts.router,
            messages.router,
            knowledge.router,
            calendars.router,
            calendar_sign_in.router,
            feeds.router,
            calls.router,
            call_control.router,
            live.router,
            test_calls.router,
            api_keys.router,
            users.router,
            sessions.router,
            dead_letters.router,
            speech.router,
            departments.router,
            rota.router,
            switches.router,
        ],
    )
