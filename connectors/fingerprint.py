"""What tells an entry that stands as we wrote it from one that somebody changed.

A lost answer leaves us with an old etag, so that our own last write looks like a stranger's. Each entry
therefore carries, beside what people see, a digest of it: while the two agree, nobody has touched it.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime


def fingerprint(*, starts_at: datetime, ends_at: datetime, title: str, place: str = "") -> str:
    """32 hexadecimal digits of what people would change by hand. Vendors trim and fold white space."""
    parts = [
        starts_at.astimezone(UTC).isoformat(timespec="seconds"),
        ends_at.astimezone(UTC).isoformat(timespec="seconds"),
        " ".join(title.split()),
        " ".join(place.split()),
    ]
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]
