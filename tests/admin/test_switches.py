"""The switch of a business over HTTP, and the calls that are told of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from httpx import AsyncClient
from litestar import Litestar

from admin.livekit import LiveKitAway, Participant, RoomGone
from domain.calls.control import ChangeSwitch, Control
from domain.database import Database
from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem
from tests.factories import make_call


class Rooms:
    """LiveKit as far as calls are told of the switch; `away` and `gone` are rooms it can't reach."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Control, list[str]]] = []
        self.away: set[str] = set()
        self.gone: set[str] = set()

    async def names(self) -> Sequence[str]:
        return []

    async def participants(self, room: str) -> Sequence[Participant]:
        if room in self.away:
            raise LiveKitAway("LiveKit does not answer: TimeoutError")
        return [
            Participant(identity="agent-1", agent=True),
            Participant(identity="sip_caller"),
            Participant(identity="staff-1", staff=True),
        ]

    async def send(self, room: str, control: Control, *, to: Sequence[str]) -> None:
        if room in self.gone:
            raise RoomGone
        self.told.append((room, control, list(to)))

    async def delete(self, room: str) -> None:
        raise AssertionError("nothing is ended")

    async def aclose(self) -> None:
        return None


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()


@pytest.fixture
def app(attach_app: Callable[..., Litestar], rooms: Rooms) -> Litestar:
    return attach_app(rooms=rooms)


async def test_calls_that_go_on_are_told_at_once_and_no_others(
    client: AsyncClient, tenant: Tenant, other: Tenant, database: Database, rooms: Rooms
) -> None:
    open_calls = [
        await make_call(database, business_id=tenant.business_id, end=None) for _ in range(2)
    ]
    await make_call(database, business_id=tenant.business_id)
    await make_call(database, business_id=other.business_id, end=None)
    answer = await client.put(
        "/api/v1/switches",
        json={"mode": "off", "forward_to": "202 555 0140"},
        headers=tenant.headers("manager"),
    )
    assert answer.status_code == 200
    assert (answer.json()["mode"], answer.json()["forward_to"]) == ("off", "+12025550140")
    assert sorted(room for room, _, _ in rooms.told) == sorted(f"call-{one}" for one in open_calls)
    for _, control, to in rooms.told:
        assert isinstance(control, ChangeSwitch)
        assert (control.mode, control.forward_to, to) == ("off", "+12025550140", ["agent-1"])
        assert str(control.user_id) == answer.json()["changed_by"]
    read = await client.get("/api/v1/switches", headers=tenant.headers("viewer"))
    assert read.json() == answer.json()
    untouched = await client.get("/api/v1/switches", headers=other.headers("viewer"))
    assert (untouched.json()["mode"], untouched.json()["changed_at"]) == ("on", None)


async def test_a_call_that_cant_be_told_holds_up_neither_the_switch_nor_other_calls(
    client: AsyncClient, tenant: Tenant, database: Database, rooms: Rooms
) -> None:
    first, second, third = [
        f"call-{await make_call(database, business_id=tenant.business_id, end=None)}"
        for _ in range(3)
    ]
    rooms.away.add(first)
    rooms.gone.add(second)
    answer = await client.put(
        "/api/v1/switches", json={"mode": "messages_only"}, headers=tenant.headers("manager")
    )
    assert answer.status_code == 200
    assert [room for room, _, _ in rooms.told] == [third]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"mode": "asleep"}, 400, "mode"),
        ({"mode": "off", "forward_to": "12"}, 422, "forward_to"),
        ({"mode": "off", "forward_to": "+12025550177"}, 422, "forward_to"),
    ],
)
async def test_what_is_refused_tells_no_call(
    client: AsyncClient,
    tenant: Tenant,
    database: Database,
    rooms: Rooms,
    body: dict[str, str],
    status: int,
    field: str,
) -> None:
    await make_call(database, business_id=tenant.business_id, end=None)
    number = {"e164": "+12025550177"}
    made = await client.post("/api/v1/numbers", json=number, headers=tenant.headers())
    assert made.status_code == 201
    answer = await client.put("/api/v1/switches", json=body, headers=tenant.headers("manager"))
    check_problem(answer, status, field=field)
    assert rooms.told == []
