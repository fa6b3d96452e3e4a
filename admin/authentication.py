"""Who asks: API keys, roles, and the business a request is about."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
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
from domain.accounts import keys
from domain.accounts.keys import Principal, Role
from domain.businesses import operations as businesses
from domain.database import Actor, Database, Scope
from domain.errors import NotFound
from domain.tables import INSTALLATION

PUBLIC = {"public": True}
"""`opt` of a handler that needs no key."""

Transaction = NamedDependency[SkipValidation[Scope]]
"""An open transaction of the request's business: committed before the response is sent, rolled back
on any error."""

BusinessHeader = Annotated[
    # Not UUID: Litestar takes the word null for an absent header then.
    str | None,
    HeaderParameter(
        name="X-Business",
        format=OpenAPIFormat.UUID,
        description="The business meant; needed with an operator's key, else it is the key's own.",
    ),
]


class KeyAuthentication(AbstractAuthenticationMiddleware):
    """Takes `Authorization: Bearer <API key>` on every route that is not public."""

    def __init__(self, app: Any) -> None:
        super().__init__(app, exclude_from_auth_key="public")

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        scheme, _, key = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise NotAuthorizedException(
                detail="An API key is needed: Authorization: Bearer <key>."
            )
        database: Database = connection.app.state.database
        principal = await keys.authenticate(database, key=key.strip())
        if principal is None:
            raise NotAuthorizedException(
                detail="This API key is not valid.",
                headers={"WWW-Authenticate": 'Bearer realm="reception", error="invalid_token"'},
            )
        return AuthenticationResult(user=principal, auth=None)


def needs(role: Role) -> Guard:
    """A guard that lets through keys which may do what `role` may."""

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        principal: Principal = connection.user
        if not principal.may(role):
            raise PermissionDeniedException(
                detail=f"This needs the role {role}; the key's is {principal.role}."
            )

    return guard


async def provide_scope(
    request: Request[Principal, Any, Any], x_business: BusinessHeader = None
) -> AsyncGenerator[Scope, None]:
    """The transaction of the business that the key belongs to or an operator names."""
    async with _open(request, _business_of(request, x_business)) as scope:
        yield scope


async def provide_business_id(
    request: Request[Principal, Any, Any], x_business: BusinessHeader = None
) -> UUID:
    """The business that the key belongs to or an operator names, for handlers that open transactions
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
    return Actor(kind=kind, id=str(principal.key_id))


@asynccontextmanager
async def _open(request: Request[Principal, Any, Any], business_id: UUID) -> AsyncIterator[Scope]:
    """A scope on `business_id`, if the request's key reaches it. Raises NotFound otherwise: whether
    another business exists is nobody's affair."""
    principal = request.user
    if principal.business_id not in (None, business_id):
        raise NotFound("business")
    database: Database = request.app.state.database
    async with database.scope(business_id=business_id, actor=actor_of(principal)) as scope:
        if principal.business_id is None and business_id != INSTALLATION:
            await businesses.get(scope)
        yield scope
