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
    assert hours.json() == {"hours": week, "outside_hours": []}
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
    changed = await client.put(url, headers=tenant.headers(), json=week)
    assert changed.json()["hours"] == week["hours"]
    for span, status, field in (
        ({"weekday": 7, "opens": "10:00", "closes": "12:00"}, 400, "hours.0.weekday"),
        ({"weekday": 1, "opens": "25:00", "closes": "12:00"}, 400, "hours.0.opens"),
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


async def test_a_change_of_what_was_changed_meanwhile_is_refused(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    contact = await _made(client, tenant, "contacts", {"name": "Jane Doe"})
    body = practice | {"contact_id": contact["id"], "starts_at": "2026-11-24T15:00:00Z"}
    booked = await _made(client, tenant, "appointments", body)
    assert booked["contact_name"] == "Jane Doe"
    url = f"/api/v1/appointments/{booked['id']}"
    read = tenant.headers("staff") | {"If-Match": str(booked["version"])}
    moved = await client.patch(url, headers=read, json={"starts_at": "2026-11-24T16:00:00Z"})
    assert moved.status_code == 200
    stale = await client.patch(url, headers=read, json={"starts_at": "2026-11-24T17:00:00Z"})
    check_problem(stale, 412)
    now = (await client.get(url, headers=tenant.headers())).json()
    assert now["starts_at"] == "2026-11-24T16:00:00Z"


async def test_contacts_are_found_by_name_and_days_are_told(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    await _made(client, tenant, "contacts", {"name": "Jane Doe"})
    url = "/api/v1/contacts"
    found = await client.get(url, headers=tenant.headers("viewer"), params={"search": "doe"})
    assert [one["name"] for one in found.json()["items"]] == ["Jane Doe"]
    both = {"search": "doe", "phone": "+12025550123"}
    check_problem(await client.get(url, headers=tenant.headers(), params=both), 422)
    plan = await client.get(
        "/api/v1/day-plan", headers=tenant.headers("viewer"), params={"first_day": TUESDAY}
    )
    shown = plan.json()
    assert (shown["time_zone"], len(shown["days"])) == ("America/New_York", 1)
    assert [one["person_id"] for one in shown["people"]] == [practice["person_id"]]
    assert shown["people"][0]["working"] == [
        {
            "starts_at": "2026-11-24T14:00:00Z",
            "ends_at": "2026-11-24T22:00:00Z",
            "place_id": None,
        }
    ]


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


async def test_a_time_that_is_taken_is_refused_with_the_next_free_ones(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    at_ten, at_eleven = "2026-11-24T15:00:00Z", "2026-11-24T16:00:00Z"
    await _made(client, tenant, "appointments", practice | {"starts_at": at_ten})
    other = await _made(client, tenant, "appointments", practice | {"starts_at": at_eleven})
    series = practice | {"starts_at": at_ten, "every_weeks": 1, "count": 2}
    for method, path, body in (
        ("POST", "appointments", practice | {"starts_at": at_ten}),
        ("POST", "appointments/series", series),
        ("PATCH", f"appointments/{other['id']}", {"starts_at": at_ten}),
    ):
        response = await client.request(
            method, f"/api/v1/{path}", headers=tenant.headers(), json=body
        )
        assert response.status_code == 409
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert (problem["status"], problem["type"]) == (409, "urn:problem-type:reception:conflict")
        assert problem["request_id"] == response.headers["x-request-id"]
        free = problem["alternatives"]
        assert [time["starts_at"] for time in free] == [
            "2026-11-24T14:00:00Z",
            "2026-11-24T17:00:00Z",
            "2026-11-24T18:00:00Z",
        ]
        assert {time["person_id"] for time in free} == {practice["person_id"]}
    listed = await client.get("/api/v1/appointments", headers=tenant.headers())
    assert len(listed.json()["items"]) == 2


async def test_an_appointment_tells_all_that_happened_to_it(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    made = await _made(
        client,
        tenant,
        "appointments",
        practice | {"starts_at": "2026-11-24T15:00:00Z", "attendee": "Tom  Doe"},
    )
    assert (made["attendee"], made["version"], made["confirmed_at"]) == ("Tom Doe", 1, None)
    assert {made[name] for name in ("place_id", "room_id", "series_id", "held_until")} == {None}
    url = f"/api/v1/appointments/{made['id']}"
    for _ in range(2):
        confirmed = await client.post(f"{url}/confirm", headers=tenant.headers("staff"))
        assert confirmed.status_code == 200
        assert confirmed.json()["confirmed_at"] is not None
    change = {"note": "x-ray", "attendee": "", "reason": "asked by phone"}
    changed = await client.patch(url, headers=tenant.headers(), json=change)
    assert (changed.json()["note"], changed.json()["attendee"]) == ("x-ray", None)
    assert changed.json()["starts_at"] == made["starts_at"]
    assert changed.json()["version"] > confirmed.json()["version"] > made["version"]
    assert (await client.get(url, headers=tenant.headers())).json() == changed.json()
    reason = {"reason": "Ann is ill"}
    await client.post(f"{url}/cancel", headers=tenant.headers(), json=reason)
    first = (await client.get(f"{url}/events?limit=3", headers=tenant.headers())).json()
    query = {"cursor": first["next"]}
    rest = (await client.get(f"{url}/events", headers=tenant.headers(), params=query)).json()
    events = first["items"] + rest["items"]
    assert [(event["number"], event["kind"]) for event in events] == [
        (1, "booked"),
        (2, "confirmed"),
        (3, "changed"),
        (4, "cancelled"),
    ]
    assert [event["reason"] for event in events] == [None, None, "asked by phone", "Ann is ill"]
    assert {event["actor_kind"] for event in events} == {"staff"}
    assert rest["next"] is None


async def test_a_series_is_booked_and_the_rest_of_it_cancelled(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    in_the_way = practice | {"starts_at": "2026-12-01T15:00:00Z"}
    await _made(client, tenant, "appointments", in_the_way)
    body = practice | {"starts_at": "2026-11-24T15:00:00Z", "every_weeks": 1, "count": 4}
    series = await _made(client, tenant, "appointments/series", body)
    starts = [one["starts_at"] for one in series["appointments"]]
    assert starts == ["2026-11-24T15:00:00Z", "2026-12-08T15:00:00Z", "2026-12-15T15:00:00Z"]
    assert [one["starts_at"] for one in series["missed"]] == ["2026-12-01T15:00:00Z"]
    query = {"series_id": series["id"]}
    listed = await client.get("/api/v1/appointments", headers=tenant.headers(), params=query)
    assert [one["id"] for one in listed.json()["items"]] == [
        one["id"] for one in series["appointments"]
    ]
    first, second, third = (one["id"] for one in series["appointments"])
    cancelled = await client.post(
        f"/api/v1/appointments/{second}/cancel",
        headers=tenant.headers(),
        json={"scope": "this_and_following"},
    )
    assert (cancelled.json()["id"], cancelled.json()["following_ids"]) == (second, [third])
    query |= {"state": "booked"}
    listed = await client.get("/api/v1/appointments", headers=tenant.headers(), params=query)
    assert [one["id"] for one in listed.json()["items"]] == [first]
    for change, field in (({"every_weeks": 0}, "every_weeks"), ({"count": 53}, "count")):
        response = await client.post(
            "/api/v1/appointments/series", headers=tenant.headers(), json=body | change
        )
        check_problem(response, 400, field=field)


async def test_a_late_cancellation_names_the_fee(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    url = f"/api/v1/businesses/{tenant.business_id}/settings"
    settings = (await client.get(url, headers=tenant.headers())).json()["document"]
    settings["booking"] |= {
        "cancellation_notice_hours": 24,
        "late_cancellation_fee": "50 dollars",
    }
    changed = await client.put(url, headers=tenant.headers(), json=settings)
    assert changed.status_code == 200, changed.text
    for day, fee in (("24", "50 dollars"), ("25", None)):
        made = await _made(
            client, tenant, "appointments", practice | {"starts_at": f"2026-11-{day}T15:00:00Z"}
        )
        cancelled = await client.post(
            f"/api/v1/appointments/{made['id']}/cancel", headers=tenant.headers()
        )
        assert cancelled.json()["late_fee"] == fee


async def test_a_time_that_comes_free_goes_to_the_waiting_list(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    booked = await _made(
        client, tenant, "appointments", practice | {"starts_at": "2026-11-24T15:00:00Z"}
    )
    entries = []
    for name in ("Jane", "Joan"):
        contact = await _made(client, tenant, "contacts", {"name": name})
        wish = {
            "contact_id": contact["id"],
            "service_id": practice["service_id"],
            "first_day": TUESDAY,
            "last_day": TUESDAY,
        }
        entries.append(await _made(client, tenant, "waiting-list", wish))
        assert (await _made(client, tenant, "waiting-list", wish))["id"] == entries[-1]["id"]
    await client.post(f"/api/v1/appointments/{booked['id']}/cancel", headers=tenant.headers())
    listed = await client.get("/api/v1/waiting-list", headers=tenant.headers())
    first, second = listed.json()["items"]
    assert (first["state"], second["state"]) == ("offered", "waiting")
    held = (
        await client.get(
            f"/api/v1/appointments/{first['appointment_id']}", headers=tenant.headers()
        )
    ).json()
    assert (held["state"], held["held_until"]) == ("held", first["offered_until"])
    check_problem(
        await client.post(f"/api/v1/waiting-list/{second['id']}/accept", headers=tenant.headers()),
        409,
    )
    gone = await client.delete(f"/api/v1/waiting-list/{first['id']}", headers=tenant.headers())
    assert gone.status_code == 204
    accepted = await client.post(
        f"/api/v1/waiting-list/{second['id']}/accept",
        headers=tenant.headers("staff"),
        json={"note": "glad"},
    )
    assert (accepted.json()["state"], accepted.json()["note"]) == ("booked", "glad")
    assert accepted.json()["contact_id"] == entries[1]["contact_id"]
    listed = await client.get("/api/v1/waiting-list?state=booked", headers=tenant.headers())
    assert [one["id"] for one in listed.json()["items"]] == [second["id"]]


async def test_free_times_name_their_zone(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    query = {"service_id": practice["service_id"], "first_day": TUESDAY}
    for place in ({}, {"place_id": str(tenant.business_id)}):
        found = await client.get(
            "/api/v1/availability", headers=tenant.headers(), params=query | place
        )
        assert found.json()["time_zone"] == "America/New_York"
        assert found.json()["times"][0]["time_zone"] == "America/New_York"
    check_problem(
        await client.get(
            "/api/v1/availability",
            headers=tenant.headers(),
            params=query | {"place_id": str(ANY_ID)},
        ),
        404,
    )


async def test_a_contacts_date_of_birth_is_kept(client: AsyncClient, tenant: Tenant) -> None:
    made = await _made(client, tenant, "contacts", {"name": "Jane", "date_of_birth": "1984-03-27"})
    assert made["date_of_birth"] == "1984-03-27"
    url = f"/api/v1/contacts/{made['id']}"
    for born, status in (("1984-02-30", 422), ("2030-01-01", 422), ("yesterday", 400)):
        response = await client.patch(url, headers=tenant.headers(), json={"date_of_birth": born})
        check_problem(response, status, field="date_of_birth")
    removed = await client.patch(url, headers=tenant.headers(), json={"date_of_birth": ""})
    assert removed.json()["date_of_birth"] is None


async def test_what_new_hours_leave_outside_is_listed_and_kept(
    client: AsyncClient, tenant: Tenant, practice: dict[str, str]
) -> None:
    made = [
        await _made(client, tenant, "appointments", practice | {"starts_at": starts_at})
        for starts_at in ("2026-11-24T15:00:00Z", "2026-11-24T19:00:00Z")
    ]
    url = "/api/v1/appointments/outside-hours"
    assert (await client.get(url, headers=tenant.headers())).json() == {"appointments": []}
    week = {"hours": [{"weekday": 1, "opens": "09:00", "closes": "12:00"}]}
    await client.put("/api/v1/hours", headers=tenant.headers(), json=week)
    for query in ({}, {"place_id": str(tenant.business_id)}, {"person_id": practice["person_id"]}):
        outside = await client.get(url, headers=tenant.headers("viewer"), params=query)
        assert outside.json()["appointments"] == [made[1]]
