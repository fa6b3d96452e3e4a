"""Calls to one's own assistant from the browser."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, post
from litestar.di import NamedDependency, Provide

from admin.api.call_control import AskedRequest, CallToken, ticket_view
from admin.authentication import needs, provide_business_id
from admin.livekit import Door
from admin.problems import WRITES
from domain.businesses import numbers
from domain.database import Database


@post(
    "/", guards=[needs("manager")], responses=WRITES, summary="Call the assistant from the browser"
)
async def create_test_call(request: AskedRequest, business_id: NamedDependency[UUID]) -> CallToken:
    """A token that calls the business's assistant, which needs no number yet: joining with it is the call."""
    database: Database = request.app.state.database
    async with database.scope(business_id=business_id) as scope:
        own = await numbers.list_numbers(scope)
    door: Door = request.app.state.door
    return ticket_view(door.caller(business_id=business_id, dialled=own[0].e164 if own else ""))


router = Router(
    path="/test-calls",
    tags=["live calls"],
    dependencies={"business_id": Provide(provide_business_id)},
    route_handlers=[create_test_call],
)
