"""Who asks: API keys, sessions, roles, and the business a request is about."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.openapi.spec.enums import OpenAPIFormat
from litestar.params import FromPath, HeaderParameter, SkipValidation
from litestar.types import Guard

from admin.problems import BadRequest
from domain.accounts import keys, sessions
from domain.accounts.principal import Principal, Role
from domain.businesses import operations as businesses
from domain.database import Actor, Database, Scope
from domain.environment import Environment
from domain.errors import NotFound
from domain.tables import INSTALLATION

PUBLIC = {"public": True}
"""`opt` of a handler that anybody may ask."""

COOKIE = "reception_session"
"""Holds the token of a browser's session, where no script can read it."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

Transaction = NamedDependency[SkipValidation[Scope]]
"""An open transaction of the request's business: committed before the response is sent, rolled back
on any error."""

BusinessHeader = Annotated[
    # Not UUID: Litestar takes the word null for an absent header then.
    str | None,
    HeaderParameter(
        name="X-Business",
        format=OpenAPIFormat.UUID,
        description="The business meant; operators have to name it, for all others it is their own.",
    ),
]


class Authentication(AbstractAuthenticationMiddleware):
    """Takes `Authorization: Bearer` with an API key or a session's token, or else the session's cookie,
    on every route that is not public."""

    def __init__(self, app: Any) -> None:
        super().__init__(app, exclude_from_auth_key="public")

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        authorization = connection.headers.get("authorization")
        cookie = connection.cookies.get(COOKIE)
        if authorization is not None:
            principal = await _bearer(connection, authorization)
        elif cookie:
            check_same_origin(connection)
            user = await _user_of(connection, cookie)
            if user is None:
                raise NotAuthorizedException(detail="You are signed out: sign in again.")
            principal = user
        else:
            raise _nothing_given()
        return AuthenticationResult(user=principal, auth=None)


async def _bearer(connection: ASGIConnection[Any, Any, Any, Any], authorization: str) -> Principal:
    scheme, _, credential = authorization.partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential:
        raise _nothing_given()
    # A token has two dots (RFC 7515 section 3.1), a key none.
    if "." in credential:
        principal = await _user_of(connection, credential)
        detail = "This session has ended, or the token is not one."
    else:
        principal = await keys.authenticate(connection.app.state.database, key=credential)
        detail = "This API key is not valid."
    if principal is None:
        raise NotAuthorizedException(
            detail=detail,
            headers={"WWW-Authenticate": 'Bearer realm="reception", error="invalid_token"'},
        )
    return principal


async def _user_of(connection: ASGIConnection[Any, Any, Any, Any], token: str) -> Principal | None:
    state = connection.app.state
    return await sessions.authenticate(
        state.database, token=token, secret=jwt_secret(state.environment)
    )


def jwt_secret(environment: Environment) -> str:
    """What tokens of sessions are signed with."""
    return environment.reception_jwt_secret.get_secret_value()


def _nothing_given() -> NotAuthorizedException:
    return NotAuthorizedException(
        detail="An API key or a session is needed: Authorization: Bearer <key>, or sign in."
    )


def check_same_origin(
    connection: ASGIConnection[Any, Any, Any, Any], *, required: bool = True
) -> None:
    """Raise PermissionDeniedException for a request that may change something and that a page of
    another site sends: the browser adds the cookie to that by itself (RFC 6265 section 8.2).

    Browsers say where a request comes from in Sec-Fetch-Site, on plain http in Origin alone; a request
    that has neither is refused if `required`.
    """
    if connection.scope.get("method") in _SAFE_METHODS:
        return
    site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    if site is not None:
        allowed = site == "same-origin"
    elif origin is not None:
        # The scheme may differ: a proxy in front may speak https.
        allowed = urlsplit(origin).netloc == connection.headers.get("host", "")
    else:
        allowed = not required
    if not allowed:
        raise PermissionDeniedException(
            detail="With the session's cookie, changes are taken from the console's own pages alone."
        )


@dataclass(frozen=True)
class LeastRole:
    """A guard that lets through those who may do what `role` may."""

    role: Role

    def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        principal: Principal = connection.user
        if not principal.may(self.role):
            raise PermissionDeniedException(
                detail=f"This needs the role {self.role}; yours is {principal.role}."
            )


def needs(role: Role) -> Guard:
    """The guard of a handler that only `role` and those above may use."""
    return LeastRole(role)


async def provide_scope(
    request: Request[Principal, Any, Any], x_business: BusinessHeader = None
) -> AsyncGenerator[Scope, None]:
    """The transaction of the business of the one who asks, or that an operator names."""
    async with _open(request, _business_of(request, x_business)) as scope:
        yield scope


async def provide_business_id(
    request: Request[Principal, Any, Any], x_business: BusinessHeader = None
) -> UUID:
    """The business of the one who asks, or that an operator names, for handlers that open transactions
    of their own."""
    business_id = _business_of(request, x_business)
    async with _open(request, business_id):
        return business_id


async def provide_business_scope(
    request: Request[Principal, Any, Any], business_id: FromPath[UUID]
) -> AsyncGenerator[Scope, None]:
    """The transaction of the business in the path."""
    async with _open(request, business_id) as scope:
        yield scope


async def provide_key_scope(
    request: Request[Principal, Any, Any], x_business: BusinessHeader = None
) -> AsyncGenerator[Scope, None]:
    """As `provide_scope`, but an operator who names no business gets the installation's own."""
    business_id = _named(x_business) or request.user.business_id or INSTALLATION
    async with _open(request, business_id) as scope:
        yield scope


async def provide_key_business_id(
    request: Request[Principal, Any, Any], x_business: BusinessHeader = None
) -> UUID:
    """As `provide_business_id`, but an operator who names no business gets the installation."""
    business_id = _named(x_business) or request.user.business_id or INSTALLATION
    async with _open(request, business_id):
        return business_id


def _business_of(request: Request[Principal, Any, Any], x_business: str | None) -> UUID:
    business_id = _named(x_business) or request.user.business_id
    if business_id is None:
        raise BadRequest("X-Business", "header", "an operator has to name a business")
    return business_id


def _named(x_business: str | None) -> UUID | None:
    if x_business is None:
        return None
    try:
        return UUID(x_business)
    except ValueError:
        raise BadRequest("X-Business", "header", "is not the id of a business") from None


def actor_of(principal: Principal) -> Actor:
    """Whom events and histories name."""
    kind = "operator" if principal.role == "operator" else "staff"
    return Actor(kind=kind, id=str(principal.id))


@asynccontextmanager
async def _open(request: Request[Principal, Any, Any], business_id: UUID) -> AsyncIterator[Scope]:
    """A scope on `business_id`, if the one who asks reaches it. Raises NotFound otherwise: whether
    another business exists is nobody's affair."""
    principal = request.user
    if principal.business_id not in (None, business_id):
        raise NotFound("business")
    database: Database = request.app.state.database
    async with database.scope(business_id=business_id, actor=actor_of(principal)) as scope:
        if principal.business_id is None and business_id != INSTALLATION:
            await businesses.get(scope)
        yield scope
