"""One provider of a chain on one call: how its attempts went, and when it may be asked again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from livekit.agents import APIConnectionError, APITimeoutError

from domain.businesses.settings import Kind

REST_SECONDS: Final = 20.0
"""How long a provider that failed is asked last on this call; twice as long after each failure in a row."""
LONGEST_REST: Final = 160.0
LONGEST_HOLD: Final = 300.0
"""A Retry-After beyond this is no longer about this call."""

_AT_ONCE_SECONDS: Final = 1.0
"""An answer that failed within this may be asked for once more without the caller waiting long."""
_DENIED: Final = frozenset({400, 401, 402, 403, 404})
"""What the same request will be answered again."""


class Held(APIConnectionError):
    """A provider asked to be left alone for a while (Retry-After), and is."""

    def __init__(self) -> None:
        super().__init__("the provider asked not to be tried yet", retryable=False)


class AskedToWait:
    """What a vendor's last answer asked for, where its plugin drops the header: a hook of its HTTP client."""

    def __init__(self) -> None:
        self.seconds: float | None = None

    async def look(self, response: Any) -> None:
        """Read the header of a response (httpx)."""
        found = response.headers.get("Retry-After")
        self.seconds = _seconds(found) if found and response.status_code >= 400 else None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One request to a provider, or one utterance heard by it. `error` is None when it was answered."""

    member: Member
    error: BaseException | None = None


@dataclass(eq=False)
class Member:
    """One provider of a chain."""

    kind: Kind
    vendor: str
    model: Any
    """The vendor's plugin."""
    provider: str = ""
    """What the breaker knows it as."""
    own: bool = False
    """Its key or address is the business's own."""
    position: int = 0
    """In the business's settings."""
    told: Callable[[Attempt], None] = lambda attempt: None
    """Hears of every attempt."""
    asked_to_wait: AskedToWait | None = None
    asked_last: bool = False
    """The breaker is open."""
    may_be_tried: bool = False
    """It has been open for so long that a call may try it."""
    probe: bool = False
    """This call is the one that tries it."""
    _failures: int = 0
    _rest_until: float = field(default=0.0, repr=False)
    _held_until: float = field(default=0.0, repr=False)

    def succeeded(self) -> None:
        """It answered."""
        self._failures = 0
        self._rest_until = 0.0
        self.told(Attempt(member=self))

    def failed(self, error: BaseException) -> None:
        """It did not answer, or not to the end. One that was not asked (Held) has not failed."""
        if isinstance(error, Held):
            return
        self.rest()
        wait = self.asked_to_wait.seconds if self.asked_to_wait is not None else retry_after(error)
        if wait is not None:
            self._held_until = time.monotonic() + min(wait, LONGEST_HOLD)
        self.told(Attempt(member=self, error=error))

    def rest(self) -> None:
        """Ask the others first for a while."""
        seconds = min(REST_SECONDS * 2**self._failures, LONGEST_REST)
        self._failures += 1
        self._rest_until = time.monotonic() + seconds

    @property
    def resting(self) -> bool:
        return time.monotonic() < self._rest_until

    @property
    def held(self) -> bool:
        """It asked for not to be asked yet."""
        return time.monotonic() < self._held_until


def in_order(members: Iterable[Member]) -> list[Member]:
    """Whom to ask, one after the other: one that this call is to try first, those that have just failed last,
    and never one that asked to be left alone. Raises Held when nobody is left."""
    able = [one for one in members if not one.held]
    if not able:
        raise Held
    return sorted(able, key=lambda one: (one.resting, not one.probe, one.asked_last))


def first_in_order(members: Sequence[Member]) -> Member:
    """Who is asked first; where all asked to be left alone, the first of them."""
    try:
        return in_order(members)[0]
    except Held:
        return members[0]


def worth_another_try(error: BaseException, *, after: float) -> bool:
    """Whether to ask the whole chain once more, of which the last failed with `error`, `after` so many seconds."""
    return (
        after < _AT_ONCE_SECONDS
        and not _denied(error)
        and not _timed_out(error)
        and not isinstance(error, Held)
    )


def _denied(error: BaseException) -> bool:
    """Whether the same request would fail again: a wrong key, a wrong model."""
    return getattr(error, "status_code", None) in _DENIED


def _timed_out(error: BaseException) -> bool:
    return isinstance(error, APITimeoutError | TimeoutError)


def retry_after(error: BaseException) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date (RFC 9110 section 10.2.3).

    The plugins drop the header; it is still on the exception that theirs came from (aiohttp).
    """
    seen: BaseException | None = error
    while seen is not None:
        headers = getattr(seen, "headers", None)
        found = headers.get("Retry-After") if headers is not None else None
        if found:
            return _seconds(found)
        seen = seen.__cause__
    return None


def _seconds(value: str) -> float | None:
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def describe(error: BaseException) -> str:
    """An error's type and status, never its content: that may hold what somebody said."""
    status = getattr(error, "status_code", None)
    name = type(error).__name__
    return f"{name} {status}" if isinstance(status, int) and status > 0 else name
