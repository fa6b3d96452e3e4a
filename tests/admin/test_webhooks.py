"""LiveKit's webhooks, and the calls that are closed for a worker that died."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable, Collection
from datetime import timedelta
from uuid import UUID

import pytest
from google.protobuf.json_format import MessageToJson
from httpx import AsyncClient
from litestar import Litestar
from livekit.api import AccessToken
from livekit.protocol.models import Room
from livekit.protocol.webhook import WebhookEvent

from admin.closer import GRACE, CallCloser
from domain.calls import log
from domain.calls.events import CallEnded, JournalEntry
from domain.calls.record import append
from domain.database import Database
from domain.seam import PinnedSeam
from tests.admin.conftest import LIVEKIT_KEY, LIVEKIT_SECRET, Tenant, serving
from tests.admin.problems import check_problem
from tests.factories import make_call

URL = "/webhooks/livekit"


class Rooms:
    """What LiveKit says there is."""

    def __init__(self) -> None:
        self.names: Collection[str] | None = ()

    async def __call__(self) -> Collection[str]:
        if self.names is None:
            raise ConnectionError("away")
        return self.names


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()


@pytest.fixture
def app(attach_app: Callable[..., Litestar], rooms: Rooms) -> Litestar:
    return attach_app(list_rooms=rooms)


@pytest.fixture
def closer(app: Litestar) -> CallCloser:
    found: CallCloser = app.state.closer
    return found


@pytest.fixture
async def open_call(database: Database, tenant: Tenant, rooms: Rooms) -> UUID:
    call_id = await make_call(database, business_id=tenant.business_id, end=None)
    rooms.names = {f"call-{call_id}"}
    return call_id


def _signed(event: str, room: str, *, secret: str = LIVEKIT_SECRET) -> tuple[str, dict[str, str]]:
    body = MessageToJson(WebhookEvent(event=event, room=Room(name=room)))
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    token = AccessToken(LIVEKIT_KEY, secret).with_sha256(digest).to_jwt()
    return body, {"Authorization": token, "Content-Type": "application/webhook+json"}


async def _post(client: AsyncClient, event: str, room: str) -> int:
    body, headers = _signed(event, room)
    return (await client.post(URL, content=body, headers=headers)).status_code


async def _end_reason(database: Database, tenant: Tenant, call_id: UUID) -> str | None:
    async with database.scope(business_id=tenant.business_id) as scope:
        return (await log.get(scope, call_id=call_id)).end_reason


async def test_a_webhook_without_a_right_signature_is_refused(
    client: AsyncClient, closer: CallCloser, seam: PinnedSeam, open_call: UUID
) -> None:
    body, headers = _signed("room_finished", f"call-{open_call}")
    _, forged = _signed("room_finished", f"call-{open_call}", secret="x" * 32)
    for content, sent in (
        (body, {}),
        (body, {"Authorization": "Bearer nonsense"}),
        (body, forged),
        (body.replace("call-", "call_"), headers),
        ("", headers),
        (b"\xff", headers),
    ):
        check_problem(await client.post(URL, content=content, headers=sent), 401)
    seam.advance(GRACE)
    await closer.step()
    assert closer._due == {}
    assert (
        'reception_livekit_webhooks_total{event="refused"} 6.0'
        in (await client.get("/metrics")).text
    )


async def test_a_call_that_stays_open_after_its_room_is_closed_with_the_true_reason(
    client: AsyncClient,
    closer: CallCloser,
    database: Database,
    tenant: Tenant,
    seam: PinnedSeam,
    rooms: Rooms,
    open_call: UUID,
) -> None:
    assert await _post(client, "room_started", f"call-{open_call}") == 204
    assert await _post(client, "room_finished", f"call-{open_call}") == 204
    rooms.names = ()
    seam.advance(GRACE - timedelta(seconds=1))
    await closer.step()
    assert await _end_reason(database, tenant, open_call) is None
    # LiveKit sends a webhook again when an answer is lost: the first one counts.
    assert await _post(client, "room_finished", f"call-{open_call}") == 204
    seam.advance(timedelta(seconds=1))
    await closer.step()
    assert await _end_reason(database, tenant, open_call) == "worker_lost"
    assert await _post(client, "room_finished", f"call-{open_call}") == 204
    seam.advance(GRACE)
    await closer.step()
    async with database.scope(business_id=tenant.business_id) as scope:
        events = await log.events(scope, call_id=open_call)
    assert [entry.event.type for entry in events] == ["call_started", "call_ended"]
    assert "reception_calls_closed_for_worker_total 1.0" in (await client.get("/metrics")).text


async def test_a_call_that_its_worker_ended_is_left_alone(
    client: AsyncClient,
    closer: CallCloser,
    database: Database,
    tenant: Tenant,
    seam: PinnedSeam,
    open_call: UUID,
) -> None:
    await _post(client, "room_finished", f"call-{open_call}")
    async with database.scope(business_id=tenant.business_id) as scope:
        ended = CallEnded(reason="caller_hung_up")
        entry = JournalEntry(call_id=open_call, epoch=1, seq=2, at=seam.now(), event=ended)
        await append(scope, [entry])
    seam.advance(GRACE)
    await closer.step()
    assert await _end_reason(database, tenant, open_call) == "caller_hung_up"


async def test_rooms_that_are_no_calls_of_ours_are_passed_over(
    client: AsyncClient, closer: CallCloser, seam: PinnedSeam
) -> None:
    for room in ("meeting", "call-nobody-knows"):
        assert await _post(client, "room_finished", room) == 204
    assert await _post(client, "something_new", "x") == 204
    seam.advance(GRACE)
    await closer.step()
    assert closer._due == {}


async def test_a_lost_webhook_is_made_up_for_by_comparing_rooms(
    client: AsyncClient,
    closer: CallCloser,
    database: Database,
    tenant: Tenant,
    seam: PinnedSeam,
    rooms: Rooms,
    open_call: UUID,
) -> None:
    await closer.step()
    for names, reason in (({f"call-{open_call}"}, None), (None, None), ((), "worker_lost")):
        # LiveKit that cannot be asked (None) says nothing about rooms.
        rooms.names = names
        seam.advance(timedelta(seconds=60))
        await closer.step()
        seam.advance(GRACE)
        await closer.step()
        assert await _end_reason(database, tenant, open_call) == reason


async def test_while_the_database_is_away_nothing_due_is_forgotten(
    client: AsyncClient,
    closer: CallCloser,
    database: Database,
    tenant: Tenant,
    seam: PinnedSeam,
    open_call: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await _post(client, "room_finished", f"call-{open_call}")
    seam.advance(GRACE)
    with monkeypatch.context() as patch:
        patch.setattr(database, "unscoped", lambda: _away())
        await closer.step()
    assert await _end_reason(database, tenant, open_call) is None
    await closer.step()
    assert await _end_reason(database, tenant, open_call) == "worker_lost"


def _away() -> None:
    raise ConnectionRefusedError


async def test_the_service_closes_calls_by_itself(
    make_app: Callable[..., Litestar],
    database: Database,
    tenant: Tenant,
    seam: PinnedSeam,
    rooms: Rooms,
    open_call: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed = asyncio.Event()
    app = make_app(list_rooms=rooms, background=True)
    monkeypatch.setattr(app.state.metrics, "closed_for_worker", closed.set)
    async with serving(app) as client:
        await _post(client, "room_finished", f"call-{open_call}")
        seam.advance(GRACE)
        await asyncio.wait_for(closed.wait(), 15)
    assert await _end_reason(database, tenant, open_call) == "worker_lost"
