"""What staff do with a call in progress: listen, whisper, take it over, hand it on, end it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, Literal
from uuid import UUID

from litestar import Request, Router, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from pydantic import Field

from admin.authentication import actor_of, needs, provide_business_id
from admin.livekit import Door, RoomGone, Rooms, Ticket, agents_in
from admin.models import Body, Instant, View
from admin.problems import WRITES
from domain.accounts.principal import Principal
from domain.businesses import operations as businesses
from domain.calls import control, log
from domain.calls.closing import close_open
from domain.calls.models import Call
from domain.calls.targets import check_target
from domain.database import Database
from domain.errors import Conflict, Invalid
from domain.phone import parse_phone

ASSISTANT: Final = "assistant"
HANG_UP_WITHIN = timedelta(seconds=5)
"""What an agent takes to end a call that it was told to end; after that the room is closed for it."""

AskedRequest = Request[Principal, Any, Any]
BusinessId = NamedDependency[UUID]


class NewCallToken(Body):
    """How to join a call."""

    mode: Literal["listen", "takeover"] = Field(
        description="`listen`: unseen and unheard. `takeover`: speaks with the caller; the assistant falls "
        "silent as soon as the microphone is live."
    )


class CallToken(View):
    """What a browser needs to join a room with livekit-client."""

    url: str = Field(
        description="The WebSocket address of livekit-server.", examples=["ws://127.0.0.1:7880"]
    )
    token: str = Field(description="Opens the room until `expires_at`; who is in stays in.")
    room: str = Field(examples=["call-4Kd9xQ2m"])
    identity: str = Field(
        description="Of the participant; each token makes another.",
        examples=["staff-9f3a61c07d2be845"],
    )
    expires_at: Instant


class NewWhisper(Body):
    """Something for the assistant that the caller does not hear, or for it to say."""

    text: str = Field(min_length=1, max_length=1000, examples=["Offer her the nine o'clock."])
    aloud: bool = Field(
        False, description="Said to the caller word for word, in the assistant's voice."
    )


class FloorChange(Body):
    """Who is to speak with the caller."""

    to: str = Field(
        min_length=1,
        max_length=200,
        description="`assistant`, or the identity of a participant who took the call over.",
        examples=["assistant"],
    )


class NewTransfer(Body):
    """Where the caller goes: to a department, a person or a number; nothing: as the business is set."""

    kind: Literal["warm", "cold"] | None = Field(
        None,
        description="warm: the person is rung and told of the call first; cold: the caller is sent away. "
        "Null: as the business is set.",
    )
    department_id: UUID | None = None
    person_id: UUID | None = None
    number: str | None = Field(None, min_length=1, max_length=40, examples=["+12025550123"])


class ControlSent(View):
    """The call was told. What comes of it is in its events."""

    id: UUID = Field(description="Of the request.")


@post(
    "/{call_id:uuid}/token",
    guards=[needs("staff")],
    responses=WRITES,
    summary="Get a token to listen to a call or take it over",
)
async def create_call_token(
    request: AskedRequest,
    business_id: BusinessId,
    call_id: FromPath[UUID],
    data: JSONBody[NewCallToken],
) -> CallToken:
    """A token to join the call's room. 409 when the call is over."""
    call = await _in_progress(request, business_id, call_id)
    door: Door = request.app.state.door
    if data.mode == "listen":
        return ticket_view(door.listener(call.room))
    return ticket_view(door.takeover(call.room, user_id=request.user.id))


@post(
    "/{call_id:uuid}/whisper",
    status_code=202,
    guards=[needs("staff")],
    responses=WRITES,
    summary="Whisper to the assistant",
)
async def whisper(
    request: AskedRequest,
    business_id: BusinessId,
    call_id: FromPath[UUID],
    data: JSONBody[NewWhisper],
) -> ControlSent:
    """Tell the assistant something while it speaks with the caller, or have it say something."""
    call = await _in_progress(request, business_id, call_id)
    text = data.text.strip()
    if not text:
        raise Invalid("text", "must not be empty")
    if data.aloud and call.state in ("briefing", "person"):
        # The agent would drop it, and by then this has been answered with 202.
        raise Conflict("the assistant does not have the floor: nothing of it reaches the caller")
    asked = control.Whisper(**_signed(request), text=text, aloud=data.aloud)
    return await _tell_agent(request, call, asked)


@post(
    "/{call_id:uuid}/floor",
    status_code=202,
    guards=[needs("staff")],
    responses=WRITES,
    summary="Say who speaks with the caller",
)
async def give_floor(
    request: AskedRequest,
    business_id: BusinessId,
    call_id: FromPath[UUID],
    data: JSONBody[FloorChange],
) -> ControlSent:
    """Hand the caller back to the assistant, or to another who joined the call."""
    call = await _in_progress(request, business_id, call_id)
    rooms: Rooms = request.app.state.rooms
    if data.to != ASSISTANT:
        there = await rooms.participants(call.room)
        if data.to not in {one.identity for one in there if one.staff}:
            raise Invalid("to", "is neither `assistant` nor somebody who took this call over")
    return await _tell_agent(request, call, control.GiveFloor(**_signed(request), to=data.to))


@post(
    "/{call_id:uuid}/transfer",
    status_code=202,
    guards=[needs("staff")],
    responses=WRITES,
    summary="Hand the caller to a telephone",
)
async def transfer_call(
    request: AskedRequest,
    business_id: BusinessId,
    call_id: FromPath[UUID],
    data: JSONBody[NewTransfer],
) -> ControlSent:
    """Ring a department, a person or a number for the caller, or send them there."""
    call = await _in_progress(request, business_id, call_id)
    database: Database = request.app.state.database
    async with database.scope(business_id=business_id) as scope:
        number = ""
        if data.number is not None:
            country = (await businesses.get(scope)).country
            number = parse_phone(data.number, region=country, field="number")
        await check_target(
            scope, department_id=data.department_id, person_id=data.person_id, number=number
        )
    asked = control.Transfer(
        **_signed(request),
        kind=data.kind,
        department_id=data.department_id,
        person_id=data.person_id,
        number=number,
    )
    return await _tell_agent(request, call, asked)


@post(
    "/{call_id:uuid}/hangup",
    status_code=202,
    guards=[needs("staff")],
    responses=WRITES,
    summary="End a call",
)
async def hang_up(
    request: AskedRequest, business_id: BusinessId, call_id: FromPath[UUID]
) -> ControlSent:
    """End the call for everybody: by its agent, or without one where there is none."""
    call = await _in_progress(request, business_id, call_id)
    rooms: Rooms = request.app.state.rooms
    asked = control.HangUp(**_signed(request))
    agents = await agents_in(rooms, call.room)
    if agents:
        # One that is stuck, or dead and not yet missed, does nothing with it: the closer sees to that.
        request.app.state.closer.hang_up(call.room, within=HANG_UP_WITHIN)
        try:
            await rooms.send(call.room, asked, to=agents)
            return ControlSent(id=asked.id)
        except RoomGone:
            pass
    await rooms.delete(call.room)
    database: Database = request.app.state.database
    async with database.scope(business_id=business_id, actor=actor_of(request.user)) as scope:
        await close_open(scope, call_id=call.id, reason="staff_ended")
    return ControlSent(id=asked.id)


def ticket_view(ticket: Ticket) -> CallToken:
    return CallToken.model_validate(ticket)


async def _in_progress(request: AskedRequest, business_id: UUID, call_id: UUID) -> Call:
    """Raises NotFound, and Conflict when the call is over."""
    database: Database = request.app.state.database
    async with database.scope(business_id=business_id) as scope:
        call = await log.get(scope, call_id=call_id)
    if call.ended_at is not None:
        raise Conflict("this call is over")
    return call


def _signed(request: AskedRequest) -> dict[str, UUID]:
    """Who asks, and the id by which the request is carried out once."""
    database: Database = request.app.state.database
    return {"id": database.seam.new_id(), "user_id": request.user.id}


async def _tell_agent(request: AskedRequest, call: Call, asked: control.Control) -> ControlSent:
    """Raises Conflict when there is no agent in the call who could do it."""
    rooms: Rooms = request.app.state.rooms
    agents = await agents_in(rooms, call.room)
    if not agents:
        raise Conflict("no assistant is in this call just now")
    await rooms.send(call.room, asked, to=agents)
    return ControlSent(id=asked.id)


router = Router(
    path="/calls",
    tags=["live calls"],
    # No transaction stays open while LiveKit is asked.
    dependencies={"business_id": Provide(provide_business_id)},
    route_handlers=[create_call_token, whisper, give_floor, transfer_call, hang_up],
)
