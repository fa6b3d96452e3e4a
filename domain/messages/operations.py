"""Taking messages and passing them through staff's hands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast, get_args
from uuid import UUID

from sqlalchemy import select, tuple_

from domain.contacts import operations as contacts
from domain.database import Scope
from domain.errors import Invalid, NotFound
from domain.messages.models import Message
from domain.paging import Position, check_limit
from domain.text import clean_line, clean_text

Urgency = Literal["low", "normal", "urgent"]
State = Literal["new", "read", "done"]

LONGEST_MESSAGE = 4000
LONGEST_CALL_BACK_TIME = 120


async def take(
    scope: Scope,
    *,
    text: str,
    urgency: str = "normal",
    call_id: UUID | None = None,
    contact_id: UUID | None = None,
    caller_name: str | None = None,
    caller_phone: str | None = None,
    call_back_time: str | None = None,
    message_id: UUID | None = None,
) -> Message:
    """Keep a message for the business, as `message_id` if that was settled before.

    `caller_phone` is kept as it came: a message must not be lost over a number that no rule knows; so is
    `call_back_time`, when the caller would like to be called back. Raises Invalid on `text`, `urgency`,
    `caller_name`, `caller_phone`, `call_back_time` or `contact_id`.
    """
    if contact_id is not None:
        await _check_contact(scope, contact_id)
    message = Message(
        id=message_id or scope.seam.new_id(),
        business_id=scope.business_id,
        call_id=call_id,
        contact_id=contact_id,
        caller_name=_line(caller_name, field="caller_name", longest=120),
        caller_phone=_line(caller_phone, field="caller_phone", longest=40),
        text=clean_text(text, field="text", longest=LONGEST_MESSAGE),
        call_back_time=_line(
            call_back_time, field="call_back_time", longest=LONGEST_CALL_BACK_TIME
        ),
        urgency=check_urgency(urgency),
        state="new",
        created_at=scope.seam.now(),
    )
    scope.session.add(message)
    await scope.session.flush()
    return message


async def get(scope: Scope, *, message_id: UUID) -> Message:
    """Raises NotFound."""
    message = await scope.session.scalar(select(Message).where(Message.id == message_id))
    if message is None:
        raise NotFound("message")
    return message


async def list_messages(
    scope: Scope,
    *,
    limit: int = 50,
    after: Position | None = None,
    state: State | None = None,
    urgency: Urgency | None = None,
    call_id: UUID | None = None,
) -> Sequence[Message]:
    """Messages, the newest first."""
    query = select(Message).order_by(Message.created_at.desc(), Message.id.desc())
    if after is not None:
        query = query.where(tuple_(Message.created_at, Message.id) < (after.at, after.id))
    if state is not None:
        query = query.where(Message.state == state)
    if urgency is not None:
        query = query.where(Message.urgency == urgency)
    if call_id is not None:
        query = query.where(Message.call_id == call_id)
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


async def set_state(scope: Scope, *, message_id: UUID, state: str) -> Message:
    """Mark a message new, read or done. Raises Invalid on `state`, NotFound."""
    if state not in get_args(State):
        raise Invalid("state", f"must be one of {', '.join(get_args(State))}")
    message = await get(scope, message_id=message_id)
    message.state = state
    await scope.session.flush()
    return message


def check_urgency(urgency: str) -> Urgency:
    """Raises Invalid on `urgency`."""
    if urgency not in get_args(Urgency):
        raise Invalid("urgency", f"must be one of {', '.join(get_args(Urgency))}")
    return cast(Urgency, urgency)


async def _check_contact(scope: Scope, contact_id: UUID) -> None:
    # Foreign keys see every business's rows, so the key alone would take another's contact.
    try:
        await contacts.get(scope, contact_id=contact_id)
    except NotFound:
        raise Invalid("contact_id", "is not a contact of this business") from None


def _line(value: str | None, *, field: str, longest: int) -> str | None:
    if value is None:
        return None
    return clean_line(value, field=field, longest=longest, required=False) or None
