"""Services, people, hours, free times and appointments over the API."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from tests.admin.conftest import Tenant
from tests.admin.endpoints import ANY_ID
from tests.admin.problems import check_problem

TUESDAY = "2026-11-24"


async def _made(client: AsyncClient, tenant: Tenant, path: str, body: Any) -> dict[str, Any]:
    response = await client.post(f"/api/v1/{path}", headers=tenant.headers(), json=body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


@pytest.fixture
async def practice(client: AsyncClient, tenant: Tenant) -> dict[str, str]:
    """Ann gives cleanings on weekdays from nine to five, New York time."""
    person = await _made(client, tenant, "people", {"name": "Ann", "title": "hygienist"})
    service = await _made(
        client,
        tenant,
        "services",
        {"name": "Cleaning", "duration_minutes": 60, "person_ids": [person["id"]]},
    )
    week = [{"weekday": day, "opens": "09:00", "closes": "17:00"} for day in range(5)]
    hours = await client.put("/api/v1/hours", headers=tenant.headers(), json={"hours": week})
    assert hours.json() == {"hours": week}
    return {"service_id": service["id"], "person_id": person["id"]}


async def test_services_and_people_are_changed(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    url = f"/api/v1/services/{practice['service_id']}"
    changed = await client.patch(
        url, headers=tenant.headers(), json={"price": "120 dollars", "person_ids": []}
    )
    assert (changed.json()["price"], changed.json()["person_ids"]) == ("120 dollars", [])
    assert (await client.get(url, headers=tenant.headers())).json() == changed.json()
    url = f"/api/v1/people/{practice['person_id']}"
    person = {"phone": "202-555-0111", "email": "ann@example.com"}
    changed = await client.patch(url, headers=tenant.headers(), json=person)
    assert changed.json()["phone"] == "+12025550111"
    changed = await client.patch(url, headers=tenant.headers(), json={"phone": "", "active": False})
    assert (changed.json()["phone"], changed.json()["email"]) == (None, "ann@example.com")
    active = await client.get("/api/v1/people?active=true", headers=tenant.headers())
    assert active.json()["items"] == []


async def test_a_service_name_is_taken_once(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    body = {"name": "CLEANING", "duration_minutes": 30}
    check_problem(await client.post("/api/v1/services", headers=tenant.headers(), json=body), 409)


async def test_hours_of_a_person_and_wrong_hours(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    url = f"/api/v1/hours?person_id={practice['person_id']}"
    assert (await client.get(url, headers=tenant.headers())).json() == {"hours": []}
    week = {"hours": [{"weekday": 1, "opens": "10:00", "closes": "12:00"}]}
    assert (await client.put(url, headers=tenant.headers(), json=week)).json() == week
    for span, status, field in (
        ({"weekday": 7, "opens": "10:00", "closes": "12:00"}, 400, "hours.0.weekday"),
        ({"weekday": 1, "opens": "25:00", "closes": "12:00"}, 400, "hours.0.opens"),
        ({"weekday": 1, "opens": "12:00", "closes": "12:00"}, 422, "hours[0].closes"),
    ):
        response = await client.put(url, headers=tenant.headers(), json={"hours": [span]})
        check_problem(response, status, field=field)
    assert (await client.get(url, headers=tenant.headers())).json() == week


async def test_closures_take_times_away_until_removed(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    query = {"service_id": practice["service_id"], "first_day": TUESDAY}
    url = "/api/v1/availability"
    closure = await _made(client, tenant, "closures", {"first_day": TUESDAY, "reason": "Move"})
    assert closure["last_day"] == TUESDAY
    found = (await client.get(url, headers=tenant.headers(), params=query)).json()
    assert (found["times"], found["why_none"]) == ([], "closed")
    assert found["alternatives"]
    removed = await client.delete(f"/api/v1/closures/{closure['id']}", headers=tenant.headers())
    assert removed.status_code == 204
    found = (await client.get(url, headers=tenant.headers(), params=query)).json()
    assert found["times"][0]["starts_at"] == "2026-11-24T14:00:00Z"
    assert found["times"][0]["person_name"] == "Ann"


async def test_an_appointment_is_booked_moved_and_cancelled(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    contact = await _made(client, tenant, "contacts", {"name": "Jane"})
    body = practice | {"contact_id": contact["id"], "note": "nervous"}
    booked = await _made(
        client, tenant, "appointments", body | {"starts_at": "2026-11-24T10:00:00-05:00"}
    )
    assert (booked["starts_at"], booked["state"]) == ("2026-11-24T15:00:00Z", "booked")
    url = f"/api/v1/appointments/{booked['id']}"
    moved = await client.patch(
        url, headers=tenant.headers("staff"), json={"starts_at": "2026-11-24T16:00:00Z"}
    )
    assert moved.json()["starts_at"] == "2026-11-24T16:00:00Z"
    assert (await client.get(url, headers=tenant.headers())).json() == moved.json()
    for day, ids in ((TUESDAY, [booked["id"]]), ("2026-11-25", [])):
        query = {"first_day": day, "last_day": day, "state": "booked"}
        listed = await client.get("/api/v1/appointments", headers=tenant.headers(), params=query)
        assert [item["id"] for item in listed.json()["items"]] == ids
    for _ in range(2):
        cancelled = await client.post(f"{url}/cancel", headers=tenant.headers("staff"))
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    again = {"starts_at": "2026-11-24T17:00:00Z"}
    check_problem(await client.patch(url, headers=tenant.headers(), json=again), 409)


async def test_appointments_come_in_pages_by_start(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    made = [
        (
            await _made(
                client,
                tenant,
                "appointments",
                practice | {"starts_at": f"2026-11-24T{hour}:00:00Z"},
            )
        )["id"]
        for hour in (18, 15, 16)
    ]
    url = "/api/v1/appointments"
    first = (await client.get(f"{url}?limit=2", headers=tenant.headers())).json()
    query = {"limit": 2, "cursor": first["next"]}
    rest = (await client.get(url, headers=tenant.headers(), params=query)).json()
    read = [item["id"] for item in first["items"] + rest["items"]]
    assert read == [made[1], made[2], made[0]]


async def test_a_time_is_given_once_however_many_ask(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    body = practice | {"starts_at": "2026-11-24T15:00:00Z"}
    responses = await asyncio.gather(
        *(
            client.post("/api/v1/appointments", headers=tenant.headers(), json=body)
            for _ in range(4)
        )
    )
    assert sorted(response.status_code for response in responses) == [201, 409, 409, 409]
    listed = await client.get("/api/v1/appointments", headers=tenant.headers())
    assert len(listed.json()["items"]) == 1


async def test_what_cannot_be_booked_is_refused_by_field(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    at = {"starts_at": "2026-11-24T15:00:00Z"}
    for change, field in (
        ({"starts_at": "2026-11-22T15:00:00Z"}, "starts_at"),
        ({"starts_at": "2026-11-24T03:00:00Z"}, "starts_at"),
        ({"service_id": str(ANY_ID)}, "service_id"),
        ({"person_id": str(ANY_ID)}, "person_id"),
        ({"contact_id": str(ANY_ID)}, "contact_id"),
    ):
        body = practice | at | change
        response = await client.post("/api/v1/appointments", headers=tenant.headers(), json=body)
        check_problem(response, 422, field=field)
    night = practice | {"starts_at": "2026-11-24T03:00:00Z", "outside_hours": True}
    await _made(client, tenant, "appointments", night)
