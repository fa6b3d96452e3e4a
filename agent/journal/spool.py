"""The spool: one encrypted, append-only file for each job that serves a call.

A line is a Fernet token of JSON: first the header, then entries and notes of what was delivered. The
file is written without a buffer, so what was appended is there after a `kill -9`; its owner holds an
exclusive lock (flock) on it, which the kernel drops with the process.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from domain.calls.events import JournalEntry
from domain.encryption import Keyring

SUFFIX = ".spool"

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


class _Delivered(BaseModel):
    kind: Literal["delivered"] = "delivered"
    seqs: tuple[int, ...]


_LINE: TypeAdapter[SpoolHeader | _Entry | _Delivered] = TypeAdapter(
    Annotated[SpoolHeader | _Entry | _Delivered, Field(discriminator="kind")]
)


def spool_folder(home: Path) -> Path:
    """Where the spools of the installation at `home` are."""
    return home / "spool"


class Spool:
    """The open file of the job that writes it; make it with `create`."""

    def __init__(self, path: Path, descriptor: int, keyring: Keyring) -> None:
        self.path = path
        self._descriptor = descriptor
        self._keyring = keyring

    @classmethod
    def create(cls, folder: Path, *, header: SpoolHeader, keyring: Keyring) -> Spool:
        """A new spool with its header, locked. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{header.call_id}.{header.epoch}{SUFFIX}"
        # Only a file that is already locked may have the name that others look for.
        unfinished = path.with_suffix(".new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            spool = cls(path, descriptor, keyring)
            spool._write(header)
            unfinished.rename(path)
        except BaseException:
            os.close(descriptor)
            raise
        return spool

    def append(self, entry: JournalEntry, *, delivered: bool = False) -> None:
        """Keep an entry; `delivered` says that the database has it already. Raises OSError."""
        self._write(_Entry(entry=entry, delivered=delivered))

    def mark_delivered(self, seqs: Iterable[int]) -> None:
        """Note that the database has these entries. Raises OSError."""
        self._write(_Delivered(seqs=tuple(seqs)))

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

    def _write(self, line: BaseModel) -> None:
        secret = self._keyring.encrypt(line.model_dump_json().encode()) + b"\n"
        # One write: a process that dies leaves either the whole line or a torn last one.
        written = os.write(self._descriptor, secret)
        if written != len(secret):
            raise OSError("the spool's disk took only a part of the line")


@dataclass(frozen=True)
class SpoolContents:
    """What a spool tells: the entries that the database may not have yet, in order."""

    header: SpoolHeader
    waiting: Sequence[JournalEntry]
    damaged_lines: int = 0


def read_spool(path: Path, keyring: Keyring) -> SpoolContents:
    """Read a spool. A torn last line is left out, as if it had not been written.

    Raises OSError, and ValueError when its header cannot be read (another installation's key).
    """
    *lines, _torn = path.read_bytes().split(b"\n")
    first = _read(lines[0], keyring) if lines else None
    if not isinstance(first, SpoolHeader):
        raise ValueError("the spool's header cannot be read with RECEPTION_ENCRYPTION_KEYS")
    entries: dict[int, JournalEntry] = {}
    delivered: set[int] = set()
    damaged = 0
    for line in lines[1:]:
        match _read(line, keyring):
            case _Entry(entry=entry, delivered=done):
                entries[entry.seq] = entry
                if done:
                    delivered.add(entry.seq)
            case _Delivered(seqs=seqs):
                delivered.update(seqs)
            case _:
                damaged += 1
    waiting = [entries[seq] for seq in sorted(entries) if seq not in delivered]
    return SpoolContents(header=first, waiting=waiting, damaged_lines=damaged)


def _read(line: bytes, keyring: Keyring) -> SpoolHeader | _Entry | _Delivered | None:
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
            # Its owner may have removed it between our opening and our locking.
            yield path.exists()
    finally:
        os.close(descriptor)
