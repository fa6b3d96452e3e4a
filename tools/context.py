"""What a tool may reach during a call, and the ports through which the call serves it."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol
from uuid import UUID

from domain.businesses.profile import CallProfile
from domain.calls.events import EndReason, Event
from domain.claims.deeds import CallDeeds
from domain.database import Database, Scope
from domain.handoffs.plan import HandoffPlan


class Deed(Protocol):
    """An open transaction in which something is done and told at once."""

    @property
    def scope(self) -> Scope: ...

    async def record(self, event: Event) -> None:
        """Write the deed's event in the deed's own transaction: both are there, or neither."""
        ...


class Journal(Protocol):
    """Where the facts of the call go."""

    def record(self, event: Event, *, instead_of: Event | None = None) -> None:
        """Keep a fact: on disk at once, in the database soon, once and in order. `instead_of` is an event
        of a deed that failed: of the two the database will hold one, also if the deed was done after
        all."""
        ...

    def deed(self) -> AbstractAsyncContextManager[Deed]:
        """A transaction that commits on a clean exit, together with the events recorded in it. Raises
        `tools.database.OutcomeUnknown` when nobody can say whether it did."""
        ...


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """A request to hand the caller to a person's telephone."""

    reason: str
    """Why, in a few words, as the person who answers is told it."""
    plan: HandoffPlan
    kind: Literal["warm", "cold"] | None = None
    """None: as the business has set it."""
    by: str = ""
    """The user who asked for it; empty: the caller or the assistant."""


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """Whether the call hands the caller over."""

    outcome: Literal["ringing", "failed"]
    """`ringing`: it does, and speaks with the caller itself from now on, whatever comes of it: a tool that
    asked ends, and has nothing said. `failed`: nothing has begun, and the assistant goes on."""
    why: str = ""
    """For `failed`, in words for the model."""


class CallControl(Protocol):
    """What a tool may ask of the call itself."""

    @property
    def with_person(self) -> bool:
        """A person has the floor, or is being sought for the caller: no tool begins."""
        ...

    @property
    def messages_only(self) -> bool:
        """Staff have switched the assistant to taking messages: no tool that does more begins."""
        ...

    def end(self, reason: EndReason) -> None:
        """End the call once what is being said has been said."""
        ...

    async def hand_over(self, request: HandOver) -> HandedOver:
        """Begin to ring the plan's telephones for the caller (or to send them away by REFER), and
        return at once. The events (`TransferStarted` among them), the announcement, the hold music, and
        the assistant's return with what happened when nobody takes the call, are the call's doing. A
        tool waits until its own turn has been heard (`wait_for_playout`) before it asks."""
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
    ran: set[str] = field(default_factory=set)
    """Ids of the model's requests that reached a tool."""
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
    deeds: CallDeeds = field(default_factory=CallDeeds)
    """What was done on this call: what the assistant may say that it did."""

    @property
    def business_id(self) -> UUID:
        return self.profile.business_id
