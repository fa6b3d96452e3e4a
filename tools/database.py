"""Reaching the database from a tool: with an end to the waiting, and a word to the caller when it is
slow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from livekit.agents import RunContext
from sqlalchemy import exc

from domain.database import Actor, Scope
from tools.context import CallContext, Deed

AWAY: Final = (
    exc.OperationalError,
    exc.InterfaceError,
    exc.DisconnectionError,
    exc.TimeoutError,
    TimeoutError,
    OSError,
)
"""The database does not answer: refused, cut, or too slow."""


class OutcomeUnknown(TimeoutError):
    """The database took the order to commit and was not heard of again: the deed may be done or not. The same
    request again is safe, for it is done once at most."""


REACH_SECONDS: Final = 8.0
"""A caller waits no longer than this for the calendar."""
FILLER_SECONDS: Final = 1.2
_FILLERS: Final = {
    "en": "One moment please.",
    "es": "Un momento, por favor.",
    "hi": "एक क्षण रुकिए।",
}


@asynccontextmanager
async def deed(context: RunContext[CallContext]) -> AsyncIterator[Deed]:
    """A transaction for doing something and telling it; only one at a time on a call."""
    call = context.userdata
    async with (
        _filler(context),
        call.memory.one_deed,
        asyncio.timeout(REACH_SECONDS),
        call.journal.deed() as opened,
    ):
        yield opened


@asynccontextmanager
async def reading(context: RunContext[CallContext]) -> AsyncIterator[Scope]:
    """A transaction for looking something up."""
    call = context.userdata
    actor = Actor(kind="assistant", id=str(call.call_id), call_id=call.call_id)
    async with (
        _filler(context),
        asyncio.timeout(REACH_SECONDS),
        call.database.scope(business_id=call.business_id, actor=actor) as scope,
    ):
        yield scope


@asynccontextmanager
async def _filler(context: RunContext[CallContext]) -> AsyncIterator[None]:
    language = context.userdata.profile.settings.language.partition("-")[0]
    async with context.with_filler(_FILLERS[language], delay=FILLER_SECONDS):
        yield
