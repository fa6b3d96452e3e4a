"""Which connector speaks to which kind of calendar."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, cast

from domain.calendars.port import CalendarRefused, OutsideCalendar

Keep = Callable[[dict[str, Any]], Awaitable[None]]
"""Stores a calendar's access anew: called as soon as a token was refreshed, because the one before may
be worth nothing from then on."""
Now = Callable[[], datetime]

_MODULES = {
    "caldav": "connectors.caldav",
    "google": "connectors.google",
    "microsoft": "connectors.microsoft",
    "ics": "connectors.ics",
    "fhir": "connectors.fhir",
}


class Connect(Protocol):
    """What each module of `connectors` has under the name `connect`."""

    async def __call__(
        self, access: Mapping[str, Any], *, keep: Keep, now: Now
    ) -> OutsideCalendar: ...


async def connect(kind: str, access: Mapping[str, Any], *, keep: Keep, now: Now) -> OutsideCalendar:
    """The calendar of `kind` that `access` opens. Raises CalendarError."""
    module = _MODULES.get(kind)
    if module is None:
        raise CalendarRefused("no connector speaks to this kind of calendar")
    # Loaded when first needed: a worker that keeps no practice system in step pays nothing for it.
    factory = cast(Connect, importlib.import_module(module).connect)
    return await factory(access, keep=keep, now=now)
