"""What a tool may reach during a call, and the ports through which the call serves it."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from domain.businesses.profile import CallProfile
from domain.calls.events import EndReason, Event
from domain.database import Database, Scope


class Deed(Protocol):
    """An open transaction in which something is done and told at once."""

    @property
    def scope(self) -> Scope: ...

    async def record(self, event: Event) -> None:
        """Write the deed's event in the deed's own transaction: both are there, or neither."""
        ...


class Journal(Protocol):
    """Where the facts of the call go."""

    def record(self, event: Event) -> None:
        """Keep a fact: on disk at once, in the database soon, once and in order."""
        ...

    def deed(self) -> AbstractAsyncContextManager[Deed]:
        """A transaction that commits on a clean exit, together with the events recorded in it."""
        ...


class CallControl(Protocol):
    """What a tool may ask of the call itself."""

    def end(self, reason: EndReason) -> None:
        """End the call once what is being said has been said."""
        ...

    async def transfer(self, number: str) -> bool:
        """Send the caller to `number` (E.164, cold transfer), and record `TransferEnded`. Whether
        the other side took it."""
        ...


@dataclass(frozen=True)
class FeeTold:
    """`turn` is the one in which the assistant learnt of it: the caller can answer only later."""

    fee: str
    turn: str


@dataclass
class CallMemory:
    """What the tools of one call remember between two uses. A job that takes the call over begins
    without it, and finds again what it needs."""

    shown: set[UUID] = field(default_factory=set)
    """Appointments that this caller was allowed to hear of."""
    asked: Counter[str] = field(default_factory=Counter)
    """How often the model made the very same request."""
    wrong_tries: int = 0
    """How often an identity was claimed on this call, by code or by name and date of birth, that
    opened nothing."""
    fees_told: dict[UUID, FeeTold] = field(default_factory=dict)
    """By appointment: the fee for so late a change, as the caller is told it."""
    kept_times: set[UUID] = field(default_factory=set)
    """Entries of the waiting list whose kept time this caller was told of."""
    messages: set[str] = field(default_factory=set)
    """Messages taken, so that a repeated request leaves no second one."""
    doubted_numbers: set[str] = field(default_factory=set)
    """What was said for a telephone number and is none; kept as said when said again."""
    one_deed: asyncio.Lock = field(default_factory=asyncio.Lock)
    """A model may ask for one deed twice in one breath: the second must see what the first did."""


@dataclass
class CallContext:
    """The `userdata` of a call's AgentSession."""

    call_id: UUID
    profile: CallProfile
    database: Database
    journal: Journal
    call: CallControl
    caller_phone: str = ""
    """E.164, or empty when withheld."""
    contact_id: UUID | None = None
    contact_name: str = ""
    memory: CallMemory = field(default_factory=CallMemory)

    @property
    def business_id(self) -> UUID:
        return self.profile.business_id
