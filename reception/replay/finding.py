"""The events of a call, and what is needed to tell of them: found in whichever business has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from domain.businesses import directory
from domain.businesses.models import Business
from domain.calls.events import JournalEntry, MessageTaken, ToolCalled
from domain.calls.models import Call, CallEvent
from domain.calls.record import as_entry
from domain.calls.replay import CallRecord, rebuild, record_of
from domain.contacts.models import Contact
from domain.database import Actor, Database, Scope
from domain.environment import Environment
from reception.errors import ReceptionError

COMMAND = Actor(kind="operator", id="reception replay")


class NoCall(ReceptionError):
    """There is no such call, or the database cannot be read; the message says which."""


@dataclass(frozen=True, kw_only=True)
class FoundCall:
    """A call with all its events, in order."""

    call_id: UUID
    business_id: UUID
    business: str
    entries: Sequence[JournalEntry]
    record: CallRecord | None
    """What the events tell; None where its start is not among them."""
    row: CallRecord | None
    """What the database's row says."""
    names: tuple[str, ...]
    """The names that were given on it."""


async def find_call(environment: Environment, database_url: str, call_id: UUID) -> FoundCall:
    """Read the call from whichever business has it. Raises NoCall."""
    database = Database(database_url, keyring=environment.keyring, pool_size=1)
    try:
        for business_id in await directory.business_ids(database):
            async with database.scope(business_id=business_id, actor=COMMAND) as scope:
                if (found := await _read(scope, call_id)) is not None:
                    return found
    except SQLAlchemyError as error:
        raise NoCall(f"the database cannot be read ({type(error).__name__})") from None
    except ValueError as error:
        # Another key than the one that wrote it.
        raise NoCall(str(error)) from None
    finally:
        await database.aclose()
    raise NoCall(f"CALL_ID: there is no call {call_id}, or none of its events has arrived yet")


async def _read(scope: Scope, call_id: UUID) -> FoundCall | None:
    rows = await scope.session.scalars(
        select(CallEvent)
        .where(CallEvent.call_id == call_id)
        .order_by(CallEvent.epoch, CallEvent.seq)
    )
    entries = [as_entry(row) for row in rows]
    if not entries:
        return None
    call = await scope.session.get(Call, call_id)
    business = await scope.session.get(Business, scope.business_id)
    record = rebuild(entries)
    names = list(_names_in(entries))
    if record is not None and record.contact_id is not None:
        contact = await scope.session.get(Contact, record.contact_id)
        if contact is not None and contact.name:
            names.insert(0, contact.name)
    return FoundCall(
        call_id=call_id,
        business_id=scope.business_id,
        business=business.name if business is not None else "",
        entries=entries,
        record=record,
        row=None if call is None else record_of(call),
        names=tuple(dict.fromkeys(names)),
    )


def _names_in(entries: Sequence[JournalEntry]) -> list[str]:
    """Names that tools were given; those that were only spoken nobody can tell from other words."""
    found = []
    for entry in entries:
        event = entry.event
        if isinstance(event, MessageTaken):
            found.append(event.caller_name)
        elif isinstance(event, ToolCalled):
            found += [
                value
                for key, value in event.arguments.items()
                if "name" in key and isinstance(value, str)
            ]
    return [name for name in found if name.strip()]
