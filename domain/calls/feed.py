"""What is new in a business's calls: each event once, in whatever order transactions commit.

A reader's position is a PostgreSQL snapshot (documentation, section 9.27.6 "Transaction ID and Snapshot
Information"). New is what that snapshot did not see. Counting on increasing ids or times instead would lose an
event whose transaction commits after one that began later.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.types import UserDefinedType

from domain.calls.events import CallStarted, JournalEntry
from domain.calls.models import Call, CallEvent
from domain.calls.record import as_entry
from domain.database import Scope

RESUMED_WITHIN = timedelta(minutes=10)
"""An older position is not read on from: starting anew is less to read than all that happened since."""
PAGE = 200
LONGEST_ID = 4000
"""Characters; a snapshot names every transaction that was under way."""

_SNAPSHOT = re.compile(r"([0-9]{1,19}):([0-9]{1,19}):((?:[0-9]{1,19}(?:,[0-9]{1,19})*)?)")
_LARGEST = 2**63


class _Xid8(UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class _PgSnapshot(UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "pg_snapshot"


@dataclass(frozen=True, kw_only=True)
class FeedPosition:
    """How far somebody has read: everything that snapshot `seen` saw and, of what `reading` saw beyond it,
    everything up to `after`."""

    seen: str
    reading: str = ""
    """Empty between pages."""
    after: tuple[int, UUID, int, int] | None = None
    """The last event read: by transaction, call, epoch, seq."""
    at: int
    """When it was the present, in seconds since 1970: positions grow old."""

    def as_id(self) -> str:
        """As text that says nothing to others; base64url."""
        after = None if self.after is None else [*map(str, self.after[:2]), *self.after[2:]]
        raw = json.dumps([self.seen, self.reading, after, self.at], separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).rstrip(b"=").decode()

    @classmethod
    def of_id(cls, text: str) -> FeedPosition | None:
        """None when `text` is no position's id."""
        if len(text) > LONGEST_ID:
            return None
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            seen, reading, after, at = json.loads(raw)
            key = None if after is None else _key(*after)
        except (ValueError, TypeError, RecursionError, binascii.Error):
            return None
        well_formed = (
            _is_snapshot(seen)
            and (reading == "" or _is_snapshot(reading))
            and (reading != "") == (key is not None)
            and type(at) is int
        )
        return cls(seen=seen, reading=reading, after=key, at=at) if well_formed else None


@dataclass(frozen=True, kw_only=True)
class FeedEvent:
    """An event, and the position of whoever has read it and all before it."""

    entry: JournalEntry
    position: FeedPosition | None
    """None: as the event before."""


async def present(scope: Scope) -> FeedPosition:
    """Where somebody begins who has read nothing and wants nothing of the past."""
    snapshot = await scope.session.scalar(select(cast(func.pg_current_snapshot(), Text)))
    return FeedPosition(seen=str(snapshot), at=_now(scope))


async def resume(scope: Scope, position_id: str) -> FeedPosition | None:
    """The position of an id, if one can read on from it: None when it is malformed, too old, or of another
    database, such as the one before a restore."""
    position = FeedPosition.of_id(position_id)
    now = await present(scope)
    if position is None or not 0 <= now.at - position.at <= RESUMED_WITHIN.total_seconds():
        return None
    ends = [_bounds(snapshot)[1] for snapshot in (position.seen, position.reading) if snapshot]
    return position if max(ends) <= _bounds(now.seen)[1] else None


async def read(
    scope: Scope, position: FeedPosition, *, limit: int = PAGE
) -> tuple[list[FeedEvent], FeedPosition]:
    """The next events after `position`, at most `limit`, and the position behind them. There is more when
    that one still has `reading`."""
    now = await present(scope)
    until = position.reading or now.seen
    rows = (await scope.session.scalars(_query(position, until, limit))).all()
    behind = FeedPosition(seen=until, at=now.at)
    after, found = behind, []
    for place, row in enumerate(rows, start=1):
        if place < len(rows) or len(rows) == limit:
            key = (row.written, row.call_id, row.epoch, row.seq)
            after = FeedPosition(seen=position.seen, reading=until, after=key, at=now.at)
        else:
            after = behind
        found.append(FeedEvent(entry=as_entry(row), position=after))
    return await _with_starts(scope, position, found), after


async def _with_starts(
    scope: Scope, position: FeedPosition, found: list[FeedEvent]
) -> list[FeedEvent]:
    """A deed's event can be there before the spooled start of its call: it is held back until then, for
    before there is nothing that could be said of the call."""
    calls = {event.entry.call_id for event in found}
    if not calls:
        return found
    known = set(
        await scope.session.scalars(
            select(CallEvent.call_id).where(
                CallEvent.call_id.in_(calls),
                CallEvent.type == CallStarted.model_fields["type"].default,
                _behind(position),
            )
        )
    )
    starting = {
        event.entry.call_id for event in found if isinstance(event.entry.event, CallStarted)
    } - known
    held_back = await events_behind(scope, position, call_ids=starting) if starting else {}
    told = []
    for event in found:
        call_id = event.entry.call_id
        for entry in held_back.pop(call_id, []):
            told.append(FeedEvent(entry=entry, position=None))
        if call_id in known or call_id in starting:
            told.append(event)
    return told


async def events_behind(
    scope: Scope, position: FeedPosition, *, call_ids: Collection[UUID]
) -> dict[UUID, list[JournalEntry]]:
    """The events of these calls that `position` has behind it; each call's in order."""
    rows = await scope.session.scalars(
        select(CallEvent)
        .where(CallEvent.call_id.in_(call_ids), _behind(position))
        .order_by(CallEvent.call_id, CallEvent.epoch, CallEvent.seq)
    )
    found: dict[UUID, list[JournalEntry]] = {}
    for row in rows:
        found.setdefault(row.call_id, []).append(as_entry(row))
    return found


def _query(position: FeedPosition, until: str, limit: int) -> Select[tuple[CallEvent]]:
    query = select(CallEvent).where(
        # All that the snapshot did not see is at or above its xmin: this is what the index serves.
        CallEvent.written >= _bounds(position.seen)[0],
        CallEvent.written < _bounds(until)[1],
        ~_visible(position.seen),
        _visible(until),
        # What the installation says to itself is nothing that staff follow.
        ~exists().where(Call.id == CallEvent.call_id, Call.synthetic),
    )
    if position.after is not None:
        query = query.where(tuple_(*map(literal, position.after)) < _KEY)
    return query.order_by(*_KEY_COLUMNS).limit(limit)


def _behind(position: FeedPosition) -> ColumnElement[bool]:
    seen = _visible(position.seen)
    if position.after is None:
        return seen
    return or_(
        seen, and_(_visible(position.reading), tuple_(*map(literal, position.after)) >= _KEY)
    )


_KEY_COLUMNS = (CallEvent.written, CallEvent.call_id, CallEvent.epoch, CallEvent.seq)
_KEY = tuple_(*_KEY_COLUMNS)


def _visible(snapshot: str) -> ColumnElement[bool]:
    written = cast(cast(CallEvent.written, Text), _Xid8())
    return func.pg_visible_in_snapshot(written, cast(literal(snapshot), _PgSnapshot()))


def _key(written: str, call_id: str, epoch: int, seq: int) -> tuple[int, UUID, int, int]:
    """Raises ValueError or TypeError."""
    key = int(written), UUID(call_id), epoch, seq
    if not 0 <= key[0] < _LARGEST or not all(
        type(n) is int and 0 <= n < 2**31 for n in (epoch, seq)
    ):
        raise ValueError("out of range")
    return key


def _is_snapshot(text: object) -> bool:
    """Whether PostgreSQL reads it: what it refuses would end the transaction."""
    shape = _SNAPSHOT.fullmatch(text) if isinstance(text, str) else None
    if shape is None:
        return False
    first, end = int(shape[1]), int(shape[2])
    running = [int(part) for part in shape[3].split(",")] if shape[3] else []
    ordered = all(a < b for a, b in pairwise(running))
    within = all(first <= one < end for one in running)
    return 0 < first <= end < _LARGEST and ordered and within


def _bounds(snapshot: str) -> tuple[int, int]:
    """Its xmin and xmax."""
    first, end, _ = snapshot.split(":")
    return int(first), int(end)


def _now(scope: Scope) -> int:
    return int(scope.seam.now().timestamp())
