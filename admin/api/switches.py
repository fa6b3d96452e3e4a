"""The switch of a business: the assistant on, taking messages only, or off."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from litestar import Request, Router, get, put
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody
from pydantic import Field

from admin.authentication import Transaction, actor_of, needs, provide_business_id
from admin.livekit import Rooms
from admin.models import Body, Instant, View
from admin.problems import READS, WRITES
from admin.telling import tell_calls
from domain.accounts.principal import Principal
from domain.calls.control import ChangeSwitch
from domain.database import Database
from domain.switches import operations as switches
from domain.switches.operations import Mode, SwitchState

BusinessId = NamedDependency[UUID]

_MODE = (
    "`on`: the assistant does what it can. `messages_only`: it takes messages and connects with people, "
    "and books nothing. `off`: calls go to `forward_to`, or to voicemail."
)
_FORWARD_TO = "Where calls go while the assistant is off; empty: voicemail. Kept while it is on."


class Switch(View):
    """What the assistant is switched to."""

    mode: Mode = Field(description=_MODE)
    forward_to: str = Field(description=_FORWARD_TO, examples=["+12025550140"])
    changed_at: Instant | None = Field(description="Null: it was never switched.")
    changed_by: str = Field(description="The id of the user or key; empty: it was never switched.")


class SwitchChange(Body):
    """What to switch it to."""

    mode: Mode = Field(description=_MODE)
    forward_to: str = Field("", max_length=40, description=_FORWARD_TO, examples=["+12025550140"])


@get("/", responses=READS, summary="Read the switch")
async def get_switch(transaction: Transaction) -> Switch:
    """What the assistant is switched to; on, where it was never switched."""
    return _view(await switches.read(transaction))


@put(
    "/",
    guards=[needs("manager")],
    responses=WRITES,
    dependencies={"business_id": Provide(provide_business_id)},
    summary="Switch the assistant",
)
async def set_switch(
    request: Request[Principal, Any, Any], business_id: BusinessId, data: JSONBody[SwitchChange]
) -> Switch:
    """Switch the assistant on, to messages only, or off: for calls that come from now on, and for those
    that go on, which are told at once. A call that can't be reached just now goes on as it was."""
    database = cast(Database, request.app.state.database)
    actor = actor_of(request.user)
    async with database.scope(business_id=business_id, actor=actor) as scope:
        state = await switches.change(scope, mode=data.mode, forward_to=data.forward_to)
    # Only once it is written: a call that was told of what was then rolled back would stay switched.
    await tell_calls(
        cast(Rooms, request.app.state.rooms),
        database,
        business_id=business_id,
        control=ChangeSwitch(
            id=database.seam.new_id(),
            user_id=UUID(actor.id),
            mode=state.mode,
            forward_to=state.forward_to,
        ),
    )
    return _view(state)


def _view(state: SwitchState) -> Switch:
    return Switch.model_validate(state)


router = Router(path="/switches", tags=["switches"], route_handlers=[get_switch, set_switch])
