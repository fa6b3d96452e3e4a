"""The call log over the API."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient

from domain.calls.events import (
    AppointmentBooked,
    AssistantSaid,
    CallAnswered,
    CallerSaid,
    MessageTaken,
    TurnLatency,
)
from domain.contacts import operations as contacts
from domain.database import Database
from domain.seam import PinnedSeam
from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem
from tests.factories import make_call


@pytest.fixture
async def calls(database: Database, tenant: Tenant, seam: PinnedSeam) -> dict[str, UUID]:
    """A booked call, a withheld one over the browser, and one that is still going on."""
    async with database.scope(business_id=tenant.business_id) as scope:
        contact = await contacts.create(scope, name="Jane Doe", phone="+12025550123")
    ids = {"contact": contact.id}
    ids["booked"] = await make_call(
        database,
        business_id=tenant.business_id,
        contact_id=contact.id,
        events=[
            CallAnswered(setup_seconds=0.4, greeting_ready=True),
            AssistantSaid(text="Good morning.", kind="greeting"),
            CallerSaid(text="I need a cleaning."),
            AssistantSaid(
                text="Booked.", latency=TurnLatency(end_of_turn=0.2, model=0.3, total=0.9)
            ),
            AppointmentBooked(
                appointment_id=seam.new_id(),
                service_id=seam.new_id(),
                person_id=seam.new_id(),
                starts_at=seam.now() + timedelta(days=1),
            ),
            AssistantSaid(text="Goodbye.", interrupted=True, latency=TurnLatency(total=1.1)),
        ],
    )
    seam.advance(timedelta(minutes=1))
    ids["withheld"] = await make_call(
        database,
        business_id=tenant.business_id,
        caller="",
        channel="webrtc",
        events=[MessageTaken(message_id=seam.new_id(), urgency="low")],
    )
    seam.advance(timedelta(minutes=1))
    ids["open"] = await make_call(
        database, business_id=tenant.business_id, caller="+12025550199", end=None
    )
    return ids


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["open", "withheld", "booked"]),
        ({"state": "ended"}, ["withheld", "booked"]),
        ({"outcome": "booked"}, ["booked"]),
        ({"outcome": "message"}, ["withheld"]),
        ({"outcome": "none"}, ["open"]),
        ({"channel": "webrtc"}, ["withheld"]),
        ({"caller_phone": "(202) 555-0123"}, ["booked"]),
        ({"caller_phone": "+12025550100"}, []),
        ({"started_from": "2026-11-23T12:01:00-05:00"}, ["open", "withheld"]),
        ({"started_to": "2026-11-23T17:01:00Z"}, ["booked"]),
        ({"state": "ended", "channel": "sip"}, ["booked"]),
    ],
)
async def test_the_log_is_filtered(
    client: AsyncClient,
    tenant: Tenant,
    calls: dict[str, UUID],
    query: dict[str, str],
    names: list[str],
) -> None:
    response = await client.get("/api/v1/calls", headers=tenant.headers("viewer"), params=query)
    assert [item["id"] for item in response.json()["items"]] == [str(calls[name]) for name in names]


async def test_the_log_is_filtered_by_contact(
    client: AsyncClient, tenant: Tenant, calls: dict[str, UUID]
) -> None:
    query = {"contact_id": str(calls["contact"])}
    response = await client.get("/api/v1/calls", headers=tenant.headers(), params=query)
    assert [item["id"] for item in response.json()["items"]] == [str(calls["booked"])]


async def test_filters_that_contradict_or_make_no_sense_are_refused(
    client: AsyncClient, tenant: Tenant
) -> None:
    for query, field in (
        ({"caller_phone": "12"}, "caller_phone"),
        (
            {"started_from": "2026-11-23T17:00:00Z", "started_to": "2026-11-23T16:00:00Z"},
            "started_to",
        ),
    ):
        response = await client.get("/api/v1/calls", headers=tenant.headers(), params=query)
        check_problem(response, 422, field=field)


async def test_a_call_is_read_with_who_and_how_it_ended(
    client: AsyncClient, tenant: Tenant, calls: dict[str, UUID]
) -> None:
    booked = (await client.get(f"/api/v1/calls/{calls['booked']}", headers=tenant.headers())).json()
    assert booked["contact_name"] == "Jane Doe"
    assert booked["caller_phone"] == "+12025550123"
    assert (booked["state"], booked["outcome"], booked["end_reason"]) == (
        "ended",
        "booked",
        "caller_hung_up",
    )
    assert booked["started_at"] == "2026-11-23T17:00:00Z"
    withheld = (
        await client.get(f"/api/v1/calls/{calls['withheld']}", headers=tenant.headers())
    ).json()
    assert (withheld["caller_phone"], withheld["contact_name"]) == (None, None)
    opened = (await client.get(f"/api/v1/calls/{calls['open']}", headers=tenant.headers())).json()
    assert (opened["ended_at"], opened["duration_seconds"]) == (None, None)


async def test_the_transcript_and_the_latencies_are_read(
    client: AsyncClient, tenant: Tenant, calls: dict[str, UUID]
) -> None:
    url = f"/api/v1/calls/{calls['booked']}"
    transcript = (await client.get(f"{url}/transcript", headers=tenant.headers())).json()
    assert [(line["who"], line["text"], line["interrupted"]) for line in transcript["lines"]] == [
        ("assistant", "Good morning.", False),
        ("caller", "I need a cleaning.", False),
        ("assistant", "Booked.", False),
        ("assistant", "Goodbye.", True),
    ]
    latency = (await client.get(f"{url}/latency", headers=tenant.headers())).json()
    assert latency["setup_seconds"] == 0.4
    assert [answer["seconds"]["total"] for answer in latency["answers"]] == [0.9, 1.1]
    assert latency["stages"]["total"] == {
        "count": 2,
        "median": pytest.approx(1.0),
        "p95": pytest.approx(1.09),
    }
    assert latency["stages"]["end_of_turn"]["count"] == 1
    assert "speech" not in latency["stages"]


async def test_events_are_read_in_pages(
    client: AsyncClient, tenant: Tenant, calls: dict[str, UUID]
) -> None:
    url = f"/api/v1/calls/{calls['booked']}/events"
    first = (await client.get(f"{url}?limit=5", headers=tenant.headers())).json()
    query = {"cursor": first["next"]}
    rest = (await client.get(url, headers=tenant.headers(), params=query)).json()
    events = first["items"] + rest["items"]
    assert [event["seq"] for event in events] == list(range(1, 9))
    assert events[0]["event"]["type"] == "call_started"
    assert events[-1]["event"] == {"version": 1, "type": "call_ended", "reason": "caller_hung_up"}
