"""What the admin service tells of the whole installation: readiness, metrics, log lines, traces."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import structlog
from aiohttp import web
from httpx import AsyncClient
from litestar import Litestar
from livekit.protocol.sip import ListSIPInboundTrunkResponse, SIPInboundTrunkInfo
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from structlog.testing import capture_logs

from admin.logs import RequestLog
from admin.telephony_part import telephony_part
from domain import tracing
from domain.database import Database
from domain.environment import Environment
from domain.seam import PinnedSeam
from domain.tables import INSTALLATION
from domain.watching import synthetic_calls, workers
from domain.watching.synthetic_calls import SyntheticResult
from domain.watching.workers import Sign
from tests.admin.conftest import LIVEKIT_KEY, LIVEKIT_SECRET, Tenant
from tests.factories import make_call
from tests.postgres import DatabaseAddress

SIGN = Sign(
    accepting=True,
    draining=False,
    active_calls=3,
    capacity=8,
    undelivered=0,
    oldest_undelivered_seconds=0.0,
)
FULL = Sign(
    accepting=False,
    draining=False,
    active_calls=8,
    capacity=8,
    undelivered=4,
    oldest_undelivered_seconds=75.0,
)


async def give_signs(database: Database, *signs: Sign) -> None:
    async with database.scope(business_id=INSTALLATION) as scope:
        for sign in signs:
            await workers.give_sign(scope, worker_id=scope.seam.new_id(), sign=sign)


async def parts(client: AsyncClient) -> dict[str, dict[str, Any]]:
    body = (await client.get("/ready")).json()
    return {part["name"]: part for part in body["parts"]}


async def test_ready_knows_the_workers_of_every_machine(
    client: AsyncClient, database: Database, seam: PinnedSeam
) -> None:
    await give_signs(database, SIGN, FULL)
    told = await parts(client)
    assert told["worker"]["state"] == "up"
    assert told["worker"]["detail"] == "1 of 2 take calls; 11 calls of 16"
    assert told["spool"]["state"] == "down"
    assert told["spool"]["detail"] == "4 facts wait, the oldest for 75 s"
    seam.advance(workers.LOST_AFTER + timedelta(seconds=1))
    assert (await parts(client))["worker"]["state"] == "down"


async def test_ready_tells_of_background_work_and_synthetic_calls(
    client: AsyncClient, database: Database, database_address: DatabaseAddress
) -> None:
    assert "synthetic call" not in await parts(client)
    with psycopg.connect(database_address.app) as connection:
        connection.execute("INSERT INTO jobs.procrastinate_workers DEFAULT VALUES")
        connection.execute(
            "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, status, scheduled_at)"
            " VALUES ('default', 'x', 'todo', now() - interval '10 minutes'),"
            " ('default', 'x', 'failed', NULL)"
        )
    async with database.scope(business_id=INSTALLATION) as scope:
        for outcome in ("passed", "no_agent", "no_greeting"):
            result = SyntheticResult(dialled="+12025550100", room="r", outcome=outcome)  # type: ignore[arg-type]
            await synthetic_calls.keep_result(scope, result)
    response = await client.get("/ready")
    told = {part["name"]: part for part in response.json()["parts"]}
    assert told["jobs"]["state"] == "up"
    assert told["queue"]["state"] == "down"
    assert "1 failed for good" in told["queue"]["detail"]
    assert told["synthetic call"]["state"] == "down"
    assert "last no greeting" in told["synthetic call"]["detail"]
    # LiveKit is where nobody answers here; of these parts none is needed.
    assert not any(told[name]["needed"] for name in ("jobs", "queue", "synthetic call"))


async def test_metrics_tell_of_the_installation_and_forget_what_is_over(
    client: AsyncClient, database: Database
) -> None:
    await give_signs(database, SIGN, FULL)
    async with database.scope(business_id=INSTALLATION) as scope:
        for _ in range(2):
            result = SyntheticResult(dialled="+12025550100", room="r", outcome="no_agent")
            await synthetic_calls.keep_result(scope, result)
    text = (await client.get("/metrics")).text
    for line in (
        'reception_workers{state="accepting"} 1.0',
        'reception_workers{state="refusing"} 1.0',
        "reception_capacity 16.0",
        "reception_capacity_used 11.0",
        "reception_undelivered 4.0",
        'reception_alerts_open{kind="test_call_failed",urgent="yes"} 1.0',
        'reception_alerts_open{kind="work_failed",urgent="no"} 0.0',
        "reception_synthetic_call_failures 2.0",
        'reception_synthetic_calls_kept{outcome="no_agent"} 2.0',
    ):
        assert line in text, text
    async with database.scope(business_id=INSTALLATION) as scope:
        result = SyntheticResult(
            dialled="+12025550100",
            room="r",
            outcome="passed",
            greeting_seconds=0.8,
            answer_seconds=1.2,
        )
        await synthetic_calls.keep_result(scope, result)
    text = (await client.get("/metrics")).text
    assert 'reception_alerts_open{kind="test_call_failed",urgent="yes"} 0.0' in text
    assert "reception_synthetic_call_failures 0.0" in text
    assert "reception_synthetic_call_greeting_seconds 0.8" in text


@asynccontextmanager
async def livekit(answer: Callable[[], web.Response]) -> AsyncIterator[Environment]:
    async def trunks(_: web.Request) -> web.Response:
        return answer()

    app = web.Application()
    app.router.add_post("/twirp/livekit.SIP/ListSIPInboundTrunk", trunks)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        yield Environment(
            _env_file=None,
            livekit_url=f"ws://127.0.0.1:{port}",
            livekit_api_key=LIVEKIT_KEY,
            livekit_api_secret=LIVEKIT_SECRET,
            reception_sip_port=port,
        )
    finally:
        await runner.cleanup()


def _trunks(count: int) -> web.Response:
    found = ListSIPInboundTrunkResponse(items=[SIPInboundTrunkInfo()] * count)
    return web.Response(body=found.SerializeToString(), content_type="application/protobuf")


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"code": "internal", "msg": message}, status=status)


@pytest.mark.parametrize(
    ("answer", "state", "detail"),
    [
        (lambda: _trunks(1), "up", ""),
        (lambda: _trunks(0), "down", "no trunk: run `reception sip apply`"),
        (lambda: _error(500, "redis: connection refused"), "down", "does redis answer"),
        (lambda: _error(500, "sip not connected (redis required)"), None, ""),
    ],
)
async def test_telephony_is_told_where_there_is_some(
    answer: Callable[[], web.Response], state: str | None, detail: str
) -> None:
    async with livekit(answer) as environment:
        part = await telephony_part(environment)
    assert (part.state if part else None) == state
    if part is not None:
        assert detail in part.detail


async def test_a_request_about_a_call_is_logged_with_the_calls_id(
    client: AsyncClient, tenant: Tenant, database: Database
) -> None:
    call_id = await make_call(database, business_id=tenant.business_id)
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await client.get(f"/api/v1/calls/{call_id}/events", headers=tenant.headers())
        await client.get("/api/v1/calls", headers=tenant.headers())
    assert [line.get("call_id") for line in lines] == [str(call_id), None]


class Kept(SpanExporter):
    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: object) -> SpanExportResult:
        self.spans.extend(spans)  # type: ignore[arg-type]
        return SpanExportResult.SUCCESS


async def test_a_request_goes_on_in_the_trace_of_its_caller_and_links_to_its_call(
    app: Litestar, client: AsyncClient, tenant: Tenant, database: Database
) -> None:
    call_id = await make_call(database, business_id=tenant.business_id)
    kept = Kept()
    traces = tracing.provider(service="reception-admin", exporter=kept)
    log = app.asgi_handler
    assert isinstance(log, RequestLog)
    log._traces = traces
    trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    response = await client.get(
        f"/api/v1/calls/{call_id}?caller_phone=%2B12025550123",
        headers={**tenant.headers(), "traceparent": f"00-{trace}-{span}-01"},
    )
    assert response.status_code == 200
    await tracing.flush(traces)
    (found,) = kept.spans
    assert found.context is not None and found.parent is not None
    assert (f"{found.context.trace_id:032x}", f"{found.parent.span_id:016x}") == (trace, span)
    assert [link.context.trace_id for link in found.links] == [call_id.int]
    assert dict(found.attributes or {}) == {
        "call.id": str(call_id),
        "http.request.method": "GET",
        "http.route": "/api/v1/calls/{call_id}",
        "http.response.status_code": 200,
        "request.id": response.headers["x-request-id"],
    }
    assert "2025550123" not in found.to_json()
