"""What a tool may reach during a call, and the ports through which the call serves it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
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
        """Send the caller to `number` (E.164, cold transfer). Whether the other side took it."""
        ...


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

    @property
    def business_id(self) -> UUID:
        return self.profile.business_id
