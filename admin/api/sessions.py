"""Sessions: one's own, and those that can be ended for others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get
from litestar.datastructures import Cookie
from litestar.di import Provide
from litestar.params import FromPath
from pydantic import Field

from admin.api.account_models import IDLE_SECONDS, CurrentSession, SessionBusiness, SessionUser
from admin.api.sign_in import served_securely
from admin.authentication import COOKIE, Transaction, actor_of, needs, provide_key_scope
from admin.models import Instant, View
from admin.pages import Cursor, Limit, Page, id_cursor, page, read_id
from admin.problems import READS, WRITES
from domain.accounts import sessions, users
from domain.accounts.models import Session as SessionRow
from domain.accounts.principal import Principal
from domain.businesses import operations as businesses
from domain.database import Database
from domain.errors import NotFound
from domain.tables import INSTALLATION


class Session(View):
    """A sign-in that goes on."""

    id: UUID
    user_id: UUID
    device: str = Field(description="As far as it tells.", examples=["Firefox on Windows"])
    current: bool = Field(description="Whether it is the one that asks.")
    created_at: Instant
    last_used_at: Instant = Field(description="To the minute.")
    expires_at: Instant


@get("/current", guards=[needs("viewer")], responses=READS, summary="Read the current session")
async def get_current_session(request: Request[Principal, Any, Any]) -> CurrentSession:
    """Who is signed in. An API key has no session: that is a 404."""
    principal = request.user
    if principal.user_id is None or principal.session_id is None:
        raise NotFound("session")
    database: Database = request.app.state.database
    business_id = principal.business_id or INSTALLATION
    async with database.scope(business_id=business_id) as scope:
        session = await sessions.get(scope, session_id=principal.session_id)
        user = await users.get(scope, user_id=principal.user_id)
        business = None
        if principal.business_id is not None:
            business = SessionBusiness.model_validate(await businesses.get(scope))
    return CurrentSession(
        user=SessionUser.model_validate(user),
        business=business,
        expires_at=session.expires_at,
        idle_seconds=IDLE_SECONDS,
    )


@delete(
    "/current",
    guards=[needs("viewer")],
    responses=WRITES,
    status_code=204,
    summary="Sign out",
)
async def sign_out(request: Request[Principal, Any, Any]) -> Response[None]:
    """End the session that asks, and take the cookie back."""
    principal = request.user
    if principal.session_id is None:
        raise NotFound("session")
    database: Database = request.app.state.database
    business_id = principal.business_id or INSTALLATION
    async with database.scope(business_id=business_id, actor=actor_of(principal)) as scope:
        await sessions.end(scope, session_id=principal.session_id, principal=principal)
    gone = Cookie(
        key=COOKIE,
        value="",
        path="/",
        max_age=0,
        httponly=True,
        samesite="strict",
        secure=served_securely(request),
    )
    return Response(None, status_code=204, cookies=[gone])


@get("/", guards=[needs("viewer")], responses=READS, summary="List sessions")
async def list_sessions(
    request: Request[Principal, Any, Any],
    transaction: Transaction,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Session]:
    """The sessions that go on, the newest first: one's own, and those of users one may manage."""
    principal = request.user
    rows = await sessions.list_open(
        transaction, principal=principal, limit=limit + 1, after=read_id("sessions", cursor)
    )
    return page(
        rows,
        limit,
        view=lambda row: _view(row, principal),
        cursor=lambda row: id_cursor("sessions", row.id),
    )


@delete(
    "/{session_id:uuid}",
    guards=[needs("viewer")],
    responses=WRITES,
    summary="End a session",
)
async def end_session(
    request: Request[Principal, Any, Any], transaction: Transaction, session_id: FromPath[UUID]
) -> None:
    """Sign out one's own session on another device, or a user whom one may manage."""
    await sessions.end(transaction, session_id=session_id, principal=request.user)


def _view(row: SessionRow, principal: Principal) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        device=row.device,
        current=row.id == principal.session_id,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
    )


router = Router(
    path="/sessions",
    tags=["sessions"],
    dependencies={"transaction": Provide(provide_key_scope)},
    route_handlers=[get_current_session, sign_out, list_sessions, end_session],
)
