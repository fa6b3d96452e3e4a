"""How much waits in the spools of this machine, and for how long: read from the files themselves, so that it is
true of calls that go on, of those that died, and with the database away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.journal.spool import ASIDE_SUFFIX, SUFFIX, read_spool, spool_folder
from domain.encryption import Keyring


@dataclass(frozen=True, kw_only=True)
class SpoolDepth:
    """The spools at one moment."""

    files: int = 0
    undelivered: int = 0
    oldest_seconds: float = 0.0
    unreadable: int = 0


@dataclass(frozen=True)
class _Read:
    stamp: tuple[int, int]
    waiting: int
    oldest: datetime | None


class SpoolReader:
    """Remembers the spools that have not changed: with the database away for hours there are many."""

    def __init__(self, home: Path, keyring: Keyring) -> None:
        self._folder = spool_folder(home)
        self._keyring = keyring
        self._known: dict[Path, _Read] = {}

    def depth(self, *, now: datetime) -> SpoolDepth:
        """Reads files: not for the event loop."""
        known: dict[Path, _Read] = {}
        unreadable = 0
        for path in self._folder.glob("*"):
            if path.suffix == ASIDE_SUFFIX:
                unreadable += 1
            elif path.suffix == SUFFIX and (read := self._read(path)) is not None:
                known[path] = read
        self._known = known
        waiting = [one for one in known.values() if one.waiting]
        oldest = min((one.oldest for one in waiting if one.oldest is not None), default=None)
        return SpoolDepth(
            files=len(known),
            undelivered=sum(one.waiting for one in waiting),
            oldest_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
            unreadable=unreadable,
        )

    def _read(self, path: Path) -> _Read | None:
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            before = self._known.get(path)
            if before is not None and before.stamp == stamp:
                return before
            waiting = read_spool(path, self._keyring).waiting
        except (OSError, ValueError):
            # Delivered meanwhile, or another installation's: the worker sets that one aside.
            return None
        oldest = min((entry.at for entry in waiting), default=None)
        return _Read(stamp, len(waiting), oldest)
