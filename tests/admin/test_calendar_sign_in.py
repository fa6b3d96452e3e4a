"""Signing in to a vendor's calendar, from the console to the first reading."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from httpx import AsyncClient, Response
from sqlalchemy import select

from domain.calendars import operations as calendars
from domain.calendars.models import BusyTime
from domain.database import Database
from domain.encryption import current_keyring
from domain.environment import Environment
from domain.people import operations as people
from domain.seam import PinnedSeam
from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem
from tests.connectors.vendors import Vendor, vendor_of

START = "/api/v1/calendars/oauth/start"


@pytest.fixture(params=["google", "microsoft"])
async def vendor(
    request: pytest.FixtureRequest, seam: PinnedSeam, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Vendor]:
    async with vendor_of(request.param, seam, monkeypatch) as made:
        yield made


@pytest.fixture
def environment(vendor: Vendor, environment: Environment) -> Environment:
    """As the process's own, in which the stand-ins are set."""
    names = [name for name in Environment.model_fields if name.startswith(vendor.kind)]
    return environment.model_copy(update={name: getattr(Environment(), name) for name in names})


@pytest.fixture
async def calendar_id(database: Database, tenant: Tenant, vendor: Vendor) -> UUID:
    async with database.scope(business_id=tenant.business_id) as scope:
        person = await people.create(scope, name="Dr. Lee")
        made = await calendars.connect(
            scope, person_id=person.id, kind=vendor.kind, name="Dr. Lee", access={}
        )
        return made.id


async def start(client: AsyncClient, tenant: Tenant, calendar_id: UUID) -> dict[str, Any]:
    body = {"calendar_id": str(calendar_id)}
    answer = await client.post(START, headers=tenant.headers("manager"), json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def agree(url: str) -> str:
    """The owner agrees at the vendor; where his browser is sent back to."""
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(url)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}" == "http://test"
    return f"{back.path}?{back.query}"


async def state_of(database: Database, tenant: Tenant, calendar_id: UUID) -> str:
    async with database.scope(business_id=tenant.business_id) as scope:
        return (await calendars.get(scope, calendar_id=calendar_id)).state


def page(answer: Response, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert words in answer.text


async def test_a_calendar_is_signed_in_to_and_read(
    client: AsyncClient, tenant: Tenant, calendar_id: UUID, vendor: Vendor, database: Database
) -> None:
    assert await state_of(database, tenant, calendar_id) == "sign_in_needed"
    begins = vendor.seam.now() + timedelta(days=1)
    vendor.add((begins, begins + timedelta(hours=1)))
    back = await agree((await start(client, tenant, calendar_id))["url"])
    page(await client.get(back), 200, "connected")
    synced = await client.post(
        f"/api/v1/calendars/{calendar_id}/sync", headers=tenant.headers("manager")
    )
    assert (synced.json()["state"], synced.json()["error"]) == ("connected", "")
    async with database.scope(business_id=tenant.business_id) as scope:
        busy = (await scope.session.scalars(select(BusyTime))).all()
        row = await calendars.get(scope, calendar_id=calendar_id)
        assert row.access["refresh_token"]
    assert [one.begins_at for one in busy] == [begins]
    # The code was good once.
    page(await client.get(back), 400, "not connected")
    assert await state_of(database, tenant, calendar_id) == "connected"


async def test_who_does_not_agree_connects_nothing(
    client: AsyncClient, tenant: Tenant, calendar_id: UUID, vendor: Vendor, database: Database
) -> None:
    url = (await start(client, tenant, calendar_id))["url"]
    page(await client.get(await agree(f"{url}&sandbox_deny=1")), 400, "not allowed")
    vendor.account.authority.withholds = parse_qs(urlsplit(url).query)["scope"][0].split()[-1]
    page(await client.get(await agree(url)), 400, "not ticked")
    assert await state_of(database, tenant, calendar_id) == "sign_in_needed"


async def test_a_sign_in_ends_after_a_quarter_of_an_hour(
    client: AsyncClient, tenant: Tenant, calendar_id: UUID, seam: PinnedSeam, database: Database
) -> None:
    back = await agree((await start(client, tenant, calendar_id))["url"])
    seam.advance(timedelta(minutes=15))
    page(await client.get(back), 400, "too old")
    assert await state_of(database, tenant, calendar_id) == "sign_in_needed"


async def test_a_state_that_is_not_ours_is_refused(
    client: AsyncClient, tenant: Tenant, calendar_id: UUID
) -> None:
    url = (await start(client, tenant, calendar_id))["url"]
    state = parse_qs(urlsplit(url).query)["state"][0]
    sealed = current_keyring().encrypt
    foreign = [
        "",
        "guessed",
        f"{state[:-8]}AAAAAAA=",
        sealed(json.dumps({"refresh_token": "x"}).encode()).decode(),
        sealed(b"[1]").decode(),
        sealed(b"7").decode(),
        sealed(b"plain text").decode(),
    ]
    for given in foreign:
        answer = await client.get("/oauth/calendars/callback", params={"state": given, "code": "x"})
        page(answer, 400, "not one of ours")


async def test_what_the_state_holds_is_hidden_from_the_browser(
    client: AsyncClient, tenant: Tenant, calendar_id: UUID
) -> None:
    url = (await start(client, tenant, calendar_id))["url"]
    assert str(calendar_id) not in url and str(tenant.business_id) not in url
    first = parse_qs(urlsplit(url).query)["code_challenge"]
    again = (await start(client, tenant, calendar_id))["url"]
    assert parse_qs(urlsplit(again).query)["code_challenge"] != first


async def test_a_calendar_that_is_gone_meanwhile_is_told(
    client: AsyncClient, tenant: Tenant, calendar_id: UUID, database: Database
) -> None:
    back = await agree((await start(client, tenant, calendar_id))["url"])
    async with database.scope(business_id=tenant.business_id) as scope:
        await calendars.disconnect(scope, calendar_id=calendar_id)
    page(await client.get(back), 400, "calendar not found")


async def test_a_vendor_in_trouble_is_told(
    client: AsyncClient, tenant: Tenant, calendar_id: UUID, vendor: Vendor
) -> None:
    back = await agree((await start(client, tenant, calendar_id))["url"])
    vendor.fault("status", status=503, only="token")
    page(await client.get(back), 503, "is in trouble")


async def test_another_business_starts_nothing(
    client: AsyncClient, other: Tenant, calendar_id: UUID
) -> None:
    body = {"calendar_id": str(calendar_id)}
    answer = await client.post(START, headers=other.headers("manager"), json=body)
    check_problem(answer, 404)


async def test_only_what_is_signed_in_to_has_a_sign_in(
    client: AsyncClient, tenant: Tenant, database: Database
) -> None:
    async with database.scope(business_id=tenant.business_id) as scope:
        person = await people.create(scope, name="Dr. Chen")
        feed = await calendars.connect(
            scope,
            person_id=person.id,
            kind="ics",
            name="Holidays",
            direction="in",
            access={"url": "https://calendars.example.com/holidays.ics"},
        )
    body = {"calendar_id": str(feed.id)}
    answer = await client.post(START, headers=tenant.headers("manager"), json=body)
    check_problem(answer, 422)


async def test_an_installation_without_a_client_says_what_is_missing(
    client: AsyncClient, tenant: Tenant, calendar_id: UUID, environment: Environment, vendor: Vendor
) -> None:
    setattr(environment, f"{vendor.kind}_calendar_client_id", "")
    body = {"calendar_id": str(calendar_id)}
    answer = await client.post(START, headers=tenant.headers("manager"), json=body)
    check_problem(answer, 403)
    assert f"{vendor.kind.upper()}_CALENDAR_CLIENT_ID" in answer.json()["detail"]
