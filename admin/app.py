"""The admin service as an application: routes, errors, documentation, background work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.di import Provide

from admin import console_site, documentation, health, webhooks
from admin.api import (
    alerts,
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
    providers,
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
from admin.closer import ListRooms
from admin.livekit import Rooms
from admin.logs import RequestLog
from admin.models import JsonRequest, StrictModels
from admin.problems import EXCEPTION_HANDLERS
from admin.service import Service
from domain.database import Database
from domain.environment import Environment, load_environment

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
    service = Service(
        environment or load_environment(),
        database,
        list_rooms=list_rooms,
        rooms=rooms,
        background=background,
    )
    return attach(routed(), service)


def routed() -> Litestar:
    """The routes with their errors and documentation, of no service yet: `attach` one."""
    return Litestar(
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
        lifespan=[_lifespan],
        request_max_body_size=LARGEST_BODY,
        openapi_config=documentation.configuration(),
        # Errors are logged by us: Litestar would log messages that hold private values.
        logging_config=None,
    )


def attach(app: Litestar, service: Service) -> Litestar:
    """Have the routes serve with the parts of `service`."""
    app.state.update(service.state())
    app.asgi_handler = RequestLog(
        app.asgi_handler,
        metrics=service.metrics,
        seam=service.database.seam,
        traces=service.traces,
    )
    return app


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    service: Service = app.state.service
    async with service.running():
        yield


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
            alerts.router,
            providers.router,
        ],
    )
