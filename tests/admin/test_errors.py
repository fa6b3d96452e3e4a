"""Whatever goes wrong is told as a problem detail, and nothing is half-written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from httpx import AsyncClient
from litestar import Litestar

from admin.app import create_app
from domain.database import Database
from domain.encryption import Keyring
from domain.environment import Environment
from tests.admin.conftest import Tenant, serving
from tests.admin.endpoints import ANY_ID, ENDPOINTS, path_of
from tests.admin.problems import check_problem


async def test_unknown_addresses_and_methods(client: AsyncClient, tenant: Tenant) -> None:
    for path in ("/nothing", "/api/v1/nothing", "/api/v1/calls/not-an-id", "/api/v2/calls"):
        check_problem(await client.get(path, headers=tenant.headers()), 404)
    response = await client.put("/api/v1/services", headers=tenant.headers(), json={})
    check_problem(response, 405)
    assert "POST" in response.headers["allow"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("services", {}, "name"),
        ("services", {"name": "", "duration_minutes": 30}, "name"),
        ("services", {"name": "x", "duration_minutes": "30"}, "duration_minutes"),
        ("services", {"name": "x", "duration_minutes": 30.5}, "duration_minutes"),
        ("services", {"name": "x", "duration_minutes": True}, "duration_minutes"),
        ("services", {"name": "x", "duration_minutes": 4}, "duration_minutes"),
        ("services", {"name": "x", "duration_minutes": 30, "colour": "red"}, "colour"),
        ("services", {"name": "a\x00b", "duration_minutes": 30}, "name"),
        ("services", {"name": "x", "duration_minutes": 30, "person_ids": ["1"]}, "person_ids.0"),
        ("services", ["not", "an", "object"], "body"),
        ("appointments", {"service_id": str(ANY_ID), "person_id": str(ANY_ID)}, "starts_at"),
        (
            "appointments",
            {
                "service_id": str(ANY_ID),
                "person_id": str(ANY_ID),
                "starts_at": "2026-11-24T10:00:00",
            },
            "starts_at",
        ),
        (
            "appointments",
            {"service_id": str(ANY_ID), "person_id": str(ANY_ID), "starts_at": 1795345200},
            "starts_at",
        ),
        ("closures", {"first_day": "2026-02-30"}, "first_day"),
        ("messages", {"text": "Hi.", "urgency": "asap"}, "urgency"),
        ("knowledge", {"question": "Q?", "answer": "x" * 4001}, "answer"),
    ],
)
async def test_a_body_that_does_not_fit_is_refused_by_field(
    client: AsyncClient, tenant: Tenant, path: str, body: Any, field: str
) -> None:
    response = await client.post(f"/api/v1/{path}", headers=tenant.headers(), json=body)
    problem = check_problem(response, 400, field=field)
    assert problem["errors"][0]["place"] == "body"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("contacts", {"phone": "555"}, "phone"),
        ("contacts", {"email": "jane"}, "email"),
        ("contacts", {"notes": "x"}, "phone"),
        ("services", {"name": " ", "duration_minutes": 30}, "name"),
        ("services", {"name": "bell\x07", "duration_minutes": 30}, "name"),
        ("closures", {"first_day": "2026-11-27", "last_day": "2026-11-26"}, "last_day"),
        ("numbers", {"e164": "call me"}, "e164"),
        ("people", {"name": "Ann", "phone": "12"}, "phone"),
    ],
)
async def test_a_value_that_a_rule_refuses_is_named(
    client: AsyncClient, tenant: Tenant, path: str, body: dict[str, Any], field: str
) -> None:
    response = await client.post(f"/api/v1/{path}", headers=tenant.headers(), json=body)
    check_problem(response, 422, field=field)
    assert (await client.get(f"/api/v1/{path}", headers=tenant.headers())).json()["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("calls?limit=0", "limit"),
        ("calls?limit=201", "limit"),
        ("calls?limit=many", "limit"),
        ("calls?state=lost", "state"),
        ("calls?outcome=lost", "outcome"),
        ("calls?contact_id=1", "contact_id"),
        ("calls?started_from=yesterday", "started_from"),
        ("calls?started_from=2026-11-23T10:00:00", "started_from"),
        ("calls?cursor=!!!", "cursor"),
        ("calls?cursor=bm90IG91cnM", "cursor"),
        ("messages?state=lost", "state"),
        ("availability?first_day=2026-11-24", "service_id"),
        (f"availability?service_id={ANY_ID}&first_day=2026-02-30", "first_day"),
        ("knowledge/search", "question"),
    ],
)
async def test_a_query_that_does_not_fit_is_refused_by_name(
    client: AsyncClient, tenant: Tenant, query: str, field: str
) -> None:
    problem = check_problem(
        await client.get(f"/api/v1/{query}", headers=tenant.headers()), 400, field=field
    )
    assert problem["errors"][0]["place"] == "query"


async def test_a_number_in_a_query_is_not_repeated_in_the_answer(
    client: AsyncClient, tenant: Tenant
) -> None:
    query = "calls?caller_phone=%2B12025550123&limit=0"
    response = await client.get(f"/api/v1/{query}", headers=tenant.headers())
    check_problem(response, 400)
    assert "2025550123" not in response.text


async def test_a_body_that_is_no_json(client: AsyncClient, tenant: Tenant) -> None:
    for content in (b"", b"{", b'{"name": "\xff"}', b"\xff\xfe", b'{"name": "\\ud800"}', b"null"):
        response = await client.post(
            "/api/v1/services",
            headers=tenant.headers() | {"Content-Type": "application/json"},
            content=content,
        )
        check_problem(response, 400)


async def test_a_body_that_is_too_large(client: AsyncClient, tenant: Tenant) -> None:
    body = json.dumps({"question": "Q?", "answer": "x" * (1 << 20)}).encode()
    response = await client.post("/api/v1/knowledge", headers=tenant.headers(), content=body)
    check_problem(response, 413)


async def test_while_the_database_is_away_every_request_says_try_again(
    environment: Environment, tenant: Tenant, keyring: Keyring
) -> None:
    away = Database("postgresql://app@127.0.0.1:9/none", keyring=keyring, connect_timeout=2)
    app = create_app(environment, away, background=False)
    async with serving(app) as client:
        for method, path, _, body in ENDPOINTS:
            response = await client.request(
                method, path_of(path, ANY_ID), headers=tenant.headers(), json=body
            )
            check_problem(response, 503)
            assert int(response.headers["retry-after"]) > 0
        assert (await client.get("/healthz")).status_code == 200
    await away.aclose()


async def test_an_unexpected_error_tells_nothing_and_writes_nothing(
    client: AsyncClient,
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from domain.services import operations as services

    real = services.people_of

    async def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("secret +12025550123")

    monkeypatch.setattr(services, "people_of", broken)
    body = {"name": "Cleaning", "duration_minutes": 30}
    response = await client.post("/api/v1/services", headers=tenant.headers(), json=body)
    check_problem(response, 500)
    assert "secret" not in response.text
    assert "secret" not in capsys.readouterr().out
    monkeypatch.setattr(services, "people_of", real)
    listed = await client.get("/api/v1/services", headers=tenant.headers())
    assert listed.json()["items"] == []


async def test_a_request_keeps_the_id_it_came_with_if_that_is_harmless(client: AsyncClient) -> None:
    for given, kept in (("trace-1.a_b", True), ("x" * 65, False), ("a b\tc", False)):
        response = await client.get("/healthz", headers={"X-Request-ID": given})
        assert (response.headers["x-request-id"] == given) is kept


async def test_requests_are_counted_by_route_and_never_by_address(
    client: AsyncClient, tenant: Tenant, make_app: Callable[..., Litestar]
) -> None:
    await client.get("/api/v1/calls?caller_phone=%2B12025550123", headers=tenant.headers())
    await client.get(f"/api/v1/calls/{ANY_ID}", headers=tenant.headers())
    await client.get("/+12025550123")
    text = (await client.get("/metrics")).text
    assert (
        'reception_http_requests_total{method="GET",route="/api/v1/calls/{call_id}",status="404"} 1.0'
        in text
    )
    assert 'route="unknown",status="404"} 1.0' in text
    assert "2025550123" not in text and str(ANY_ID) not in text
