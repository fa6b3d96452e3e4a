"""Departments and the rota over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient

from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem

EVENING = {"weekday": 0, "opens": "18:00", "closes": "02:00"}


async def _post(client: AsyncClient, tenant: Tenant, path: str, body: Any) -> dict[str, Any]:
    answer = await client.post(f"/api/v1{path}", json=body, headers=tenant.headers("manager"))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_department_is_made_changed_and_removed(
    client: AsyncClient, tenant: Tenant
) -> None:
    manager = tenant.headers("manager")
    reached = await _post(client, tenant, "/people", {"name": "Maria", "phone": "202 555 0141"})
    silent = await _post(client, tenant, "/people", {"name": "Tom"})
    made = await _post(
        client,
        tenant,
        "/departments",
        {
            "name": "Front desk",
            "phone": "202 555 0140",
            "ring": "all_at_once",
            "hours": "own",
            "own_hours": [EVENING],
            "member_ids": [reached["id"], silent["id"]],
        },
    )
    assert (made["phone"], made["ring"], made["own_hours"]) == (
        "+12025550140",
        "all_at_once",
        [EVENING],
    )
    assert [(one["name"], one["unreachable"]) for one in made["members"]] == [
        ("Maria", False),
        ("Tom", True),
    ]
    await _post(client, tenant, "/departments", {"name": "Bills"})
    path = f"/api/v1/departments/{made['id']}"
    changed = await client.patch(
        path,
        json={"phone": "", "position": 1, "hours": None, "member_ids": [silent["id"]]},
        headers=manager,
    )
    assert (changed.json()["phone"], changed.json()["hours"]) == (None, "own")
    assert [one["name"] for one in changed.json()["members"]] == ["Tom"]
    listed = await client.get("/api/v1/departments", headers=tenant.headers("viewer"))
    assert [one["name"] for one in listed.json()["items"]] == ["Bills", "Front desk"]
    assert (await client.delete(path, headers=manager)).status_code == 204
    assert (await client.get(path, headers=manager)).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"name": "front DESK"}, 409, None),
        ({"name": "Bills", "hours": "own"}, 422, "own_hours"),
        ({"name": "Bills", "own_hours": [EVENING, EVENING]}, 422, "own_hours[1].opens"),
        ({"name": "Bills", "phone": "12"}, 422, "phone"),
        ({"name": "Bills", "tries": 9}, 400, "tries"),
    ],
)
async def test_nonsense_is_refused_by_its_name(
    client: AsyncClient, tenant: Tenant, body: Any, status: int, field: str | None
) -> None:
    await _post(client, tenant, "/departments", {"name": "Front desk"})
    answer = await client.post("/api/v1/departments", json=body, headers=tenant.headers("manager"))
    check_problem(answer, status, field=field)


async def test_the_rota_is_told_as_the_days_that_it_comes_to(
    client: AsyncClient, tenant: Tenant, other: Tenant
) -> None:
    manager = tenant.headers("manager")
    person = await _post(client, tenant, "/people", {"name": "Maria", "phone": "202 555 0141"})
    desk = await _post(client, tenant, "/departments", {"name": "Front desk"})
    shift = await _post(
        client,
        tenant,
        "/rota",
        {
            "department_id": desk["id"],
            "person_id": person["id"],
            "day": "2026-11-23",
            "begins": "18:00",
            "ends": "08:00",
            "every_weeks": 1,
        },
    )
    days = {"first_day": "2026-11-23", "last_day": "2026-12-06"}
    found = await client.get("/api/v1/rota/occurrences", params=days, headers=manager)
    assert [(one["begins_at"], one["ends_at"]) for one in found.json()["items"]] == [
        ("2026-11-23T23:00:00Z", "2026-11-24T13:00:00Z"),
        ("2026-11-30T23:00:00Z", "2026-12-01T13:00:00Z"),
    ]
    hidden = await client.get("/api/v1/rota/occurrences", params=days, headers=other.headers())
    assert hidden.json()["items"] == []
    path = f"/api/v1/rota/{shift['id']}"
    once = await client.patch(path, json={"every_weeks": None, "day": None}, headers=manager)
    assert (once.json()["every_weeks"], once.json()["day"]) == (None, "2026-11-23")
    wrong = await client.patch(path, json={"until": "2026-12-01"}, headers=manager)
    assert check_problem(wrong, 422, field="until")
    assert (await client.delete(path, headers=manager)).status_code == 204
    assert (await client.get("/api/v1/rota", headers=manager)).json()["items"] == []
