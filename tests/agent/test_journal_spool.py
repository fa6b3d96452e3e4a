"""The spool file: what survives, what is torn, and who may take it over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from agent.journal.spool import Spool, SpoolHeader, abandoned, read_spool
from domain.calls.events import CallerSaid, JournalEntry
from domain.encryption import Keyring

CALL, BUSINESS = UUID(int=1), UUID(int=2)
HEADER = SpoolHeader(call_id=CALL, epoch=1, business_id=BUSINESS)


def entry(seq: int, text: str = "hello") -> JournalEntry:
    at = datetime(2026, 11, 21, 12, 0, seq, tzinfo=UTC)
    return JournalEntry(call_id=CALL, epoch=1, seq=seq, at=at, event=CallerSaid(text=text))


@pytest.fixture
def spool(tmp_path: Path, keyring: Keyring) -> Spool:
    return Spool.create(tmp_path / "spool", header=HEADER, keyring=keyring)


def test_what_was_appended_is_read_back_in_order_without_closing(
    spool: Spool, keyring: Keyring
) -> None:
    for seq in (2, 1, 3):
        spool.append(entry(seq))
    contents = read_spool(spool.path, keyring)
    assert contents.header == HEADER
    assert [one.seq for one in contents.waiting] == [1, 2, 3]
    assert contents.damaged_lines == 0


def test_delivered_entries_are_not_waiting(spool: Spool, keyring: Keyring) -> None:
    for seq in (1, 2, 3):
        spool.append(entry(seq))
    spool.append(entry(4), delivered=True)
    spool.mark_delivered([1, 3])
    assert [one.seq for one in read_spool(spool.path, keyring).waiting] == [2]


def test_nothing_private_is_readable_in_the_file_or_its_name(spool: Spool) -> None:
    spool.append(entry(1, "my name is Jane Doe"))
    assert b"Jane" not in spool.path.read_bytes()
    assert spool.path.name == f"{CALL}.1.spool"
    assert spool.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_torn_last_line_is_left_out(spool: Spool, keyring: Keyring, cut: int) -> None:
    spool.append(entry(1))
    spool.append(entry(2))
    data = spool.path.read_bytes()
    spool.path.write_bytes(data[:-cut])
    contents = read_spool(spool.path, keyring)
    assert [one.seq for one in contents.waiting] == [1]


def test_a_damaged_line_loses_itself_alone(spool: Spool, keyring: Keyring) -> None:
    for seq in (1, 2, 3):
        spool.append(entry(seq))
    lines = spool.path.read_bytes().split(b"\n")
    lines[2] = lines[2][:-5] + b"xxxxx"
    spool.path.write_bytes(b"\n".join(lines))
    contents = read_spool(spool.path, keyring)
    assert [one.seq for one in contents.waiting] == [1, 3]
    assert contents.damaged_lines == 1


def test_another_installations_spool_is_refused(spool: Spool) -> None:
    from cryptography.fernet import Fernet

    other = Keyring(encryption_keys=[Fernet.generate_key().decode()], index_key="i" * 32)
    with pytest.raises(ValueError, match="RECEPTION_ENCRYPTION_KEYS"):
        read_spool(spool.path, other)


def test_a_spool_belongs_to_its_owner_while_it_lives(spool: Spool) -> None:
    with abandoned(spool.path) as ours:
        assert not ours
    spool.close(remove=False)
    with abandoned(spool.path) as ours:
        assert ours


def test_a_removed_spool_is_nobodys(spool: Spool) -> None:
    spool.close(remove=True)
    with abandoned(spool.path) as ours:
        assert not ours
