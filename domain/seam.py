"""The one seam through which time, ids and randomness enter, so that tests can pin all three."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

import uuid_utils


class Seam(Protocol):
    """Where now, new ids and random tokens come from."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...

    def new_id(self) -> UUID:
        """A new UUID version 7 (RFC 9562 section 5.7): sorts by time of creation."""
        ...

    def token(self, size: int) -> str:
        """`size` bytes of randomness as lower-case hexadecimal, unguessable in production."""
        ...


class SystemSeam:
    """The real clock and the operating system's randomness."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def new_id(self) -> UUID:
        return UUID(bytes=uuid_utils.uuid7().bytes)

    def token(self, size: int) -> str:
        return secrets.token_hex(size)


class PinnedSeam:
    """A clock that moves only when told, with ids and tokens that count up. For tests."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("at: must be aware")
        self._at = at.astimezone(UTC)
        self._count = 0

    def now(self) -> datetime:
        return self._at

    def advance(self, step: timedelta) -> None:
        """Move the clock forward by `step`."""
        self._at += step

    def new_id(self) -> UUID:
        self._count += 1
        milliseconds = int(self._at.timestamp() * 1000)
        value = (milliseconds << 80) | (0x7 << 76) | (0x2 << 62) | self._count
        return UUID(int=value)

    def token(self, size: int) -> str:
        self._count += 1
        return f"{self._count:0{size * 2}x}"[-size * 2 :]
