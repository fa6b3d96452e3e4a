"""All that watches a worker, beside its calls: health, figures, signs of life."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from agent.health import WorkerState, health_server
from agent.watching.metrics import WorkerMetrics
from agent.watching.signs import keep_giving_signs
from agent.watching.socket import FigureSocket
from agent.watching.spool_depth import SpoolDepth, SpoolReader
from domain.database import Database
from domain.environment import Environment
from domain.seam import Seam


class WorkerWatch:
    """Of one worker. Start it before the worker makes processes: they inherit where to tell their figures."""

    def __init__(
        self, environment: Environment, state: Callable[[], WorkerState], *, seam: Seam
    ) -> None:
        self._state = state
        self._seam = seam
        self._metrics = WorkerMetrics()
        self._figures = FigureSocket(self._metrics.take)
        self._spools = SpoolReader(environment.home, environment.keyring)
        self._reading = asyncio.Lock()
        self._health = health_server(
            state,
            metrics=self._metrics,
            depth=self.depth,
            host="",
            port=environment.reception_worker_port,
        )

    async def start(self) -> None:
        """Raises OSError when the health port is taken."""
        await self._health.start()
        self._figures.open()

    async def give_signs(self, database: Database) -> None:
        """Until cancelled."""
        await keep_giving_signs(database, self._state, self.depth)

    async def stop(self) -> None:
        self._figures.close()
        await self._health.stop()

    async def depth(self) -> SpoolDepth:
        """What waits in this machine's spools."""
        async with self._reading:
            return await asyncio.to_thread(self._spools.depth, now=self._seam.now())
