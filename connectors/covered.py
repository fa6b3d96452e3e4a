"""Cursors of vendors whose change token keeps the window that it was first asked with.

Google's sync tokens and Microsoft's delta links go on reporting the window of the first reading only, so
the window stands in the cursor, and when time has moved on the whole is read anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.calendars.port import CursorGone

RUNWAY = timedelta(days=1)
"""How much further than asked is read, so that a window that moves with the clock needs a whole reading
once a day, not every minute."""


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """A vendor's token, the window it reports, and when the whole window was last read."""

    token: str
    begins: datetime
    ends: datetime
    read_at: datetime

    def covers(self, begins: datetime, ends: datetime) -> bool:
        return self.begins <= begins and ends <= self.ends

    def text(self) -> str:
        return json.dumps(
            {
                "token": self.token,
                "begins": self.begins.isoformat(),
                "ends": self.ends.isoformat(),
                "read_at": self.read_at.isoformat(),
            },
            separators=(",", ":"),
        )


def read(text: str) -> Cursor:
    """Raises CursorGone when it is none of ours."""
    try:
        raw = json.loads(text)
        return Cursor(
            token=str(raw["token"]),
            begins=_aware(raw["begins"]),
            ends=_aware(raw["ends"]),
            read_at=_aware(raw["read_at"]),
        )
    except (ValueError, TypeError, KeyError):
        raise CursorGone("the cursor is of another form") from None


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("naive")
    return moment
