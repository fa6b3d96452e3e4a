"""Keeping facts on a disk that may refuse them: what it did not take is offered to it again."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from agent.journal.spool import Spool, SpoolHeader, last_seq, spool_folder
from domain.calls.events import JournalEntry
from domain.encryption import Keyring

_MOST_AGAIN: Final = 200
"""Entries at one time: the event loop waits for the disk meanwhile."""

log = logging.getLogger("reception.agent.keeping")


class Keeping:
    """The spool of one job, if the disk allows one; never raises, for the call goes on without."""

    def __init__(self, home: Path, *, header: SpoolHeader, keyring: Keyring) -> None:
        self._folder = spool_folder(home)
        self._header = header
        self._keyring = keyring
        self._spool: Spool | None = None
        self._refused: dict[int, JournalEntry] = {}
        """Entries that are nowhere but in memory, by seq."""
        self._well = True
        self.last_seq = self._find_last_seq()
        """The last place that an earlier job of this epoch has taken."""
        self.offer_again()

    @property
    def whole(self) -> bool:
        """Whether all that is not delivered is on disk."""
        return not self._refused

    def keep(self, entry: JournalEntry, *, delivered: bool = False) -> int | None:
        """Put an entry on disk. Where in the file it begins, None when the disk refused it."""
        if self.offer_again() and self._spool is not None:
            try:
                begins = self._spool.append(entry, delivered=delivered)
            except OSError as error:
                self._note(error)
            else:
                self._note_well()
                return begins
        if not delivered:
            self._refused[entry.seq] = entry
        return None

    def offer_again(self) -> bool:
        """Try again what was refused, in order. Whether the spool is open and has everything."""
        try:
            if self._spool is None:
                self._spool = Spool.create(self._folder, header=self._header, keyring=self._keyring)
            for seq in sorted(self._refused)[:_MOST_AGAIN]:
                self._spool.append(self._refused[seq])
                del self._refused[seq]
                self._note_well()
        except OSError as error:
            self._note(error)
            return False
        return not self._refused

    def read_on(self, start: int, *, limit: int) -> tuple[list[JournalEntry], int]:
        """As `Spool.read_on`. Raises OSError."""
        if self._spool is None:
            return [], start
        return self._spool.read_on(start, limit=limit)

    def mark_delivered(self, seqs: Iterable[int]) -> None:
        """Without the note the entries are only delivered a second time, which changes nothing."""
        seqs = list(seqs)
        for seq in seqs:
            self._refused.pop(seq, None)
        if self._spool is not None:
            with suppress(OSError):
                self._spool.mark_delivered(seqs)

    def sync(self) -> None:
        """Blocks until the disk has what it took."""
        if self._spool is not None:
            with suppress(OSError):
                self._spool.sync()

    def close(self, *, complete: bool) -> None:
        """`complete`: everything is in the database, and the file is not needed."""
        while not complete and self._refused:
            before = len(self._refused)
            self.offer_again()
            if len(self._refused) == before:
                log.error("facts of the call are lost with the disk", extra={"facts": before})
                break
        if self._spool is not None:
            with suppress(OSError):
                self._spool.close(remove=complete)

    def _find_last_seq(self) -> int:
        call_id, epoch = self._header.call_id, self._header.epoch
        return last_seq(self._folder, call_id=call_id, epoch=epoch, keyring=self._keyring)

    def _note(self, error: OSError) -> None:
        # Once, not for each fact: the log may be on the same disk.
        if self._well:
            self._well = False
            log.error("spool not written", extra={"error": type(error).__name__})

    def _note_well(self) -> None:
        if not self._well:
            self._well = True
            log.warning("the spool is written again")
