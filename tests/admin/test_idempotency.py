"""`Idempotency-Key`: a request that is sent again is carried out once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response
from litestar import Litestar
from sqlalchemy import text

from admin.documentation import document_of
from domain.database import Database
from domain.idempotency import requests
from domain.seam import PinnedSeam
from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem
from tests.factories import make_key

KEY = '"8e03978e-40d5-43e8-bc93-6894a57f9324"'
TWO = "2026-11-24T19:00:00Z"
THREE = "2026-11-24T20:00:00Z"


@pytest.fixture
async def practice(client: AsyncClient, tenant: Tenant) -> dict[str, str]:
    """Ann gives cleanings on weekdays from nine to five, New York time."""
    made = []
    for path, body in (
        ("people", {"name": "Ann"}),
        ("services", {"name": "Cleaning", "duration_minutes": 60}),
    ):
        response = await client.post(f"/api/v1/{path}", headers=tenant.headers(), json=body)
        made.append(response.json()["id"])
    week = [{"weekday": day, "opens": "09:00", "closes": "17:00"} for day in range(5)]
    await client.put("/api/v1/hours", headers=tenant.headers(), json={"hours": week})
    return {"person_id": made[0], "service_id": made[1]}


async def _send(
    client: AsyncClient,
    tenant: Tenant,
    body: Any,
    *,
    key: str = KEY,
    path: str = "appointments",
    method: str = "POST",
) -> Response:
    return await client.request(
        method,
        f"/api/v1/{path}",
        headers=tenant.headers() | {"Idempotency-Key": key},
        json=body,
    )


async def _booked(client: AsyncClient, tenant: Tenant) -> list[str]:
    listed = await client.get("/api/v1/appointments?state=booked", headers=tenant.headers())
    return [item["starts_at"] for item in listed.json()["items"]]


async def test_the_same_request_is_answered_again_and_carried_out_once(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    body = practice | {"starts_at": TWO, "note": "nervous"}
    first = await _send(client, tenant, body)
    again = await _send(client, tenant, dict(reversed(body.items())))
    bare = await _send(client, tenant, body, key=KEY.strip('"'))
    assert (first.status_code, again.status_code, bare.status_code) == (201, 201, 201)
    assert first.content == again.content == bare.content
    assert first.headers["content-type"] == again.headers["content-type"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == bare.headers["idempotent-replayed"] == "true"
    assert await _booked(client, tenant) == [TWO]


async def test_a_key_is_refused_for_another_request(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    made = await _send(client, tenant, practice | {"starts_at": TWO})
    for body, path, method in (
        (practice | {"starts_at": THREE}, "appointments", "POST"),
        ({"starts_at": TWO}, f"appointments/{made.json()['id']}", "PATCH"),
    ):
        response = await _send(client, tenant, body, path=path, method=method)
        check_problem(response, 422, field="Idempotency-Key")
    assert await _booked(client, tenant) == [TWO]


async def test_requests_that_come_at_once_are_carried_out_once(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    body = practice | {"starts_at": TWO}
    responses = await asyncio.gather(*(_send(client, tenant, body) for _ in range(5)))
    assert {response.status_code for response in responses} == {201}
    assert len({response.content for response in responses}) == 1
    assert sum("idempotent-replayed" in response.headers for response in responses) == 4
    assert await _booked(client, tenant) == [TWO]


async def test_what_failed_may_be_tried_again_with_the_same_key(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    body = practice | {"starts_at": TWO}
    in_the_way = await _send(client, tenant, body, key="other")
    assert in_the_way.status_code == 201
    assert (await _send(client, tenant, body)).status_code == 409
    check_problem(await _send(client, tenant, body | {"starts_at": "2026-11-24T03:00:00Z"}), 422)
    cancelled = f"appointments/{in_the_way.json()['id']}/cancel"
    assert (await _send(client, tenant, None, path=cancelled, key="off")).status_code == 200
    booked = await _send(client, tenant, body)
    assert booked.status_code == 201
    assert "idempotent-replayed" not in booked.headers


@pytest.mark.parametrize(
    "key", ["", " ", '""', '"open', 'in"side', '"back\\slash"', "two words", "a" * 256, "ü"]
)
async def test_a_malformed_key_is_refused(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str], key: str
) -> None:
    named = [(name.encode(), value.encode()) for name, value in tenant.headers().items()]
    response = await client.post(
        "/api/v1/appointments",
        headers=[*named, (b"Idempotency-Key", key.encode("latin-1"))],
        json=practice | {"starts_at": TWO},
    )
    check_problem(response, 400, field="Idempotency-Key")
    assert await _booked(client, tenant) == []


async def test_two_clients_may_choose_the_same_key(
    client: AsyncClient,
    tenant: Tenant,
    other: Tenant,
    practice: dict[str, str],
    database: Database,
) -> None:
    contacts = []
    for who in (tenant, other):
        made = await client.post("/api/v1/contacts", headers=who.headers(), json={"name": "Jane"})
        contacts.append(made.json()["id"])
    assert (await _send(client, tenant, practice | {"starts_at": TWO})).status_code == 201
    desk = Tenant(
        tenant.business_id,
        {"owner": await make_key(database, role="owner", business_id=tenant.business_id)},
    )
    assert (await _send(client, desk, practice | {"starts_at": THREE})).status_code == 201
    elsewhere = await _send(client, other, practice | {"starts_at": TWO})
    check_problem(elsewhere, 422, field="service_id")


async def test_answers_are_kept_for_a_day_and_encrypted(
    client: AsyncClient,
    tenant: Tenant,
    practice: dict[str, str],
    database: Database,
    seam: PinnedSeam,
) -> None:
    body = practice | {"starts_at": TWO, "note": "nervous", "outside_hours": True}
    await _send(client, tenant, body)
    async with database.scope(business_id=tenant.business_id) as scope:
        query = text("SELECT row_to_json(r)::text FROM idempotent_requests r")
        (stored,) = (await scope.session.scalars(query)).all()
        assert "nervous" not in stored
        assert KEY.strip('"') not in stored
    seam.advance(timedelta(hours=23))
    assert (await _send(client, tenant, body)).headers["idempotent-replayed"] == "true"
    seam.advance(timedelta(hours=1))
    # A new request by now, and its time is taken: by itself.
    assert (await _send(client, tenant, body)).status_code == 409
    again = await _send(client, tenant, body | {"starts_at": "2026-11-25T19:00:00Z"})
    assert again.status_code == 201
    seam.advance(timedelta(hours=24))
    async with database.scope(business_id=tenant.business_id) as scope:
        assert await requests.forget_old(scope) == 1
        assert await requests.forget_old(scope) == 0


async def test_every_change_of_appointments_takes_a_key(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    contact = await client.post("/api/v1/contacts", headers=tenant.headers(), json={"name": "Jane"})
    booked = (await _send(client, tenant, practice | {"starts_at": TWO})).json()
    waiting = {
        "contact_id": contact.json()["id"],
        "service_id": practice["service_id"],
        "first_day": "2026-11-24",
        "last_day": "2026-11-24",
    }
    entry = await _send(client, tenant, waiting, path="waiting-list", key="w")
    url = f"appointments/{booked['id']}"
    series = practice | {"starts_at": "2026-11-25T15:00:00Z", "every_weeks": 1, "count": 2}
    for number, (method, path, body) in enumerate(
        [
            ("PATCH", url, {"starts_at": THREE}),
            ("POST", f"{url}/confirm", None),
            ("POST", f"{url}/cancel", {"reason": "ill"}),
            ("POST", "appointments/series", series),
            ("POST", "waiting-list", waiting | {"part_of_day": "morning"}),
            ("POST", f"waiting-list/{entry.json()['id']}/accept", None),
        ]
    ):
        first = await _send(client, tenant, body, path=path, method=method, key=f"k{number}")
        again = await _send(client, tenant, body, path=path, method=method, key=f"k{number}")
        assert first.is_success, first.text
        assert first.content == again.content
        assert again.headers["idempotent-replayed"] == "true", path


def test_the_header_is_documented_wherever_it_counts(app: Litestar) -> None:
    document = document_of(app)
    documented = {
        (method, path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "Idempotency-Key"
        and not parameter.get("required")
        and parameter["schema"]["maxLength"] == 257
    }
    expected = {
        (method, path)
        for path, methods in document["paths"].items()
        for method in methods
        if method in ("post", "patch")
        and path.startswith(("/api/v1/appointments", "/api/v1/waiting-list"))
    }
    assert documented == expected
    assert len(expected) == 7
