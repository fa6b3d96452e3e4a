"""Messages that callers leave."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Router, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import Field

from admin.authentication import Transaction, needs
from admin.models import Body, Instant, View
from admin.pages import Cursor, Limit, Page, page, position_cursor, read_position
from admin.problems import READS, WRITES
from domain.messages import operations as messages
from domain.messages.operations import State, Urgency


class Message(View):
    """What a caller asked to be passed on."""

    id: UUID
    call_id: UUID | None
    contact_id: UUID | None
    caller_name: str | None = Field(examples=["Jane Doe"])
    caller_phone: str | None = Field(examples=["+12025550123"])
    text: str = Field(examples=["Please call me back about my invoice."])
    call_back_time: str | None = Field(
        description="When they would like to be called back, in their own words.",
        examples=["tomorrow after four"],
    )
    urgency: Urgency
    state: State
    created_at: Instant


class NewMessage(Body):
    """A message that staff take down."""

    text: str = Field(min_length=1, max_length=messages.LONGEST_MESSAGE)
    urgency: Urgency = "normal"
    caller_name: str | None = Field(None, max_length=120)
    caller_phone: str | None = Field(None, max_length=40)
    call_back_time: str | None = Field(None, max_length=messages.LONGEST_CALL_BACK_TIME)
    contact_id: UUID | None = None


class MessageChange(Body):
    """Whether it has been read or dealt with."""

    state: State


@get("/", responses=READS, summary="List messages")
async def list_messages(
    transaction: Transaction,
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    urgency: FromQuery[Urgency | None] = None,
    call_id: FromQuery[UUID | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Message]:
    """Messages, the newest first."""
    rows = await messages.list_messages(
        transaction,
        limit=limit + 1,
        after=read_position("messages", cursor),
        state=in_state,
        urgency=urgency,
        call_id=call_id,
    )
    return page(
        rows,
        limit,
        view=Message.model_validate,
        cursor=lambda row: position_cursor("messages", row.created_at, row.id),
    )


@post("/", guards=[needs("staff")], responses=WRITES, summary="Take a message")
async def create_message(transaction: Transaction, data: JSONBody[NewMessage]) -> Message:
    """Take a message down by hand."""
    return Message.model_validate(await messages.take(transaction, **dict(data)))


@get("/{message_id:uuid}", responses=READS, summary="Read a message")
async def get_message(transaction: Transaction, message_id: FromPath[UUID]) -> Message:
    """One message."""
    return Message.model_validate(await messages.get(transaction, message_id=message_id))


@patch("/{message_id:uuid}", guards=[needs("staff")], responses=WRITES, summary="Mark a message")
async def update_message(
    transaction: Transaction, message_id: FromPath[UUID], data: JSONBody[MessageChange]
) -> Message:
    """Mark it new, read or done."""
    return Message.model_validate(
        await messages.set_state(transaction, message_id=message_id, state=data.state)
    )


router = Router(
    path="/messages",
    tags=["messages"],
    route_handlers=[list_messages, create_message, get_message, update_message],
)
