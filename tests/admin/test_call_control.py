"""What staff do with a call in progress, as LiveKit is told it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from httpx import AsyncClient
from litestar import Litestar

from admin.api.call_control import HANG_UP_WITHIN
from admin.livekit import JOIN_WITHIN, Door, Participant
from domain.businesses import numbers
from domain.calls import control, log
from domain.calls.closing import close_open
from domain.calls.models import Call
from domain.database import Database
from domain.environment import Environment
from domain.handoffs.models import Department
from domain.people import operations as people
from domain.seam import PinnedSeam
from tests.admin.conftest import LIVEKIT_SECRET, Tenant, serving
from tests.admin.problems import check_problem
from tests.admin.rooms import AGENT, CALLER, FakeRooms
from tests.factories import make_call

STAFF = Participant(identity="staff-1", staff=True)
ASKS: list[tuple[str, Any]] = [
    ("token", {"mode": "listen"}),
    ("token", {"mode": "takeover"}),
    ("whisper", {"text": "Offer nine o'clock."}),
    ("floor", {"to": "assistant"}),
    ("transfer", {}),
    ("hangup", None),
]


@pytest.fixture
def rooms() -> FakeRooms:
    return FakeRooms()


@pytest.fixture
def app(attach_app: Callable[..., Litestar], rooms: FakeRooms) -> Litestar:
    return attach_app(rooms=rooms)


@pytest.fixture
async def call_id(database: Database, tenant: Tenant, rooms: FakeRooms) -> UUID:
    """A call in progress with its caller and its agent."""
    call_id = await make_call(database, business_id=tenant.business_id, end=None)
    rooms.there[f"call-{call_id}"] = [CALLER, AGENT]
    return call_id


async def _row(database: Database, tenant: Tenant, call_id: UUID) -> Call:
    async with database.scope(business_id=tenant.business_id) as scope:
        return await log.get(scope, call_id=call_id)


def _claims(token: str) -> dict[str, Any]:
    options = {"verify_exp": False, "verify_nbf": False}
    return jwt.decode(token, LIVEKIT_SECRET, algorithms=["HS256"], options=options)


async def test_a_listeners_token_lets_them_do_nothing_but_hear(
    client: AsyncClient, tenant: Tenant, call_id: UUID, seam: PinnedSeam
) -> None:
    asked = await client.post(
        f"/api/v1/calls/{call_id}/token", headers=tenant.headers("staff"), json={"mode": "listen"}
    )
    assert asked.status_code == 201, asked.text
    given = asked.json()
    assert given["url"] == "ws://127.0.0.1:9" and given["room"] == f"call-{call_id}"
    assert given["expires_at"] == (seam.now() + JOIN_WITHIN).strftime("%Y-%m-%dT%H:%M:%SZ")
    claims = _claims(given["token"])
    assert claims["sub"] == given["identity"]
    assert claims["exp"] - claims["nbf"] == JOIN_WITHIN.total_seconds()
    assert "attributes" not in claims or claims["attributes"] == {}
    assert claims["video"] == {
        "room": f"call-{call_id}",
        "roomJoin": True,
        "hidden": True,
        "canSubscribe": True,
        "canPublish": False,
        "canPublishData": False,
        "canUpdateOwnMetadata": False,
    }


async def test_a_takeover_token_says_who_speaks_and_lets_them_speak(
    client: AsyncClient, tenant: Tenant, call_id: UUID
) -> None:
    given = []
    for _ in range(2):
        asked = await client.post(
            f"/api/v1/calls/{call_id}/token",
            headers=tenant.headers("staff"),
            json={"mode": "takeover"},
        )
        given.append(asked.json())
    assert given[0]["identity"] != given[1]["identity"]
    assert given[0]["identity"].startswith("staff-")
    claims = _claims(given[0]["token"])
    assert claims["attributes"]["reception.role"] == "staff"
    assert UUID(claims["attributes"]["reception.user"])
    assert claims["video"] == {
        "room": f"call-{call_id}",
        "roomJoin": True,
        "canSubscribe": True,
        "canPublish": True,
        "canPublishSources": ["microphone"],
        "canPublishData": False,
        "canUpdateOwnMetadata": False,
    }


async def test_browsers_are_sent_to_the_public_address(
    environment: Environment, seam: PinnedSeam
) -> None:
    environment.reception_livekit_public_url = "wss://calls.example.com"
    assert Door(environment, seam=seam).listener("call-1").url == "wss://calls.example.com"


async def test_whispers_reach_the_agent_with_who_said_them(
    client: AsyncClient, tenant: Tenant, call_id: UUID, rooms: FakeRooms
) -> None:
    rooms.there[f"call-{call_id}"].append(STAFF)
    for body, aloud in (
        ({"text": " Offer nine. "}, False),
        ({"text": "Hello", "aloud": True}, True),
    ):
        asked = await client.post(
            f"/api/v1/calls/{call_id}/whisper", headers=tenant.headers("staff"), json=body
        )
        assert asked.status_code == 202, asked.text
        room, sent, to = rooms.sent.pop()
        assert (room, to) == (f"call-{call_id}", ["agent-1"])
        assert isinstance(sent, control.Whisper)
        assert sent.aloud is aloud and sent.text == body["text"].strip()  # type: ignore[attr-defined]
        assert str(sent.id) == asked.json()["id"]


async def test_nothing_is_said_aloud_while_a_person_has_the_floor(
    client: AsyncClient, database: Database, tenant: Tenant, call_id: UUID, rooms: FakeRooms
) -> None:
    async with database.scope(business_id=tenant.business_id) as scope:
        (await log.get(scope, call_id=call_id)).state = "person"
    url = f"/api/v1/calls/{call_id}/whisper"
    aloud = {"text": "One moment.", "aloud": True}
    check_problem(await client.post(url, headers=tenant.headers(), json=aloud), 409)
    assert rooms.sent == []
    kept = await client.post(url, headers=tenant.headers(), json={"text": "Offer nine."})
    assert kept.status_code == 202


@pytest.mark.parametrize("body", [{"text": ""}, {"text": "x" * 1001}, {}, {"text": "a", "x": 1}])
async def test_a_malformed_whisper_is_refused(
    client: AsyncClient, tenant: Tenant, call_id: UUID, rooms: FakeRooms, body: Any
) -> None:
    url = f"/api/v1/calls/{call_id}/whisper"
    check_problem(await client.post(url, headers=tenant.headers(), json=body), 400)
    blank = await client.post(url, headers=tenant.headers(), json={"text": "  "})
    check_problem(blank, 422, field="text")
    assert rooms.sent == []


async def test_the_floor_goes_to_the_assistant_or_to_staff_who_are_there(
    client: AsyncClient, tenant: Tenant, call_id: UUID, rooms: FakeRooms
) -> None:
    url = f"/api/v1/calls/{call_id}/floor"
    rooms.there[f"call-{call_id}"].append(STAFF)
    for to in ("assistant", "staff-1"):
        asked = await client.post(url, headers=tenant.headers("staff"), json={"to": to})
        assert asked.status_code == 202
        sent = rooms.sent.pop()[1]
        assert isinstance(sent, control.GiveFloor) and sent.to == to
    for to in ("staff-2", CALLER.identity, AGENT.identity):
        check_problem(
            await client.post(url, headers=tenant.headers(), json={"to": to}), 422, field="to"
        )
    assert rooms.sent == []


async def test_a_transfer_names_one_target_of_this_business(
    client: AsyncClient,
    database: Database,
    tenant: Tenant,
    other: Tenant,
    call_id: UUID,
    rooms: FakeRooms,
) -> None:
    async with database.scope(business_id=tenant.business_id) as scope:
        ann = (await people.create(scope, name="Ann", phone="+12025550144")).id
        bob = (await people.create(scope, name="Bob")).id
        gone = await people.create(scope, name="Cleo", phone="+12025550145")
        gone.active = False
        desk, closed = scope.seam.new_id(), scope.seam.new_id()
        for department_id, active in ((desk, True), (closed, False)):
            scope.session.add(
                Department(
                    id=department_id,
                    business_id=tenant.business_id,
                    name=str(department_id),
                    active=active,
                    created_at=scope.seam.now(),
                )
            )
    async with database.scope(business_id=other.business_id) as scope:
        foreign = (await people.create(scope, name="Dan", phone="+12025550146")).id
    url = f"/api/v1/calls/{call_id}/transfer"
    for body, expected in (
        ({}, {}),
        ({"kind": "cold", "person_id": str(ann)}, {"kind": "cold", "person_id": ann}),
        ({"kind": "warm", "department_id": str(desk)}, {"kind": "warm", "department_id": desk}),
        ({"number": "(202) 555-0147"}, {"number": "+12025550147"}),
    ):
        asked = await client.post(url, headers=tenant.headers("staff"), json=body)
        assert asked.status_code == 202, asked.text
        sent = rooms.sent.pop()[1]
        assert isinstance(sent, control.Transfer)
        given = sent.model_dump(exclude={"id", "user_id", "type"}, exclude_defaults=True)
        assert given == expected
    for wrong, field in (
        ({"person_id": str(bob)}, "person_id"),
        ({"person_id": str(gone.id)}, "person_id"),
        ({"person_id": str(foreign)}, "person_id"),
        ({"department_id": str(closed)}, "department_id"),
        ({"department_id": str(ann)}, "department_id"),
        ({"number": "12"}, "number"),
        ({"department_id": str(desk), "person_id": str(ann)}, "person_id"),
        ({"person_id": str(ann), "number": "+12025550147"}, "number"),
    ):
        check_problem(
            await client.post(url, headers=tenant.headers(), json=wrong), 422, field=field
        )
    assert rooms.sent == []


async def test_an_agent_is_told_to_hang_up_and_ends_the_call_itself(
    app: Litestar,
    client: AsyncClient,
    database: Database,
    tenant: Tenant,
    call_id: UUID,
    rooms: FakeRooms,
    seam: PinnedSeam,
) -> None:
    asked = await client.post(f"/api/v1/calls/{call_id}/hangup", headers=tenant.headers("staff"))
    assert asked.status_code == 202, asked.text
    assert isinstance(rooms.sent[0][1], control.HangUp)
    assert (await _row(database, tenant, call_id)).ended_at is None
    closer = app.state.closer
    seam.advance(HANG_UP_WITHIN - timedelta(seconds=1))
    await closer.step()
    assert rooms.deleted == []
    # The agent did nothing: it is stuck, or dead and not yet missed.
    seam.advance(timedelta(seconds=1))
    rooms.away = True
    await closer.step()
    assert (await _row(database, tenant, call_id)).ended_at is None
    rooms.away = False
    await closer.step()
    row = await _row(database, tenant, call_id)
    assert rooms.deleted == [f"call-{call_id}"] and row.end_reason == "staff_ended"
    await closer.step()
    assert len(rooms.deleted) == 1


async def test_a_call_that_its_agent_ended_in_time_is_left_alone(
    app: Litestar,
    client: AsyncClient,
    database: Database,
    tenant: Tenant,
    call_id: UUID,
    rooms: FakeRooms,
    seam: PinnedSeam,
) -> None:
    await client.post(f"/api/v1/calls/{call_id}/hangup", headers=tenant.headers("staff"))
    async with database.scope(business_id=tenant.business_id) as scope:
        await close_open(scope, call_id=call_id, reason="caller_hung_up")
    seam.advance(HANG_UP_WITHIN)
    await app.state.closer.step()
    assert rooms.deleted == []
    assert (await _row(database, tenant, call_id)).end_reason == "caller_hung_up"


@pytest.mark.parametrize("room_is_there", [True, False])
async def test_a_call_without_an_agent_is_ended_at_once(
    client: AsyncClient,
    database: Database,
    tenant: Tenant,
    call_id: UUID,
    rooms: FakeRooms,
    room_is_there: bool,
) -> None:
    if room_is_there:
        rooms.there[f"call-{call_id}"] = [CALLER]
    else:
        rooms.there.clear()
    asked = await client.post(f"/api/v1/calls/{call_id}/hangup", headers=tenant.headers("staff"))
    assert asked.status_code == 202
    assert rooms.sent == [] and rooms.there == {}
    assert (await _row(database, tenant, call_id)).end_reason == "staff_ended"


@pytest.mark.parametrize(
    ("path", "body"), [ask for ask in ASKS if ask[0] not in ("token", "hangup")]
)
async def test_without_an_agent_nothing_can_be_asked_of_it(
    client: AsyncClient, tenant: Tenant, call_id: UUID, rooms: FakeRooms, path: str, body: Any
) -> None:
    rooms.there[f"call-{call_id}"] = [CALLER]
    url = f"/api/v1/calls/{call_id}/{path}"
    check_problem(await client.post(url, headers=tenant.headers(), json=body), 409)


@pytest.mark.parametrize(("path", "body"), ASKS)
async def test_a_call_that_is_over_or_anothers_takes_nothing(
    client: AsyncClient,
    database: Database,
    tenant: Tenant,
    other: Tenant,
    call_id: UUID,
    rooms: FakeRooms,
    path: str,
    body: Any,
) -> None:
    over = await make_call(database, business_id=tenant.business_id)
    url = f"/api/v1/calls/{over}/{path}"
    check_problem(await client.post(url, headers=tenant.headers(), json=body), 409)
    url = f"/api/v1/calls/{call_id}/{path}"
    check_problem(await client.post(url, headers=other.headers(), json=body), 404)
    refused = await client.post(url, headers=tenant.headers("viewer"), json=body)
    assert "staff" in check_problem(refused, 403)["detail"]
    assert rooms.sent == [] and rooms.deleted == []


@pytest.mark.parametrize(("path", "body"), [ask for ask in ASKS if ask[0] != "token"])
async def test_livekit_away_is_said_and_nothing_is_done(
    client: AsyncClient,
    database: Database,
    tenant: Tenant,
    call_id: UUID,
    rooms: FakeRooms,
    path: str,
    body: Any,
) -> None:
    rooms.away = True
    url = f"/api/v1/calls/{call_id}/{path}"
    problem = check_problem(await client.post(url, headers=tenant.headers(), json=body), 503)
    assert problem["type"].endswith("livekit-away") and "ClientConnectorError" in problem["detail"]
    assert (await _row(database, tenant, call_id)).ended_at is None


async def test_the_real_livekit_away_is_said_too(
    make_app: Callable[..., Litestar], tenant: Tenant, call_id: UUID
) -> None:
    async with serving(make_app()) as opened:
        url = f"/api/v1/calls/{call_id}/whisper"
        asked = await opened.post(url, headers=tenant.headers(), json={"text": "Hello."})
    problem = check_problem(asked, 503)
    assert problem["type"].endswith("livekit-away")


async def test_a_test_call_reaches_ones_own_assistant_which_needs_no_number_yet(
    client: AsyncClient, database: Database, tenant: Tenant
) -> None:
    url = "/api/v1/test-calls"
    check_problem(await client.post(url, headers=tenant.headers("staff")), 403)
    without = await client.post(url, headers=tenant.headers("manager"))
    business = str(tenant.business_id)
    assert _claims(without.json()["token"])["attributes"]["reception.business"] == business
    async with database.scope(business_id=tenant.business_id) as scope:
        await numbers.add(scope, e164="+12025550177")
    asked = await client.post(url, headers=tenant.headers("manager"))
    assert asked.status_code == 201, asked.text
    given = asked.json()
    assert given["room"].startswith("call-test-")
    claims = _claims(given["token"])
    assert claims["attributes"] == {
        "reception.role": "caller",
        "reception.dialled": "+12025550177",
        "reception.caller": "",
        "reception.business": business,
    }
    assert claims["video"]["canPublishSources"] == ["microphone"]
    assert claims["roomConfig"]["agents"] == [{"agentName": "reception"}]
