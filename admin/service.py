"""What the admin service is made of beside its routes: connections, figures, and the work in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from admin import webhooks
from admin.api import sign_in
from admin.closer import CallCloser, ListRooms
from admin.keeper.keeper import CallKeeper
from admin.live import Live
from admin.livekit import Door, LiveKitRooms, Rooms
from admin.metrics import Metrics
from admin.readiness import Checks
from domain import tracing
from domain.database import Database
from domain.environment import Environment
from domain.providers.endpoints import sandbox_vendors


class Service:
    """The parts of one process."""

    def __init__(
        self,
        environment: Environment,
        database: Database | None = None,
        *,
        list_rooms: ListRooms | None = None,
        rooms: Rooms | None = None,
        background: bool = True,
    ) -> None:
        """As `admin.app.create_app` takes them."""
        self.environment = environment
        self._owned = database is None
        self.database = database or Database(environment.database_url, keyring=environment.keyring)
        self.metrics = Metrics()
        for vendor in sandbox_vendors(environment):
            self.metrics.sandbox(vendor)
        self._rooms = rooms or LiveKitRooms(environment)
        self._closer = CallCloser(
            self.database,
            list_rooms=list_rooms or self._rooms.names,
            end_room=self._rooms.delete,
            metrics=self.metrics,
        )
        self._keeper = CallKeeper(
            self.database, rooms=self._rooms, closer=self._closer, metrics=self.metrics
        )
        self._live = Live(self.database.url)
        self.traces = tracing.of_process(
            environment.otel_exporter_otlp_endpoint, service="reception-admin"
        )
        self._background = background

    def state(self) -> dict[str, Any]:
        """What requests find in the application's state."""
        return {
            "service": self,
            "database": self.database,
            "environment": self.environment,
            "metrics": self.metrics,
            "closer": self._closer,
            "rooms": self._rooms,
            "door": Door(self.environment, seam=self.database.seam),
            "live": self._live,
            "checks": Checks(self.environment, self.database),
            "receiver": webhooks.receiver_of(self.environment),
            "sign_in_limit": sign_in.limit_of(self.database.seam),
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The work in the background; at the end everything is closed."""
        runs = (self._closer.run, self._keeper.run, self._live.run) if self._background else ()
        tasks = [asyncio.create_task(run()) for run in runs]
        try:
            yield
        finally:
            self._live.close()
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task
            await self._rooms.aclose()
            if self._owned:
                await self.database.aclose()
            await tracing.flush(self.traces)
