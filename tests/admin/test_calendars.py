"""Outside calendars and feeds over the API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from icalendar import Calendar
from litestar import Litestar

from domain.calendars.models import BusyTime
from domain.contacts import operations as contacts
from domain.database import Database
from domain.environment import Environment
from domain.people import operations as people
from domain.scheduling import appointments
from domain.services import operations as services
from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem
from tests.connectors.radicale import USER, Radicale
from tests.domain.practice import at


@pytest.fixture
def radicale(tmp_path: Path) -> Iterator[Radicale]:
    server = Radicale(tmp_path)
    server.start()
    server.make_calendar()
    yield server
    server.kill()


@pytest.fixture
async def person_id(database: Database, tenant: Tenant) -> UUID:
    async with database.scope(business_id=tenant.business_id) as scope:
        return (await people.create(scope, name="Dr. Lee")).id


async def book(database: Database, tenant: Tenant, person_id: UUID, *, hour: int = 14) -> UUID:
    async with database.scope(business_id=tenant.business_id) as scope:
        service = await services.create(scope, name="Cleaning", duration_minutes=30)
        contact = await contacts.create(scope, name="Jane Doe")
        booked = await appointments.book_directly(
            scope,
            service_id=service.id,
            person_id=person_id,
            starts_at=at(hour),
            contact_id=contact.id,
            outside_hours=True,
        )
        return booked.id


class Api:
    """Requests of the practice's manager."""

    def __init__(self, client: AsyncClient, tenant: Tenant) -> None:
        self._client, self._headers = client, tenant.headers("manager")

    async def __call__(self, method: str, path: str, body: Any = None) -> Response:
        return await self._client.request(
            method, f"/api/v1{path}", headers=self._headers, json=body
        )


@pytest.fixture
def api(client: AsyncClient, tenant: Tenant) -> Api:
    return Api(client, tenant)


def caldav(person_id: UUID, radicale: Radicale) -> dict[str, Any]:
    return {
        "person_id": str(person_id),
        "kind": "caldav",
        "name": "Dr. Lee",
        "access": {"url": radicale.calendar, "user": USER, "password": radicale.password},
    }


async def test_a_calendar_is_found_connected_synchronised_and_disconnected(
    api: Api, tenant: Tenant, person_id: UUID, radicale: Radicale, database: Database
) -> None:
    server = {"url": radicale.address, "user": USER, "password": radicale.password}
    found = (await api("POST", "/calendars/discover", server)).json()["items"]
    assert [(one["name"], one["writable"]) for one in found] == [("Practice", True)]
    given = caldav(person_id, radicale)
    given["access"]["url"] = found[0]["url"]
    made = await api("POST", "/calendars", given)
    assert made.status_code == 201, made.text
    calendar = made.json()
    assert (calendar["state"], calendar["direction"]) == ("new", "both")
    appointment_id = await book(database, tenant, person_id)
    assert (await api("GET", f"/calendars/{calendar['id']}")).json()["waiting"] == 1
    synced = (await api("POST", f"/calendars/{calendar['id']}/sync")).json()
    assert (synced["state"], synced["waiting"], synced["error"]) == ("connected", 0, "")
    assert radicale.names() == [f"appointment-{appointment_id}.ics"]
    gone = await api("DELETE", f"/calendars/{calendar['id']}")
    assert gone.status_code == 204
    assert radicale.names() == []
    assert (await api("GET", "/calendars")).json()["items"] == []


async def test_secrets_are_never_shown_again(api: Api, person_id: UUID, radicale: Radicale) -> None:
    made = await api("POST", "/calendars", caldav(person_id, radicale))
    path = f"/calendars/{made.json()['id']}"
    changed = await api("PATCH", path, {"access": {"password": "another secret"}})
    listed = await api("GET", "/calendars")
    for answer in (made, changed, listed, await api("GET", path)):
        assert "secret" not in answer.text and USER not in answer.text
        assert radicale.calendar not in answer.text


async def test_a_wrong_password_shows_as_a_sign_in_that_is_needed(
    api: Api, person_id: UUID, radicale: Radicale
) -> None:
    given = caldav(person_id, radicale)
    given["access"]["password"] = "wrong"
    calendar = (await api("POST", "/calendars", given)).json()
    path = f"/calendars/{calendar['id']}"
    failed = (await api("POST", f"{path}/sync")).json()
    assert failed["state"] == "sign_in_needed"
    assert failed["failing_since"] == "2026-11-23T17:00:00Z"
    assert failed["error"] == "it does not accept the user and password"
    mended = {"access": {"password": radicale.password}}
    assert (await api("PATCH", path, mended)).json()["state"] == "new"
    assert (await api("POST", f"{path}/sync")).json()["state"] == "connected"


async def test_a_calendar_that_is_down_keeps_nobody_from_disconnecting_it(
    api: Api, tenant: Tenant, person_id: UUID, radicale: Radicale, database: Database
) -> None:
    calendar = (await api("POST", "/calendars", caldav(person_id, radicale))).json()
    path = f"/calendars/{calendar['id']}"
    await book(database, tenant, person_id)
    await api("POST", f"{path}/sync")
    radicale.kill()
    assert (await api("POST", f"{path}/sync")).json()["state"] == "failing"
    problem = check_problem(await api("DELETE", path), 409)
    assert "1 of our entries" in problem["detail"]
    assert (await api("DELETE", f"{path}?leave_entries=true")).status_code == 204


async def test_a_calendar_that_is_down_does_not_make_the_service_unready(
    client: AsyncClient, api: Api, person_id: UUID, radicale: Radicale
) -> None:
    before = (await client.get("/ready")).json()
    calendar = (await api("POST", "/calendars", caldav(person_id, radicale))).json()
    radicale.kill()
    await api("POST", f"/calendars/{calendar['id']}/sync")
    after = (await client.get("/ready")).json()
    assert after["ready"] == before["ready"]
    changed = [part for part in after["parts"] if part not in before["parts"]]
    assert [(part["name"], part["needed"]) for part in changed] == [("calendars", False)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"person_id": "01a20959-a680-7000-8000-ffffffffffff"}, "person_id"),
        ({"access": {"url": "https://example.com/x", "user": "ann"}}, "access.password"),
        ({"access": {"url": "ftp://example.com", "user": "a", "password": "b"}}, "access.url"),
        (
            {"access": {"url": "https://a:b@example.com", "user": "a", "password": "b"}},
            "access.url",
        ),
        ({"access": {"url": "https://e.com", "user": "a\nb", "password": "b"}}, "access.user"),
        ({"kind": "ics", "access": {"url": "https://example.com/x.ics"}}, "direction"),
        ({"kind": "google", "access": {"url": "https://example.com"}}, "access"),
        (
            {"kind": "fhir", "access": {"base_url": "https://e.com", "schedule": "17"}},
            "access.schedule",
        ),
        ({"name": " "}, "name"),
    ],
)
async def test_what_is_wrong_is_named(
    api: Api, person_id: UUID, change: dict[str, Any], field: str
) -> None:
    given = {
        "person_id": str(person_id),
        "kind": "caldav",
        "name": "Practice",
        "access": {"url": "https://example.com/dav", "user": "ann", "password": "secret"},
    }
    check_problem(await api("POST", "/calendars", given | change), 422, field=field)
    assert (await api("GET", "/calendars")).json()["items"] == []


async def test_the_same_calendar_is_connected_once(
    api: Api, person_id: UUID, radicale: Radicale
) -> None:
    await api("POST", "/calendars", caldav(person_id, radicale))
    check_problem(await api("POST", "/calendars", caldav(person_id, radicale)), 409)


async def test_in_production_a_business_reaches_no_private_network(
    environment: Environment, api: Api, person_id: UUID, app: Litestar
) -> None:
    app.state.environment = environment.model_copy(update={"reception_env": "production"})
    given = {
        "person_id": str(person_id),
        "kind": "ics",
        "name": "Inside",
        "direction": "in",
        "access": {"url": "http://127.0.0.1:7880/"},
    }
    check_problem(await api("POST", "/calendars", given), 422, field="access.url")
    # Whatever the name is: what it stands for is looked at when it is asked.
    given["access"]["url"] = "https://localhost/x.ics"
    calendar = (await api("POST", "/calendars", given)).json()
    synced = (await api("POST", f"/calendars/{calendar['id']}/sync")).json()
    assert synced["error"] == "its address is in a network that may not be reached from here"


async def test_conflicts_are_shown_and_nothing_is_deleted(
    api: Api, tenant: Tenant, person_id: UUID, database: Database
) -> None:
    appointment_id = await book(database, tenant, person_id)
    given = {
        "person_id": str(person_id),
        "kind": "ics",
        "name": "Private",
        "direction": "in",
        "access": {"url": "https://calendars.example.com/x.ics"},
    }
    calendar = (await api("POST", "/calendars", given)).json()
    async with database.scope(business_id=tenant.business_id) as scope:
        person = await people.get(scope, person_id=person_id)
        for begins, ends in ((at(13), at(14, 15)), (at(14, 30), at(15))):
            scope.session.add(
                BusyTime(
                    business_id=tenant.business_id,
                    calendar_id=UUID(calendar["id"]),
                    resource_id=person.resource_id,
                    event_id=f"{begins}",
                    begins_at=begins,
                    ends_at=ends,
                )
            )
    conflicts = (await api("GET", "/calendars/conflicts")).json()["items"]
    assert [(one["kind"], one["appointment_id"], one["busy_from"]) for one in conflicts] == [
        ("overlap", str(appointment_id), "2026-11-24T18:00:00Z")
    ]
    assert (await api("GET", f"/appointments/{appointment_id}")).json()["state"] == "booked"


async def test_a_feed_shows_appointments_to_whoever_has_its_address(
    client: AsyncClient, api: Api, tenant: Tenant, person_id: UUID, database: Database
) -> None:
    await book(database, tenant, person_id)
    check_problem(await api("GET", f"/people/{person_id}/feed"), 404)
    made = (await api("POST", f"/people/{person_id}/feed", {"show_names": False})).json()
    assert made["url"] == "http://test" + made["path"]
    # No key: the address is the key.
    answer = await client.get(made["path"])
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (str(event["SUMMARY"]), event["DTSTART"].dt) == ("Cleaning", at(14))
    unchanged = await client.get(made["path"], headers={"If-None-Match": answer.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    again = (await api("POST", f"/people/{person_id}/feed", {"show_names": True})).json()
    assert again["path"] != made["path"]
    check_problem(await client.get(made["path"]), 404)
    assert "SUMMARY:Cleaning: Jane\r\n" in (await client.get(again["path"])).text
    shown = await api("GET", f"/people/{person_id}/feed")
    assert again["path"].split("/")[-1].removesuffix(".ics") not in shown.text
    assert (await api("DELETE", f"/people/{person_id}/feed")).status_code == 204
    check_problem(await client.get(again["path"]), 404)


@pytest.mark.parametrize("name", ["x.ics", "0" * 64, "0" * 64 + ".ics", "%00.ics"])
async def test_an_address_of_no_feed_is_not_there(client: AsyncClient, name: str) -> None:
    check_problem(await client.get(f"/feeds/{name}"), 404)
