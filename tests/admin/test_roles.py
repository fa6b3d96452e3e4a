"""What each role may do, over every operation of the API."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Iterator
from uuid import UUID

import pytest
from httpx import AsyncClient
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from admin.authentication import LeastRole
from domain.accounts import sessions, users
from domain.accounts.principal import ROLES, Role
from domain.database import Database
from domain.tables import INSTALLATION
from tests.admin.conftest import Tenant
from tests.admin.endpoints import ANY_ID, ENDPOINTS, path_of
from tests.admin.problems import check_problem
from tests.factories import make_user

SignIn = Callable[[UUID, UUID], Awaitable[dict[str, str]]]

PUBLIC = {("POST", "/api/v1/sign-in")}
"""What anybody may ask who is not signed in."""

SAFE = {"GET", "HEAD"}


def _operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Every operation under /api/v1, in the OpenAPI document or not."""
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path_format.startswith("/api/v1"):
            for handler in route.route_handlers:
                for method in handler.http_methods - {"OPTIONS"}:
                    yield str(method), route.path_format, handler


def _least_of(handler: HTTPRouteHandler) -> Role | None:
    guards = [guard for layer in handler.ownership_layers for guard in layer.guards or []]
    roles = [guard.role for guard in guards if isinstance(guard, LeastRole)]
    return min(roles, key=ROLES.index) if roles else None


def _table(templates: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The least role of each operation that a row of the table calls."""
    table: dict[tuple[str, str], str] = {}
    for method, path, least, _ in ENDPOINTS:
        url = path_of(path, ANY_ID).partition("?")[0]
        called = [
            (verb, template)
            for verb, template in templates
            if verb == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), url)
        ]
        assert called, f"{method} {path}: there is no such operation"
        # `/appointments/series` is no `/appointments/{appointment_id}`.
        operation = min(called, key=lambda one: one[1].count("{"))
        assert operation not in table, f"{method} {path}: is there twice"
        table[operation] = least
    return table


def test_every_operation_is_in_the_table_and_guarded_as_it_says(
    make_app: Callable[..., Litestar],
) -> None:
    operations = {
        (method, path): handler
        for method, path, handler in _operations(make_app())
        if (method, path) not in PUBLIC
    }
    table = _table(operations)
    assert set(operations) - set(table) == set(), "not in tests/admin/endpoints.py"
    for (method, path), handler in operations.items():
        guarded = _least_of(handler)
        if method not in SAFE:
            assert guarded is not None, f"{method} {path}: anybody may do it; give it a guard"
        assert (guarded or "viewer") == table[method, path], f"{method} {path}"


def test_only_sign_in_is_public(make_app: Callable[..., Litestar]) -> None:
    found = {
        (method, path)
        for method, path, handler in _operations(make_app())
        if handler.opt.get("public")
    }
    assert found == PUBLIC


@pytest.fixture
async def sign_in_as(database: Database, app: Litestar) -> SignIn:
    secret = app.state.environment.reception_jwt_secret.get_secret_value()

    async def sign_in(business_id: UUID, user_id: UUID) -> dict[str, str]:
        async with database.scope(business_id=business_id) as scope:
            session = await sessions.begin(scope, user=await users.get(scope, user_id=user_id))
        return {"Authorization": f"Bearer {sessions.token_of(session, secret=secret)}"}

    return sign_in


@pytest.mark.parametrize("role", ROLES)
async def test_a_user_may_do_what_their_role_may_and_nothing_more(
    client: AsyncClient,
    tenant: Tenant,
    database: Database,
    sign_in_as: SignIn,
    role: Role,
) -> None:
    home = INSTALLATION if role == "operator" else tenant.business_id
    user_id = await make_user(database, role=role, business_id=None if role == "operator" else home)
    named = {"X-Business": str(tenant.business_id)} if role == "operator" else {}
    rank: dict[str, int] = {name: place for place, name in enumerate(ROLES)}
    headers: dict[str, str] = {}
    for method, path, least, body in ENDPOINTS:
        if path == "/sessions/current" or not headers:
            # Signing out ends a session: the next row needs another.
            headers = await sign_in_as(home, user_id)
        url = path_of(path, tenant.business_id)
        response = await client.request(method, url, headers=headers | named, json=body)
        if rank[role] <= rank[least]:
            assert response.status_code in (200, 201, 202, 204, 404, 409, 422), (
                method,
                path,
                response.text,
            )
        else:
            problem = check_problem(response, 403)
            assert least in problem["detail"], (method, path)
        if (method, path) == ("DELETE", "/sessions/current"):
            headers = {}
