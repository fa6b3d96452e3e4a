"""Signing in with e-mail and password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from litestar import Request, Response, post
from litestar.datastructures import Cookie
from litestar.exceptions import NotAuthorizedException
from litestar.params import JSONBody
from pydantic import Field

from admin.api.account_models import (
    IDLE_SECONDS,
    SessionBusiness,
    SessionUser,
    SignedIn,
)
from admin.authentication import COOKIE, PUBLIC, check_same_origin, jwt_secret
from admin.devices import device_of
from admin.models import Body
from admin.problems import LIMITED_WRITES
from admin.rate_limit import RateLimit
from domain.accounts import passwords, sessions
from domain.accounts.sign_in import SignedIn as BegunSession, sign_in as begin_session
from domain.businesses import operations as businesses
from domain.database import Database
from domain.environment import Environment
from domain.seam import Seam
from domain.tables import INSTALLATION

logger = structlog.get_logger(__name__)


class Credentials(Body):
    """Who signs in."""

    email: str = Field(min_length=3, max_length=254, examples=["ann@example.com"])
    password: str = Field(
        min_length=1, max_length=passwords.LONGEST, examples=["correct horse of Ann"]
    )


_MOST_TRIES, _WINDOW = 20, timedelta(minutes=5)


def limit_of(seam: Seam) -> RateLimit:
    """How often one address may fail to sign in."""
    return RateLimit(most=_MOST_TRIES, window=_WINDOW, seam=seam)


@post(
    "/api/v1/sign-in",
    opt=PUBLIC,
    security=[{}],
    responses=LIMITED_WRITES,
    tags=["sessions"],
    summary="Sign in",
)
async def sign_in(
    request: Request[Any, Any, Any], data: JSONBody[Credentials]
) -> Response[SignedIn]:
    """Begin a session. The token is in the answer, and in the cookie `reception_session` for browsers.
    After five wrong passwords in a row an account is locked for a quarter of an hour."""
    # A page of another site could sign a browser in as somebody else otherwise, unnoticed.
    check_same_origin(request, required=False)
    limit: RateLimit = request.app.state.sign_in_limit
    address = request.client.host if request.client else ""
    limit.take(address)
    database: Database = request.app.state.database
    begun = await begin_session(
        database,
        email=data.email,
        password=data.password,
        device=device_of(request.headers.get("user-agent", "")),
    )
    if begun is None:
        # Without the address: one that is mistyped is often a password in the wrong field.
        logger.warning("sign_in_failed")
        raise NotAuthorizedException(
            detail="The e-mail address or the password is wrong. After several wrong passwords,"
            " wait a quarter of an hour."
        )
    limit.give_back(address)
    logger.info("signed_in", user_id=str(begun.user.id), session_id=str(begun.session.id))
    return await _answer(request, database, begun)


async def _answer(
    request: Request[Any, Any, Any], database: Database, begun: BegunSession
) -> Response[SignedIn]:
    environment: Environment = request.app.state.environment
    token = sessions.token_of(begun.session, secret=jwt_secret(environment))
    business = None
    if begun.user.business_id != INSTALLATION:
        async with database.scope(business_id=begun.user.business_id) as scope:
            business = SessionBusiness.model_validate(await businesses.get(scope))
    return Response(
        SignedIn(
            token=token,
            user=SessionUser.model_validate(begun.user),
            business=business,
            expires_at=begun.session.expires_at,
            idle_seconds=IDLE_SECONDS,
        ),
        status_code=201,
        headers={"Cache-Control": "no-store"},
        cookies=[
            Cookie(
                key=COOKIE,
                value=token,
                path="/",
                max_age=int(sessions.LONGEST.total_seconds()),
                httponly=True,
                samesite="strict",
                secure=served_securely(request),
            )
        ],
    )


def served_securely(request: Request[Any, Any, Any]) -> bool:
    """Whether the cookie may be kept to https."""
    environment: Environment = request.app.state.environment
    return environment.production or request.url.scheme == "https"
