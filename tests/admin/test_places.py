"""Places and rooms over the API, and what their changes leave outside."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient

from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem


async def _post(client: AsyncClient, tenant: Tenant, path: str, body: Any) -> dict[str, Any]:
    response = await client.post(f"/api/v1/{path}", headers=tenant.headers(), json=body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


async def _patch(client: AsyncClient, tenant: Tenant, path: str, body: Any) -> dict[str, Any]:
    response = await client.patch(f"/api/v1/{path}", headers=tenant.headers(), json=body)
    assert response.status_code == 200, response.text
    changed: dict[str, Any] = response.json()
    return changed


@pytest.fixture
async def booked(client: AsyncClient, tenant: Tenant) -> dict[str, str]:
    """Ann works Uptown in a chair there; somebody is booked on Tuesday at ten."""
    place = await _post(client, tenant, "places", {"name": "Uptown", "subdivision": "NY"})
    chair = await _post(client, tenant, "resources", {"name": "Chair", "place_id": place["id"]})
    person = await _post(client, tenant, "people", {"name": "Ann", "place_id": place["id"]})
    service = await _post(
        client,
        tenant,
        "services",
        {"name": "Cleaning", "duration_minutes": 30, "room_ids": [chair["id"]]},
    )
    contact = await _post(client, tenant, "contacts", {"name": "Jane", "phone": "+12025550123"})
    week = [{"weekday": day, "opens": "09:00", "closes": "17:00"} for day in range(5)]
    await client.put("/api/v1/hours", headers=tenant.headers(), json={"hours": week})
    appointment = await _post(
        client,
        tenant,
        "appointments",
        {
            "service_id": service["id"],
            "person_id": person["id"],
            "contact_id": contact["id"],
            "starts_at": "2026-11-24T15:00:00Z",
        },
    )
    assert (appointment["place_id"], appointment["room_id"]) == (place["id"], chair["id"])
    return {
        "place": place["id"],
        "chair": chair["id"],
        "person": person["id"],
        "service": service["id"],
        "appointment": appointment["id"],
    }


def _outside(changed: dict[str, Any]) -> list[str]:
    return [one["id"] for one in changed["outside_hours"]]


async def test_a_place_is_added_changed_and_listed(client: AsyncClient, tenant: Tenant) -> None:
    made = await _post(client, tenant, "places", {"name": "Uptown", "address": "12 Hill Road"})
    assert (made["time_zone"], made["country"], made["active"]) == ("America/New_York", "US", True)
    changed = await _patch(
        client, tenant, f"places/{made['id']}", {"time_zone": "America/Chicago", "address": ""}
    )
    assert (changed["time_zone"], changed["address"]) == ("America/Chicago", "")
    assert changed["outside_hours"] == []
    listed = await client.get("/api/v1/places?active=true", headers=tenant.headers("viewer"))
    assert [one["id"] for one in listed.json()["items"]] == [made["id"]]
    for body, status, field in (
        ({"name": "uptown"}, 409, None),
        ({"name": "Other", "time_zone": "Mars/Olympus"}, 422, "time_zone"),
        ({"name": "Other", "subdivision": "BY"}, 422, "subdivision"),
        ({"name": "Other", "country": "us"}, 400, "country"),
    ):
        response = await client.post("/api/v1/places", headers=tenant.headers(), json=body)
        check_problem(response, status, field=field)


@pytest.mark.parametrize(
    ("thing", "body"),
    [
        ("place", {"active": False}),
        ("place", {"time_zone": "Asia/Kolkata"}),
        ("person", {"active": False}),
        ("chair", {"active": False}),
    ],
)
async def test_appointments_that_a_change_leaves_outside_are_named_and_kept(
    client: AsyncClient, tenant: Tenant, booked: dict[str, str], thing: str, body: Any
) -> None:
    path = {"place": "places", "person": "people", "chair": "resources"}[thing]
    changed = await _patch(client, tenant, f"{path}/{booked[thing]}", body)
    assert _outside(changed) == [booked["appointment"]]
    kept = await client.get(
        f"/api/v1/appointments/{booked['appointment']}", headers=tenant.headers()
    )
    assert kept.json()["state"] == "booked"


async def test_deleting_switches_off(
    client: AsyncClient, tenant: Tenant, booked: dict[str, str]
) -> None:
    for path, thing in (("resources", "chair"), ("places", "place")):
        url = f"/api/v1/{path}/{booked[thing]}"
        response = await client.delete(url, headers=tenant.headers())
        assert response.status_code == 200
        assert (response.json()["active"], _outside(response.json())) == (
            False,
            [booked["appointment"]],
        )
        assert (await client.get(url, headers=tenant.headers())).json()["active"] is False


async def test_a_room_is_changed_as_far_as_its_bookings_allow(
    client: AsyncClient, tenant: Tenant, booked: dict[str, str]
) -> None:
    path = f"resources/{booked['chair']}"
    grown = await _patch(client, tenant, path, {"seats": 3, "name": "Big chair"})
    assert (grown["seats"], grown["name"], grown["place_id"]) == (3, "Big chair", booked["place"])
    elsewhere = await client.patch(
        f"/api/v1/{path}", headers=tenant.headers(), json={"place_id": None}
    )
    check_problem(elsewhere, 409)
    other = await _post(client, tenant, "resources", {"name": "Laser", "seats": 2})
    moved = await _patch(client, tenant, f"resources/{other['id']}", {"place_id": booked["place"]})
    assert moved["place_id"] == booked["place"]
    back = await _patch(client, tenant, f"resources/{other['id']}", {"place_id": None})
    assert (back["place_id"], back["kind"]) == (None, "room")
    at_main = await client.get(
        f"/api/v1/resources?place_id={tenant.business_id}", headers=tenant.headers()
    )
    assert [one["id"] for one in at_main.json()["items"]] == [other["id"]]
    strange = {"name": "X", "place_id": booked["chair"]}
    response = await client.post("/api/v1/resources", headers=tenant.headers(), json=strange)
    check_problem(response, 422, field="place_id")


async def test_limits_are_kept_when_absent_and_removed_by_null(
    client: AsyncClient, tenant: Tenant, booked: dict[str, str]
) -> None:
    person = f"people/{booked['person']}"
    await _patch(client, tenant, person, {"daily_limit": 8, "weekly_limit": 30})
    changed = await _patch(client, tenant, person, {"daily_limit": None, "title": "hygienist"})
    assert (changed["daily_limit"], changed["weekly_limit"]) == (None, 30)
    assert changed["place_id"] == booked["place"]
    service = f"services/{booked['service']}"
    await _patch(
        client,
        tenant,
        service,
        {"daily_limit": 8, "minimum_notice_minutes": 60, "channel": "online", "capacity": 5},
    )
    changed = await _patch(client, tenant, service, {"minimum_notice_minutes": None, "name": None})
    assert (changed["name"], changed["daily_limit"], changed["minimum_notice_minutes"]) == (
        "Cleaning",
        8,
        None,
    )
    assert (changed["channel"], changed["capacity"]) == ("online", 5)
    assert changed["room_ids"] == [booked["chair"]]
    wrong = {"room_ids": [booked["person"]]}
    response = await client.patch(f"/api/v1/{service}", headers=tenant.headers(), json=wrong)
    check_problem(response, 422, field="room_ids[0]")
