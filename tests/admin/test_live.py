"""The live feed over the API: what is going on, what happens, and going on after a break."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import psycopg
import pytest
from httpx import AsyncClient
from litestar import Litestar

from domain.alerts import operations as alerts
from domain.calls.closing import close_open
from domain.calls.events import AssistantSaid, CallerSaid, Event, JournalEntry, TurnLatency
from domain.calls.record import append
from domain.contacts import operations as contacts
from domain.database import Database
from domain.switches import operations as switches
from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem
from tests.admin.streaming import follow, served
from tests.calls.events import until
from tests.factories import make_call
from tests.postgres import DatabaseAddress


@pytest.fixture
def app(attach_app: Callable[..., Litestar]) -> Litestar:
    app = attach_app(background=True)
    app.state.live.keep_alive = 0.1
    app.state.live.retry = 0.05
    return app


@pytest.fixture
async def call_id(database: Database, tenant: Tenant) -> UUID:
    async with database.scope(business_id=tenant.business_id) as scope:
        contact = await contacts.create(scope, name="Jane Doe", phone="+12025550123")
    return await make_call(
        database,
        business_id=tenant.business_id,
        contact_id=contact.id,
        events=[
            CallerSaid(text="I need a cleaning."),
            AssistantSaid(text="Tuesday at nine?", latency=TurnLatency(total=0.9)),
        ],
        end=None,
    )


async def _happens(
    database: Database, tenant: Tenant, call_id: UUID, seq: int, event: Event | None = None
) -> None:
    async with database.scope(business_id=tenant.business_id) as scope:
        event = event or CallerSaid(text=str(seq))
        entry = JournalEntry(call_id=call_id, epoch=1, seq=seq, at=scope.seam.now(), event=event)
        await append(scope, [entry])


async def test_it_begins_with_the_calls_in_progress_and_tells_what_happens(
    app: Litestar, database: Database, tenant: Tenant, other: Tenant, call_id: UUID
) -> None:
    # So that all of it is told by notifications.
    app.state.live.keep_alive = 60
    await make_call(database, business_id=tenant.business_id)
    foreign = await make_call(database, business_id=other.business_id, end=None)
    async with served(app) as client, follow(client, tenant.headers("viewer")) as stream:
        first = await stream.next()
        assert first.event == "calls" and first.id
        assert [call["id"] for call in first.data] == [str(call_id)]
        (call,) = first.data
        assert (call["contact_name"], call["caller_phone"]) == ("Jane Doe", "+12025550123")
        kinds = [event["event"]["type"] for event in call["events"]]
        assert kinds == ["call_started", "caller_said", "assistant_said"]
        assert call["events"][2]["event"]["latency"]["total"] == 0.9
        shown = await stream.next()
        assert shown.event == "switches" and shown.data["mode"] == "on"
        shown = await stream.next()
        assert shown.event == "alerts" and shown.data == []
        assert stream.retry

        await _happens(database, other, foreign, 11)
        await _happens(database, tenant, call_id, 11)
        told = await stream.next()
        assert told.event == "call_event" and told.id != first.id
        assert told.data["call"]["id"] == str(call_id)
        assert told.data["event"]["event"]["text"] == "11"

        new = await make_call(database, business_id=tenant.business_id, end=None)
        told = await stream.next()
        assert told.data["call"]["id"] == str(new)
        assert told.data["event"]["event"]["type"] == "call_started"

        async with database.scope(business_id=tenant.business_id) as scope:
            await close_open(scope, call_id=new, reason="staff_ended")
        told = await stream.next()
        assert told.data["event"]["event"] == {
            **{"version": 1, "type": "call_ended", "reason": "staff_ended"}
        }
        assert told.data["call"]["state"] == "ended"

        async with database.scope(business_id=tenant.business_id) as scope:
            await switches.change(scope, mode="messages_only")
        told = await stream.next()
        assert told.event == "switches" and told.data["mode"] == "messages_only"

        async with database.scope(business_id=tenant.business_id) as scope:
            alert = await alerts.open_alert(
                scope, kind="emergency", subject=str(call_id), urgent=True, call_id=call_id
            )
        told = await stream.next()
        assert told.event == "alerts" and [one["id"] for one in told.data] == [str(alert.id)]
        async with database.scope(business_id=tenant.business_id) as scope:
            await alerts.acknowledge_alert(scope, alert_id=alert.id, by="ann")
        told = await stream.next()
        assert told.event == "alerts" and told.data == []


async def test_a_reader_who_comes_back_misses_nothing_and_hears_nothing_twice(
    app: Litestar, database: Database, tenant: Tenant, call_id: UUID
) -> None:
    async with served(app) as client:
        async with follow(client, tenant.headers()) as stream:
            await stream.next("alerts")
            await _happens(database, tenant, call_id, 11)
            assert (await stream.next()).data["event"]["seq"] == 11
        for seq in (12, 13, 14):
            await _happens(database, tenant, call_id, seq)
        async with follow(client, tenant.headers(), last_id=stream.last_id) as again:
            seqs = [(await again.next("call_event")).data["event"]["seq"] for _ in range(2)]
        # Gone again in the middle of what it had missed.
        async with follow(client, tenant.headers(), last_id=again.last_id) as once_more:
            message = await once_more.next()
            assert message.event == "call_event", "no new beginning"
            seqs.append(message.data["event"]["seq"])
            await _happens(database, tenant, call_id, 15)
            seqs.append((await once_more.next("call_event")).data["event"]["seq"])
    assert seqs == [12, 13, 14, 15]


async def test_a_quiet_reader_keeps_its_place_fresh(
    app: Litestar, tenant: Tenant, call_id: UUID
) -> None:
    async with served(app) as client, follow(client, tenant.headers()) as stream:
        await stream.next("alerts")
        before = stream.last_id
        await stream.comment()
        assert stream.last_id and stream.comments == 1
        async with follow(client, tenant.headers(), last_id=stream.last_id) as again:
            assert (await again.next()).event == "switches"
        assert before


@pytest.mark.parametrize("last_id", ["nonsense", "WyIxOjI6IiwiIixudWxsLDFd", "x" * 5000])
async def test_an_id_that_is_unknown_begins_anew(
    app: Litestar, tenant: Tenant, call_id: UUID, last_id: str
) -> None:
    async with served(app) as client, follow(client, tenant.headers(), last_id=last_id) as stream:
        assert (await stream.next()).event == "calls"


async def test_another_businesses_id_shows_nothing_of_it(
    app: Litestar, database: Database, tenant: Tenant, other: Tenant, call_id: UUID
) -> None:
    async with served(app) as client:
        async with follow(client, tenant.headers()) as stream:
            await stream.next("calls")
        await _happens(database, tenant, call_id, 11)
        query = "?seconds=0"
        async with follow(client, other.headers(), last_id=stream.last_id, query=query) as foreign:
            assert [message.event for message in await foreign.rest()] == ["switches", "alerts"]


async def test_it_lasts_as_long_as_is_asked(app: Litestar, tenant: Tenant, call_id: UUID) -> None:
    async with served(app) as client:
        async with follow(client, tenant.headers(), query="?seconds=0") as stream:
            told = [message.event for message in await stream.rest()]
            assert told == ["calls", "switches", "alerts"]
        for seconds in ("-1", "x", "86401"):
            refused = await client.get(f"/api/v1/live?seconds={seconds}", headers=tenant.headers())
            check_problem(refused, 400, field="seconds")


async def test_it_ends_with_the_key(
    app: Litestar, tenant: Tenant, client: AsyncClient, call_id: UUID
) -> None:
    made = await client.post(
        "/api/v1/api-keys", headers=tenant.headers(), json={"name": "desk", "role": "viewer"}
    )
    headers = {"Authorization": f"Bearer {made.json()['key']}"}
    async with served(app) as live, follow(live, headers) as stream:
        await stream.next("alerts")
        await stream.comment()
        await client.delete(f"/api/v1/api-keys/{made.json()['id']}", headers=tenant.headers())
        assert await stream.rest() == []


async def test_it_goes_on_after_the_database_was_away(
    app: Litestar,
    database: Database,
    database_address: DatabaseAddress,
    tenant: Tenant,
    call_id: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served(app) as client, follow(client, tenant.headers()) as stream:
        await stream.next("alerts")
        async with await psycopg.AsyncConnection.connect(
            database_address.superuser, autocommit=True
        ) as superuser:
            # Every connection of the service, the listening one too.
            await superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND usename = 'reception_app'"
            )
        await _happens(database, tenant, call_id, 11)
        assert (await stream.next("call_event")).data["event"]["seq"] == 11
        app.state.live.keep_alive = 60
        await stream.comment()
        await _happens(database, tenant, call_id, 12)
        assert (await stream.next("call_event")).data["event"]["seq"] == 12


async def test_readers_are_forgotten_when_they_leave(
    app: Litestar, tenant: Tenant, call_id: UUID
) -> None:
    async with served(app) as client:
        async with follow(client, tenant.headers()) as stream:
            await stream.next("alerts")
            assert app.state.live.readers == 1
        await until(_nobody_reads(app), timeout=10)


def _nobody_reads(app: Litestar) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        readers: int = app.state.live.readers
        return readers == 0

    return look


async def test_it_ends_with_the_service(app: Litestar, tenant: Tenant, call_id: UUID) -> None:
    async with served(app) as client, follow(client, tenant.headers()) as stream:
        await stream.next("alerts")
        app.state.live.close()
        assert await stream.rest() == []
        # Who comes too late is sent away.
        async with follow(client, tenant.headers()) as late:
            assert await late.rest() == []


async def test_many_readers_of_a_storm_are_all_told_everything(
    app: Litestar, database: Database, tenant: Tenant, call_id: UUID
) -> None:
    app.state.live.keep_alive = 60

    async def read(client: AsyncClient, ready: asyncio.Event) -> list[int]:
        async with follow(client, tenant.headers()) as stream:
            await stream.next("alerts")
            ready.set()
            return [(await stream.next("call_event")).data["event"]["seq"] for _ in range(60)]

    async def write(first: int) -> None:
        for seq in range(first, first + 20):
            await _happens(database, tenant, call_id, seq)

    async with served(app) as client:
        ready = [asyncio.Event() for _ in range(5)]
        readers = [asyncio.create_task(read(client, one)) for one in ready]
        for one in ready:
            await one.wait()
        await asyncio.gather(*(write(first) for first in (101, 201, 301)))
        expected = {*range(101, 121), *range(201, 221), *range(301, 321)}
        for seqs in await asyncio.gather(*readers):
            assert len(seqs) == len(set(seqs)) and set(seqs) == expected


@pytest.mark.long
async def test_a_reader_who_takes_nothing_is_cut_off_and_may_come_back(
    app: Litestar, database: Database, tenant: Tenant, call_id: UUID
) -> None:
    app.state.live.slowest = 0.5
    async with served(app) as client:
        url = client.base_url
        reader, writer = await asyncio.open_connection(url.host, url.port, limit=4096)
        key = tenant.headers()["Authorization"]
        request = f"GET /api/v1/live HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\n\r\n"
        writer.write(request.encode())
        await reader.readuntil(b"event: switches")
        position = ""
        async with follow(client, tenant.headers()) as other:
            position = (await other.next("calls")).id
        # More than the buffers between here and there hold.
        for seq in range(11, 131):
            await _happens(database, tenant, call_id, seq, CallerSaid(text="x" * 100_000))
        await until(_nobody_reads(app), timeout=20)
        writer.close()
        async with follow(client, tenant.headers(), last_id=position) as again:
            assert (await again.next("call_event")).data["event"]["seq"] == 11
