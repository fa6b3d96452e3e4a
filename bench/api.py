"""How fast the admin API lists calls when there are many."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import aiohttp
import psycopg
from sqlalchemy import text

from bench.stack import CALLER, DIALLED, Stack
from domain.businesses.directory import business_for_number
from domain.calls.models import Call
from domain.contacts import operations as contacts
from domain.database import Database, Scope
from reception import parts
from reception.ports import LOOPBACK

CALLS: Final = 100_000
_CONTACTS: Final = 200
_MINUTES_BETWEEN: Final = 5
_WARM_UP: Final = 20

_COPY: Final = """
WITH pattern AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY room) - 1 AS place
    FROM calls WHERE room LIKE 'bench-pattern-%'
)
INSERT INTO calls ({columns})
SELECT {values}
FROM generate_series(1, :count) AS number
JOIN pattern ON pattern.place = number % :patterns
"""


@dataclass(frozen=True)
class ApiFigures:
    """The times of one kind of request, in milliseconds."""

    what: str
    milliseconds: list[float]


async def measure_api(stack: Stack, *, calls: int = CALLS, requests: int = 200) -> list[ApiFigures]:
    """Fill the demo business's call log, start the admin service, time its list of calls.

    Raises PartFailed, or RuntimeError when a request is refused or the log is not as long as it
    should be.
    """
    await _fill(stack, calls)
    supervisor = stack.supervisor()
    try:
        await supervisor.start(parts.admin_part(stack.home, stack.environment, stack.admin_env()))
        headers = {"Authorization": f"Bearer {stack.owner_key}"}
        address = f"http://{LOOPBACK}:{stack.environment.reception_admin_port}"
        async with aiohttp.ClientSession(address, headers=headers) as session:
            return [
                await _time(session, "newest page of 50", {}, requests),
                await _time(session, "newest page of 50, booked", {"outcome": "booked"}, requests),
                await _time(
                    session, "newest page of one caller", {"caller_phone": CALLER}, requests
                ),
                await _walk(session, requests),
            ]
    finally:
        await supervisor.stop()


async def _fill(stack: Stack, calls: int) -> None:
    database = Database(stack.postgres.app_url, keyring=stack.environment.keyring, pool_size=1)
    try:
        business_id = await business_for_number(database, DIALLED)
        if business_id is None:
            raise RuntimeError("the demo business is not there")
        async with database.scope(business_id=business_id) as scope:
            await _patterns(scope)
            await scope.session.execute(
                text(_copy_statement()), {"count": calls - _CONTACTS, "patterns": _CONTACTS}
            )
            found = await scope.session.scalar(text("SELECT count(*) FROM calls"))
            if found is None or found < calls:
                raise RuntimeError(f"{found} calls in the log instead of {calls}")
    finally:
        await database.aclose()
    # What autovacuum would do within a minute of such an import.
    with psycopg.connect(stack.postgres.owner_url, autocommit=True) as connection:
        connection.execute("ANALYZE calls")


async def _patterns(scope: Scope) -> None:
    """Calls of as many contacts, with real encryption: the copies differ in time and room."""
    for number in range(_CONTACTS):
        phone = CALLER if number == 0 else f"+1202556{number:04d}"
        contact = await contacts.save(scope, phone=phone, name=f"Caller Number {number}")
        now = scope.seam.now()
        scope.session.add(
            Call(
                id=scope.seam.new_id(),
                business_id=scope.business_id,
                room=f"bench-pattern-{number:04d}",
                channel="sip",
                dialled=DIALLED,
                caller_phone=phone,
                caller_index=scope.blind_index("phone", phone),
                contact_id=contact.id,
                state="ended",
                started_at=now,
                answered_at=now,
                ended_at=now,
                end_reason="caller_hung_up",
                outcome=("booked", "message", None, None)[number % 4],
            )
        )
    await scope.session.flush()


def _copy_statement() -> str:
    columns = [column.name for column in Call.__table__.columns]
    earlier = f"- number * interval '{_MINUTES_BETWEEN} minutes'"
    own = {
        "id": "uuidv7()",
        "room": "'bench-' || number",
        **{name: f"pattern.{name} {earlier}" for name in ("started_at", "answered_at", "ended_at")},
    }
    values = [own.get(name, f"pattern.{name}") for name in columns]
    return _COPY.format(columns=", ".join(columns), values=", ".join(values))


async def _time(
    session: aiohttp.ClientSession, what: str, query: Mapping[str, str], requests: int
) -> ApiFigures:
    for _ in range(_WARM_UP):
        await _get(session, query)
    return ApiFigures(what, [(await _get(session, query))[0] for _ in range(requests)])


async def _walk(session: aiohttp.ClientSession, requests: int) -> ApiFigures:
    """Page after page by the cursor, deeper and deeper."""
    taken, cursor = [], None
    seen: set[UUID] = set()
    for _ in range(requests):
        query = {"limit": "50"} | ({"cursor": cursor} if cursor else {})
        milliseconds, body = await _get(session, query)
        taken.append(milliseconds)
        ids = {UUID(item["id"]) for item in body["items"]}
        if seen & ids:
            raise RuntimeError("a page repeated calls of an earlier one")
        seen |= ids
        cursor = body["next"]
        if cursor is None:
            break
    return ApiFigures(f"page after page, {len(seen)} calls deep", taken)


async def _get(
    session: aiohttp.ClientSession, query: Mapping[str, str]
) -> tuple[float, dict[str, Any]]:
    began = time.perf_counter()
    async with session.get("/api/v1/calls", params=dict(query)) as reply:
        body = await reply.json()
    milliseconds = (time.perf_counter() - began) * 1000
    if reply.status != 200 or not body["items"]:
        raise RuntimeError(f"the call list answered {reply.status} with nothing in it")
    return milliseconds, body
