"""Keys, and businesses that are sealed from one another. What each role may do: test_roles."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from domain.accounts import sessions, users
from domain.alerts.operations import open_alert
from domain.businesses import numbers
from domain.calendars import operations as calendars
from domain.contacts import operations as contacts
from domain.database import Database
from domain.handoffs import departments, rota
from domain.hours import operations as hours
from domain.knowledge import operations as knowledge
from domain.messages import operations as messages
from domain.people import operations as people
from domain.places import operations as places
from domain.rooms import operations as rooms
from domain.scheduling import appointments, waiting_list
from domain.services import operations as services
from tests.admin.conftest import Tenant
from tests.admin.endpoints import ANY_ID, ENDPOINTS, path_of
from tests.admin.problems import check_problem
from tests.factories import make_call, make_key


@pytest.mark.parametrize(("method", "path", "least", "body"), ENDPOINTS)
async def test_every_endpoint_needs_a_key(
    client: AsyncClient, method: str, path: str, least: str, body: Any
) -> None:
    url = path_of(path, ANY_ID)
    for headers in (
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "Bearer rcp_" + "0" * 48 + "_00000000"},
    ):
        response = await client.request(method, url, headers=headers, json=body)
        check_problem(response, 401)
        assert response.headers["www-authenticate"].startswith("Bearer")


async def test_what_was_refused_was_not_done(client: AsyncClient, tenant: Tenant) -> None:
    for method, path, _, body in ENDPOINTS:
        if method != "GET":
            url = path_of(path, tenant.business_id)
            await client.request(method, url, headers=tenant.headers("viewer"), json=body)
    for path in ("services", "people", "closures", "contacts", "messages", "knowledge", "numbers"):
        response = await client.get(f"/api/v1/{path}", headers=tenant.headers())
        assert response.json()["items"] == [], path
    settings = await client.get(
        f"/api/v1/businesses/{tenant.business_id}/settings", headers=tenant.headers()
    )
    assert settings.json()["version"] == 1


@pytest.fixture
async def owned(database: Database, tenant: Tenant) -> dict[str, UUID]:
    """One thing of each kind, all of `tenant`."""
    async with database.scope(business_id=tenant.business_id) as scope:
        person = await people.create(scope, name="Ann")
        service = await services.create(scope, name="Cleaning", duration_minutes=30)
        spans = [hours.Span(weekday=day, opens=time(9), closes=time(17)) for day in range(5)]
        await hours.replace_hours(scope, spans=spans)
        contact = await contacts.create(scope, name="Jane", phone="+12025550123")
        appointment = await appointments.book_directly(
            scope,
            service_id=service.id,
            person_id=person.id,
            starts_at=scope.seam.now() + timedelta(days=1),
            contact_id=contact.id,
        )
        made = {
            "numbers": (await numbers.add(scope, e164="+12025550177")).id,
            "services": service.id,
            "people": person.id,
            "places": (await places.create(scope, name="Uptown")).id,
            "resources": (await rooms.create(scope, name="Chair")).id,
            "closures": (await hours.create_closure(scope, first_day=date(2026, 12, 24))).id,
            "appointments": appointment.id,
            "contacts": contact.id,
            "messages": (await messages.take(scope, text="Hello.")).id,
            "knowledge": (await knowledge.create(scope, question="Q?", answer="A.")).id,
        }
        entry = await waiting_list.add(
            scope,
            contact_id=contact.id,
            service_id=service.id,
            first_day=date(2026, 12, 1),
            last_day=date(2026, 12, 2),
        )
        made["waiting-list"] = entry.id
        calendar = await calendars.connect(
            scope,
            person_id=person.id,
            kind="ics",
            name="Holidays",
            direction="in",
            access={"url": "https://calendars.example.com/holidays.ics"},
        )
        made["calendars"] = calendar.id
        user = await users.create(
            scope,
            by="owner",
            name="Ann",
            email="ann@riverside.example",
            role="staff",
            password="four quiet herons",
        )
        made["users"] = user.id
        department = (await departments.create(scope, name="Front desk")).department
        made["departments"] = department.id
        shift = await rota.create(
            scope,
            department_id=department.id,
            person_id=person.id,
            day=date(2026, 11, 24),
            begins=time(18),
            ends=time(8),
        )
        made["rota"] = shift.id
        made["sessions"] = (await sessions.begin(scope, user=user)).id
        alert = await open_alert(scope, kind="emergency", subject="a call", urgent=True)
        made["alerts"] = alert.id
    made["calls"] = await make_call(database, business_id=tenant.business_id)
    return made


async def test_a_key_of_one_business_never_reaches_another(
    client: AsyncClient, tenant: Tenant, other: Tenant, owned: dict[str, UUID]
) -> None:
    for method, path, _, body in ENDPOINTS:
        if "{any}" not in path or "api-keys" in path or "availability" in path:
            continue
        thing = owned[path.split("/")[1]]
        url = path_of(path, other.business_id, thing)
        check_problem(await client.request(method, url, headers=other.headers(), json=body), 404)
    for path, thing in owned.items():
        listed = await client.get(f"/api/v1/{path}", headers=other.headers())
        assert listed.json()["items"] == [], path
        own = await client.get(f"/api/v1/{path}", headers=tenant.headers())
        assert str(thing) in [item["id"] for item in own.json()["items"]], path


async def test_another_business_is_not_found_by_path_or_header(
    client: AsyncClient, tenant: Tenant, other: Tenant
) -> None:
    for method, path, _, body in ENDPOINTS:
        if "{business}" in path:
            url = path_of(path, tenant.business_id)
            check_problem(
                await client.request(method, url, headers=other.headers(), json=body), 404
            )
    named = other.headers() | {"X-Business": str(tenant.business_id)}
    check_problem(await client.get("/api/v1/services", headers=named), 404)
    listed = await client.get("/api/v1/businesses", headers=other.headers())
    assert [item["id"] for item in listed.json()["items"]] == [str(other.business_id)]


async def test_things_of_another_business_cannot_be_referred_to(
    client: AsyncClient, other: Tenant, owned: dict[str, UUID], database: Database
) -> None:
    async with database.scope(business_id=other.business_id) as scope:
        service = await services.create(scope, name="Cleaning", duration_minutes=30)
        person = await people.create(scope, name="Bob")
    at = "2026-11-24T15:00:00Z"
    mine = {"service_id": str(service.id), "person_id": str(person.id), "starts_at": at}
    wish = {
        "contact_id": str(owned["contacts"]),
        "service_id": str(service.id),
        "first_day": "2026-12-01",
        "last_day": "2026-12-02",
    }
    for path, body, field in (
        (
            "services",
            {"name": "X", "duration_minutes": 30, "person_ids": [str(owned["people"])]},
            "person_ids[0]",
        ),
        ("messages", {"text": "Hi.", "contact_id": str(owned["contacts"])}, "contact_id"),
        ("appointments", mine | {"service_id": str(owned["services"])}, "service_id"),
        ("appointments", mine | {"person_id": str(owned["people"])}, "person_id"),
        (
            "appointments",
            mine | {"contact_id": str(owned["contacts"]), "outside_hours": True},
            "contact_id",
        ),
        ("waiting-list", wish, "contact_id"),
        ("waiting-list", wish | {"service_id": str(owned["services"])}, "service_id"),
    ):
        response = await client.post(f"/api/v1/{path}", headers=other.headers(), json=body)
        check_problem(response, 422, field=field)
    person_hours = f"/api/v1/hours?person_id={owned['people']}"
    check_problem(await client.get(person_hours, headers=other.headers()), 404)


async def test_an_operator_names_the_business(
    client: AsyncClient, tenant: Tenant, operator: dict[str, str]
) -> None:
    check_problem(await client.get("/api/v1/services", headers=operator), 400, field="X-Business")
    for wrong in ("null", "", "riverside"):
        response = await client.get("/api/v1/services", headers=operator | {"X-Business": wrong})
        check_problem(response, 400, field="X-Business")
    unknown = operator | {"X-Business": str(ANY_ID)}
    check_problem(await client.get("/api/v1/services", headers=unknown), 404)
    named = operator | {"X-Business": str(tenant.business_id)}
    made = await client.post(
        "/api/v1/services", headers=named, json={"name": "Cleaning", "duration_minutes": 30}
    )
    assert made.status_code == 201
    assert (
        len((await client.get("/api/v1/services", headers=tenant.headers())).json()["items"]) == 1
    )


async def test_operator_keys_are_made_by_operators_alone(
    client: AsyncClient, tenant: Tenant, operator: dict[str, str]
) -> None:
    body = {"name": "root", "role": "operator"}
    for headers in (
        tenant.headers(),
        operator | {"X-Business": str(tenant.business_id)},
    ):
        response = await client.post("/api/v1/api-keys", headers=headers, json=body)
        check_problem(response, 422, field="role")
    made = await client.post("/api/v1/api-keys", headers=operator, json=body)
    assert made.status_code == 201
    assert made.json()["role"] == "operator"


async def test_a_key_works_until_it_is_revoked(
    client: AsyncClient, tenant: Tenant, database: Database
) -> None:
    made = await client.post(
        "/api/v1/api-keys", headers=tenant.headers(), json={"name": "desk", "role": "staff"}
    )
    key = made.json()
    headers = {"Authorization": f"Bearer {key['key']}"}
    assert (await client.get("/api/v1/calls", headers=headers)).status_code == 200
    listed = (await client.get("/api/v1/api-keys", headers=tenant.headers())).json()["items"]
    assert key["key"] not in str(listed)
    assert listed[0]["id"] == key["id"] and listed[0]["last_used_at"] == "2026-11-23T17:00:00Z"
    revoked = await client.delete(f"/api/v1/api-keys/{key['id']}", headers=tenant.headers())
    assert revoked.status_code == 204
    check_problem(await client.get("/api/v1/calls", headers=headers), 401)
    again = await client.delete(f"/api/v1/api-keys/{key['id']}", headers=tenant.headers())
    assert again.status_code == 204


async def test_a_business_without_operator_rights_cannot_revoke_an_operators_key(
    client: AsyncClient, tenant: Tenant, database: Database, operator: dict[str, str]
) -> None:
    await make_key(database, role="operator")
    listed = (await client.get("/api/v1/api-keys", headers=operator)).json()["items"]
    response = await client.delete(f"/api/v1/api-keys/{listed[0]['id']}", headers=tenant.headers())
    check_problem(response, 404)
