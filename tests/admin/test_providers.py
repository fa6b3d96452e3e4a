"""Providers over the API: how they do, and what an operator decides."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient

from domain.database import Database
from domain.providers import operations as providers
from domain.tables import INSTALLATION
from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem

PATH = "/api/v1/providers"
OVERRIDE = f"{PATH}/model/openai/override"


async def _outage(database: Database) -> None:
    async with database.scope(business_id=INSTALLATION) as scope:
        await providers.count(scope, kind="model", provider="openai", tries=8, failures=7)


async def _model(client: AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    response = await client.get(PATH, headers=headers)
    assert response.status_code == 200, response.text
    (found,) = [one for one in response.json()["items"] if one["kind"] == "model"]
    return dict(found)


async def test_an_outage_is_seen_by_managers_and_decided_on_by_operators(
    client: AsyncClient, tenant: Tenant, operator: dict[str, str], database: Database
) -> None:
    await _outage(database)
    for headers in (tenant.headers("manager"), operator):
        found = await _model(client, headers)
        assert found.pop("since") is not None
        assert found == {
            "kind": "model",
            "provider": "openai",
            "own": False,
            "state": "open",
            "tries": 8,
            "failures": 7,
            "override": None,
            "override_by": None,
            "override_at": None,
        }
    check_problem(await client.get(PATH, headers=tenant.headers("staff")), 403)
    refused = await client.put(OVERRIDE, json={"state": "closed"}, headers=tenant.headers("owner"))
    check_problem(refused, 403)
    decided = await client.put(OVERRIDE, json={"state": "closed"}, headers=operator)
    assert decided.status_code == 200, decided.text
    body = decided.json()
    assert (body["override"], body["state"]) == ("closed", "open")
    assert body["override_by"] and body["override_at"]
    assert (await _model(client, tenant.headers("manager")))["override"] == "closed"
    again = await client.put(OVERRIDE, json={"state": None}, headers=operator)
    assert again.json()["override"] is None


async def test_what_is_no_provider_or_no_decision_is_refused(
    client: AsyncClient, operator: dict[str, str]
) -> None:
    unknown = await client.put(
        f"{PATH}/model/nobody/override", json={"state": "open"}, headers=operator
    )
    check_problem(unknown, 404)
    for path, body in (
        (f"{PATH}/taste/openai/override", {"state": "open"}),
        (OVERRIDE, {"state": "x"}),
    ):
        assert (await client.put(path, json=body, headers=operator)).status_code in (400, 404, 422)
    check_problem(await client.put(OVERRIDE, json={}, headers=operator), 400)
