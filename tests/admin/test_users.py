"""Users and their sessions over HTTP."""

from __future__ import annotations

import pytest
from httpx import AsyncClient

from admin.devices import device_of
from domain.database import Database
from domain.seam import PinnedSeam
from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem
from tests.factories import PASSWORD, make_user

ANN = {"name": "Ann Baker", "email": "ann@x.example", "role": "staff", "password": PASSWORD}
NEW = "five loud herons"
CURRENT = "/api/v1/sessions/current"


async def _sign_in(client: AsyncClient, email: str, password: str = PASSWORD) -> dict[str, str]:
    response = await client.post(
        "/api/v1/sign-in",
        json={"email": email, "password": password},
        headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko Firefox/130.0"},
    )
    client.cookies.clear()
    assert response.status_code == 201, response.text
    return {"Authorization": f"Bearer {response.json()['token']}"}


async def _make(client: AsyncClient, tenant: Tenant, **changes: str) -> str:
    made = await client.post("/api/v1/users", headers=tenant.headers(), json=ANN | changes)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_a_user_is_made_read_changed_and_deleted(client: AsyncClient, tenant: Tenant) -> None:
    made = await client.post("/api/v1/users", headers=tenant.headers(), json=ANN)
    assert made.status_code == 201
    user = made.json()
    assert user == {
        "id": user["id"],
        "name": "Ann Baker",
        "email": "ann@x.example",
        "role": "staff",
        "person_id": None,
        "active": True,
        "locked_until": None,
        "last_sign_in_at": None,
        "created_at": "2026-11-23T17:00:00Z",
    }
    path = f"/api/v1/users/{user['id']}"
    assert (await client.get(path, headers=tenant.headers())).json() == user
    changed = await client.patch(
        path, headers=tenant.headers("manager"), json={"name": "Ann B.", "role": "viewer"}
    )
    assert changed.json() == user | {"name": "Ann B.", "role": "viewer"}
    assert (await client.delete(path, headers=tenant.headers("manager"))).status_code == 204
    check_problem(await client.get(path, headers=tenant.headers()), 404)


async def test_the_list_comes_in_pages(client: AsyncClient, tenant: Tenant) -> None:
    made = [await _make(client, tenant, email=f"u{n}@x.example") for n in range(3)]
    await client.patch(f"/api/v1/users/{made[1]}", headers=tenant.headers(), json={"active": False})
    first = (await client.get("/api/v1/users?limit=2", headers=tenant.headers())).json()
    assert [item["id"] for item in first["items"]] == made[:2]
    rest = await client.get(
        f"/api/v1/users?limit=2&cursor={first['next']}", headers=tenant.headers()
    )
    assert [item["id"] for item in rest.json()["items"]] == made[2:]
    idle = await client.get("/api/v1/users?active=false", headers=tenant.headers())
    assert [item["id"] for item in idle.json()["items"]] == [made[1]]


async def test_rules_of_the_domain_are_told_as_problems(
    client: AsyncClient, tenant: Tenant
) -> None:
    await _make(client, tenant)
    for role, changes, status, field in (
        ("owner", {}, 409, None),
        ("manager", {"email": "b@x.example", "role": "manager"}, 403, None),
        ("owner", {"email": "b@x.example", "role": "operator"}, 422, "role"),
        ("owner", {"email": "b"}, 400, "email"),
        ("owner", {"email": "not an address"}, 422, "email"),
        ("owner", {"email": "b@x.example", "password": "password1234"}, 422, "password"),
        ("owner", {"email": "b@x.example", "password": "short"}, 400, "password"),
    ):
        response = await client.post(
            "/api/v1/users", headers=tenant.headers(role), json=ANN | changes
        )
        problem = check_problem(response, status, field=field)
        assert "password1234" not in str(problem)


async def test_what_a_role_may_changes_with_the_next_request(
    client: AsyncClient, tenant: Tenant
) -> None:
    user_id = await _make(client, tenant, role="manager")
    headers = await _sign_in(client, "ann@x.example")
    body = {"name": "Cleaning", "duration_minutes": 30}
    assert (await client.post("/api/v1/services", headers=headers, json=body)).status_code == 201
    path = f"/api/v1/users/{user_id}"
    await client.patch(path, headers=tenant.headers(), json={"role": "viewer"})
    check_problem(await client.post("/api/v1/services", headers=headers, json=body), 403)
    await client.patch(path, headers=tenant.headers(), json={"active": False})
    check_problem(await client.get("/api/v1/services", headers=headers), 401)


async def test_ones_own_password_needs_the_current_one(client: AsyncClient, tenant: Tenant) -> None:
    user_id = await _make(client, tenant)
    other, own = await _sign_in(client, ANN["email"]), await _sign_in(client, ANN["email"])
    path = f"/api/v1/users/{user_id}/password"
    missing = await client.post(path, headers=own, json={"password": NEW})
    check_problem(missing, 422, field="current_password")
    for current, new, field in (
        ("wrong password", NEW, "current_password"),
        (PASSWORD, "ann@x.example", "password"),
    ):
        wrong = await client.post(
            path, headers=own, json={"password": new, "current_password": current}
        )
        check_problem(wrong, 422, field=field)
    done = await client.post(
        path, headers=own, json={"password": NEW, "current_password": PASSWORD}
    )
    assert done.status_code == 204
    assert (await client.get(CURRENT, headers=own)).status_code == 200
    check_problem(await client.get(CURRENT, headers=other), 401)
    await _sign_in(client, ANN["email"], NEW)


@pytest.mark.parametrize(
    ("by", "role", "status"),
    [
        ("owner", "owner", 204),
        ("owner", "manager", 204),
        ("manager", "staff", 204),
        ("manager", "manager", 403),
        ("manager", "owner", 403),
        ("staff", "viewer", 403),
        ("viewer", "staff", 403),
    ],
)
async def test_a_password_of_others_is_set_by_those_who_manage_them(
    client: AsyncClient, tenant: Tenant, database: Database, by: str, role: str, status: int
) -> None:
    await make_user(database, role=by, business_id=tenant.business_id, email="by@x.example")
    headers = await _sign_in(client, "by@x.example")
    user_id = await _make(client, tenant, role=role)
    theirs = await _sign_in(client, ANN["email"])
    response = await client.post(
        f"/api/v1/users/{user_id}/password", headers=headers, json={"password": NEW}
    )
    assert response.status_code == status, response.text
    after = await client.get(CURRENT, headers=theirs)
    assert after.status_code == (401 if status == 204 else 200)


async def test_a_user_of_another_business_is_not_there(
    client: AsyncClient, tenant: Tenant, other: Tenant
) -> None:
    user_id = await _make(client, tenant)
    path = f"/api/v1/users/{user_id}"
    for method, url, body in (
        ("GET", path, None),
        ("PATCH", path, {"name": "X"}),
        ("DELETE", path, None),
        ("POST", f"{path}/password", {"password": NEW}),
    ):
        check_problem(await client.request(method, url, headers=other.headers(), json=body), 404)


async def test_operators_are_users_of_the_installation(
    client: AsyncClient, tenant: Tenant, operator: dict[str, str]
) -> None:
    body = ANN | {"role": "operator"}
    assert (await client.post("/api/v1/users", headers=operator, json=body)).status_code == 201
    listed = (await client.get("/api/v1/users", headers=operator)).json()["items"]
    assert [item["email"] for item in listed] == ["ann@x.example"]
    assert (await client.get("/api/v1/users", headers=tenant.headers())).json()["items"] == []
    # An operator makes a business's first owner.
    named = operator | {"X-Business": str(tenant.business_id)}
    owner = ANN | {"role": "owner", "email": "owner@x.example"}
    assert (await client.post("/api/v1/users", headers=named, json=owner)).status_code == 201
    headers = await _sign_in(client, "ann@x.example")
    own = (await client.get(CURRENT, headers=headers)).json()["user"]["id"]
    changed = await client.post(
        f"/api/v1/users/{own}/password",
        headers=headers | {"X-Business": str(tenant.business_id)},
        json={"password": NEW, "current_password": PASSWORD},
    )
    assert changed.status_code == 204
    assert (await client.delete(CURRENT, headers=headers)).status_code == 204


async def test_sessions_are_listed_and_ended(
    client: AsyncClient, tenant: Tenant, seam: PinnedSeam
) -> None:
    user_id = await _make(client, tenant)
    other, own = await _sign_in(client, ANN["email"]), await _sign_in(client, ANN["email"])
    listed = (await client.get("/api/v1/sessions", headers=own)).json()["items"]
    assert [(item["user_id"], item["device"], item["current"]) for item in listed] == [
        (user_id, "Firefox on Linux", True),
        (user_id, "Firefox on Linux", False),
    ]
    ended = await client.delete(f"/api/v1/sessions/{listed[1]['id']}", headers=own)
    assert ended.status_code == 204
    check_problem(await client.get(CURRENT, headers=other), 401)
    await _make(client, tenant, email="viewer@x.example", role="viewer")
    viewer = await _sign_in(client, "viewer@x.example")
    path = f"/api/v1/sessions/{listed[0]['id']}"
    check_problem(await client.delete(path, headers=viewer), 404)
    assert (await client.delete(path, headers=tenant.headers("manager"))).status_code == 204
    check_problem(await client.get(CURRENT, headers=own), 401)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel) Version/18 Safari/605.1", "Safari on macOS"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU like Mac OS X) CriOS/130 Safari/604.1", "Chrome on iPhone"),
        ("python-httpx/0.28", ""),
        ("", ""),
    ],
)
def test_a_device_is_called_as_people_know_it(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device
