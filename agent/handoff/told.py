"""What the model is told of a handing over that came to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from domain.calls.events import RingOutcome

_WHY: Final[Mapping[RingOutcome, str]] = {
    "busy": "the telephone is busy",
    "declined": "nobody can take the call at the moment",
    "no_answer": "nobody picked up",
    "voicemail": "an answering machine picked up",
    "hung_up": "nobody can take the call at the moment",
    "unclear": "nobody took the call",
    "failed": "the telephone could not be reached",
}


def told_of_failure(last: RingOutcome, *, reachable_at: datetime | None, time_zone: str) -> str:
    """How to go on with a caller who could not be connected; `last` is what came of the last telephone."""
    return (
        f"You tried to connect the caller with a person: {_WHY.get(last, 'nobody took the call')}."
        " They have just been told that nobody could take the call; do not say it again. In one short"
        " sentence, offer to take a message, and ask when they would like to be called back."
        + told_when(reachable_at, time_zone=time_zone)
    )


def told_when(reachable_at: datetime | None, *, time_zone: str) -> str:
    """When somebody can be reached again, as a sentence with a space before it; empty where nobody knows."""
    if reachable_at is None:
        return ""
    local = reachable_at.astimezone(ZoneInfo(time_zone))
    return f" Somebody can be reached again on {local:%A, %-d %B at %-I:%M %p}: say so."
