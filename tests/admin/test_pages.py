"""Lists come in pages that hold still."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from domain.database import Database
from domain.seam import PinnedSeam
from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem
from tests.factories import make_call

_MAKERS: dict[str, list[dict[str, Any]]] = {
    "services": [{"name": f"s{count}", "duration_minutes": 30} for count in range(5)],
    "people": [{"name": f"p{count}"} for count in range(5)],
    "closures": [{"first_day": f"2026-12-2{count}"} for count in range(5)],
    "contacts": [{"name": f"c{count}"} for count in range(5)],
    "messages": [{"text": f"m{count}"} for count in range(5)],
    "knowledge": [{"question": f"q{count}?", "answer": "a"} for count in range(5)],
}


async def _read_all(client: AsyncClient, tenant: Tenant, path: str, limit: int) -> list[str]:
    read: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        response = await client.get(f"/api/v1/{path}", headers=tenant.headers(), params=query)
        page = response.json()
        assert set(page) == {"items", "next"} and len(page["items"]) <= limit
        read += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return read


@pytest.mark.parametrize("path", _MAKERS)
async def test_pages_hold_each_thing_once(client: AsyncClient, tenant: Tenant, path: str) -> None:
    made = []
    for body in _MAKERS[path]:
        response = await client.post(f"/api/v1/{path}", headers=tenant.headers(), json=body)
        assert response.status_code == 201, response.text
        made.append(response.json()["id"])
    for limit in (1, 2, 5, 200):
        read = await _read_all(client, tenant, path, limit)
        assert sorted(read) == sorted(made), limit
    assert read in (made, made[::-1])


async def test_the_call_list_holds_still_while_calls_come_in(
    client: AsyncClient, tenant: Tenant, database: Database, seam: PinnedSeam
) -> None:
    before = []
    for _ in range(5):
        before.append(str(await make_call(database, business_id=tenant.business_id)))
        seam.advance(timedelta(seconds=1))
    read: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        response = await client.get("/api/v1/calls", headers=tenant.headers(), params=query)
        page = response.json()
        read += [item["id"] for item in page["items"]]
        await make_call(database, business_id=tenant.business_id)
        seam.advance(timedelta(seconds=1))
        cursor = page["next"]
        if cursor is None:
            break
    assert read == before[::-1]


async def test_a_cursor_belongs_to_its_list(client: AsyncClient, tenant: Tenant) -> None:
    for path in ("services", "people", "messages"):
        for body in _MAKERS[path][:2]:
            await client.post(f"/api/v1/{path}", headers=tenant.headers(), json=body)
    response = await client.get("/api/v1/people?limit=1", headers=tenant.headers())
    cursor = response.json()["next"]
    for path in ("services", "messages", "calls", "knowledge"):
        response = await client.get(
            f"/api/v1/{path}", headers=tenant.headers(), params={"cursor": cursor}
        )
        check_problem(response, 400, field="cursor")
    for changed in (cursor[:-2], cursor + "A", cursor.swapcase(), "", "=", "A" * 300, "é"):
        response = await client.get(
            "/api/v1/people", headers=tenant.headers(), params={"cursor": changed}
        )
        check_problem(response, 400, field="cursor")
