"""Businesses, settings and numbers over the API."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient

from domain.businesses.directory import business_for_number
from domain.businesses.profile_loader import load_profile
from domain.database import Database
from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem


async def test_an_operator_makes_a_business(
    client: AsyncClient, operator: dict[str, str], database: Database
) -> None:
    body: dict[str, Any] = {
        "name": "Lakeside Vets",
        "time_zone": "America/Chicago",
        "country": "US",
        "settings": {"greeting": "Lakeside Vets, good morning."},
    }
    made = await client.post("/api/v1/businesses", headers=operator, json=body)
    assert made.status_code == 201
    business = made.json()
    assert (business["name"], business["settings_version"]) == ("Lakeside Vets", 1)
    read = await client.get(f"/api/v1/businesses/{business['id']}", headers=operator)
    assert read.json() == business
    for change, field in (
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"country": "XX"}, "country"),
    ):
        refused = await client.post("/api/v1/businesses", headers=operator, json=body | change)
        check_problem(refused, 422, field=field)
    bad = body | {"settings": {"greeting": ""}}
    refused = await client.post("/api/v1/businesses", headers=operator, json=bad)
    check_problem(refused, 400, field="settings.greeting")
    listed = await client.get("/api/v1/businesses", headers=operator)
    assert [item["id"] for item in listed.json()["items"]] == [business["id"]]


async def test_operators_read_businesses_in_pages(
    client: AsyncClient, tenant: Tenant, other: Tenant, operator: dict[str, str]
) -> None:
    first = (await client.get("/api/v1/businesses?limit=1", headers=operator)).json()
    query = {"limit": 1, "cursor": first["next"]}
    second = (await client.get("/api/v1/businesses", headers=operator, params=query)).json()
    assert [item["id"] for item in first["items"] + second["items"]] == [
        str(tenant.business_id),
        str(other.business_id),
    ]
    assert second["next"] is None


async def test_an_owner_changes_the_business(client: AsyncClient, tenant: Tenant) -> None:
    url = f"/api/v1/businesses/{tenant.business_id}"
    changed = await client.patch(
        url, headers=tenant.headers(), json={"time_zone": "America/Denver"}
    )
    assert (changed.json()["name"], changed.json()["time_zone"]) == (
        "Riverside Dental",
        "America/Denver",
    )


async def test_settings_are_in_force_for_the_next_call(
    client: AsyncClient, tenant: Tenant, database: Database
) -> None:
    url = f"/api/v1/businesses/{tenant.business_id}/settings"
    read = await client.get(url, headers=tenant.headers())
    assert read.headers["etag"] == '"1"'
    document = read.json()["document"] | {"greeting": "Good day.", "language": "en-GB"}
    changed = await client.put(url, headers=tenant.headers() | {"If-Match": '"1"'}, json=document)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert changed.json()["created_by"].startswith("staff:")
    async with database.scope(business_id=tenant.business_id) as scope:
        profile = await load_profile(scope)
    assert (profile.settings.greeting, profile.settings_version) == ("Good day.", 2)
    versions = (await client.get(f"{url}/versions", headers=tenant.headers())).json()["items"]
    assert [version["version"] for version in versions] == [2, 1]
    first = await client.get(f"{url}/versions/1", headers=tenant.headers())
    assert first.json()["document"]["greeting"] == "Thank you for calling Riverside Dental."
    check_problem(await client.get(f"{url}/versions/3", headers=tenant.headers()), 404)


async def test_a_change_over_a_later_change_is_refused(client: AsyncClient, tenant: Tenant) -> None:
    url = f"/api/v1/businesses/{tenant.business_id}/settings"
    for tag, status in (('"1"', 200), ('"1"', 412), ("2", 200), ("*", 200)):
        response = await client.put(
            url, headers=tenant.headers() | {"If-Match": tag}, json={"greeting": "Hi."}
        )
        assert response.status_code == status
    check_problem(
        await client.put(
            url, headers=tenant.headers() | {"If-Match": '"latest"'}, json={"greeting": "Hi."}
        ),
        400,
        field="If-Match",
    )


async def test_settings_that_do_not_fit_are_refused_by_field(
    client: AsyncClient, tenant: Tenant
) -> None:
    url = f"/api/v1/businesses/{tenant.business_id}/settings"
    for document, field in (
        ({"greeting": "Hi.", "booking": {"horizon_days": 0}}, "booking.horizon_days"),
        ({"greeting": "Hi.", "transfer_number": "911"}, "transfer_number"),
        ({"greeting": "Hi.", "colour": "red"}, "colour"),
    ):
        check_problem(
            await client.put(url, headers=tenant.headers(), json=document), 400, field=field
        )
    assert (await client.get(url, headers=tenant.headers())).json()["version"] == 1


async def test_only_an_operator_points_calls_elsewhere(
    client: AsyncClient, tenant: Tenant, operator: dict[str, str]
) -> None:
    url = f"/api/v1/businesses/{tenant.business_id}/settings"
    document = {
        "greeting": "Hi.",
        "providers": {"model": [{"vendor": "openai", "base_url": "http://10.0.0.1/v1"}]},
    }
    check_problem(await client.put(url, headers=tenant.headers(), json=document), 403)
    assert (await client.put(url, headers=operator, json=document)).status_code == 200


async def test_a_number_is_answered_until_it_is_removed(
    client: AsyncClient, tenant: Tenant, other: Tenant, database: Database
) -> None:
    body = {"e164": "(202) 555-0177", "label": "front desk"}
    added = await client.post("/api/v1/numbers", headers=tenant.headers(), json=body)
    assert (added.status_code, added.json()["e164"]) == (201, "+12025550177")
    assert await business_for_number(database, "+12025550177") == tenant.business_id
    for holder in (tenant, other):
        again = await client.post("/api/v1/numbers", headers=holder.headers(), json=body)
        check_problem(again, 409)
    listed = await client.get("/api/v1/numbers", headers=tenant.headers("viewer"))
    assert listed.json()["items"] == [added.json()]
    removed = await client.delete(f"/api/v1/numbers/{added.json()['id']}", headers=tenant.headers())
    assert (removed.status_code, removed.content) == (204, b"")
    assert await business_for_number(database, "+12025550177") is None
