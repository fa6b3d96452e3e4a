"""Things that many tests need, made through the domain's own operations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.accounts import keys, users
from domain.businesses import operations as businesses
from domain.businesses.settings import BusinessSettings
from domain.calls.events import CallEnded, CallStarted, EndReason, Event, JournalEntry
from domain.calls.record import append
from domain.database import Database
from domain.tables import INSTALLATION


async def make_business(
    database: Database,
    *,
    name: str = "Riverside Dental",
    time_zone: str = "America/New_York",
    country: str = "US",
) -> UUID:
    """A business with default settings and nothing else."""
    business_id = database.seam.new_id()
    async with database.scope(business_id=business_id) as scope:
        await businesses.create(
            scope,
            name=name,
            time_zone=time_zone,
            country=country,
            settings=BusinessSettings(greeting=f"Thank you for calling {name}."),
        )
    return business_id


async def make_key(database: Database, *, role: str, business_id: UUID | None = None) -> str:
    """The text of a new API key; without a business, an operator's."""
    async with database.scope(business_id=business_id or INSTALLATION) as scope:
        _, key_text = await keys.create(scope, name=f"{role} key", role=role)
    return key_text


PASSWORD = "four quiet herons"


async def make_user(
    database: Database,
    *,
    role: str = "staff",
    business_id: UUID | None = None,
    email: str = "",
    password: str = PASSWORD,
) -> UUID:
    """A user who signs in with `{role}@riverside.example` and PASSWORD; without a business, an operator."""
    async with database.scope(business_id=business_id or INSTALLATION) as scope:
        user = await users.create(
            scope,
            by="operator",
            name=f"{role.title()} Riley",
            email=email or f"{role}@riverside.example",
            role=role,
            password=password,
        )
    return user.id


async def make_call(
    database: Database,
    *,
    business_id: UUID,
    events: Sequence[Event] = (),
    at: datetime | None = None,
    caller: str = "+12025550123",
    channel: str = "sip",
    contact_id: UUID | None = None,
    end: EndReason | None = "caller_hung_up",
    synthetic: bool = False,
) -> UUID:
    """A call whose every event happened at `at`; open when `end` is None."""
    call_id = database.seam.new_id()
    started = CallStarted.model_validate(
        {
            "room": f"call-{call_id}",
            "channel": channel,
            "dialled": "+12025550100",
            "caller": caller,
            "contact_id": contact_id,
            "synthetic": synthetic,
        }
    )
    ended: list[Event] = [] if end is None else [CallEnded(reason=end)]
    async with database.scope(business_id=business_id) as scope:
        await append(
            scope,
            [
                JournalEntry(
                    call_id=call_id, epoch=1, seq=seq, at=at or scope.seam.now(), event=event
                )
                for seq, event in enumerate([started, *events, *ended], start=1)
            ],
        )
    return call_id
