"""Alerts over the API: who sees them, and who has seen them."""

from __future__ import annotations

from uuid import UUID

from httpx import AsyncClient

from domain.alerts import operations as alerts
from domain.alerts.models import AlertKind
from domain.database import Database
from domain.tables import INSTALLATION
from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem

PATH = "/api/v1/alerts"
CALL = UUID("01a20959-a680-7000-8000-000000000007")


async def _open(
    database: Database, business_id: UUID, subject: str, kind: AlertKind = "emergency"
) -> str:
    async with database.scope(business_id=business_id) as scope:
        made = await alerts.open_alert(scope, kind=kind, subject=subject, urgent=True, call_id=CALL)
    return str(made.id)


async def _ids(client: AsyncClient, headers: dict[str, str], query: str = "") -> list[str]:
    response = await client.get(PATH + query, headers=headers)
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["items"]]


async def test_staff_see_an_alert_and_say_that_they_did(
    client: AsyncClient, tenant: Tenant, database: Database
) -> None:
    alert_id = await _open(database, tenant.business_id, str(CALL))
    (item,) = (await client.get(PATH, headers=tenant.headers("viewer"))).json()["items"]
    assert item.pop("opened_at") == item.pop("last_at")
    assert item == {
        "id": alert_id,
        "kind": "emergency",
        "subject": str(CALL),
        "urgent": True,
        "call_id": str(CALL),
        "times": 1,
        "acknowledged_at": None,
        "acknowledged_by": None,
        "resolved_at": None,
    }
    path = f"{PATH}/{alert_id}/acknowledge"
    check_problem(await client.post(path, headers=tenant.headers("viewer")), 403)
    seen = await client.post(path, headers=tenant.headers("staff"))
    assert seen.status_code == 200
    assert seen.json()["acknowledged_by"] and seen.json()["resolved_at"]
    again = await client.post(path, headers=tenant.headers("manager"))
    assert again.json() == seen.json()


async def test_each_business_has_its_own_and_the_operator_those_of_the_installation(
    client: AsyncClient,
    tenant: Tenant,
    other: Tenant,
    operator: dict[str, str],
    database: Database,
) -> None:
    mine = await _open(database, tenant.business_id, "a")
    down = await _open(database, INSTALLATION, "deepgram", "provider_down")
    assert await _ids(client, tenant.headers("viewer")) == [mine]
    assert await _ids(client, other.headers("viewer")) == []
    assert await _ids(client, operator) == [down]
    assert await _ids(client, operator | {"X-Business": str(tenant.business_id)}) == [mine]
    for foreign in (mine, down):
        response = await client.post(f"{PATH}/{foreign}/acknowledge", headers=other.headers())
        check_problem(response, 404)


async def test_pages_go_through_the_open_ones_and_then_the_others(
    client: AsyncClient, tenant: Tenant, database: Database
) -> None:
    made = [await _open(database, tenant.business_id, str(number)) for number in range(5)]
    for number in (2, 4):
        await client.post(f"{PATH}/{made[number]}/acknowledge", headers=tenant.headers())
    seen: list[str] = []
    cursor = ""
    while True:
        response = await client.get(f"{PATH}?limit=2{cursor}", headers=tenant.headers())
        seen += [item["id"] for item in response.json()["items"]]
        if response.json()["next"] is None:
            break
        cursor = f"&cursor={response.json()['next']}"
    assert seen == [made[number] for number in (3, 1, 0, 4, 2)]
    assert await _ids(client, tenant.headers(), "?state=resolved") == seen[3:]
    assert await _ids(client, tenant.headers(), "?kind=threat") == []


async def test_what_is_no_cursor_kind_or_state_is_refused(
    client: AsyncClient, tenant: Tenant
) -> None:
    for query, field in (("cursor=x", "cursor"), ("kind=fire", "kind"), ("state=lost", "state")):
        response = await client.get(f"{PATH}?{query}", headers=tenant.headers())
        check_problem(response, 400, field=field)
