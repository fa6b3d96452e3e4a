"""One stack of real parts for all whole-call tests: LiveKit, sandbox vendors, database, worker."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.businesses import numbers, operations as businesses
from domain.businesses.settings import BusinessSettings, CallLimits
from domain.calls.events import Event
from domain.calls.models import Call, CallEvent
from domain.calls.record import as_entry
from domain.calls.replay import rebuild, record_of
from domain.database import Database
from domain.demo import DEMO_NUMBER, seed_demo
from domain.encryption import Keyring
from reception.caller.webrtc import WebRtcCaller
from tests.calls.events import until
from tests.calls.proxy import DatabaseProxy
from tests.calls.stack import Stack, find_livekit_server
from tests.postgres import clone_template, drop

QUIET_NUMBER = "+12025550177"
CALLER = "+12025550111"


@pytest.fixture(scope="session")
def proxy() -> Iterator[DatabaseProxy]:
    """The worker's way to a database of its own, which a test may cut."""
    superuser_url = os.environ["RECEPTION_TEST_POSTGRES"]
    target = clone_template(superuser_url)
    proxy = DatabaseProxy(target.app)
    yield proxy
    proxy.stop()
    drop(superuser_url, target)


@pytest.fixture(scope="session")
async def stack(proxy: DatabaseProxy) -> AsyncIterator[Stack]:
    """The running parts; skips where there is no livekit-server."""
    binary = find_livekit_server()
    if binary is None:
        pytest.skip("livekit-server is not on PATH and RECEPTION_LIVEKIT_SERVER is not set")
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(folder=Path(folder), database_url=proxy.url)
        database = database_of(stack, proxy.behind)
        await seed_demo(database)
        await _seed_quiet(database)
        await database.aclose()
        try:
            stack.start(binary)
            yield stack
        finally:
            stack.stop()


@pytest.fixture
async def database(stack: Stack, proxy: DatabaseProxy) -> AsyncIterator[Database]:
    """The stack's database, around the proxy; the proxy is open again after the test."""
    database = database_of(stack, proxy.behind)
    yield database
    proxy.restore()
    await database.aclose()


@pytest.fixture(autouse=True)
def vendors_well(request: pytest.FixtureRequest) -> Iterator[None]:
    """No fault, script or delay of one test reaches the next."""
    yield
    if "stack" in request.fixturenames:
        request.getfixturevalue("stack").sandbox("POST", "reset")


@dataclass
class Line:
    """A way to place calls, and to read what became of them."""

    stack: Stack
    database: Database
    rooms: list[str] = field(default_factory=list)
    """Of the calls that were placed."""

    @asynccontextmanager
    async def call(
        self, dialled: str = DEMO_NUMBER, *, caller: str = CALLER
    ) -> AsyncIterator[WebRtcCaller]:
        placed = await WebRtcCaller.place(self.stack.livekit, dialled=dialled, caller=caller)
        self.rooms.append(placed.room_name)
        try:
            yield placed
        finally:
            await placed.hang_up()

    async def find(self, room: str) -> Call | None:
        """The call of a room, whichever business it belongs to."""
        for business_id in await self._businesses():
            async with self.database.scope(business_id=business_id) as scope:
                call = await scope.session.scalar(select(Call).where(Call.room == room))
                if call is not None:
                    return call
        return None

    async def newest_room(self) -> str | None:
        """The room of the call that started last."""
        newest: Call | None = None
        for business_id in await self._businesses():
            async with self.database.scope(business_id=business_id) as scope:
                call = await scope.session.scalar(select(Call).order_by(Call.started_at.desc()))
            if call is not None and (newest is None or call.started_at > newest.started_at):
                newest = call
        return newest.room if newest is not None else None

    async def ended(self, room: str) -> Call:
        """The call, once its end has been delivered."""

        async def look() -> Call | None:
            call = await self.find(room)
            return call if call is not None and call.ended_at is not None else None

        call = await until(look, timeout=45)
        await self._check_record(call)
        return call

    async def _check_record(self, call: Call) -> None:
        """Of every call that a test makes: its row is what its events alone tell."""
        async with self.database.scope(business_id=call.business_id) as scope:
            # Held, so that nobody writes between the two readings.
            query = select(Call).where(Call.id == call.id).with_for_update()
            row = (await scope.session.scalars(query)).one()
            events = await scope.session.scalars(
                select(CallEvent).where(CallEvent.call_id == call.id)
            )
            assert rebuild(as_entry(one) for one in events) == record_of(row)

    async def events(self, call: Call) -> list[Event]:
        async with self.database.scope(business_id=call.business_id) as scope:
            rows = await scope.session.scalars(
                select(CallEvent)
                .where(CallEvent.call_id == call.id)
                .order_by(CallEvent.epoch, CallEvent.seq)
            )
            return [as_entry(row).event for row in rows]

    async def told(self) -> str:
        """What was said and done on each call, a line each."""
        lines: list[str] = []
        for room in self.rooms:
            call = await self.find(room)
            events = await self.events(call) if call is not None else []
            lines += [f"{room}: {len(events)} events delivered", *map(_one_line, events)]
        return "\n".join(lines)

    async def _businesses(self) -> list[UUID]:
        from domain.businesses.directory import business_ids

        return list(await business_ids(self.database))


@pytest.fixture
async def line(
    request: pytest.FixtureRequest, stack: Stack, database: Database
) -> AsyncIterator[Line]:
    line = Line(stack, database)
    yield line
    report = request.node.stash.get(_report, None)
    if report is not None and report.failed:
        # A call that went wrong on another machine cannot be asked again.
        print(await line.told())


_report = pytest.StashKey[pytest.TestReport]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[_report] = report
    return report


def _one_line(event: Event) -> str:
    told = event.model_dump(mode="json", exclude={"latency"}, exclude_none=True)
    return f"  {told}"


def database_of(stack: Stack, url: str) -> Database:
    """The stack's database at `url`, opened with the stack's keys."""
    keyring = Keyring(
        encryption_keys=[stack.environment["RECEPTION_ENCRYPTION_KEYS"]],
        index_key=stack.environment["RECEPTION_INDEX_KEY"],
    )
    return Database(url, keyring=keyring)


async def _seed_quiet(database: Database) -> None:
    """A business whose calls end after the shortest silence."""
    async with database.scope(business_id=database.seam.new_id()) as scope:
        await businesses.create(
            scope,
            name="Quiet Books",
            time_zone="America/New_York",
            country="US",
            settings=BusinessSettings(
                greeting="Quiet Books, good day.",
                limits=CallLimits(silence_seconds=5, silence_prompts=1),
            ),
        )
        await numbers.add(scope, e164=QUIET_NUMBER)
