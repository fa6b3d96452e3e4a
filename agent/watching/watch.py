"""Everything of one call that is told outside: its figures to the worker, its trace to a collector."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from typing import Self

from livekit.agents import JobContext

from agent.watching.address import VARIABLE
from agent.watching.figures import Figure, of_event
from agent.watching.socket import FigureTeller
from agent.watching.trace import CallTrace
from domain import tracing
from domain.businesses.settings import Kind
from domain.calls.events import CallStarted, EndReason, JournalEntry
from domain.environment import Environment

log = logging.getLogger("reception.agent.watch")


class CallWatch:
    """Of one job. Nothing that it does can fail the call."""

    def __init__(self, teller: FigureTeller, trace: CallTrace) -> None:
        self.trace = trace
        self._teller = teller
        self._synthetic = False

    @classmethod
    def of_job(cls, job: JobContext, environment: Environment) -> Self:
        endpoint = environment.otel_exporter_otlp_endpoint
        exporter = tracing.collector(endpoint) if endpoint else None
        return cls(
            FigureTeller(os.environ.get(VARIABLE, "")),
            CallTrace(exporter, room_made=_room_made(job)),
        )

    def event(self, entry: JournalEntry) -> None:
        """A fact that was written into the journal."""
        try:
            if isinstance(entry.event, CallStarted):
                self._synthetic = entry.event.synthetic
            for figure in of_event(entry.event, synthetic=self._synthetic, epoch=entry.epoch):
                self._teller.tell(figure)
            self.trace.event(entry)
        except Exception as error:
            log.error("not told outside", extra={"error": type(error).__name__})

    def ended_early(self, reason: EndReason) -> None:
        """The call ended before it had a journal."""
        self._teller.tell(Figure("calls_ended", (reason,)))

    def provider_worked(self, kind: Kind, provider: str) -> None:
        """A request was answered."""
        self._teller.tell(Figure("provider_requests", (kind, provider, "done")))

    async def close(self) -> None:
        self._teller.close()
        await self.trace.close()


def _room_made(job: JobContext) -> datetime:
    """When the room was made (livekit-sip makes it on the INVITE), or now where the server does not say."""
    room = job.job.room
    milliseconds = room.creation_time_ms or room.creation_time * 1000
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else datetime.now(UTC)
