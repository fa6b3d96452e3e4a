"""When a provider counts as down, and when it is tried again: the rule, without the database.

The circuit breaker of M. Nygard, Release It! (2nd ed., chapter 5), over a sliding window of tries.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

State = Literal["closed", "open", "half_open"]
Override = Literal["open", "closed"]

WINDOW: Final = timedelta(minutes=5)
LEAST_TRIES: Final = 5
FAILURE_SHARE: Final = 0.5
"""More than this share of at least so many tries within the window opens it."""
REST: Final = timedelta(seconds=60)
"""How long it stays open before one call tries it. An outage lasts minutes as a rule, and each trial costs
one caller up to 2.5 seconds: one caller in a minute at most."""
PROBE: Final = timedelta(seconds=60)
"""How long that call has to tell how it went: long enough for a greeting and a first turn. Then it counts as
dead, and another may try."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a provider stands."""

    state: State = "closed"
    changed_at: datetime
    probe_until: datetime | None = None
    override: Override | None = None
    """What an operator has decided, whatever the figures say."""

    @property
    def asked_last(self) -> bool:
        """Whether calls ask every other provider of their chain first."""
        return self.override == "open" or (self.override is None and self.state != "closed")


def counted_since(standing: Standing, now: datetime) -> datetime:
    """From which minute on tries count. What led to the last change does not count again: a provider that has
    come back would be taken for down by the failures of before."""
    changed = standing.changed_at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return max(changed, now - WINDOW)


def may_probe(standing: Standing, now: datetime) -> bool:
    """Whether a call may be the one that tries it."""
    if standing.override is not None:
        return False
    if standing.state == "open":
        return now - standing.changed_at >= REST
    lapsed = standing.probe_until is None or standing.probe_until <= now
    return standing.state == "half_open" and lapsed


def probing(standing: Standing, now: datetime) -> Standing:
    """As it stands while one call tries it."""
    return replace(standing, state="half_open", probe_until=now + PROBE)


def after_tries(standing: Standing, *, tries: int, failures: int, now: datetime) -> Standing:
    """As it stands when so many of the tries that count have failed."""
    down = tries >= LEAST_TRIES and failures > tries * FAILURE_SHARE
    return _changed(standing, "open", now) if standing.state == "closed" and down else standing


def after_probe(standing: Standing, *, failed: bool, now: datetime) -> Standing:
    """As it stands once the call that tried it has told how it went."""
    if standing.state != "half_open":
        return standing
    return _changed(standing, "open" if failed else "closed", now)


def _changed(standing: Standing, state: State, now: datetime) -> Standing:
    return replace(standing, state=state, changed_at=now, probe_until=None)
