"""The journal when the database fails it: nothing lost, nothing doubled, nothing held up."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import func, select

from agent.journal import delivery
from agent.journal.journal import CallJournal
from agent.journal.leftovers import deliver_leftovers
from agent.journal.spool import read_spool
from domain.alerts.models import Alert
from domain.calls.events import (
    CallEnded,
    CallerSaid,
    MessageTaken,
)
from domain.calls.models import Call
from domain.calls.record import append
from domain.contacts.models import Contact
from domain.database import Database
from domain.messages import operations as messages
from domain.messages.models import Message
from domain.tables import INSTALLATION
from tests.agent.journals import (
    PATIENCE,
    STARTED,
    abandon,
    behind,
    business_id,
    delivered,
    files,
    journal,
    kept,
    save,
    words,
)
from tests.calls.events import until
from tests.calls.proxy import DatabaseProxy, Lost
from tests.postgres import DatabaseAddress
from tools.database import AWAY, OutcomeUnknown

__all__ = ["behind", "business_id"]


# A commit whose outcome is not known


async def _begun(
    opened: Database, folder: Path, business_id: UUID, *, seen_by: Database
) -> CallJournal:
    """A journal whose call is in the database already."""
    written = journal(opened, folder, business_id)
    written.record(STARTED)
    await until(lambda: delivered(seen_by, business_id, written, 1), timeout=PATIENCE)
    return written


async def _contacts(database: Database, business_id: UUID) -> int:
    async with database.scope(business_id=business_id) as scope:
        return await scope.session.scalar(select(func.count()).select_from(Contact)) or 0


async def test_a_commit_whose_answer_was_lost_is_found_to_be_done(
    database: Database, behind: tuple[Database, DatabaseProxy], business_id: UUID, tmp_path: Path
) -> None:
    opened, proxy = behind
    written = await _begun(opened, tmp_path, business_id, seen_by=database)
    proxy.lose_commit("answer")
    await save(written)
    assert written.kinds["contact_saved"] == 1
    assert await written.close(timeout=PATIENCE)
    assert await _contacts(database, business_id) == 1
    types = [row.type for row in await kept(database, business_id, written.call_id)]
    assert types == ["call_started", "contact_saved"]


async def test_a_commit_that_never_arrived_is_known_to_be_undone(
    database: Database, behind: tuple[Database, DatabaseProxy], business_id: UUID, tmp_path: Path
) -> None:
    opened, proxy = behind
    written = await _begun(opened, tmp_path, business_id, seen_by=database)
    proxy.lose_commit("order")
    with pytest.raises(AWAY) as raised:
        await save(written)
    assert not isinstance(raised.value, OutcomeUnknown)
    assert written.kinds["contact_saved"] == 0
    await save(written)
    assert await written.close(timeout=PATIENCE)
    assert await _contacts(database, business_id) == 1
    types = [row.type for row in await kept(database, business_id, written.call_id)]
    assert types == ["call_started", "contact_saved"]


@pytest.mark.parametrize("lost", ["order", "answer"])
async def test_a_commit_nobody_can_ask_about_is_unknown_and_learnt_of_later(
    database: Database,
    behind: tuple[Database, DatabaseProxy],
    business_id: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lost: Lost,
) -> None:
    monkeypatch.setattr("agent.journal.journal.LEARN_SECONDS", 0.3)
    opened, proxy = behind
    written = await _begun(opened, tmp_path, business_id, seen_by=database)
    proxy.lose_commit(lost, then="refused")
    with pytest.raises(OutcomeUnknown):
        await save(written)
    assert written.kinds["contact_saved"] == 0, "nobody knows"
    proxy.restore()
    await until(lambda: _true(not written._learning), timeout=PATIENCE)
    done = int(lost == "answer")
    assert written.kinds["contact_saved"] == done
    assert await _contacts(database, business_id) == done
    await save(written)
    assert await written.close(timeout=PATIENCE)
    assert await _contacts(database, business_id) == 1


@pytest.mark.parametrize("lost", ["order", "answer"])
async def test_a_message_that_is_spooled_after_all_is_one_message(
    database: Database,
    behind: tuple[Database, DatabaseProxy],
    business_id: UUID,
    tmp_path: Path,
    lost: Lost,
) -> None:
    opened, proxy = behind
    written = await _begun(opened, tmp_path, business_id, seen_by=database)
    told = MessageTaken(message_id=uuid4(), urgency="normal")
    spooled = told.model_copy(update={"text": "Call me.", "spooled": True})
    proxy.lose_commit(lost)

    async def take() -> None:
        async with written.deed() as deed:
            await messages.take(deed.scope, text="Call me.", message_id=told.message_id)
            await deed.record(told)

    # As when the tool's patience ends in the middle of the commit: it keeps the message by itself.
    with pytest.raises(OutcomeUnknown), pytest.MonkeyPatch.context() as patched:
        patched.setattr("agent.journal.journal.outcome_of", _unknown)
        await take()
    written.record(spooled, instead_of=told)
    assert await written.close(timeout=PATIENCE)
    rows = await kept(database, business_id, written.call_id)
    assert [row.type for row in rows] == ["call_started", "message_taken"]
    assert rows[1].body["spooled"] is (lost == "order")
    async with database.scope(business_id=business_id) as scope:
        found = (await scope.session.scalars(select(Message))).all()
    assert [(one.id, one.text) for one in found] == [(told.message_id, "Call me.")]


# The database away, frozen, slow


async def test_a_frozen_database_lets_go_of_a_tool_and_has_everything_afterwards(
    database: Database, behind: tuple[Database, DatabaseProxy], business_id: UUID, tmp_path: Path
) -> None:
    """Stopped for good, as far as anybody can tell: no connection breaks, none answers."""
    opened, proxy = behind
    written = await _begun(opened, tmp_path, business_id, seen_by=database)
    proxy.cut("frozen")
    written.record(CallerSaid(text="one"))
    clock = asyncio.get_running_loop()
    began = clock.time()
    with pytest.raises(AWAY):
        async with asyncio.timeout(1):
            await save(written)
    assert clock.time() - began < 9, "psycopg alone would wait for eleven seconds"
    written.record(CallerSaid(text="two"))
    proxy.restore()
    assert await written.close(timeout=PATIENCE)
    assert await words(database, business_id, written.call_id) == ["one", "two"]


async def test_a_slow_database_gets_a_batch_in_few_questions(
    database: Database, behind: tuple[Database, DatabaseProxy], business_id: UUID, tmp_path: Path
) -> None:
    opened, proxy = behind
    written = await _begun(opened, tmp_path, business_id, seen_by=database)
    proxy.slow_down(0.2)
    clock = asyncio.get_running_loop()
    began = clock.time()
    said = [str(number) for number in range(40)]
    for text in said:
        written.record(CallerSaid(text=text))
    assert await written.close(timeout=PATIENCE)
    # One at a time they would take 40 × 6 × 0.2 = 48 seconds.
    assert clock.time() - began < 16
    assert await words(database, business_id, written.call_id) == said


async def test_an_hour_without_the_database_does_not_fill_the_memory(
    database: Database,
    behind: tuple[Database, DatabaseProxy],
    business_id: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "MOST_IN_MEMORY", 20)
    opened, proxy = behind
    proxy.cut()
    written = journal(opened, tmp_path, business_id)
    written.record(STARTED)
    said = [str(number) for number in range(150)]
    for place, text in enumerate(said):
        written.record(CallerSaid(text=text))
        if place % 50 == 0:
            await asyncio.sleep(0)
    assert len(written._delivery._waiting) == 20
    proxy.restore()
    # Some more while the rest is read from the spool.
    await until(lambda: delivered(database, business_id, written, 21), timeout=PATIENCE)
    said += ["after", "the", "return"]
    for text in said[-3:]:
        written.record(CallerSaid(text=text))
    assert await written.close(timeout=PATIENCE)
    assert await words(database, business_id, written.call_id) == said
    assert files(tmp_path) == []


# What the database will never have


async def test_an_event_that_is_refused_for_ever_holds_up_no_other_and_is_kept(
    database: Database,
    database_address: DatabaseAddress,
    business_id: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "FIRST_BACK_OFF", 0.01)
    written = journal(database, tmp_path, business_id)
    written.record(STARTED)
    for number in range(5):
        written.record(CallerSaid(text=str(number)))
    # Its place is another fact's: as of a constraint, PostgreSQL says so however often it is asked.
    refused = written._next(CallEnded(reason="failed"))
    theirs = refused.model_copy(update={"event": CallerSaid(text="somebody else's")})
    async with database.scope(business_id=business_id) as scope:
        await append(scope, [theirs])
    written._delivery.add(refused, kept_at=written._keep(refused))
    written.record(CallerSaid(text="later"))
    written.record(CallEnded(reason="caller_hung_up"))
    assert not await written.close(timeout=3)
    said = await words(database, business_id, written.call_id)
    assert said == ["0", "1", "2", "3", "4", "somebody else's", "later"]
    async with database.scope(business_id=business_id) as scope:
        call = await scope.session.get(Call, written.call_id)
        assert call is not None
        assert call.end_reason == "caller_hung_up"
    alert = await _alert(database)
    assert (alert.kind, alert.call_id, alert.resolved_at) == ("work_failed", written.call_id, None)
    # The worker tries it once more, and sets it aside, where it is found.
    assert await deliver_leftovers(database, home=tmp_path) == 0
    assert files(tmp_path) == [".aside"]
    path = next((tmp_path / "spool").glob("*.aside"))
    waiting = read_spool(path, database.keyring).waiting
    assert [one.event.type for one in waiting] == ["call_ended"]
    with psycopg.connect(database_address.superuser) as connection:
        connection.execute(
            "DELETE FROM call_events WHERE call_id = %s AND seq = %s",
            (written.call_id, refused.seq),
        )
    assert await deliver_leftovers(database, home=tmp_path, aside=True) == 1
    assert files(tmp_path) == []
    assert (await _alert(database)).resolved_at is not None
    types = [row.type for row in await kept(database, business_id, written.call_id)]
    assert types.count("call_ended") == 2


async def test_one_spool_that_is_refused_does_not_hold_up_the_others(
    database: Database, business_id: UUID, tmp_path: Path
) -> None:
    first, second = sorted((uuid4(), uuid4()))
    for call_id, whose in ((first, uuid4()), (second, business_id)):
        left = abandon(tmp_path, database.keyring, call_id, whose, [STARTED])
        assert left.suffix == ".spool"
    # The first is of a business that is not there (any more).
    assert await deliver_leftovers(database, home=tmp_path) == 1
    assert files(tmp_path) == [".aside"]
    assert len(await kept(database, business_id, second)) == 1


async def test_two_calls_of_one_room_are_both_kept(
    database: Database, business_id: UUID, tmp_path: Path
) -> None:
    """With the database away, two jobs may serve a room one after the other as two calls."""
    calls = [uuid4(), uuid4()]
    for call_id in calls:
        abandon(tmp_path, database.keyring, call_id, business_id, [STARTED, CallerSaid(text="a")])
    assert await deliver_leftovers(database, home=tmp_path) == 2
    async with database.scope(business_id=business_id) as scope:
        rooms = set(await scope.session.scalars(select(Call.room)))
    assert len(rooms) == 2
    assert "call-1" in rooms


async def _alert(database: Database) -> Alert:
    """The one that there is."""
    async with database.scope(business_id=INSTALLATION) as scope:
        return (await scope.session.scalars(select(Alert))).one()


async def _true(value: bool) -> bool:
    return value


async def _unknown(*_: object, **__: object) -> str:
    return "unknown"
