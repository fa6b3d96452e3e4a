"""Alerts that calls raise: written with the event that tells of the danger, so that both are there or neither,
also when the event comes late, from the spool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from domain.alerts.models import AlertKind
from domain.alerts.operations import open_alert
from domain.calls.events import CallFlag, CallFlagged, JournalEntry
from domain.database import Scope

_KINDS: Final[dict[CallFlag, AlertKind]] = {
    "emergency": "emergency",
    "self_harm": "self_harm",
    "threat": "threat",
}
"""Rudeness alone is nothing that anybody has to run for: it is a flag on the call."""


async def raise_alerts(scope: Scope, entries: Sequence[JournalEntry]) -> None:
    """Tell staff at once of what these new events of calls flag: one alert for each call and kind."""
    for entry in entries:
        if isinstance(entry.event, CallFlagged) and (kind := _KINDS.get(entry.event.flag)):
            await open_alert(
                scope,
                kind=kind,
                subject=str(entry.call_id),
                urgent=True,
                call_id=entry.call_id,
            )
