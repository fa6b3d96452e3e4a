"""What a caller asked for, when the database's answer to it was lost: neither lost nor done twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from livekit.agents import ToolError
from sqlalchemy import func, select

from agent.journal.journal import CallJournal
from domain.calls.models import CallEvent
from domain.contacts.models import Contact
from domain.database import Database
from domain.encryption import Keyring
from domain.messages.models import Message
from domain.scheduling.models import Appointment
from tests.calls.events import until
from tests.calls.proxy import DatabaseProxy, Lost
from tests.domain.practice import Practice, make_practice
from tests.postgres import DatabaseAddress
from tests.tools.fakes import Line, ring
from tests.tools.using import book, ids, times
from tools import (
    book_appointment,
    cancel_appointment,
    move_appointment,
    save_caller,
    take_message,
)

UNKNOWN = "it may be done, or not"
NOTHING = "nothing was changed"


class Scene:
    """A call with a real journal, whose database can be lost at a commit."""

    def __init__(
        self, line: Line, journal: CallJournal, proxy: DatabaseProxy, database: Database
    ) -> None:
        self.line, self.journal, self.proxy, self.database = line, journal, proxy, database

    async def delivered(self) -> None:
        """Nothing of the journal's own is being committed."""

        async def look() -> bool:
            return self.journal._delivery._nothing_waits

        await until(look, timeout=60)

    async def rows(self, practice: Practice, table: type[Appointment | Message | Contact]) -> int:
        async with self.database.scope(business_id=practice.business_id) as scope:
            return await scope.session.scalar(select(func.count()).select_from(table)) or 0

    async def told(self, practice: Practice, kind: str) -> int:
        async with self.database.scope(business_id=practice.business_id) as scope:
            query = select(func.count()).where(
                CallEvent.call_id == self.journal.call_id, CallEvent.type == kind
            )
            return await scope.session.scalar(query) or 0


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await make_practice(database)


@pytest.fixture
async def scene(
    database: Database,
    database_address: DatabaseAddress,
    practice: Practice,
    keyring: Keyring,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Scene]:
    monkeypatch.setattr("agent.journal.journal.LEARN_SECONDS", 0.2)
    proxy = DatabaseProxy(database_address.app)
    behind = Database(
        proxy.url, keyring=keyring, seam=database.seam, pool_size=1, connect_timeout=2
    )
    line = await ring(database, business_id=practice.business_id, tools_database=behind)
    journal = CallJournal(
        behind,
        home=tmp_path,
        call_id=line.context.call_id,
        # The fake journal of `ring` has told of its beginning as the first.
        epoch=2,
        business_id=practice.business_id,
    )
    line.context.journal = journal
    yield Scene(line, journal, proxy, database)
    proxy.restore()
    assert await journal.close(timeout=60)
    await behind.aclose()
    proxy.stop()


Prepare = Callable[[Scene], Awaitable[Callable[[], Awaitable[str]]]]


async def _booking(scene: Scene) -> Callable[[], Awaitable[str]]:
    offer_id = (await times(scene.line))[0]
    return lambda: scene.line.use(book_appointment, offer_id=offer_id, caller_name="Jane Doe")


async def _cancelling(scene: Scene) -> Callable[[], Awaitable[str]]:
    appointment_id = ids(await book(scene.line))[0]
    return lambda: scene.line.use(cancel_appointment, appointment_id=appointment_id)


async def _moving(scene: Scene) -> Callable[[], Awaitable[str]]:
    appointment_id = ids(await book(scene.line))[0]
    offer_id = (await times(scene.line, first_date="2026-11-25"))[0]
    return lambda: scene.line.use(
        move_appointment, appointment_id=appointment_id, offer_id=offer_id
    )


@pytest.mark.parametrize("lost", ["order", "answer"])
@pytest.mark.parametrize(
    ("prepare", "kind"),
    [
        (_booking, "appointment_booked"),
        (_moving, "appointment_moved"),
        (_cancelling, "appointment_cancelled"),
    ],
    ids=["book", "move", "cancel"],
)
async def test_what_nobody_knows_is_said_so_and_done_once_when_asked_again(
    scene: Scene, practice: Practice, prepare: Prepare, kind: str, lost: Lost
) -> None:
    ask = await prepare(scene)
    await scene.delivered()
    scene.proxy.lose_commit(lost, then="refused")
    with pytest.raises(ToolError) as raised:
        await ask()
    assert UNKNOWN in raised.value.message
    assert NOTHING not in raised.value.message
    scene.proxy.restore()
    told = await ask()
    assert told.startswith(("Booked", "Moved", "Cancelled")), told
    await scene.delivered()
    assert await scene.told(practice, kind) == 1
    assert await scene.rows(practice, Appointment) == 1


async def test_what_the_database_did_is_known_at_once_where_it_can_be_asked(
    scene: Scene, practice: Practice
) -> None:
    ask = await _booking(scene)
    await scene.delivered()
    scene.proxy.lose_commit("answer")
    assert (await ask()).startswith("Booked")
    ask_other = await _booking(scene)
    await scene.delivered()
    scene.proxy.lose_commit("order")
    with pytest.raises(ToolError, match=NOTHING):
        await ask_other()
    assert await scene.rows(practice, Appointment) == 1


@pytest.mark.parametrize("lost", ["order", "answer"])
async def test_a_message_is_taken_all_the_same_and_once(
    scene: Scene, practice: Practice, lost: Lost
) -> None:
    wanted = {"caller_name": "Jane Doe", "text": "Please call me about my bill."}
    await scene.delivered()
    scene.proxy.lose_commit(lost, then="refused")
    first = await scene.line.use(take_message, **wanted)
    assert first.startswith("Message taken from Jane Doe")
    scene.proxy.restore()
    assert await scene.line.use(take_message, **wanted) == first
    await scene.delivered()
    assert await scene.rows(practice, Message) == 1
    assert await scene.told(practice, "message_taken") == 1


async def test_a_caller_who_is_saved_again_is_one(scene: Scene, practice: Practice) -> None:
    before = await scene.rows(practice, Contact)
    wanted = {"name": "Ann Lee", "phone": "202-555-0188"}
    await scene.delivered()
    scene.proxy.lose_commit("answer", then="refused")
    with pytest.raises(ToolError, match=UNKNOWN):
        await scene.line.use(save_caller, **wanted)
    scene.proxy.restore()
    await scene.line.use(save_caller, **wanted)
    assert await scene.rows(practice, Contact) == before + 1
