"""The spool: one encrypted, append-only file for each job that serves a call.

A line is a Fernet token of JSON: first the header, then entries and notes of what was delivered. The
file is written without a buffer, so what was appended is there after a `kill -9`; its owner holds an
exclusive lock (flock) on it, which the kernel drops with the process.
"""

from __future__ import annotations

import errno
import fcntl
import itertools
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from domain.calls.events import JournalEntry
from domain.encryption import Keyring

SUFFIX: Final = ".spool"
ASIDE_SUFFIX: Final = ".aside"
"""Of a spool that cannot be delivered whole as things are: kept, told of, and tried again now and then."""
UNFINISHED_SUFFIX: Final = ".new"

log = logging.getLogger("reception.agent.spool")


class SpoolHeader(BaseModel):
    """Whose facts the file holds."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["header"] = "header"
    call_id: UUID
    epoch: int
    business_id: UUID


class _Entry(BaseModel):
    kind: Literal["entry"] = "entry"
    entry: JournalEntry
    delivered: bool = False
    business_id: UUID | None = None
    """As in the header, which may be damaged."""


class _Delivered(BaseModel):
    kind: Literal["delivered"] = "delivered"
    seqs: tuple[int, ...]


_Line = SpoolHeader | _Entry | _Delivered
_LINE: TypeAdapter[_Line] = TypeAdapter(Annotated[_Line, Field(discriminator="kind")])


def spool_folder(home: Path) -> Path:
    """Where the spools of the installation at `home` are."""
    return home / "spool"


class Spool:
    """The open file of the job that writes it; make it with `create`."""

    def __init__(
        self, path: Path, descriptor: int, keyring: Keyring, *, header: SpoolHeader
    ) -> None:
        self.path = path
        self._descriptor = descriptor
        self._keyring = keyring
        self._business_id = header.business_id
        self._size = 0
        self._torn = False
        """The last line is not whole, and stands in the way of the next."""

    @classmethod
    def create(cls, folder: Path, *, header: SpoolHeader, keyring: Keyring) -> Spool:
        """A new spool with its header, locked. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stem = f"{header.call_id}.{header.epoch}"
        # Only a file that is already locked may have the name that others look for.
        unfinished = folder / f"{stem}.{os.getpid()}{UNFINISHED_SUFFIX}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            spool = cls(unfinished, descriptor, keyring, header=header)
            spool._write(header)
            spool.path = _name(unfinished, stem)
        except BaseException:
            os.close(descriptor)
            raise
        finally:
            with suppress(OSError):
                unfinished.unlink()
        return spool

    def append(self, entry: JournalEntry, *, delivered: bool = False) -> int:
        """Keep an entry, and return where in the file it begins; `delivered` says that the database has it
        already. Raises OSError: then the file is as it was before."""
        return self._write(_Entry(entry=entry, delivered=delivered, business_id=self._business_id))

    def mark_delivered(self, seqs: Iterable[int]) -> None:
        """Note that the database has these entries. Raises OSError."""
        self._write(_Delivered(seqs=tuple(seqs)))

    def read_on(self, start: int, *, limit: int) -> tuple[list[JournalEntry], int]:
        """Up to `limit` entries that are in the file from byte `start` on, without those written as
        delivered, and where to go on. Raises OSError."""
        entries: list[JournalEntry] = []
        with self.path.open("rb") as file:
            file.seek(start)
            while len(entries) < limit:
                line = file.readline()
                if not line.endswith(b"\n"):
                    return entries, file.tell() - len(line)
                read = _read(line[:-1], self._keyring)
                if isinstance(read, _Entry) and not read.delivered:
                    entries.append(read.entry)
            return entries, file.tell()

    def sync(self) -> None:
        """Wait until the disk has it all, so that it survives a power cut too. Blocks; raises OSError."""
        os.fdatasync(self._descriptor)

    def close(self, *, remove: bool) -> None:
        """Let go of the file; `remove` it when everything in it is in the database."""
        if self._descriptor < 0:
            return
        if remove:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = -1

    def _write(self, line: BaseModel) -> int:
        secret = self._keyring.encrypt(line.model_dump_json().encode()) + b"\n"
        if self._torn:
            secret = b"\n" + secret
        # One write: a process that dies leaves either the whole line or a torn last one.
        written = os.write(self._descriptor, secret)
        if written != len(secret):
            self._take_back(written)
            raise OSError(errno.ENOSPC, "the spool's disk took only a part of the line")
        begins = self._size + (1 if self._torn else 0)
        self._size += written
        self._torn = False
        return begins

    def _take_back(self, written: int) -> None:
        """Without this the next line would be written on to the torn one, and both be lost."""
        try:
            os.ftruncate(self._descriptor, self._size)
        except OSError:
            self._size += written
            self._torn = True


def _name(unfinished: Path, stem: str) -> Path:
    """Give the file a name that no other has: a job that died may have served under the same epoch, and its
    spool holds what is nowhere else."""
    folder = os.open(unfinished.parent, os.O_RDONLY)
    try:
        # Two who look for a free name at once would take the same.
        fcntl.flock(folder, fcntl.LOCK_EX)
        for number in itertools.count():
            path = unfinished.with_name(f"{stem}{f'.{number}' if number else ''}{SUFFIX}")
            if not path.exists() and not path.with_suffix(ASIDE_SUFFIX).exists():
                return unfinished.rename(path)
    finally:
        os.close(folder)
    raise AssertionError


@dataclass(frozen=True)
class SpoolContents:
    """What a spool tells: the entries that the database may not have yet, in order."""

    header: SpoolHeader
    waiting: Sequence[JournalEntry]
    damaged_lines: int = 0
    """Lines that no key opens, or that this version does not know."""


def read_spool(path: Path, keyring: Keyring) -> SpoolContents:
    """Read a spool. A torn last line is left out, as if it had not been written.

    Raises OSError, and ValueError when nothing tells whose facts they are (another installation's key).
    """
    *lines, _torn = path.read_bytes().split(b"\n")
    header: SpoolHeader | None = None
    entries: dict[int, JournalEntry] = {}
    delivered: set[int] = set()
    damaged = 0
    # An empty line ends one that was torn in the middle of the file.
    for line in filter(None, lines):
        match _read(line, keyring):
            case SpoolHeader() as found:
                header = found
            case _Entry(entry=entry, delivered=done, business_id=business_id):
                entries[entry.seq] = entry
                if done:
                    delivered.add(entry.seq)
                if header is None and business_id is not None:
                    header = SpoolHeader(
                        call_id=entry.call_id, epoch=entry.epoch, business_id=business_id
                    )
            case _Delivered(seqs=seqs):
                delivered.update(seqs)
            case _:
                damaged += 1
    if header is None:
        raise ValueError("the spool cannot be read with RECEPTION_ENCRYPTION_KEYS")
    waiting = [entries[seq] for seq in sorted(entries) if seq not in delivered]
    return SpoolContents(header=header, waiting=waiting, damaged_lines=damaged)


def last_seq(folder: Path, *, call_id: UUID, epoch: int, keyring: Keyring) -> int:
    """The last place taken in the spools that other jobs left under this epoch; 0 without any."""
    last = 0
    for path in folder.glob(f"{call_id}.{epoch}.*"):
        with suppress(OSError):
            for line in path.read_bytes().split(b"\n"):
                if isinstance(read := _read(line, keyring), _Entry):
                    last = max(last, read.entry.seq)
    return last


def note_delivered(path: Path, keyring: Keyring, seqs: Iterable[int]) -> None:
    """Note in a spool without an owner that the database has these entries. Raises OSError."""
    note = keyring.encrypt(_Delivered(seqs=tuple(seqs)).model_dump_json().encode())
    with path.open("ab", buffering=0) as file:
        # Its owner may have died in the middle of a line.
        file.write(b"\n" + note + b"\n")


def _read(line: bytes, keyring: Keyring) -> _Line | None:
    try:
        return _LINE.validate_json(keyring.decrypt(line))
    except (ValueError, ValidationError):
        return None


@contextmanager
def abandoned(path: Path) -> Iterator[bool]:
    """Hold the spool at `path` if its owner is gone; tells whether it does."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            # Its owner, or another worker, may have removed it between our opening and our locking.
            yield _is_at(descriptor, path)
    finally:
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
