"""Spools on a disk that refuses, and spools of the dead."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from agent.journal import spool as spools
from agent.journal.journal import CallJournal
from agent.journal.leftovers import deliver_leftovers
from agent.journal.spool import Spool, SpoolHeader, note_delivered, read_spool
from domain.calls.events import (
    CallEnded,
    CallerSaid,
    Event,
)
from domain.calls.models import CallEvent
from domain.database import Database
from domain.encryption import Keyring
from tests.agent.journals import (
    PATIENCE,
    STARTED,
    abandon,
    behind,
    business_id,
    entry,
    files,
    journal,
    kept,
    save,
    words,
)
from tests.calls.proxy import DatabaseProxy

__all__ = ["behind", "business_id"]


class FullDisk:
    """`os.write` as the spool sees it: takes `room` bytes and no more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room: float = float("inf")
        self._write = os.write
        monkeypatch.setattr(spools.os, "write", self)  # type: ignore[attr-defined]

    def __call__(self, descriptor: int, data: bytes) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "no space left on device")
        taken = self._write(descriptor, data[: int(min(self.room, len(data)))])
        self.room -= taken
        return taken


async def test_a_disk_that_fills_up_in_a_line_loses_nothing_once_it_has_room(
    database: Database,
    behind: tuple[Database, DatabaseProxy],
    business_id: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = FullDisk(monkeypatch)
    opened, proxy = behind
    proxy.cut()
    written = journal(opened, tmp_path, business_id)
    written.record(STARTED)
    disk.room = 150
    for text in ("one", "two"):
        written.record(CallerSaid(text=text))
    disk.room = float("inf")
    written.record(CallerSaid(text="three"))
    assert not await written.close(timeout=0.2)
    path = next((tmp_path / "spool").glob("*.spool"))
    contents = read_spool(path, opened.keyring)
    assert [entry.seq for entry in contents.waiting] == [1, 2, 3, 4]
    assert contents.damaged_lines == 0
    assert await deliver_leftovers(database, home=tmp_path) == 1
    assert await words(database, business_id, written.call_id) == ["one", "two", "three"]


async def test_with_a_full_disk_the_database_has_everything(
    database: Database, business_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FullDisk(monkeypatch).room = 0
    written = journal(database, tmp_path, business_id)
    written.record(STARTED)
    written.record(CallerSaid(text="one"))
    await save(written)
    written.record(CallEnded(reason="caller_hung_up"))
    assert await written.close(timeout=PATIENCE)
    types = [row.type for row in await kept(database, business_id, written.call_id)]
    assert types == ["call_started", "caller_said", "contact_saved", "call_ended"]
    assert files(tmp_path) == []


async def test_a_folder_that_cannot_be_made_costs_nothing_but_safety(
    database: Database, business_id: UUID, tmp_path: Path
) -> None:
    (tmp_path / "spool").write_text("in the way")
    written = journal(database, tmp_path, business_id)
    written.record(STARTED)
    (tmp_path / "spool").unlink()
    written.record(CallerSaid(text="one"))
    assert files(tmp_path) == [".spool"], "made as soon as it can be"
    assert await written.close(timeout=PATIENCE)
    assert await words(database, business_id, written.call_id) == ["one"]


@pytest.mark.parametrize("take_back", [True, False])
def test_a_torn_line_hides_no_later_one(
    tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch, take_back: bool
) -> None:
    if not take_back:
        monkeypatch.setattr(spools.os, "ftruncate", _refuse)  # type: ignore[attr-defined]
    disk = FullDisk(monkeypatch)
    call_id = uuid4()
    header = SpoolHeader(call_id=call_id, epoch=1, business_id=uuid4())
    spool = Spool.create(tmp_path, header=header, keyring=keyring)
    spool.append(entry(call_id, 1, CallerSaid(text="one")))
    disk.room = 30
    with pytest.raises(OSError):
        spool.append(entry(call_id, 2, CallerSaid(text="two")))
    disk.room = float("inf")
    spool.append(entry(call_id, 2, CallerSaid(text="two")))
    begins = spool.append(entry(call_id, 3, CallerSaid(text="three")))
    contents = read_spool(spool.path, keyring)
    assert [entry.seq for entry in contents.waiting] == [1, 2, 3]
    assert contents.damaged_lines == (0 if take_back else 1)
    assert [entry.seq for entry in spool.read_on(begins, limit=5)[0]] == [3]


# Spools of the dead


def test_a_damaged_header_costs_nothing(tmp_path: Path, keyring: Keyring) -> None:
    call_id, business_id = uuid4(), uuid4()
    path = abandon(tmp_path, keyring, call_id, business_id, [CallerSaid(text="one")])
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([b"?" * 40, *lines[1:]]))
    contents = read_spool(path, keyring)
    assert contents.header == SpoolHeader(call_id=call_id, epoch=1, business_id=business_id)
    assert len(contents.waiting) == 1
    assert contents.damaged_lines == 1


async def test_a_damaged_spool_is_delivered_as_far_as_it_can_be_read_and_kept(
    database: Database, business_id: UUID, tmp_path: Path
) -> None:
    """Also a line of a newer version: that version, once it is started, will know it."""
    call_id = uuid4()
    events = [STARTED, CallerSaid(text="one"), CallerSaid(text="two")]
    path = abandon(tmp_path, database.keyring, call_id, business_id, events)
    unknown = database.keyring.encrypt(b'{"kind": "entry", "entry": {"event": "of tomorrow"}}')
    with path.open("ab") as file:
        file.write(unknown + b"\n")
    assert await deliver_leftovers(database, home=tmp_path) == 0
    assert files(tmp_path) == [".aside"]
    assert await words(database, business_id, call_id) == ["one", "two"]
    aside = next((tmp_path / "spool").glob("*.aside"))
    assert unknown in aside.read_bytes()
    assert read_spool(aside, database.keyring).waiting == []


async def test_of_two_workers_one_delivers_and_both_may_try(
    database: Database, business_id: UUID, tmp_path: Path
) -> None:
    for _ in range(4):
        events: list[Event] = [STARTED, CallerSaid(text="a"), CallEnded(reason="failed")]
        abandon(tmp_path, database.keyring, uuid4(), business_id, events)
    done = await asyncio.gather(
        *(deliver_leftovers(database, home=tmp_path) for _ in range(3)),
    )
    while files(tmp_path):
        done.append(await deliver_leftovers(database, home=tmp_path))
    assert sum(done) == 4
    async with database.scope(business_id=business_id) as scope:
        assert await scope.session.scalar(select(func.count()).select_from(CallEvent)) == 12


async def test_a_second_job_of_an_epoch_writes_over_nothing(
    database: Database, behind: tuple[Database, DatabaseProxy], business_id: UUID, tmp_path: Path
) -> None:
    opened, proxy = behind
    call_id = uuid4()
    abandon(tmp_path, database.keyring, call_id, business_id, [STARTED, CallerSaid(text="one")])
    proxy.cut()
    written = CallJournal(opened, home=tmp_path, call_id=call_id, epoch=1, business_id=business_id)
    written.record(CallerSaid(text="two"))
    assert not await written.close(timeout=0.1)
    assert len(files(tmp_path)) == 2
    assert await deliver_leftovers(database, home=tmp_path) == 2
    assert await words(database, business_id, call_id) == ["one", "two"]


async def test_a_note_of_delivery_is_read_after_a_torn_line(
    tmp_path: Path, keyring: Keyring
) -> None:
    call_id = uuid4()
    events = [CallerSaid(text=text) for text in ("one", "two", "three")]
    path = abandon(tmp_path, keyring, call_id, uuid4(), events)
    path.write_bytes(path.read_bytes()[:-20])
    note_delivered(path, keyring, [1])
    assert [entry.seq for entry in read_spool(path, keyring).waiting] == [2]


def _refuse(*_: object) -> None:
    raise OSError(errno.EIO, "input/output error")
