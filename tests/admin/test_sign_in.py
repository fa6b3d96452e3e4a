"""Signing in over HTTP: the token, the cookie, and what stands in the way of guessing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar
from structlog.testing import capture_logs

from admin.authentication import COOKIE
from domain.accounts import users
from domain.accounts.sign_in import LOCKED_FOR, MOST_FAILURES
from domain.database import Database
from domain.environment import Environment
from domain.seam import PinnedSeam
from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem
from tests.factories import PASSWORD, make_user

EMAIL = "staff@riverside.example"
CURRENT = "/api/v1/sessions/current"


@pytest.fixture
async def user_id(database: Database, tenant: Tenant) -> UUID:
    return await make_user(database, role="staff", business_id=tenant.business_id)


async def _sign_in(client: AsyncClient, password: str = PASSWORD, **changes: Any) -> Response:
    body = {"email": changes.pop("email", EMAIL), "password": password}
    return await client.post("/api/v1/sign-in", json=body, **changes)


def _bearer(response: Response) -> dict[str, str]:
    assert response.status_code == 201, response.text
    return {"Authorization": f"Bearer {response.json()['token']}"}


async def test_the_answer_says_who_it_is_and_sets_the_cookie(
    client: AsyncClient, tenant: Tenant, user_id: UUID
) -> None:
    response = await _sign_in(client)
    assert response.status_code == 201 and response.headers["cache-control"] == "no-store"
    body = response.json()
    token = body.pop("token")
    assert body == {
        "user": {
            "id": str(user_id),
            "name": "Staff Riley",
            "email": EMAIL,
            "role": "staff",
            "person_id": None,
        },
        "business": {
            "id": str(tenant.business_id),
            "name": "Riverside Dental",
            "time_zone": "America/New_York",
            "country": "US",
        },
        "expires_at": "2026-11-24T05:00:00Z",
        "idle_seconds": 1800,
    }
    cookie, *attributes = response.headers["set-cookie"].split("; ")
    assert cookie == f"{COOKIE}={token}"
    assert {part.lower() for part in attributes} == {
        "httponly",
        "samesite=strict",
        "path=/",
        "max-age=43200",
    }
    by_cookie = await client.get(CURRENT)
    client.cookies.clear()
    by_token = await client.get(CURRENT, headers=_bearer(response))
    assert by_cookie.json() == by_token.json() == body
    check_problem(await client.get(CURRENT), 401)


async def test_the_cookie_is_kept_to_https_where_there_is_https(
    app: Litestar, environment: Environment, user_id: UUID, make_app: Callable[..., Litestar]
) -> None:
    transport = ASGITransport(app=app)  # type: ignore[arg-type]
    async with AsyncClient(transport=transport, base_url="https://test") as client:
        response = await _sign_in(client)
        assert "Secure" in response.headers["set-cookie"].split("; ")
    environment.reception_env = "production"
    transport = ASGITransport(app=make_app())  # type: ignore[arg-type]
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        response = await _sign_in(client)
        assert "Secure" in response.headers["set-cookie"].split("; ")


async def test_an_operator_has_no_business_and_names_one(
    client: AsyncClient, tenant: Tenant, database: Database
) -> None:
    await make_user(database, role="operator")
    response = await _sign_in(client, email="operator@riverside.example")
    assert response.json()["business"] is None
    headers = _bearer(response)
    assert (await client.get(CURRENT, headers=headers)).json()["business"] is None
    check_problem(await client.get("/api/v1/services", headers=headers), 400, field="X-Business")
    named = headers | {"X-Business": str(tenant.business_id)}
    assert (await client.get("/api/v1/services", headers=named)).status_code == 200
    made = await client.post(
        "/api/v1/services", headers=named, json={"name": "X", "duration_minutes": 30}
    )
    assert made.status_code == 201


async def test_a_failure_says_the_same_whatever_it_was_and_logs_no_address(
    client: AsyncClient, tenant: Tenant, user_id: UUID, database: Database
) -> None:
    await make_user(
        database, role="viewer", business_id=tenant.business_id, email="locked@x.example"
    )
    idle = await make_user(
        database, role="viewer", business_id=tenant.business_id, email="idle@x.example"
    )
    async with database.scope(business_id=tenant.business_id) as scope:
        await users.update(scope, by="owner", user_id=idle, active=False)
    for _ in range(MOST_FAILURES):
        await _sign_in(client, "wrong password", email="locked@x.example")
    with capture_logs() as lines:
        answers = [
            check_problem(await _sign_in(client, password, email=email), 401)
            for email, password in (
                (EMAIL, "wrong password"),
                ("nobody@x.example", PASSWORD),
                ("no address", PASSWORD),
                ("locked@x.example", PASSWORD),
                ("idle@x.example", PASSWORD),
            )
        ]
    assert len({(answer["detail"], answer["title"]) for answer in answers}) == 1
    assert [line["event"] for line in lines].count("sign_in_failed") == 5
    assert "example" not in repr(lines) and "no address" not in repr(lines)


async def test_an_account_is_locked_and_opens_again(
    client: AsyncClient, user_id: UUID, seam: PinnedSeam
) -> None:
    for _ in range(MOST_FAILURES):
        check_problem(await _sign_in(client, "wrong password"), 401)
    check_problem(await _sign_in(client), 401)
    seam.advance(LOCKED_FOR)
    assert (await _sign_in(client)).status_code == 201


async def test_an_address_that_fails_too_often_has_to_wait(
    client: AsyncClient, user_id: UUID, seam: PinnedSeam
) -> None:
    # Those who get in are not counted: a practice shares one address.
    for _ in range(25):
        assert (await _sign_in(client)).status_code == 201
    for n in range(20):
        check_problem(await _sign_in(client, email=f"u{n}@x.example"), 401)
        seam.advance(timedelta(seconds=1))
    response = await _sign_in(client)
    check_problem(response, 429)
    wait = int(response.headers["retry-after"])
    assert 0 < wait <= 300
    seam.advance(timedelta(seconds=wait))
    assert (await _sign_in(client)).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": EMAIL}, "password"),
        ({"password": PASSWORD}, "email"),
        ({"email": EMAIL, "password": ""}, "password"),
        ({"email": EMAIL, "password": "x" * 201}, "password"),
        ({"email": EMAIL, "password": PASSWORD, "role": "owner"}, "role"),
    ],
)
async def test_a_malformed_request_names_the_field(
    client: AsyncClient, body: dict[str, str], field: str
) -> None:
    check_problem(await client.post("/api/v1/sign-in", json=body), 400, field=field)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_another_sites_page_signs_nobody_in(
    client: AsyncClient, user_id: UUID, site: str
) -> None:
    response = await _sign_in(client, headers={"Sec-Fetch-Site": site})
    check_problem(response, 403)
    assert "set-cookie" not in response.headers
    assert (await _sign_in(client, headers={"Sec-Fetch-Site": "same-origin"})).status_code == 201


@pytest.fixture
async def browser(client: AsyncClient, user_id: UUID) -> AsyncIterator[AsyncClient]:
    """A client that keeps the cookie, as browsers do."""
    assert (await _sign_in(client)).status_code == 201
    assert client.cookies.get(COOKIE)
    yield client


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "http://test"}, True),
        ({"Origin": "https://test"}, True),
        ({}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://test"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "http://test:8080"}, False),
        ({"Origin": "https://test.evil.example"}, False),
        ({"Origin": "null"}, False),
    ],
)
async def test_with_the_cookie_changes_come_from_the_consoles_own_pages_alone(
    browser: AsyncClient, headers: dict[str, str], allowed: bool
) -> None:
    made = await browser.post("/api/v1/contacts", json={"name": "Jane"}, headers=headers)
    if allowed:
        assert made.status_code == 201
    else:
        check_problem(made, 403)
    listed = await browser.get("/api/v1/contacts", headers=headers)
    assert len(listed.json()["items"]) == int(allowed)


async def test_a_bearer_needs_no_origin_and_wins_over_the_cookie(
    browser: AsyncClient, tenant: Tenant
) -> None:
    made = await browser.post(
        "/api/v1/services",
        json={"name": "Cleaning", "duration_minutes": 30},
        headers=tenant.headers("manager"),
    )
    assert made.status_code == 201
    check_problem(await browser.get(CURRENT, headers=tenant.headers("manager")), 404)
    wrong = {"Authorization": "Bearer a.b.c"}
    check_problem(await browser.get("/api/v1/services", headers=wrong), 401)


async def test_signing_out_ends_the_session_and_takes_the_cookie_back(
    browser: AsyncClient,
) -> None:
    kept = browser.cookies[COOKIE]
    response = await browser.delete(CURRENT, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 204
    assert "Max-Age=0" in response.headers["set-cookie"].split("; ")
    assert browser.cookies.get(COOKIE) is None
    check_problem(await browser.get(CURRENT), 401)
    browser.cookies.set(COOKIE, kept)
    check_problem(await browser.get(CURRENT), 401)
    check_problem(await browser.get(CURRENT, headers={"Authorization": f"Bearer {kept}"}), 401)


async def test_a_session_ends_by_rest_and_by_age(browser: AsyncClient, seam: PinnedSeam) -> None:
    for _ in range(25):
        seam.advance(timedelta(minutes=28))
        assert (await browser.get(CURRENT)).status_code == 200
    seam.advance(timedelta(minutes=20))
    check_problem(await browser.get(CURRENT), 401)
    assert (await _sign_in(browser)).status_code == 201
    seam.advance(timedelta(minutes=30))
    check_problem(await browser.get(CURRENT), 401)


async def test_histories_and_the_log_name_the_user(
    browser: AsyncClient, tenant: Tenant, user_id: UUID, database: Database
) -> None:
    async with database.scope(business_id=tenant.business_id) as scope:
        await users.update(scope, by="owner", user_id=user_id, role="owner")
    own = {"Sec-Fetch-Site": "same-origin"}
    with capture_logs() as lines:
        changed = await browser.put(
            f"/api/v1/businesses/{tenant.business_id}/settings",
            json={"greeting": "Good morning."},
            headers=own,
        )
    assert changed.status_code == 200
    assert changed.json()["created_by"] == f"staff:{user_id}"
    [line] = [line for line in lines if line["event"] == "request"]
    assert (line["user_id"], line["key_id"]) == (str(user_id), None)
