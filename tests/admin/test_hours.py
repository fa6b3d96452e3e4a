"""Hours, dates, closures and public holidays over the API, and what they leave outside."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient

from tests.admin.conftest import Tenant
from tests.admin.endpoints import SETTINGS
from tests.admin.problems import check_problem

WEEK = [{"weekday": day, "opens": "09:00", "closes": "17:00"} for day in range(5)]
THANKSGIVING = "2026-11-26"


async def _post(client: AsyncClient, tenant: Tenant, path: str, body: Any) -> dict[str, Any]:
    response = await client.post(f"/api/v1/{path}", headers=tenant.headers(), json=body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


async def _put(client: AsyncClient, tenant: Tenant, path: str, body: Any) -> dict[str, Any]:
    response = await client.put(f"/api/v1/{path}", headers=tenant.headers(), json=body)
    assert response.status_code == 200, response.text
    changed: dict[str, Any] = response.json()
    return changed


@pytest.fixture
async def booked(client: AsyncClient, tenant: Tenant) -> dict[str, str]:
    """Ann works on weekdays from nine to five; somebody is booked on Thanksgiving at ten."""
    person = await _post(client, tenant, "people", {"name": "Ann"})
    service = await _post(client, tenant, "services", {"name": "Cleaning", "duration_minutes": 30})
    contact = await _post(client, tenant, "contacts", {"name": "Jane", "phone": "+12025550123"})
    assert (await _put(client, tenant, "hours", {"hours": WEEK}))["outside_hours"] == []
    appointment = await _post(
        client,
        tenant,
        "appointments",
        {
            "service_id": service["id"],
            "person_id": person["id"],
            "contact_id": contact["id"],
            "starts_at": f"{THANKSGIVING}T15:00:00Z",
        },
    )
    return {"person": person["id"], "appointment": appointment["id"]}


def _outside(changed: dict[str, Any]) -> list[str]:
    return [one["id"] for one in changed["outside_hours"]]


async def test_new_hours_name_what_they_leave_outside(
    client: AsyncClient, tenant: Tenant, booked: dict[str, str]
) -> None:
    late = {"hours": [{"weekday": 3, "opens": "22:00", "closes": "02:00"}]}
    changed = await _put(client, tenant, "hours", late)
    assert (changed["hours"], _outside(changed)) == (late["hours"], [booked["appointment"]])
    assert _outside(await _put(client, tenant, "hours", {"hours": WEEK})) == []
    own = f"hours?person_id={booked['person']}"
    assert _outside(await _put(client, tenant, own, late)) == [booked["appointment"]]
    clash = {"hours": [*WEEK, {"weekday": 6, "opens": "22:00", "closes": "09:30"}]}
    response = await client.put("/api/v1/hours", headers=tenant.headers(), json=clash)
    check_problem(response, 422, field="hours[5].opens")


async def test_a_change_that_is_only_tried_changes_nothing(
    client: AsyncClient, tenant: Tenant, booked: dict[str, str]
) -> None:
    late = {"hours": [{"weekday": 3, "opens": "22:00", "closes": "02:00"}]}
    evening = {"hours": [{"opens": "18:00", "closes": "20:00"}]}
    for path, body in (
        ("hours", late),
        (f"hours?person_id={booked['person']}", late),
        (f"hours/dates/{THANKSGIVING}", evening),
        ("holidays/thanksgiving-day", {"closed": True}),
    ):
        mark = "&" if "?" in path else "?"
        tried = await _put(client, tenant, f"{path}{mark}try_only=true", body)
        assert _outside(tried) == [booked["appointment"]], path
    closure = await _post(client, tenant, "closures?try_only=true", {"first_day": THANKSGIVING})
    assert _outside(closure) == [booked["appointment"]]
    assert (await _put(client, tenant, "hours", {"hours": WEEK}))["outside_hours"] == []
    for path in ("closures", "hours/dates"):
        kept = await client.get(f"/api/v1/{path}", headers=tenant.headers())
        assert kept.json()["items"] == [], path


async def test_a_place_has_hours_of_its_own(client: AsyncClient, tenant: Tenant) -> None:
    place = await _post(client, tenant, "places", {"name": "Uptown"})
    saturday = {"hours": [{"weekday": 5, "opens": "10:00", "closes": "14:00"}]}
    url = f"hours?place_id={place['id']}"
    assert (await _put(client, tenant, url, saturday))["hours"] == saturday["hours"]
    assert (await client.get(f"/api/v1/{url}", headers=tenant.headers())).json() == saturday
    main = await client.get("/api/v1/hours", headers=tenant.headers())
    assert main.json() == {"hours": []}
    strange = await client.get(
        f"/api/v1/hours?place_id={place['id'][:-1]}0", headers=tenant.headers()
    )
    check_problem(strange, 404)


async def test_a_date_is_opened_otherwise_listed_and_given_back(
    client: AsyncClient, tenant: Tenant, booked: dict[str, str]
) -> None:
    path = f"hours/dates/{THANKSGIVING}"
    afternoon = {"hours": [{"opens": "13:00", "closes": "17:00"}]}
    changed = await _put(client, tenant, path, afternoon)
    assert (changed["day"], changed["hours"]) == (THANKSGIVING, afternoon["hours"])
    assert _outside(changed) == [booked["appointment"]]
    await _put(client, tenant, "hours/dates/2026-12-24", afternoon)
    first = await client.get("/api/v1/hours/dates?limit=1", headers=tenant.headers("viewer"))
    assert [one["day"] for one in first.json()["items"]] == [THANKSGIVING]
    rest = await client.get(
        "/api/v1/hours/dates", headers=tenant.headers(), params={"cursor": first.json()["next"]}
    )
    assert [one["day"] for one in rest.json()["items"]] == ["2026-12-24"]
    gone = await client.delete(f"/api/v1/{path}", headers=tenant.headers())
    assert (gone.status_code, gone.json()["outside_hours"]) == (200, [])
    check_problem(await client.delete(f"/api/v1/{path}", headers=tenant.headers()), 404)
    for hours, status, field in (
        ([], 400, "hours"),
        ([*afternoon["hours"], {"opens": "12:00", "closes": "14:00"}], 422, "hours[1].opens"),
    ):
        wrong = await client.put(f"/api/v1/{path}", headers=tenant.headers(), json={"hours": hours})
        check_problem(wrong, status, field=field)


async def test_a_closure_names_what_it_leaves_outside(
    client: AsyncClient, tenant: Tenant, booked: dict[str, str]
) -> None:
    noon = {"first_day": THANKSGIVING, "from_time": "12:00", "until_time": "13:00"}
    lunch = await _post(client, tenant, "closures", noon)
    assert (lunch["from_time"], lunch["until_time"], lunch["outside_hours"]) == (
        "12:00",
        "13:00",
        [],
    )
    off = {"first_day": THANKSGIVING, "person_id": booked["person"]}
    assert _outside(await _post(client, tenant, "closures", off)) == [booked["appointment"]]
    half = {"first_day": THANKSGIVING, "from_time": "12:00"}
    response = await client.post("/api/v1/closures", headers=tenant.headers(), json=half)
    check_problem(response, 422, field="until_time")


async def test_public_holidays_are_listed_and_switched(
    client: AsyncClient, tenant: Tenant, booked: dict[str, str]
) -> None:
    async def closed() -> list[str]:
        listed = await client.get("/api/v1/holidays?year=2026", headers=tenant.headers("viewer"))
        return [one["id"] for one in listed.json()["items"] if one["closed"]]

    listed = await client.get("/api/v1/holidays?year=2026", headers=tenant.headers("viewer"))
    assert listed.headers["etag"] == '"1"'
    assert {"id": "thanksgiving-day", "name": "Thanksgiving Day"}.items() <= {
        key: value
        for one in listed.json()["items"]
        if one["day"] == THANKSGIVING
        for key, value in one.items()
    }.items()
    assert await closed() == []
    url = "/api/v1/holidays/thanksgiving-day"
    switched = await client.put(
        url, headers=tenant.headers("manager") | {"If-Match": '"1"'}, json={"closed": True}
    )
    assert (switched.status_code, switched.headers["etag"]) == (200, '"2"')
    assert _outside(switched.json()) == [booked["appointment"]]
    assert await closed() == ["thanksgiving-day"]
    stale = await client.put(
        url, headers=tenant.headers() | {"If-Match": '"1"'}, json={"closed": False}
    )
    check_problem(stale, 412)
    named = "/api/v1/holidays/Thanksgiving%20Day"
    opened = await client.put(named, headers=tenant.headers(), json={"closed": False})
    assert (opened.json()["closed"], opened.json()["outside_hours"]) == (False, [])
    assert await closed() == []
    unknown = await client.put(
        "/api/v1/holidays/towel-day", headers=tenant.headers(), json={"closed": True}
    )
    check_problem(unknown, 404)


async def test_settings_that_close_on_all_holidays_name_what_is_outside(
    client: AsyncClient, tenant: Tenant, booked: dict[str, str]
) -> None:
    url = f"/api/v1/businesses/{tenant.business_id}/settings"
    body = SETTINGS | {"public_holidays": {"closed": True, "subdivision": "DC"}}
    changed = await client.put(url, headers=tenant.headers(), json=body)
    assert (changed.status_code, _outside(changed.json())) == (200, [booked["appointment"]])
    wrong = SETTINGS | {"public_holidays": {"closed": True, "subdivision": "BY"}}
    response = await client.put(url, headers=tenant.headers(), json=wrong)
    check_problem(response, 422, field="public_holidays.subdivision")


async def test_another_zone_of_the_business_names_what_is_outside(
    client: AsyncClient, tenant: Tenant, booked: dict[str, str]
) -> None:
    url = f"/api/v1/businesses/{tenant.business_id}"
    moved = await client.patch(url, headers=tenant.headers(), json={"time_zone": "Asia/Kolkata"})
    assert _outside(moved.json()) == [booked["appointment"]]
