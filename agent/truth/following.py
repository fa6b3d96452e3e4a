"""Keeping the deeds of a call as its journal is written."""

from __future__ import annotations

import logging
from collections.abc import Callable

from domain.calls.events import JournalEntry
from domain.claims.deeds import CallDeeds

log = logging.getLogger("reception.agent.truth")


def following(
    deeds: CallDeeds, watch: Callable[[JournalEntry], None]
) -> Callable[[JournalEntry], None]:
    """Tells `deeds` of each entry, and `watch`."""

    def told(entry: JournalEntry) -> None:
        try:
            deeds.add(entry.event)
        except Exception as error:
            # The fact is kept whatever becomes of what is made of it.
            log.error("deed not followed", extra={"error": type(error).__name__})
        watch(entry)

    return told
