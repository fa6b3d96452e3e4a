"""What waits on the disk is told from the files themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from agent.journal.spool import ASIDE_SUFFIX, Spool, SpoolHeader, spool_folder
from agent.watching.spool_depth import SpoolDepth, SpoolReader
from domain.calls.events import DigitPressed, JournalEntry
from domain.encryption import Keyring

BEGAN = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def make_spool(home: Path, keyring: Keyring, *, number: int) -> Spool:
    header = SpoolHeader(call_id=UUID(int=number), epoch=1, business_id=UUID(int=9))
    return Spool.create(spool_folder(home), header=header, keyring=keyring)


def entry(number: int, seq: int) -> JournalEntry:
    at = BEGAN + timedelta(seconds=10 * seq)
    event = DigitPressed(digit="1")
    return JournalEntry(call_id=UUID(int=number), epoch=1, seq=seq, at=at, event=event)


def test_it_counts_what_the_database_has_not_got_and_for_how_long(
    tmp_path: Path, keyring: Keyring
) -> None:
    reader = SpoolReader(tmp_path, keyring)
    assert reader.depth(now=BEGAN) == SpoolDepth()
    first, second = (make_spool(tmp_path, keyring, number=number) for number in (1, 2))
    for seq in (1, 2, 3):
        first.append(entry(1, seq))
    second.append(entry(2, 4))
    now = BEGAN + timedelta(seconds=60)
    assert reader.depth(now=now) == SpoolDepth(files=2, undelivered=4, oldest_seconds=50.0)
    first.mark_delivered([1])
    assert reader.depth(now=now) == SpoolDepth(files=2, undelivered=3, oldest_seconds=40.0)
    first.mark_delivered([2, 3])
    first.close(remove=True)
    second.close(remove=False)
    later = now + timedelta(hours=1)
    assert reader.depth(now=later) == SpoolDepth(files=1, undelivered=1, oldest_seconds=3620.0)


def test_a_spool_of_another_installation_keeps_nothing_from_being_told(
    tmp_path: Path, keyring: Keyring
) -> None:
    folder = spool_folder(tmp_path)
    folder.mkdir(parents=True)
    (folder / "a.1.spool").write_bytes(b"nobody can read this\n")
    (folder / f"b.1{ASIDE_SUFFIX}").write_bytes(b"nor this\n")
    make_spool(tmp_path, keyring, number=1).append(entry(1, 1))
    depth = SpoolReader(tmp_path, keyring).depth(now=BEGAN + timedelta(seconds=10))
    assert (depth.files, depth.undelivered, depth.unreadable) == (1, 1, 1)
